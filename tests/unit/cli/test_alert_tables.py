"""Alerts as tables for people."""

from pathlib import Path

import pytest

from tests.unit.replay.test_klines import replayed, row
from volspike.cli import alert_tables


def test_a_spike_is_a_row_and_many_are_one_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hours = alert_tables.ROWS_AT_ONCE + 1
    rows = [row(f"S{number}USDT", hour, volume) for number in range(hours) for hour, volume in ((0, 4e6), (1, 20e6))]
    alerts, _, _ = replayed(tmp_path, *rows)

    shown = alert_tables.show(alert_tables.VOLUME, iter(alerts))
    lines = capsys.readouterr().out.splitlines()

    assert shown == hours
    assert sum("HOUR (UTC)" in line for line in lines) == 1
    assert len(lines) == hours + 1
    assert "S0USDT" in lines[1]
    assert "20.00M" in lines[1]
    assert "5.00×" in lines[1]
