"""The way of a recorded file through a rule."""

from pathlib import Path

from tests.unit.replay.test_klines import replayed, row


def test_a_row_that_is_not_later_than_the_one_before_costs_only_itself(tmp_path: Path) -> None:
    rows = [row("AUSDT", 0, 4e6), row("AUSDT", 0, 9e9), row("AUSDT", 1, 16e6)]

    alerts, run, complaints = replayed(tmp_path, *rows)

    assert [alert.previous_volume for alert in alerts] == [4e6]
    assert run.used == 2
    assert "later than in the row before of AUSDT" in complaints[0]


def test_symbols_and_rows_are_counted_and_a_first_row_is_judged_by_nothing(tmp_path: Path) -> None:
    _, run, _ = replayed(tmp_path, row("AUSDT", 0, 4e6), row("BUSDT", 0, 4e6), row("BUSDT", 1, 4e6))

    assert (run.symbols, run.used, run.judged) == (2, 3, 1)
