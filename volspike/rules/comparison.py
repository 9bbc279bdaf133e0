"""Holding the stream against REST, symbol by symbol: the check that justifies the feed."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from volspike.model.market import FundingRow, PremiumIndex

RATE_TOLERANCE = 1e-7
MARK_TOLERANCE = 0.001


class Difference(Struct, frozen=True, rename="camel"):
    """One symbol on which stream and REST disagree; None is what one of them does not have."""

    symbol: str
    problem: str
    stream_rate: float | None = None
    rest_rate: float | None = None
    stream_mark: float | None = None
    rest_mark: float | None = None


class Comparison(Struct, frozen=True, rename="camel"):
    """How many symbols both know, how many agree, and where they do not."""

    compared: int
    agreeing: int
    differences: list[Difference]


def compare(stream: Mapping[str, FundingRow], rest: Sequence[PremiumIndex], tradable: frozenset[str]) -> Comparison:
    """Compare rates within 1e-7 and marks within 0.1 %; only tradable symbols may not be missing."""
    rest_by_symbol = {row.symbol: row for row in rest}
    both = sorted(stream.keys() & rest_by_symbol.keys())
    differences = [found for symbol in both if (found := _difference(symbol, stream[symbol], rest_by_symbol[symbol]))]
    missing = [Difference(symbol, "missing in the stream") for symbol in sorted(tradable - stream.keys())]
    return Comparison(len(both), len(both) - len(differences), differences + missing)


def _difference(symbol: str, row: FundingRow, reference: PremiumIndex) -> Difference | None:
    problems = []
    rates = (row.funding_rate, reference.funding_rate)
    if (rates[0] is None) != (rates[1] is None):
        problems.append("only one has a funding rate")
    elif rates[0] is not None and rates[1] is not None and abs(rates[0] - rates[1]) > RATE_TOLERANCE:
        problems.append("funding rates differ")
    if abs(row.mark_price - reference.mark_price) > MARK_TOLERANCE * abs(reference.mark_price):
        problems.append("mark prices differ")
    if not problems:
        return None
    return Difference(symbol, ", ".join(problems), *rates, row.mark_price, reference.mark_price)
