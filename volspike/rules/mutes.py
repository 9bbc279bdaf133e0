"""Muted symbols: of which people do not want to hear for a while. They end by themselves."""

from collections.abc import Mapping

from volspike.model.documents import Mute


def in_force(mutes: Mapping[str, Mute], now: float) -> dict[str, Mute]:
    """Return the mutes that hold at `now` (epoch seconds), by symbol, what ends first first."""
    left = ((symbol, mute) for symbol, mute in mutes.items() if now < mute.until)
    return dict(sorted(left, key=lambda item: (item[1].until, item[0])))


def muted(mutes: Mapping[str, Mute], symbol: str, now: float, seconds: float) -> dict[str, Mute]:
    """Return the mutes in force with a new one, which takes the place of an older one of its symbol."""
    return in_force({**mutes, symbol: Mute(now, now + seconds)}, now)


def unmuted(mutes: Mapping[str, Mute], symbol: str, now: float) -> dict[str, Mute]:
    """Return the mutes in force without that of a symbol."""
    return {other: mute for other, mute in in_force(mutes, now).items() if other != symbol}
