"""`.oi_history`: the open interest of the last hours, by symbol, in a binary file that is read and written in pieces.

Sixteen megabytes for 600 symbols: neither the file nor its content is ever in memory as a whole beside the
histories themselves. The numbers are in the machine's own byte order, as the histories are.

    "volspike", version (4 bytes), then for each symbol: length of its name (2), length of its records (4), name,
    records; after the last one both lengths are 0, then the CRC-32 of all that was before it (4)
"""

import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from volspike.rules.history import RECORD_BYTES, History

_HEAD = struct.Struct("=8sI")
_LENGTHS = struct.Struct("=HI")
_CHECKSUM = struct.Struct("=I")
_MAGIC = b"volspike"
_VERSION = 1


class Torn(ValueError):  # noqa: N818 - says it all
    """Not such a file, or not all of one."""


def pieces(histories: Mapping[str, History]) -> Iterator[bytes]:
    """Yield the content of the file."""
    checksum = 0
    for piece in _body(histories):
        checksum = zlib.crc32(piece, checksum)
        yield piece
    yield _CHECKSUM.pack(checksum)


def _body(histories: Mapping[str, History]) -> Iterator[bytes]:
    yield _HEAD.pack(_MAGIC, _VERSION)
    for symbol, history in histories.items():
        name = symbol.encode()
        yield _LENGTHS.pack(len(name), len(history.records))
        yield name
        yield history.records
    yield _LENGTHS.pack(0, 0)


def read(path: Path) -> dict[str, History]:
    """Return the histories in a file. Raises Torn, or OSError such as FileNotFoundError."""
    with path.open("rb") as source:
        content = _Content(source)
        if content.unpack(_HEAD) != (_MAGIC, _VERSION):
            raise Torn("it does not begin as a history does")
        histories = dict(_read_symbols(content))
        checksum = content.checksum
        if content.unpack(_CHECKSUM) != (checksum,) or content.left:
            raise Torn("its checksum does not hold")
        return histories


def of_symbol(path: Path, symbol: str) -> History:
    """Return one symbol's history, read past all others; empty where it has none. Raises Torn, or OSError.

    What it passes by is not summed up, so the file is not proven whole.
    """
    with path.open("rb") as source:
        content = _Content(source)
        if content.unpack(_HEAD) != (_MAGIC, _VERSION):
            raise Torn("it does not begin as a history does")
        while (lengths := content.unpack(_LENGTHS)) != (0, 0):
            of_name, of_records = lengths
            if content.take(of_name) == symbol.encode() and of_records % RECORD_BYTES == 0:
                return History(content.take(of_records))
            content.pass_by(of_records)
    return History()


def _read_symbols(content: "_Content") -> Iterator[tuple[str, History]]:
    while (lengths := content.unpack(_LENGTHS)) != (0, 0):
        of_name, of_records = lengths
        if of_records % RECORD_BYTES:
            raise Torn("it holds a part of a record")
        yield content.take(of_name).decode(errors="replace"), History(content.take(of_records))


class _Content:
    """An open file, read piece by piece and summed up on the way."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.left = os.fstat(source.fileno()).st_size
        self.checksum = 0

    def take(self, length: int) -> bytes:
        """Return the next bytes; a length that is garbage asks for no memory."""
        piece = self._source.read(length) if length <= self.left else b""
        if len(piece) < length:
            raise Torn("it ends too early")
        self.left -= length
        self.checksum = zlib.crc32(piece, self.checksum)
        return piece

    def pass_by(self, length: int) -> None:
        """Skip the next bytes."""
        if length > self.left:
            raise Torn("it ends too early")
        self._source.seek(length, os.SEEK_CUR)
        self.left -= length

    def unpack(self, form: struct.Struct) -> tuple[Any, ...]:
        """Return the next values."""
        return form.unpack(self.take(form.size))
