"""The heartbeat of the streams."""

from dataclasses import dataclass, field

import pytest

from volspike.simulator import hub
from volspike.simulator.exchange import Exchange
from volspike.simulator.streams import Stream


@dataclass(eq=False)
class Listener:
    """Stands where a connection stands."""

    streams: dict[str, Stream | None]
    heard: list[tuple[bytes, bytes]] = field(default_factory=list)

    def push(self, payload: bytes, wrapped: bytes) -> None:
        self.heard.append((payload, wrapped))


def listen(exchange: Exchange, *names: str) -> Listener:
    listener = Listener({name: exchange.directory.find("market", name) for name in names})
    exchange.connections.add(listener)  # type: ignore[arg-type]
    return listener


def test_all_subscribers_get_the_same_bytes(exchange: Exchange, noon: int) -> None:
    one, two = (listen(exchange, "!markPrice@arr@1s") for _ in range(2))

    hub.publish(exchange, noon, noon - 1)

    assert len(one.heard) == 2
    assert all(mine[1] is theirs[1] for mine, theirs in zip(one.heard, two.heard, strict=True))


def test_a_wrapped_event_names_its_stream(exchange: Exchange, noon: int) -> None:
    listener = listen(exchange, "btcusdt@markPrice@1s")

    hub.publish(exchange, noon, noon - 1)

    payload, wrapped = listener.heard[0]
    assert wrapped == b'{"stream":"btcusdt@markPrice@1s","data":' + payload + b"}"


def test_the_slow_stream_of_marks_comes_every_third_second(exchange: Exchange, noon: int) -> None:
    listener = listen(exchange, "btcusdt@markPrice")

    for second in range(noon, noon + 9):
        hub.publish(exchange, second, second - 1)

    assert len(listener.heard) == 3


def test_a_slow_stream_is_not_lost_when_a_fast_clock_skips_its_second(exchange: Exchange, noon: int) -> None:
    listener = listen(exchange, "btcusdt@markPrice")

    for second in range(noon + 1, noon + 61, 4):
        hub.publish(exchange, second + 4, second)

    assert len(listener.heard) == 15


def test_unknown_streams_are_silent(exchange: Exchange, noon: int) -> None:
    listener = listen(exchange, "nope@ticker")
    exchange.activate({"kind": "garbage_frame"})

    hub.publish(exchange, noon, noon - 1)
    hub.publish(exchange, noon + 1, noon)

    assert listener.heard == []


def test_garbage_replaces_one_tick_only(exchange: Exchange, noon: int) -> None:
    listener = listen(exchange, "btcusdt@markPrice@1s")
    exchange.activate({"kind": "garbage_frame", "count": 4})

    hub.publish(exchange, noon, noon - 1)
    hub.publish(exchange, noon + 1, noon)

    assert [payload for payload, _ in listener.heard[:4]] == list(hub.GARBAGE)
    assert listener.heard[4][0].startswith(b'{"e":"markPriceUpdate"')
    assert len(listener.heard) == 5


@pytest.mark.parametrize(("fault", "shift"), [({"kind": "clock_skew", "seconds": 5}, 5), ({"kind": "null_symbol"}, 0)])
def test_skew_shifts_event_times(exchange: Exchange, noon: int, fault: dict[str, object], shift: int) -> None:
    listener = listen(exchange, "btcusdt@markPrice@1s")
    exchange.activate(fault)

    hub.publish(exchange, noon, noon - 1)

    assert f'"E":{noon + shift}000'.encode() in listener.heard[0][0]


def test_a_frozen_exchange_shows_the_second_at_which_it_froze(exchange: Exchange, noon: int) -> None:
    listener = listen(exchange, "btcusdt@markPrice@1s")
    exchange.activate({"kind": "frozen"})

    hub.publish(exchange, noon, noon - 1)
    hub.publish(exchange, noon + 1, noon)

    assert listener.heard[0] == listener.heard[1]
