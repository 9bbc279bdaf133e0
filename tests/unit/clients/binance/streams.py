"""A market stream under test: its clocks, and what happens to it."""

import time
from collections.abc import Callable, Iterator

from volspike.clients.binance import frames
from volspike.clients.binance.stream import Event, Frame, Lost, MarketStream
from volspike.runtime.clock import Clock

FAST = Clock(200.0)
"""15 s of silence last 0.075 s; for tests in which it does not matter what comes before it."""
FASTER = Clock(400.0)
"""60 s of data last 0.15 s; for tests in which silence does not matter."""


def patient() -> float:
    """Return the jitter that makes every pause as long as it can be."""
    return 1.0


Start = Callable[..., MarketStream]


def events(stream: MarketStream, seconds: float = 30.0) -> Iterator[Event]:
    """Yield what happens, for so many real seconds at most, reading frames as the daemon does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        event = stream.wait(1.0)
        if isinstance(event, Frame):
            rows = frames.parse_frame(event.content).mark_prices
            if rows:
                stream.delivered(event.connection, max(row.event_time_ms for row in rows))
        if event is not None:
            yield event
    raise AssertionError(f"nothing more happened within {seconds} s")


def losses(stream: MarketStream) -> Iterator[Lost]:
    return (event for event in events(stream) if isinstance(event, Lost))
