"""What user alerts watch: a price in USDT, a rate as a fraction, open interest in USD."""

import pytest

from volspike.model.alerts import UserAlert, UserAlertType
from volspike.rules import alert_values
from volspike.rules.alert_values import Market, Needs

PRICE, FUNDING, OPEN_INTEREST = UserAlertType
MARKET = Market({"BTCUSDT": 65_000.0}, {"BTCUSDT": -0.0001}, {"BTCUSDT": 90_000.0, "ETHUSDT": 1e6})


def alert(kind: UserAlertType, symbol: str = "BTCUSDT") -> UserAlert:
    return UserAlert("a1", symbol, kind, 1.0)


@pytest.mark.parametrize(
    ("kind", "symbol", "value"),
    [
        (PRICE, "BTCUSDT", 65_000.0),
        (PRICE, "BTC", 65_000.0),
        (PRICE, "GONEUSDT", None),
        (FUNDING, "BTCUSDT", -0.0001),
        (FUNDING, "ETHUSDT", None),
        (OPEN_INTEREST, "BTC", 5_850_000_000.0),
        (OPEN_INTEREST, "ETHUSDT", None),
        (OPEN_INTEREST, "GONEUSDT", None),
    ],
)
def test_each_type_watches_its_own_value_and_an_old_symbol_means_the_market_in_usdt(
    kind: UserAlertType, symbol: str, value: float | None
) -> None:
    assert alert_values.value(MARKET, alert(kind, symbol)) == value


def test_open_interest_is_unknown_while_it_is_not_there_though_the_price_is() -> None:
    assert alert_values.value(Market({"BTCUSDT": 1.0}), alert(OPEN_INTEREST)) is None


def test_an_alert_without_a_value_costs_only_itself() -> None:
    bitcoin, gone = alert(PRICE, "BTC"), alert(PRICE, "GONEUSDT")

    assert alert_values.known(MARKET, [gone, bitcoin]) == ([(bitcoin, 65_000.0)], [gone])


def test_only_what_these_alerts_watch_is_needed() -> None:
    needs = alert_values.needs(
        [alert(PRICE), alert(PRICE, "BTC"), alert(OPEN_INTEREST, "ETHUSDT"), alert(FUNDING, "币安人生USDT")]
    )

    assert needs == Needs(frozenset({"BTCUSDT", "ETHUSDT"}), frozenset({"币安人生USDT"}), frozenset({"ETHUSDT"}))
    assert needs.symbols == {"BTCUSDT", "ETHUSDT", "币安人生USDT"}
    assert not alert_values.needs([]).symbols
