"""What a backup says of itself; whatever is not as the suite writes it is refused when it is read."""

from typing import Annotated

from msgspec import Meta, Struct

VERSION = 1
YEAR_10000 = 253_402_300_800

Bytes = Annotated[int, Meta(ge=0)]
Instant = Annotated[float, Meta(ge=0, lt=YEAR_10000)]
Release = Annotated[str, Meta(pattern=r"^[\w.+-]{1,64}\Z")]


class Format(Struct, frozen=True):
    """What every manifest begins with, of whichever release it is."""

    version: int


class Part(Struct, frozen=True):
    """One file in a backup; `mode` is its permissions, `sha256` in hexadecimal."""

    name: str
    size_bytes: Bytes
    sha256: str
    mode: int


class Manifest(Format, frozen=True):
    """`manifest.json`, first in a backup: what is in it, when it was made (epoch seconds), by which release."""

    made_at: Instant
    release: Release
    parts: list[Part]
