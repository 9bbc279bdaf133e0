"""`volspike replay` as an operator types it."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.processes import Suite

DATA = Path(__file__).parents[1] / "data"
KLINES = DATA / "klines_1h_sample.csv"
OPEN_INTEREST = DATA / "oi_5m_ALPHAUSDT_sample.csv"


@pytest.fixture
def place(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def found(place: Suite, *arguments: str) -> list[dict[str, Any]]:
    done = place.volspike("replay", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_spikes_of_recorded_candles_come_one_a_line_as_the_backend_gets_them(place: Suite) -> None:
    alerts = found(place, "--klines", str(KLINES))

    assert [(alert["symbol"], alert["hourTimestamp"]) for alert in alerts] == [
        ("ALPHAUSDT", "2026-01-02T07:00:00Z"),
        ("ALPHAUSDT", "2026-01-02T19:00:00Z"),
        ("BRAVOUSDT", "2026-01-02T07:00:00Z"),
        ("币安人生USDT", "2026-01-02T15:00:00Z"),
    ]
    assert alerts[0] == {
        "symbol": "ALPHAUSDT",
        "asset": "ALPHA",
        "message": "ALPHA hourly volume 11.80M (5.20× prev) — VOLUME SPIKE!",
        "alertType": "SPIKE",
        "isUpdate": False,
        "currentVolume": pytest.approx(5.2 * alerts[0]["previousVolume"]),
        "previousVolume": pytest.approx(2.27e6, rel=0.01),
        "volumeRatio": pytest.approx(5.2),
        "price": pytest.approx(4.0, rel=0.1),
        "candleDirection": "bullish",
        "hourTimestamp": "2026-01-02T07:00:00Z",
        "detectionTime": "2026-01-02T08:00:00Z",
        "timestamp": "2026-01-02T08:00:00Z",
        "priceChange": pytest.approx(0.0056, abs=0.0001),
    }


def test_the_moves_of_recorded_open_interest_come_with_both_ends(place: Suite) -> None:
    alerts = found(place, "--open-interest", str(OPEN_INTEREST))

    assert [(alert["timestamp"], alert["timeframe"], alert["direction"]) for alert in alerts] == [
        ("2026-01-02T02:30:00Z", "5 min", "UP"),
        ("2026-01-02T05:00:00Z", "5 min", "DOWN"),
        ("2026-01-02T08:20:00Z", "5 min", "UP"),
        ("2026-01-02T08:30:00Z", "15 min", "UP"),
    ]
    first = alerts[0]
    assert first["symbol"] == "ALPHAUSDT"
    assert first["absChange"] == pytest.approx(first["current"] - first["baseline"])
    assert first["pctChange"] == pytest.approx(0.045, abs=1e-6)
    assert set(first) == {
        "symbol", "direction", "timeframe", "timestamp", "baseline", "current", "pctChange", "absChange", "source",
        "priceChange",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "count"),
    [
        (["--klines", str(KLINES), "--multiple", "4"], 2),
        (["--klines", str(KLINES), "--min-quote-volume", "5e6"], 3),
        (["--klines", str(KLINES), "--min-quote-volume", "0"], 5),
        (["--klines", str(KLINES), "--symbol", "ALPHAUSDT"], 2),
        (["--open-interest", str(OPEN_INTEREST), "--threshold-5min", "0.042"], 2),
        (["--open-interest", str(OPEN_INTEREST), "--threshold-15min", "0.5"], 3),
        (["--open-interest", str(OPEN_INTEREST), "--threshold-60min", "0.06"], 5),
        (["--open-interest", str(OPEN_INTEREST), "--min-delta-contracts", "17000"], 2),
        (["--open-interest", str(OPEN_INTEREST), "--lookback-15min", "300", "--cooldown-5min", "1e6"], 2),
    ],
)
def test_every_threshold_can_be_tried(place: Suite, flags: list[str], count: int) -> None:
    assert len(found(place, *flags)) == count


@pytest.mark.parametrize(
    ("flags", "shown", "summary"),
    [
        (
            ["--klines", str(KLINES)],
            "2026-01-02 15:00 币安人生USDT",
            "alerts: 4 · rows used: 96, skipped: 0 · symbols: 4",
        ),
        (["--open-interest", str(OPEN_INTEREST)], "▼ 4.00%", "alerts: 4 · rows used: 144, skipped: 0 · symbols: 1"),
    ],
)
def test_people_get_a_table_and_a_sum(place: Suite, flags: list[str], shown: str, summary: str) -> None:
    done = place.volspike("replay", *flags)

    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert "(UTC)" in lines[0]
    assert any(shown in line for line in lines[1:-1])
    assert lines[-1] == summary
    assert done.stderr == ""


def test_bad_rows_are_named_and_counted_and_cost_only_themselves(place: Suite, tmp_path: Path) -> None:
    lines = KLINES.read_text(encoding="utf-8").splitlines()
    spike = next(number for number, line in enumerate(lines) if line.startswith("BRAVOUSDT"))
    lines.insert(spike, lines[spike].replace(lines[spike].split(",")[7], "n/a"))
    lines.append("garbage")
    path = tmp_path / "damaged.csv.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))

    done = place.volspike("replay", "--klines", str(path), "--json")

    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 4
    assert done.stderr.splitlines() == [
        f"volspike: {path}: row {spike + 1}: quote_volume 'n/a': must be a number from 0 up; row skipped",
        f"volspike: {path}: row {len(lines)}: 'garbage': must have the 10 columns of the first row; row skipped",
        "alerts: 4 · rows used: 96, skipped: 2 · symbols: 4",
    ]


def test_a_flood_of_bad_rows_is_counted_and_not_told_one_by_one(place: Suite, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("symbol,open_time,open,close,quote_volume\n" + "X,1,1,1,1\n" * 500)

    done = place.volspike("replay", "--klines", str(path))

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 22
    assert done.stderr.splitlines()[-1] == f"volspike: {path}: no row of it can be used"
    assert "skipped: 500" in done.stdout


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        ([], "give either --klines FILE or --open-interest FILE"),
        (["--klines", str(KLINES), "--open-interest", str(OPEN_INTEREST)], "give either --klines FILE or"),
        (["--klines", str(KLINES), "--threshold-5min", "0.1"], "--threshold-5min: only the open-interest rule"),
        (["--open-interest", str(OPEN_INTEREST), "--multiple", "4"], "--multiple: only the volume rule has this"),
        (["--klines", "nowhere.csv"], "nowhere.csv: No such file or directory"),
        (["--klines", str(OPEN_INTEREST)], "no CSV of candles: its first line has no column open_time"),
        (["--open-interest", str(KLINES)], "no CSV of open interest: its first line has no column timestamp"),
        (["--klines", str(KLINES), "--multiple", "nan"], "nan is not a number above 0"),
        (["--klines", str(KLINES), "--min-quote-volume", "-1"], "-1.0 is not a number from 0 up"),
    ],
)
def test_what_cannot_be_replayed_is_said_in_a_line_or_two(place: Suite, flags: list[str], problem: str) -> None:
    done = place.volspike("replay", *flags)

    assert done.returncode == 2
    assert problem in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_series_too_coarse_for_the_lookbacks_is_not_mistaken_for_a_calm_one(place: Suite, tmp_path: Path) -> None:
    path = tmp_path / "oi_4h.csv"
    rows = [f"{(1_767_312_000 + 14_400 * number) * 1000},XUSDT,{2**number * 1e6},0" for number in range(6)]
    path.write_text("timestamp,symbol,sum_open_interest,sum_open_interest_value\n" + "\n".join(rows))

    done = place.volspike("replay", "--open-interest", str(path))

    assert done.returncode == 0
    assert "is the series too coarse?" in done.stderr


def test_a_reader_that_has_seen_enough_ends_the_replay_without_a_traceback(place: Suite, tmp_path: Path) -> None:
    path = tmp_path / "oi_5m_XUSDT_.csv"
    rows = [f"{1_767_312_000 + 300 * number},{1e6 * (1 + number % 2)}" for number in range(20_000)]
    path.write_text("t,oi\n" + "\n".join(rows))
    command = [
        sys.executable,
        "-m",
        "volspike",
        "replay",
        "--open-interest",
        str(path),
        "--json",
        "--cooldown-5min",
        "0",
    ]

    with subprocess.Popen(command, env=place.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["symbol"] == "XUSDT"
        process.stdout.close()
        complaints = process.stderr.read()

    assert "Traceback" not in complaints
