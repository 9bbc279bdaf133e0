"""A backup as one file: what comes out is what went in, or nothing does."""

import io
import tarfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from volspike.archive import packing, staging
from volspike.archive.errors import BackupError
from volspike.model.backup import VERSION, Manifest, Part
from volspike.state import documents

MADE_AT = 1_764_724_344.0


def quiet(_: str) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A backup of two files."""
    staged = tmp_path_factory.mktemp("staged")
    (staged / "a.json").write_bytes(b"{}")
    (staged / "b.bin").write_bytes(bytes(range(256)) * 300)
    parts = [staging.part_of(staged / "a.json", 0o640), staging.part_of(staged / "b.bin", 0o600)]
    path = staged / "packed"
    packing.pack(path, Manifest(VERSION, MADE_AT, "1.0", parts), staged)
    assert path.stat().st_mode & 0o777 == 0o600
    return path.read_bytes()


def made_of(manifest: object, *entries: tuple[tarfile.TarInfo, bytes]) -> io.BytesIO:
    """Return an archive as somebody else might have made it."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        content = msgspec.json.encode(manifest)
        first = tarfile.TarInfo(packing.MANIFEST)
        first.size = len(content)
        archive.addfile(first, io.BytesIO(content))
        for entry, body in entries:
            entry.size = len(body) if entry.isreg() else 0
            archive.addfile(entry, io.BytesIO(body))
    file.seek(0)
    return file


def part(name: str, content: bytes, tmp_path: Path) -> Part:
    path = tmp_path / "content"
    path.write_bytes(content)
    return msgspec.structs.replace(staging.part_of(path, 0o640), name=name)


def test_what_was_packed_comes_out_with_its_modes(packed: bytes, tmp_path: Path) -> None:
    turns: list[str] = []

    manifest = packing.read(io.BytesIO(packed), tmp_path, turns.append)

    assert (manifest.made_at, manifest.release) == (MADE_AT, "1.0")
    assert turns == ["a.json", "b.bin"]
    assert (tmp_path / "b.bin").read_bytes() == bytes(range(256)) * 300
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in turns] == [0o640, 0o600]


def test_any_tool_opens_it(packed: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert archive.getnames() == ["manifest.json", "a.json", "b.bin"]


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_one_that_is_cut_off_anywhere_is_refused(packed: bytes, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(packed) - 1))

    with pytest.raises(BackupError):
        packing.read(io.BytesIO(packed[:length]), None, quiet)


@pytest.mark.parametrize("length", [0, 1, 3, 9, 11])
def test_one_that_is_cut_off_in_its_first_bytes_is_refused(packed: bytes, length: int) -> None:
    with pytest.raises(BackupError, match=r"cut off|no backup"):
        packing.read(io.BytesIO(packed[:length]), None, quiet)


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_one_with_another_byte_is_refused_or_says_the_same(packed: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(packed) - 1))
    damaged = bytearray(packed)
    damaged[at] ^= data.draw(st.integers(1, 255))

    try:
        manifest = packing.read(io.BytesIO(bytes(damaged)), None, quiet)
    except BackupError:
        return
    assert [one.name for one in manifest.parts] == ["a.json", "b.bin"]


OUTSIDE = ("../evil", "/etc/passwd", "a/b", "", ".", "..")
NEVER_KEPT = (
    documents.EMERGENCY_STOP,
    documents.RESTORE_UNPACKING,
    documents.RESTORE_DECIDED,
    documents.RESTORE_CLEARED,
    ".courier.lock",
    "outbox.db-wal",
)


@pytest.mark.parametrize("name", [*OUTSIDE, *NEVER_KEPT])
def test_a_name_that_leads_elsewhere_or_means_something_else_is_refused(tmp_path: Path, name: str) -> None:
    wanted = part(name, b"x", tmp_path)
    archive = made_of(Manifest(VERSION, 0.0, "1", [wanted]), (tarfile.TarInfo(name), b"x"))

    with pytest.raises(BackupError, match="names a file that no backup has"):
        packing.read(archive, tmp_path, quiet)


def test_a_link_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    link = tarfile.TarInfo("a.json")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    archive = made_of(Manifest(VERSION, 0.0, "1", [part("a.json", b"", tmp_path)]), (link, b""))

    with pytest.raises(BackupError, match=r"a\.json is missing in it, or is not what the manifest says"):
        packing.read(archive, None, quiet)


def test_a_file_that_the_manifest_does_not_know_is_refused(tmp_path: Path) -> None:
    archive = made_of(Manifest(VERSION, 0.0, "1", []), (tarfile.TarInfo("more"), b"x"))

    with pytest.raises(BackupError, match="more in it than its manifest says"):
        packing.read(archive, None, quiet)


def test_other_content_of_the_same_size_is_refused(tmp_path: Path) -> None:
    archive = made_of(Manifest(VERSION, 0.0, "1", [part("a", b"one", tmp_path)]), (tarfile.TarInfo("a"), b"two"))

    with pytest.raises(BackupError, match="its checksum is another one"):
        packing.read(archive, None, quiet)


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        (Manifest(VERSION + 1, 0.0, "9", []), "it is of another release: format 2 found, 1 understood"),
        ({"version": 2, "what": "else"}, "format 2 found, 1 understood; restore it with that one"),
        ({"version": 1}, r"its manifest\.json is damaged"),
        (Manifest(VERSION, 1e300, "1", []), r"its manifest\.json is damaged: .* at `\$\.made_at`"),
        (Manifest(VERSION, -1.0, "1", []), r"its manifest\.json is damaged: .* at `\$\.made_at`"),
        (Manifest(VERSION, 0.0, "1\nall is well", []), r"its manifest\.json is damaged: .* at `\$\.release`"),
        (Manifest(VERSION, 0.0, "1\n", []), r"its manifest\.json is damaged: .* at `\$\.release`"),
        (Manifest(VERSION, 0.0, "1" * 65, []), r"its manifest\.json is damaged: .* at `\$\.release`"),
        (Manifest(VERSION, 0.0, "1", [Part("a", -1, "", 0)]), r"its manifest\.json is damaged: .*size_bytes`"),
    ],
)
def test_a_manifest_of_another_kind_is_refused(manifest: object, told: str) -> None:
    with pytest.raises(BackupError, match=told):
        packing.read(made_of(manifest), None, quiet)


def test_a_web_page_is_no_backup() -> None:
    with pytest.raises(BackupError, match="no backup of this suite"):
        packing.read(io.BytesIO(b"<html>not found</html>"), None, quiet)


def test_nobody_else_gains_permissions(tmp_path: Path) -> None:
    wanted = msgspec.structs.replace(part("a", b"x", tmp_path), mode=0o4777)
    into = tmp_path / "into"
    into.mkdir()

    packing.read(made_of(Manifest(VERSION, 0.0, "1", [wanted]), (tarfile.TarInfo("a"), b"x")), into, quiet)

    assert (into / "a").stat().st_mode & 0o7777 == 0o660
