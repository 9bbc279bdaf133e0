"""Weights, refusals and bans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.simulator import weights
from volspike.simulator.weights import Weights

MINUTE = 1_790_856_000.0


@pytest.mark.parametrize(
    ("path", "query", "cost"),
    [
        ("/fapi/v1/ping", {}, 1),
        ("/fapi/v1/exchangeInfo", {}, 1),
        ("/fapi/v1/klines", {"limit": "3"}, 1),
        ("/fapi/v1/klines", {"limit": "99"}, 1),
        ("/fapi/v1/klines", {"limit": "100"}, 2),
        ("/fapi/v1/klines", {"limit": "499"}, 2),
        ("/fapi/v1/klines", {"limit": "500"}, 5),
        ("/fapi/v1/klines", {}, 5),
        ("/fapi/v1/klines", {"limit": "many"}, 5),
        ("/fapi/v1/klines", {"limit": "1000"}, 5),
        ("/fapi/v1/klines", {"limit": "1001"}, 10),
        ("/fapi/v1/openInterest", {"symbol": "BTCUSDT"}, 1),
        ("/fapi/v1/premiumIndex", {"symbol": "BTCUSDT"}, 1),
        ("/fapi/v1/premiumIndex", {}, 10),
        ("/fapi/v1/ticker/24hr", {}, 40),
        ("/fapi/v2/ticker/price", {}, 2),
        ("/fapi/v1/fundingInfo", {}, 0),
        ("/futures/data/openInterestHist", {}, 0),
        ("/fapi/v1/unknown", {}, 1),
    ],
)
def test_a_request_costs_what_the_exchange_says(path: str, query: dict[str, str], cost: int) -> None:
    assert weights.weight(path, query) == cost


def test_the_account_starts_anew_with_each_utc_minute() -> None:
    account = Weights()

    account.spend("a", MINUTE + 59.9, 2000)

    assert account.spend("a", MINUTE + 59.9, 400).used == 2400
    assert account.spend("a", MINUTE + 60, 1).used == 1
    assert account.minutes("a") == {MINUTE // 60: 2400, MINUTE // 60 + 1: 1}


def test_refused_requests_still_cost_weight() -> None:
    account = Weights()
    account.spend("a", MINUTE, 2400)

    verdict = account.spend("a", MINUTE, 10)

    assert (verdict.status, verdict.used) == (429, 2410)


def test_an_address_does_not_pay_for_another() -> None:
    account = Weights(limit=10)
    account.spend("a", MINUTE, 11)

    assert account.spend("b", MINUTE, 1).status == 200
    assert account.used("a", MINUTE) == 11
    assert account.used("unknown", MINUTE) == 0
    assert account.clients() == ["a", "b"]


def test_going_on_after_429_earns_a_ban_with_an_end_and_the_next_one_is_longer() -> None:
    account = Weights(limit=1, ban_after=2)

    statuses = [account.spend("a", MINUTE, 1).status for _ in range(5)]
    banned = account.spend("a", MINUTE + 119, 1)
    after = MINUTE + 120
    again = [account.spend("a", after, 1) for _ in range(4)]

    assert statuses == [200, 429, 429, 418, 418]
    assert (banned.status, banned.banned_until) == (418, after)
    assert [verdict.status for verdict in again] == [200, 429, 429, 418]
    assert again[-1].banned_until == after + 240


def test_refusals_of_one_minute_are_forgiven_in_the_next() -> None:
    account = Weights(limit=1, ban_after=2)

    for minute in range(5):
        statuses = [account.spend("a", MINUTE + 60 * minute, 1).status for _ in range(3)]
        assert statuses == [200, 429, 429]


def test_requests_without_weight_share_a_limit_of_five_minutes() -> None:
    account = Weights()
    share = weights.SHARES["/fapi/v1/fundingInfo"]

    statuses = [account.spend("a", MINUTE, 0, share).status for _ in range(501)]

    assert statuses[-2:] == [200, 429]
    assert account.spend("a", MINUTE, 0, weights.SHARES["/futures/data/openInterestHist"]).status == 200
    assert account.spend("a", MINUTE + 300, 0, share).status == 200


@given(st.lists(st.integers(min_value=0, max_value=50), min_size=1, max_size=60))
def test_nothing_is_answered_beyond_the_limit(costs: list[int]) -> None:
    account = Weights(limit=200, ban_after=1000)

    answered = [cost for cost in costs if account.spend("a", MINUTE, cost).status == 200]

    assert sum(answered) <= 200
    assert account.used("a", MINUTE) == sum(costs)


def test_only_the_last_hours_are_remembered() -> None:
    account = Weights()
    for minute in range(500):
        account.spend("a", MINUTE + 60 * minute, 1)

    assert len(account.minutes("a")) == weights.KEPT_MINUTES
