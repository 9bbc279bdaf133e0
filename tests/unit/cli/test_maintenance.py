"""Keeping the monitor's hands off."""

import time

import pytest

from tests.unit.cli.conftest import Command
from volspike.cli.maintenance import parse_duration
from volspike.model.documents import Maintenance
from volspike.state import documents


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("90s", 90), ("30m", 1800), ("2h", 7200), ("1d", 86_400), ("720h", 2_592_000), ("30d", 2_592_000)],
)
def test_a_duration_is_a_number_and_its_unit(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "30", "m", "0m", "-5m", "1.5h", "30 m", "30M", "1w", "1h30m", "٣m", "99999999s", "31d", "721h", "2592001s"],
)
def test_anything_else_is_no_duration(text: str) -> None:
    assert parse_duration(text) is None


def test_the_flag_holds_as_long_as_it_says(volspike: Command) -> None:
    result = volspike("maintenance", "30m")

    flag = documents.decode((volspike.runtime_dir / documents.MAINTENANCE).read_bytes(), Maintenance)
    assert result.exit_code == 0
    assert result.stdout.startswith("No repairs until ")
    assert flag.until == pytest.approx(time.time() + 1800, abs=30)


def test_off_ends_it_also_when_there_was_none(volspike: Command) -> None:
    volspike("maintenance", "30m")

    ended, again = volspike("maintenance", "off"), volspike("maintenance", "off")

    assert (ended.exit_code, again.exit_code) == (0, 0)
    assert ended.stdout == "Maintenance is over: the health monitor repairs again.\n"
    assert again.stdout == "There was no maintenance.\n"
    assert not (volspike.runtime_dir / documents.MAINTENANCE).exists()


def test_a_bad_duration_is_one_line_that_says_what_is_allowed(volspike: Command) -> None:
    result = volspike("maintenance", "soon")

    assert result.exit_code == 2
    assert result.stderr == (
        "volspike: duration 'soon': must be a whole number above 0 with s, m, h or d behind it, up to 30d, or `off`\n"
    )


def test_where_no_suite_runs_the_flag_cannot_be_written(volspike: Command) -> None:
    volspike.environment["VOLSPIKE_RUNTIME_DIR"] = str(volspike.place / "missing")

    result = volspike("maintenance", "30m")

    assert result.exit_code == 1
    assert "is the suite running here?" in result.stderr


def test_a_flag_that_cannot_be_removed_is_one_line(volspike: Command) -> None:
    (volspike.place / "file").write_text("")
    volspike.environment["VOLSPIKE_RUNTIME_DIR"] = str(volspike.place / "file" / "run")

    result = volspike("maintenance", "off")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("cannot be removed (Not a directory); is the suite running here?\n")


def test_a_bad_setting_does_not_hinder_it(volspike: Command) -> None:
    volspike.environment["VOLUME_MULTIPLE"] = "abc"

    assert [volspike("maintenance", duration).exit_code for duration in ("30m", "off")] == [0, 0]
