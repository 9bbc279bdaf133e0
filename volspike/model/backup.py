"""What a backup says of itself."""

from msgspec import Struct

VERSION = 1


class Part(Struct, frozen=True):
    """One file in a backup; `mode` is its permissions, `sha256` in hexadecimal."""

    name: str
    size_bytes: int
    sha256: str
    mode: int


class Manifest(Struct, frozen=True):
    """`manifest.json`, first in a backup: what is in it, when it was made (epoch seconds), by which release."""

    version: int
    made_at: float
    release: str
    parts: list[Part]
