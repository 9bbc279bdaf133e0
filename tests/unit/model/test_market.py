"""Which contracts belong to the suite's universe."""

import pytest

from volspike.model.market import Contract, is_tradable_perpetual


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
