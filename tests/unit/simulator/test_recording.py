"""The bundled extract."""

import gzip
from pathlib import Path

import pytest

from volspike.simulator import recording
from volspike.simulator.recording import BUNDLED, Recording, RecordingError


def test_the_bundled_extract_stays_below_one_megabyte() -> None:
    assert sum(path.stat().st_size for path in BUNDLED.parent.iterdir()) < 1_000_000


def test_the_bundled_extract_holds_what_its_readme_says(bundled: Recording) -> None:
    assert (len(bundled.contracts), len(bundled.premiums), len(bundled.fundings)) == (820, 823, 711)
    assert len(bundled.candles) == 62
    assert {len(candles.open) for candles in bundled.candles.values()} == {48}
    assert {len(steps) for steps in bundled.open_interest.values()} == {576}


def test_symbols_outside_ascii_are_kept(bundled: Recording) -> None:
    assert "币安人生USDT" in {contract.symbol for contract in bundled.contracts}


def test_what_was_dumped_is_loaded_again_and_the_bytes_are_reproducible(bundled: Recording, tmp_path: Path) -> None:
    size = recording.dump(bundled, tmp_path / "one.json.gz")
    recording.dump(bundled, tmp_path / "two.json.gz")

    assert size == (tmp_path / "one.json.gz").stat().st_size
    assert (tmp_path / "one.json.gz").read_bytes() == (tmp_path / "two.json.gz").read_bytes()
    assert gzip.decompress((tmp_path / "one.json.gz").read_bytes()) == gzip.decompress(BUNDLED.read_bytes())
    assert recording.load(tmp_path / "one.json.gz") == bundled


@pytest.mark.parametrize("content", [None, b"", b"no gzip", b"\x1f\x8b\x08\x00"])
def test_an_unusable_file_is_named_in_one_line(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "recording.json.gz"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(RecordingError, match=r"^recording\.json\.gz: not a usable recording \(.*\)$"):
        recording.load(path)


def test_a_newer_version_is_refused(tmp_path: Path, bundled: Recording) -> None:
    import msgspec

    path = tmp_path / "recording.json.gz"
    recording.dump(msgspec.structs.replace(bundled, version=2), path)

    with pytest.raises(RecordingError, match="version 2, expected 1"):
        recording.load(path)
