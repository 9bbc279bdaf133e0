"""The volume rule over recorded candles."""

from pathlib import Path

import pytest

from volspike.model.alerts import VolumeAlert
from volspike.replay import table
from volspike.replay.klines import KlineRun
from volspike.replay.table import UnreadableError
from volspike.rules.volume_spike import Limits

START = 1_767_362_400
HEADER = "symbol,open_time,open,high,low,close,volume,quote_volume,trades,close_time"


def row(symbol: str, hour: int, quote_volume: float | str, close: float = 1.0) -> str:
    return f"{symbol},{(START + 3600 * hour) * 1000},1.0,2.0,0.5,{close},10,{quote_volume},7,0"


def replayed(
    directory: Path, *rows: str, header: str = HEADER, symbol: str | None = None, limits: Limits | None = None
) -> tuple[list[VolumeAlert], KlineRun, list[str]]:
    path = directory / "klines.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    complaints: list[str] = []
    with table.reading(path, complaints.append) as recorded:
        run = KlineRun(recorded, symbol, limits or Limits())
        return list(run.alerts()), run, complaints


def test_each_spike_appears_once_as_the_scan_at_the_end_of_its_hour_sees_it(tmp_path: Path) -> None:
    rows = [row("AUSDT", 0, 1e6), row("AUSDT", 1, 4e6, close=1.5), row("AUSDT", 2, 4e6), row("AUSDT", 3, 12e6)]

    alerts, run, complaints = replayed(tmp_path, *rows)

    assert [alert.key for alert in alerts] == ["volume:AUSDT:2026-01-02T15:SPIKE", "volume:AUSDT:2026-01-02T17:SPIKE"]
    assert alerts[0].detection_time == alerts[0].timestamp
    assert f"{alerts[0].detection_time:%H:%M:%S}" == "16:00:00"
    assert (alerts[0].price, alerts[0].price_change) == (1.5, 0.5)
    assert (run.used, run.judged, run.symbols, complaints) == (4, 3, 1, [])


def test_rows_may_be_sorted_by_symbol_or_by_time(tmp_path: Path) -> None:
    rows = [
        row(symbol, hour, volume) for symbol in ("AUSDT", "BUSDT") for hour, volume in enumerate((1e6, 5e6, 5e6, 20e6))
    ]

    by_symbol, _, _ = replayed(tmp_path, *rows)
    by_time, _, _ = replayed(tmp_path, *sorted(rows, key=lambda line: line.split(",")[1]))

    assert len(by_symbol) == 4
    assert {alert.key for alert in by_time} == {alert.key for alert in by_symbol}


def test_an_hour_behind_a_gap_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    alerts, run, _ = replayed(tmp_path, row("AUSDT", 0, 1e6), row("AUSDT", 2, 9e6), row("AUSDT", 3, 27e6))

    assert [f"{alert.hour_timestamp:%H}" for alert in alerts] == ["17"]
    assert (run.used, run.judged) == (3, 1)


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (row("AUSDT", 1, "much"), "quote_volume 'much': must be a number from 0 up"),
        (row("AUSDT", 1, "-1"), "quote_volume '-1': must be a number from 0 up"),
        (row("AUSDT", 1, "1", close=0), "close '0': must be a number above 0"),
        (row("", 1, "1"), "symbol '': must be a name of 1 to 64 characters"),
        ("AUSDT,soon,1,1,1,1,1,1,1,1", "open_time 'soon': must be epoch s, ms or µs"),
        (f"AUSDT,{START + 60},1,1,1,1,1,1,1,1", f"open_time '{START + 60}': must be the start of an hour"),
        (row("AUSDT", 0, 9e9), "must be later than in the row before of AUSDT"),
        ("AUSDT,1", "'AUSDT,1': must have the 10 columns of the first row"),
    ],
)
def test_a_row_that_cannot_be_used_costs_itself_and_is_named(tmp_path: Path, bad: str, problem: str) -> None:
    alerts, run, complaints = replayed(tmp_path, row("AUSDT", 0, 1e6), bad, row("AUSDT", 1, 5e6))

    assert len(alerts) == 1
    assert run.used == 2
    assert len(complaints) == 1
    assert complaints[0].startswith(f"{tmp_path / 'klines.csv'}: row 3: ")
    assert problem in complaints[0]


def test_limits_are_taken_from_the_operator(tmp_path: Path) -> None:
    rows = [row("AUSDT", 0, 1e6), row("AUSDT", 1, 4e6), row("AUSDT", 2, 20e6)]

    strict, _, _ = replayed(tmp_path, *rows, limits=Limits(multiple=4.5))
    large, _, _ = replayed(tmp_path, *rows, limits=Limits(min_quote_volume=5e6))

    assert [alert.current_volume for alert in strict] == [alert.current_volume for alert in large] == [20e6]


def test_columns_go_by_name_in_the_forms_that_dumps_have(tmp_path: Path) -> None:
    rows = ["2026-01-02 14:00:00,1000000,1,2", "2026-01-02 15:00:00,5000000,1,2"]

    alerts, _, _ = replayed(tmp_path, *rows, header="open_time_utc,quote_asset_volume,open,close", symbol="AUSDT")

    assert [alert.symbol for alert in alerts] == ["AUSDT"]


def test_only_the_wanted_symbol_is_replayed(tmp_path: Path) -> None:
    rows = [row(symbol, hour, 10.0 ** (6 + hour)) for hour in (0, 1) for symbol in ("AUSDT", "BUSDT")]

    alerts, run, _ = replayed(tmp_path, *rows, symbol="BUSDT")

    assert [alert.symbol for alert in alerts] == ["BUSDT"]
    assert run.used == 2


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="no column close, quote_volume"):
        replayed(tmp_path, header="symbol,open_time,open")
