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
        (("--klines", SAMPLE, "--threshold-5min", "0.02"), "a threshold was given that the rule for this file"),
        (("--open-interest", SAMPLE, "--multiple", "4"), "a threshold was given that the rule for this file"),
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


def test_a_higher_multiple_finds_fewer_spikes() -> None:
    def found(*flags: str) -> int:
        return len(CliRunner().invoke(app, ["replay", "--klines", SAMPLE, "--json", *flags]).stdout.splitlines())

    assert found() == 4
    assert found("--multiple", "1000") == 0
