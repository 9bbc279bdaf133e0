"""What a backup says of itself survives its way through JSON."""

import msgspec

from volspike.model.backup import VERSION, Manifest, Part


def test_a_manifest_is_read_as_it_was_written() -> None:
    manifest = Manifest(VERSION, 1.5, "1.0", [Part("outbox.db", 4096, "ab" * 32, 0o640)])

    assert msgspec.json.decode(msgspec.json.encode(manifest), type=Manifest) == manifest
