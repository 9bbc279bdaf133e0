"""Falsified answers of premiumIndex."""

from volspike.simulator import tampering
from volspike.simulator.exchange import Exchange

ROW = {"symbol": "BTCUSDT", "lastFundingRate": "0.00010000", "markPrice": "100.00000000"}
OTHER = {**ROW, "symbol": "ADAUSDT"}


def test_without_a_fault_nothing_is_touched(exchange: Exchange) -> None:
    assert tampering.premium_index(exchange, [ROW, OTHER]) == [ROW, OTHER]


def test_one_symbol_can_be_wrong(exchange: Exchange) -> None:
    exchange.activate({"kind": "wrong_funding", "rate": 0.001, "mark": 0.02})

    assert tampering.premium_index(exchange, [ROW, OTHER]) == [
        {"symbol": "BTCUSDT", "lastFundingRate": "0.00110000", "markPrice": "102.00000000"},
        OTHER,
    ]


def test_one_symbol_can_lack_its_rate(exchange: Exchange) -> None:
    exchange.activate({"kind": "null_symbol", "symbol": "ADAUSDT"})

    assert tampering.premium_index(exchange, OTHER) == {**OTHER, "lastFundingRate": ""}
    assert tampering.premium_index(exchange, ROW) == ROW
