"""The rows of the Market page, and what of them has changed."""

import random
from typing import Any

import pytest
from msgspec.structs import replace

from tests.unit.examples import DUE_MS, NOW, funding_row
from volspike.dashboard.views.market import LATE_VOLUME_SECONDS, Table, late, minutes_to, row
from volspike.model.market import HourVolume, OpenInterestRow, TickerRow, VolumeRow
from volspike.readers.market import Market

HOUR = 3600
OPEN_HOUR = int(NOW) // HOUR * HOUR
HOURS = (HourVolume(OPEN_HOUR - 2 * HOUR, 1e6), HourVolume(OPEN_HOUR - HOUR, 3.5e6), HourVolume(OPEN_HOUR, 0.7e6))
MARKET = Market(
    at=int(NOW),
    funding={"BTCUSDT": funding_row(NOW, mark=50_000.0, rate=0.0001)},
    tickers={"BTCUSDT": TickerRow(50_001.0, -4.65, 12e9, NOW)},
    open_interest={"BTCUSDT": OpenInterestRow(2000.0, NOW, 0.01, None, -0.02)},
    volumes={"BTCUSDT": VolumeRow(HOURS, NOW)},
    funding_hours={"BTCUSDT": 4},
)


def test_a_row_joins_what_the_files_say_of_a_symbol() -> None:
    assert row(MARKET, "BTCUSDT") == {
        "s": "BTCUSDT", "m": 50_000.0, "d": pytest.approx(-0.0465), "f": 0.0001, "a": pytest.approx(0.219),
        "n": 237, "o": 100e6, "o5": 0.01, "o15": None, "o60": -0.02, "v": 3.5e6, "r": 3.5,
        "fa": "", "da": "", "oa": "", "va": "",
    }  # fmt: skip


@pytest.mark.parametrize(("hours", "told"), [({"BTCUSDT": 8}, 0.1095), ({"BTCUSDT": 1}, 0.876), ({}, None)])
def test_a_year_of_funding_goes_by_the_symbols_own_interval_and_an_unknown_one_is_not_guessed(
    hours: dict[str, int], told: float | None
) -> None:
    year = row(replace(MARKET, funding_hours=hours), "BTCUSDT")["a"]

    assert year == (told if told is None else pytest.approx(told))


def test_a_contract_without_funding_has_none() -> None:
    market = replace(MARKET, funding={"BTCUSDT": funding_row(NOW, rate=None)})

    made = row(market, "BTCUSDT")

    assert (made["f"], made["a"], made["n"]) == (None, None, None)


def test_what_no_file_knows_is_left_out() -> None:
    assert row(Market(at=int(NOW)), "BTCUSDT") == {"s": "BTCUSDT"}


def test_open_interest_without_a_price_has_no_worth() -> None:
    assert row(replace(MARKET, funding={}), "BTCUSDT")["o"] is None


@pytest.mark.parametrize(("seconds", "told"), [(1, (3.5e6, 3.5)), (299, (3.5e6, 3.5)), (300, (0.7e6, 0.2))])
def test_until_an_hour_was_five_minutes_old_when_it_was_scanned_the_hour_just_closed_is_told(
    seconds: int, told: tuple[float, float]
) -> None:
    market = replace(MARKET, at=OPEN_HOUR + 400, volumes={"BTCUSDT": VolumeRow(HOURS, OPEN_HOUR + seconds)})

    made = row(market, "BTCUSDT")

    assert (made["v"], made["r"]) == told


def test_a_symbol_in_its_first_minutes_has_no_hour_to_tell_of() -> None:
    market = replace(MARKET, volumes={"BTCUSDT": VolumeRow((HourVolume(OPEN_HOUR, 0.0),), OPEN_HOUR + 1.0)})

    assert row(market, "BTCUSDT").keys().isdisjoint({"v", "r", "va"})


def test_each_late_value_tells_its_own_age() -> None:
    market = replace(MARKET, at=int(NOW + LATE_VOLUME_SECONDS + 1))

    made = row(market, "BTCUSDT")

    assert [made[name] for name in ("fa", "da", "wa", "oa", "va")] == ["11 min"] * 5


def test_open_interest_in_usdt_is_as_late_as_its_price_and_its_changes_in_contracts_are_not() -> None:
    fresh = {"BTCUSDT": OpenInterestRow(2000.0, NOW + 60, 0.01, None, -0.02)}

    made = row(replace(MARKET, at=int(NOW + 60), open_interest=fresh), "BTCUSDT")

    assert (made["wa"], made["oa"]) == ("1 min", "")


@pytest.mark.parametrize(("silent_seconds", "told"), [(0, ""), (20, "1 min")])
def test_the_day_of_a_symbol_that_nobody_trades_is_late_only_where_the_feed_is_silent(
    silent_seconds: int, told: str
) -> None:
    now = NOW + silent_seconds
    quiet = {"BTCUSDT": TickerRow(50_001.0, -4.65, 12e9, now - 60)}

    assert row(replace(MARKET, at=int(now), tickers=quiet), "BTCUSDT")["da"] == told


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, ""), (15, ""), (15.1, "10 s"), (29, "20 s"), (61, "1 min"), (7300, "2 h 1 min")]
)
def test_an_age_is_told_in_coarse_steps_so_that_a_dead_feed_does_not_change_every_row_each_second(
    seconds: float, told: str
) -> None:
    assert late(NOW - seconds, NOW, 15.0) == told


def test_the_time_to_the_next_funding_is_told_in_minutes_until_it_has_come() -> None:
    due = DUE_MS / 1000
    assert minutes_to(DUE_MS, due - 119.0) == 1
    assert minutes_to(DUE_MS, due) == 0
    assert minutes_to(DUE_MS, due + 1.0) is None
    assert minutes_to(0, NOW) is None


def test_only_the_values_that_differ_are_news() -> None:
    table = Table()
    table.take(MARKET)
    assert (len(table.changed), table.gone) == (1, [])

    table.take(replace(MARKET, funding={"BTCUSDT": funding_row(NOW, mark=50_000.0, rate=0.0002)}))

    assert table.changed == [{"s": "BTCUSDT", "f": 0.0002, "a": pytest.approx(0.438)}]


def test_a_market_that_was_taken_already_is_not_worked_out_again() -> None:
    table = Table()
    table.take(MARKET)
    changed = table.changed

    table.take(MARKET)

    assert table.changed is changed


def test_whoever_follows_the_news_has_the_rows() -> None:
    chance = random.Random(1)  # noqa: S311 - no secret
    symbols = [f"S{number}USDT" for number in range(6)]
    table, followed = Table(), dict[str, dict[str, Any]]()
    for step in range(60):
        there = [symbol for symbol in symbols if chance.random() < 0.8]
        funding = {symbol: funding_row(NOW + step, mark=chance.choice([1.0, 2.0])) for symbol in there}
        volumes = {symbol: MARKET.volumes["BTCUSDT"] for symbol in there if chance.random() < 0.5}
        table.take(Market(at=int(NOW) + step, funding=funding, volumes=volumes))
        for symbol in table.gone:
            del followed[symbol]
        for values in table.changed:
            followed.setdefault(str(values["s"]), {}).update(values)

    known = {
        symbol: {name: value for name, value in made.items() if value is not None} for symbol, made in followed.items()
    }
    assert known == {
        symbol: {name: value for name, value in made.items() if value is not None}
        for symbol, made in table.rows.items()
    }
