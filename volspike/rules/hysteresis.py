"""Which symbols are liquid enough to be polled: entering takes more volume than staying, so that none flutters.

A new universe replaces the old one whole at the backend, so one that was made of incomplete answers is refused.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from volspike.model.universe import Member, UniverseRow

MIN_TICKER_SHARE = 0.9
MIN_KEPT_SHARE = 0.5


class Thresholds(Struct, frozen=True):
    """The 24-hour quote volumes, in USDT, at which a symbol enters, and below which it leaves."""

    enter: float = 4_000_000.0
    exit: float = 2_000_000.0


class Memory(Struct, frozen=True):
    """The universe as it is."""

    members: dict[str, Member] = {}


class Observation(Struct, frozen=True):
    """What trades, and each symbol's quote volume of the last 24 hours (USDT), at one instant.

    `forced` is the operator's word that they look strange and are right.
    """

    at: float
    tradable: frozenset[str]
    quote_volumes_24h: Mapping[str, float]
    forced: bool = False


class Refusal(Struct, frozen=True):
    """Why the new universe must not be posted."""

    reason: str


def step(
    memory: Memory, thresholds: Thresholds, observation: Observation
) -> tuple[Memory, list[UniverseRow] | Refusal]:
    """Return the new universe and its rows for the backend by symbol; or the old one and why it stays.

    A member whose ticker is missing stays as it was: nothing is known against it.
    """
    members = {
        symbol: member
        for symbol in sorted(observation.tradable)
        if (member := _member(memory.members.get(symbol), thresholds, observation, symbol)) is not None
    }
    reason = _objection(memory, observation, members)
    if reason:
        return memory, Refusal(reason)
    rows = [_row(symbol, member, is_new=symbol not in memory.members) for symbol, member in members.items()]
    return Memory(members), rows


def _member(before: Member | None, thresholds: Thresholds, observation: Observation, symbol: str) -> Member | None:
    volume = observation.quote_volumes_24h.get(symbol)
    if volume is None:
        return before
    if volume < (thresholds.enter if before is None else thresholds.exit):
        return None
    return Member(volume, observation.at if before is None else before.entered_at, observation.at)


def _objection(memory: Memory, observation: Observation, members: Mapping[str, Member]) -> str:
    """Return what makes the new universe look wrong. An operator's word does not make an empty one right."""
    listed, with_ticker = len(observation.tradable), len(observation.tradable & observation.quote_volumes_24h.keys())
    if with_ticker < MIN_TICKER_SHARE * listed and not observation.forced:
        return f"only {with_ticker} of {listed} tradable symbols have a ticker, at least 90 % expected"
    if not members:
        return f"the new universe is empty: none of {listed} tradable symbols is liquid enough"
    if len(members) < MIN_KEPT_SHARE * len(memory.members) and not observation.forced:
        return (
            f"the new universe has {len(members)} symbols, less than half of the {len(memory.members)} of the old one"
        )
    return ""


def _row(symbol: str, member: Member, *, is_new: bool) -> UniverseRow:
    entered_at = datetime.fromtimestamp(member.entered_at, UTC) if is_new else None
    return UniverseRow(symbol, member.quote_volume_24h, entered_at, datetime.fromtimestamp(member.last_seen_at, UTC))
