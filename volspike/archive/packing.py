"""A backup as one file: `manifest.json`, then each part it names, in a compressed tar that any tool opens.

Reading is strict: the parts come exactly as the manifest has them, as plain files with plain names, of that size and
checksum, or the whole is refused. It needs no seeking, so a backup may come through a pipe.
"""

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from volspike.archive import room, staging
from volspike.archive.errors import BackupError
from volspike.archive.staging import CHUNK_BYTES, Progress
from volspike.model.backup import VERSION, Format, Manifest, Part

MANIFEST = "manifest.json"
LARGEST_MANIFEST_BYTES = 1 << 20
LEVEL = 6
PRIVATE = 0o600
_UNREADABLE = (tarfile.TarError, EOFError, zlib.error, OSError)


def pack(path: Path, manifest: Manifest, staged: Path) -> None:
    """Write a backup of the staged files, for its owner alone, and bring it to the disk. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=LEVEL, format=tarfile.PAX_FORMAT) as archive:
            content = msgspec.json.format(msgspec.json.encode(manifest))
            archive.addfile(_entry(MANIFEST, len(content), PRIVATE, manifest), io.BytesIO(content))
            for part in manifest.parts:
                with (staged / part.name).open("rb") as copy:
                    archive.addfile(_entry(part.name, part.size_bytes, part.mode, manifest), copy)
        file.flush()
        os.fsync(file.fileno())


def _entry(name: str, size_bytes: int, mode: int, manifest: Manifest) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size_bytes, mode, int(manifest.made_at)
    return entry


def read(file: IO[bytes], into: Path | None, progress: Progress) -> Manifest:
    """Return what a backup holds, all of it verified; with `into`, its parts are then in that empty directory.

    Raises BackupError for one that is damaged, cut off, of another format, not a backup or too large for the disk, and
    what writing raises.
    """
    stream = gzip.GzipFile(fileobj=file)  # tarfile's own reading of gzip fails with a TypeError in a cut header
    try:
        archive = tarfile.open(fileobj=stream, mode="r|")  # noqa: SIM115 - closed below, where errors are told apart
    except EOFError as error:
        raise BackupError(f"it is damaged or cut off: {error}") from None
    except _UNREADABLE as error:
        raise BackupError(f"it is no backup of this suite: {error}") from None
    with archive:
        entries = _entries(archive, stream)
        manifest = _manifest(archive, next(entries, None))
        if into is not None:
            room.require(into.parent, sum(part.size_bytes for part in manifest.parts))
        for part in manifest.parts:
            progress(part.name)
            _take(archive, next(entries, None), part, into)
        if next(entries, None) is not None:
            raise BackupError("there is more in it than its manifest says")
    return manifest


def _entries(archive: tarfile.TarFile, stream: gzip.GzipFile) -> Iterator[tarfile.TarInfo]:
    try:
        while (entry := archive.next()) is not None:
            yield entry
        while stream.read(CHUNK_BYTES):  # to its checksum, behind what a tar is padded with
            pass
    except _UNREADABLE as error:
        raise BackupError(f"it is damaged or cut off: {error}") from None


def _manifest(archive: tarfile.TarFile, entry: tarfile.TarInfo | None) -> Manifest:
    if entry is None or entry.name != MANIFEST or entry.size > LARGEST_MANIFEST_BYTES:
        raise BackupError(f"it is no backup of this suite: it does not begin with {MANIFEST}")
    manifest = _decoded(b"".join(_pieces(archive, entry)))
    names = [part.name for part in manifest.parts]
    for name in names:
        if not staging.is_kept(name) or names.count(name) > 1:
            raise BackupError(f"it names a file that no backup has: {name!r}")
    return manifest


def _decoded(content: bytes) -> Manifest:
    try:
        version = msgspec.json.decode(content, type=Format).version  # all else may have another shape then
        if version != VERSION:
            found = f"format {version} found, {VERSION} understood"
            raise BackupError(f"it is of another release: {found}; restore it with that one")
        return msgspec.json.decode(content, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BackupError(f"its {MANIFEST} is damaged: {error}") from None


def _take(archive: tarfile.TarFile, entry: tarfile.TarInfo | None, part: Part, into: Path | None) -> None:
    """Read one part to its end, and write it if that is wanted."""
    if entry is None or entry.name != part.name or not entry.isreg() or entry.size != part.size_bytes:
        raise BackupError(f"{part.name} is missing in it, or is not what the manifest says")
    digest = hashlib.sha256()
    target = _created(into / part.name, part.mode) if into is not None else None
    try:
        for piece in _pieces(archive, entry):
            digest.update(piece)
            if target is not None:
                target.write(piece)
        if target is not None:
            target.flush()
            os.fsync(target.fileno())
    finally:
        if target is not None:
            target.close()
    if digest.hexdigest() != part.sha256:
        raise BackupError(f"{part.name} in it is damaged: its checksum is another one")


def _created(path: Path, mode: int) -> IO[bytes]:
    """Make a file that was not there; nobody else's permissions than owner's and group's come out of a backup."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
    os.fchmod(descriptor, mode & 0o660 | PRIVATE)
    return os.fdopen(descriptor, "wb")


def _pieces(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Iterator[bytes]:
    try:
        content = archive.extractfile(entry)
        while content is not None and (piece := content.read(CHUNK_BYTES)):
            yield piece
    except _UNREADABLE as error:
        raise BackupError(f"{entry.name} in it is damaged or cut off: {error}") from None
