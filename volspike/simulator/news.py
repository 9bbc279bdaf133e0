"""Two news channels that tell what the market does: every post is a pure function of the market and its number.

A channel has a message each `every` seconds, counted from its first one, so that message numbers survive a restart of
the simulator. Of twelve messages most are text; one is an album of two photos, which takes two numbers, and the others
are what a channel also has: a photo, a video, a forwarded post, a service message, a link with its preview.
"""

from dataclasses import dataclass
from enum import Enum

from volspike.simulator import noise
from volspike.simulator.instruments import HOUR, Instrument
from volspike.simulator.market import Market

FIRST_AT = 1_767_225_600
"""2026-01-01 00:00 UTC: when the channels began."""
LIVELY = 40
"""So many instruments, the largest by turnover, are what people speak of."""
VIEWS_PER_MINUTE = 40
MOST_VIEWS = 1_250_000


class Form(Enum):
    """What a message is beside its text."""

    TEXT = "text"
    LINK = "link"
    PHOTO = "photo"
    ALBUM = "album"
    VIDEO = "video"
    FORWARDED = "forwarded"
    SERVICE = "service"


_FORMS = {0: Form.ALBUM, 3: Form.PHOTO, 5: Form.FORWARDED, 7: Form.VIDEO, 9: Form.SERVICE, 11: Form.LINK}
_ROUND = 12
_SECOND_OF_ALBUM = 1


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel: its name, its number at Telegram, and each how many seconds it has a message."""

    name: str
    title: str
    number: int
    every: int


CHANNELS = {
    channel.name: channel
    for channel in (
        Channel("marketfeed", "Market Feed (simulated)", 2_200_000_001, 20),
        Channel("watcherguru", "Watcher Guru (simulated)", 3_900_000_002, 30),
    )
}


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a channel; `at` is epoch seconds, `symbol` what it speaks of."""

    number: int
    at: int
    form: Form
    text: str
    symbol: str
    views: int


class News:
    """What the channels have to say of a market."""

    def __init__(self, market: Market) -> None:
        self._market = market
        trading = [instrument for instrument in market.instruments if _is_spoken_of(instrument)]
        self._lively = sorted(trading, key=_turnover_quote, reverse=True)[:LIVELY]

    def newest(self, channel: Channel, now: float) -> int:
        """Return the number of a channel's latest message."""
        return int(now - FIRST_AT) // channel.every

    def before(self, channel: Channel, end: int, count: int, now: float) -> list[Message]:
        """Return the last `count` messages below the number `end`, oldest first; the second of an album is none."""
        found: list[Message] = []
        number = min(end - 1, self.newest(channel, now))
        while number > 0 and len(found) < count:
            if number % _ROUND != _SECOND_OF_ALBUM:
                found.append(self._message(channel, number, now))
            number -= 1
        return found[::-1]

    def _message(self, channel: Channel, number: int, now: float) -> Message:
        at = FIRST_AT + number * channel.every
        instrument = self._spoken_of(channel, number, at)
        views = min(MOST_VIEWS, int((now - at) / 60 * VIEWS_PER_MINUTE) + number % 7)
        form = _FORMS.get(number % _ROUND, Form.TEXT)
        return Message(number, at, form, self._text(instrument, at), instrument.symbol, views)

    def _spoken_of(self, channel: Channel, number: int, at: int) -> Instrument:
        hour = at // HOUR
        eventful = [instrument for instrument in self._lively if instrument.bar(hour).spikes] or self._lively
        place = abs(self._market.noise.at(noise.key(channel.name), number))
        return eventful[int(place * len(eventful)) % len(eventful)]

    def _text(self, instrument: Instrument, at: int) -> str:
        hour = at // HOUR
        bar, before = instrument.bar(hour), instrument.bar(hour - 1)
        price = self._market.last(instrument, at)
        asset = instrument.symbol.removesuffix("USDT")
        change = f"${asset} at {price:,.{instrument.decimals}f} USDT, {price / bar.open - 1:+.2%} this hour"
        if not bar.spikes:
            return change
        return f"JUST IN: {change}, on {bar.quote / before.quote:.1f} times the volume of the hour before"


def _is_spoken_of(instrument: Instrument) -> bool:
    return instrument.trading and not instrument.tradfi and instrument.symbol.endswith("USDT")


def _turnover_quote(instrument: Instrument) -> float:
    return instrument.turnover() * instrument.bar(0).close
