"""The heartbeat of the streams: once a second each payload is written once and handed to all who subscribed."""

import asyncio

from volspike.simulator.connection import Connection
from volspike.simulator.exchange import Exchange
from volspike.simulator.streams import Stream

SHORTEST_PAUSE = 0.02
"""Real seconds: a clock too fast for a tick each simulated second skips ticks instead of the machine."""
GARBAGE = (b'{"stream":"!markPrice@arr@1s","data":[{"e":"markPr', b"\x00\x01\x02 no JSON", b"", b"<html>502</html>")

Payloads = list[tuple[bytes, bytes]]


async def run(exchange: Exchange) -> None:
    """Publish each second until cancelled."""
    clock = exchange.clock
    while True:
        now = clock.now()
        pause = clock.real_seconds(int(now) + 1 - now)
        await asyncio.sleep(max(pause, SHORTEST_PAUSE))
        publish(exchange, int(clock.now()))


def publish(exchange: Exchange, second: int) -> None:
    """Send what is due at `second` to every connection."""
    garbage = exchange.fault("garbage_frame")
    if garbage:
        exchange.board.clear("garbage_frame")
        _publish_garbage(exchange, int(garbage.number("count")))
        return
    frozen = exchange.fault("frozen")
    shown = int((frozen.since if frozen else second) + exchange.skew())
    written: dict[str, Payloads] = {}
    for connection in list(exchange.connections):
        for stream in connection.streams.values():
            if stream is not None and second % stream.every == 0:
                _deliver(exchange, connection, stream, shown, written)


def _deliver(
    exchange: Exchange, connection: Connection, stream: Stream, shown: int, written: dict[str, Payloads]
) -> None:
    if stream.name not in written:
        prefix = f'{{"stream":"{stream.name}","data":'.encode()
        written[stream.name] = [
            (payload, b"%b%b}" % (prefix, payload))
            for payload in exchange.frames.payloads(stream, shown, exchange.distortion())
        ]
    for payload, wrapped in written[stream.name]:
        connection.push(payload, wrapped)


def _publish_garbage(exchange: Exchange, count: int) -> None:
    for connection in list(exchange.connections):
        if any(connection.streams.values()):
            for number in range(count):
                frame = GARBAGE[number % len(GARBAGE)]
                connection.push(frame, frame)
