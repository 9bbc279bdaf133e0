"""Which contracts belong to the suite's universe, and what people call them."""

import pytest

from volspike.model.market import Contract, asset_of, is_tradable_perpetual, market_symbol


@pytest.mark.parametrize(
    ("contract_type", "status", "quote_asset", "tradable"),
    [
        ("PERPETUAL", "TRADING", "USDT", True),
        ("PERPETUAL", "TRADING", "USDC", False),
        ("PERPETUAL", "SETTLING", "USDT", False),
        ("PERPETUAL", "TRADING_HALT", "USDT", False),
        ("TRADIFI_PERPETUAL", "TRADING", "USDT", False),
        ("CURRENT_QUARTER", "TRADING", "USDT", False),
        ("", "TRADING", "USDT", False),
    ],
)
def test_the_universe_is_the_trading_perpetuals_quoted_in_usdt(
    contract_type: str, status: str, quote_asset: str, tradable: bool
) -> None:
    assert is_tradable_perpetual(Contract("BTCUSDT", contract_type, status, quote_asset)) is tradable


@pytest.mark.parametrize(
    ("symbol", "asset"),
    [
        ("BTCUSDT", "BTC"),
        ("1000PEPEUSDT", "1000PEPE"),
        ("USDTUSDT", "USDT"),
        ("USDTXUSDT", "USDTX"),
        ("ETHUSDC", "ETHUSDC"),
    ],
)
def test_an_asset_is_the_symbol_without_its_suffix(symbol: str, asset: str) -> None:
    assert asset_of(symbol) == asset


@pytest.mark.parametrize(
    ("symbol", "market"),
    [
        ("BTCUSDT", "BTCUSDT"),
        ("BTC", "BTCUSDT"),
        ("btc", "BTCUSDT"),
        ("USDC", "USDCUSDT"),
        ("BTC/USDT", "BTCUSDT"),
        ("btc/usdt", "BTCUSDT"),
        ("BTCUSDT_261225", "BTCUSDT_261225"),
        ("币安人生", "币安人生USDT"),
    ],
)
def test_an_old_symbol_without_its_quote_means_the_market_in_usdt(symbol: str, market: str) -> None:
    assert market_symbol(symbol) == market
