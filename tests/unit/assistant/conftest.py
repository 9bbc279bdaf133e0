"""A market as the readers have read it, at an instant of the tests' own."""

import pytest

from volspike.model.market import FundingRow, OpenInterestRow
from volspike.readers.market import Market

NOW = 1_764_724_344
DUE_MS = 1_764_748_800_000


def funding(rate: float | None, *, age: float = 1.0, mark: float = 100.0, due_ms: int = DUE_MS) -> FundingRow:
    """Return what is known of a symbol's funding."""
    return FundingRow(rate, mark, mark, due_ms, NOW - age)


def interest(contracts: float, change: float | None = None, *, age: float = 5.0) -> OpenInterestRow:
    """Return what is known of a symbol's open interest; `change` is that of an hour."""
    return OpenInterestRow(contracts, NOW - age, None, None, change)


@pytest.fixture
def market() -> Market:
    """A market of five symbols, the feed connected."""
    return Market(
        at=NOW,
        funding={
            "BTCUSDT": funding(0.0001, mark=90_000.0),
            "ETHUSDT": funding(-0.0005),
            "OLDUSDT": funding(0.01, age=181.0),
            "币安人生USDT": funding(0.0003),
            "QUARTERUSDT_261225": funding(None, due_ms=0),
        },
        open_interest={
            "BTCUSDT": interest(1000.0, 0.02),
            "ETHUSDT": interest(500.0, -0.05),
            "NEWUSDT": interest(70.0),
            "OLDUSDT": interest(9.0, 0.9, age=61.0),
        },
        funding_hours={"BTCUSDT": 8, "ETHUSDT": 4},
        connected=True,
        newest_at=NOW - 1.0,
    )
