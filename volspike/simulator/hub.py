"""The heartbeat of the streams: once a second each payload is written once and handed to all who subscribed."""

import asyncio

from volspike.simulator.connection import Connection
from volspike.simulator.exchange import Exchange
from volspike.simulator.streams import Stream

SHORTEST_PAUSE = 0.05
"""Real seconds: with a clock faster than twenty times, ticks are skipped, so that the machine is left to others."""
GARBAGE = (b'{"stream":"!markPrice@arr@1s","data":[{"e":"markPr', b"\x00\x01\x02 no JSON", b"", b"<html>502</html>")

Payloads = list[tuple[bytes, bytes]]


async def run(exchange: Exchange) -> None:
    """Publish each second until cancelled."""
    clock = exchange.clock
    second = int(clock.now())
    while True:
        pause = clock.real_seconds(second + 1 - clock.now())
        await asyncio.sleep(max(pause, SHORTEST_PAUSE))
        before, second = second, int(clock.now())
        if second > before:
            publish(exchange, second, before)


def publish(exchange: Exchange, second: int, before: int) -> None:
    """Send to every connection what has become due after the second `before` and up to `second`."""
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
            if stream is not None and second // stream.every > before // stream.every:
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
