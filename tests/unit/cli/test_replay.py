"""`volspike replay`; the integration tests run it over recorded samples."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from volspike.cli.app import app

SAMPLE = str(Path(__file__).parents[2] / "data" / "klines_1h_sample.csv")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "give either --klines FILE or --open-interest FILE"),
        (("--klines", SAMPLE, "--open-interest", SAMPLE), "give either --klines FILE or --open-interest FILE"),
        (("--klines", SAMPLE, "--threshold-5min", "0.02"), "--threshold-5min: only the open-interest rule has this"),
        (("--open-interest", SAMPLE, "--multiple", "4"), "--multiple: only the volume rule has this"),
        (
            ("--klines", SAMPLE, "--lookback-60min", "9", "--min-delta-contracts", "1"),
            "--min-delta-contracts, --lookback-60min: only",
        ),
        (("--klines", SAMPLE, "--symbol", "nosuch"), f"{SAMPLE}: no row of the symbol nosuch"),
        (("--klines", __file__), f"{__file__} is no CSV of candles: its first line has no column open_time, open,"),
        (("--klines", "nowhere.csv"), "nowhere.csv"),
    ],
)
def test_what_cannot_be_replayed_is_refused_in_one_line(arguments: tuple[str, ...], reason: str) -> None:
    result = CliRunner().invoke(app, ["replay", *arguments])

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert reason in result.stderr


@pytest.mark.parametrize("flag", ["--multiple=0", "--multiple=nan", "--min-quote-volume=-1"])
def test_a_threshold_that_is_no_threshold_is_refused(flag: str) -> None:
    assert CliRunner().invoke(app, ["replay", "--klines", SAMPLE, flag]).exit_code == 2


@pytest.mark.parametrize("flag", ["--threshold-5min", "--threshold-15min", "--threshold-60min"])
@pytest.mark.parametrize("text", ["3", "0", "nan"])
def test_a_move_that_is_given_in_percent_is_refused(flag: str, text: str) -> None:
    result = CliRunner().invoke(app, ["replay", "--open-interest", SAMPLE, flag, text], env={"COLUMNS": "200"})

    assert result.exit_code == 2
    assert "is not a fraction above 0 and at most 1 (0.03 is 3 %)" in result.stderr


def test_a_higher_multiple_finds_fewer_spikes() -> None:
    def found(*flags: str) -> int:
        return len(CliRunner().invoke(app, ["replay", "--klines", SAMPLE, "--json", *flags]).stdout.splitlines())

    assert found() == 4
    assert found("--multiple", "1000") == 0
