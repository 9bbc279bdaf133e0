"""The open-interest rule over recorded series."""

from pathlib import Path

import pytest

from volspike.model.alerts import OpenInterestAlert
from volspike.replay import table
from volspike.replay.open_interest import OpenInterestRun
from volspike.replay.table import UnreadableError
from volspike.rules.open_interest import TIMEFRAMES, Thresholds, Timeframe

START = 1_767_362_400


def replayed(
    path: Path, header: str, *rows: str, symbol: str | None = None, thresholds: Thresholds | None = None
) -> tuple[list[OpenInterestAlert], OpenInterestRun, list[str]]:
    path.write_text("\n".join([header, *rows]) + "\n")
    complaints: list[str] = []
    with table.reading(path, complaints.append) as recorded:
        run = OpenInterestRun(recorded, symbol, thresholds or Thresholds())
        return list(run.alerts()), run, complaints


def series(*values: float | str, value_of: float | None = None) -> list[str]:
    """Return 5-minute rows of a dump: time in ms, contracts, and what they are worth at a price."""
    tail = "" if value_of is None else f",{value_of}"
    return [f"{(START + 300 * index) * 1000},{value}{tail}" for index, value in enumerate(values)]


def test_a_dump_of_one_symbol_is_named_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "oi_5m_BTCUSDT_2026.csv"

    alerts, run, _ = replayed(path, "t,oi,oi_usd", *series(100_000, 106_000, 106_000, value_of=5.3e9))

    (alert,) = alerts
    assert (alert.symbol, alert.direction, alert.timeframe) == ("BTCUSDT", "UP", "5 min")
    assert (alert.baseline, alert.current, alert.pct_change, alert.abs_change) == (100_000, 106_000, 0.06, 6000)
    assert alert.timestamp.timestamp() == START + 300
    assert alert.price_change == pytest.approx(50_000 / 53_000 - 1)
    assert (run.used, run.judged, run.symbols) == (3, 2, 1)


def test_a_dump_of_many_symbols_has_them_in_a_column(tmp_path: Path) -> None:
    rows = [
        f"{(START + 300 * index) * 1000},{symbol},{contracts},"
        for symbol in ("AUSDT", "BUSDT")
        for index, contracts in enumerate((1e6, 9e5))
    ]

    alerts, _, complaints = replayed(
        tmp_path / "oi.csv", "timestamp,symbol,sum_open_interest,sum_open_interest_value", *rows
    )

    assert [(alert.symbol, str(alert.direction), alert.price_change) for alert in alerts] == [
        ("AUSDT", "DOWN", None),
        ("BUSDT", "DOWN", None),
    ]
    assert complaints == []


def test_the_metrics_of_binance_itself_are_read(tmp_path: Path) -> None:
    rows = ["2026-01-02 14:00:00,AUSDT,1000000,2000000,1.1", "2026-01-02 14:05:00,AUSDT,1100000,2200000,1.1"]

    alerts, _, _ = replayed(
        tmp_path / "m.csv", "create_time,symbol,sum_open_interest,sum_open_interest_value,count", *rows
    )

    assert [alert.price_change for alert in alerts] == [0.0]


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (f"{START + 100},0,1", "open interest '0': must be a number above 0"),
        (f"{START + 100},few,1", "open interest 'few': must be a number above 0"),
        (f"{START + 100},1,much", "open interest value 'much': must be a number from 0 up"),
        ("then,1,1", "timestamp 'then': must be epoch s, ms or µs"),
        (f"{START},9999999,1", "must be later than in the row before of AUSDT"),
        (f"{START + 100}", "must have the 3 columns of the first row"),
    ],
)
def test_a_row_that_cannot_be_used_costs_itself_and_is_named(tmp_path: Path, bad: str, problem: str) -> None:
    rows = series(1e6, 1.1e6, value_of=0)
    rows.insert(1, bad)

    alerts, run, complaints = replayed(tmp_path / "oi_5m_AUSDT_.csv", "t,oi,oi_usd", *rows)

    assert [alert.price_change for alert in alerts] == [None]
    assert run.used == 2
    assert len(complaints) == 1
    assert f"{tmp_path / 'oi_5m_AUSDT_.csv'}: row 3: " in complaints[0]
    assert problem in complaints[0]


def test_thresholds_are_taken_from_the_operator_and_long_lookbacks_reach_back_far_enough(tmp_path: Path) -> None:
    day = Thresholds((*TIMEFRAMES[:2], Timeframe("1 hour", 0.05, 24 * 3600, 3600)), min_delta_contracts=0)
    values = [100 * (1 + 0.0002 * index) for index in range(300)]

    alerts, _, _ = replayed(tmp_path / "oi_5m_AUSDT_.csv", "t,oi", *series(*values), thresholds=day)

    assert [(alert.timeframe, alert.timestamp.timestamp()) for alert in alerts] == [("1 hour", START + 24 * 3600)]


def test_a_series_too_coarse_for_every_lookback_is_used_and_never_judged(tmp_path: Path) -> None:
    rows = [f"{START + 14_400 * index},{1e6 * 2**index}" for index in range(5)]

    alerts, run, _ = replayed(tmp_path / "oi.csv", "time,open_interest", *rows, symbol="AUSDT")

    assert (alerts, run.used, run.judged) == ([], 5, 0)


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="no column sum_open_interest"):
        replayed(tmp_path / "oi.csv", "t,symbol")
