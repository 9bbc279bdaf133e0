"""The symbols to poll: the backend's, kept through its failures, and the file's until it has spoken."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.clients.backend.client import Backend
from volspike.daemons.oi_universe import Universe
from volspike.model.documents import LiquidUniverseDocument
from volspike.model.universe import Member
from volspike.state import documents, file

UNIVERSE = "/api/market/open-interest/liquid-universe"
AT = "2026-10-01T11:57:00Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / documents.LIQUID_UNIVERSE


@pytest.fixture
def universe(server: AnsweringServer, clock: MovedClock, path: Path) -> Iterator[Universe]:
    with Backend(server.url, "secret-key") as backend:
        yield Universe(backend, clock, path)


@pytest.fixture
def has(server: AnsweringServer) -> Callable[..., None]:
    """What the backend has."""

    def answer(*symbols: str, after: float = 0.0) -> None:
        rows = [{"symbol": each, "quoteVolume24h": 5e6, "enteredAt": AT, "lastSeenAt": AT} for each in symbols]
        server.answers[UNIVERSE] = Answer(body=json.dumps({"symbols": rows}).encode(), after=after)

    return answer


def remembers(path: Path, *symbols: str) -> None:
    document = LiquidUniverseDocument(1, {each: Member(5e6, NOW - 600, NOW - 300) for each in symbols}, NOW - 300)
    file.write(path, documents.encode(document))


def test_the_backend_names_the_symbols(universe: Universe, has: Callable[..., None]) -> None:
    has("BTCUSDT", "币安人生USDT")

    universe.refresh()

    assert list(universe.symbols()) == ["BTCUSDT", "币安人生USDT"]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, b'{"error":"down"}'),
        Answer(body=b"<html>"),
        Answer(body=b'{"symbols":[]}'),
        Answer(body=b'{"symbols":[{"symbol":"BTCUSDT"}]}'),
        Answer(401, b'{"error":"Invalid API key"}'),
    ],
    ids=["fails", "garbled", "empty", "garbled rows", "a wrong key"],
)
def test_a_refresh_that_fails_or_is_empty_keeps_the_old_universe(
    universe: Universe, has: Callable[..., None], server: AnsweringServer, path: Path, answer: Answer
) -> None:
    has("BTCUSDT")
    remembers(path, "OLDUSDT")
    universe.refresh()

    server.answers[UNIVERSE] = answer
    universe.refresh()

    assert list(universe.symbols()) == ["BTCUSDT"]


def test_a_loss_is_told_once_and_so_is_the_recovery(
    universe: Universe, has: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    universe.refresh()
    universe.refresh()
    has("BTCUSDT")
    universe.refresh()

    assert [record.getMessage().partition(":")[0] for record in caplog.records] == ["lost", "recovered"]


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def test_a_universe_that_is_not_there_yet_is_waited_for_and_not_lost(
    universe: Universe, has: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    has()
    universe.refresh()
    universe.refresh()
    assert universe.problem == "the backend has no universe, and .liquid_universe.json has none"
    has("BTCUSDT")
    universe.refresh()

    assert told(caplog) == [
        ("INFO", "waiting for the liquid universe of the backend"),
        ("INFO", "the backend has named a liquid universe"),
    ]


@pytest.mark.parametrize("before", [Answer(500, b'{"error":"down"}'), None], ids=["it failed", "it was there"])
def test_an_empty_universe_after_a_failure_or_a_good_one_is_lost(
    universe: Universe,
    has: Callable[..., None],
    server: AnsweringServer,
    caplog: pytest.LogCaptureFixture,
    before: Answer | None,
) -> None:
    has("BTCUSDT")
    server.answers[UNIVERSE] = before or server.answers[UNIVERSE]
    universe.refresh()
    has()
    universe.refresh()

    assert told(caplog) == [("ERROR", "lost: the liquid universe of the backend")]


def test_a_backend_that_fails_while_its_universe_is_waited_for_is_lost_and_recovers(
    universe: Universe, has: Callable[..., None], server: AnsweringServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    has()
    universe.refresh()
    server.answers[UNIVERSE] = Answer(500, b'{"error":"down"}')
    universe.refresh()
    has("BTCUSDT")
    universe.refresh()

    assert [message.partition(" ")[0] for _, message in told(caplog)] == ["waiting", "lost:", "recovered:"]


def test_without_the_backend_the_file_of_the_liquid_universe_daemon_names_them(universe: Universe, path: Path) -> None:
    remembers(path, "BTCUSDT", "ETHUSDT")

    universe.refresh()

    assert list(universe.symbols()) == ["BTCUSDT", "ETHUSDT"]


def test_without_either_there_are_none_and_the_problem_says_so(universe: Universe) -> None:
    assert (list(universe.symbols()), universe.problem) == ([], "the backend has not answered yet")

    universe.refresh()

    assert list(universe.symbols()) == []
    assert universe.problem.endswith("404: not here, and .liquid_universe.json has none")


def test_a_universe_that_is_written_later_is_found(universe: Universe, path: Path) -> None:
    universe.refresh()
    assert list(universe.symbols()) == []

    remembers(path, "BTCUSDT")

    assert list(universe.symbols()) == ["BTCUSDT"]


def test_a_backend_that_hangs_is_waited_for_only_some_seconds(
    universe: Universe, clock: MovedClock, path: Path
) -> None:
    remembers(path, "BTCUSDT")
    assert list(universe.symbols()) == []

    clock.move(3)

    assert list(universe.symbols()) == ["BTCUSDT"]
    assert not universe.settled


def test_it_is_asked_again_and_again_beside_the_sweeps(server: AnsweringServer, has: Callable[..., None]) -> None:
    has("BTCUSDT")
    with Backend(server.url, "secret-key") as backend:
        universe = Universe(backend, MovedClock(rate=20_000.0), Path("nowhere"))
        universe.start()
        while len(server.asked) < 3:
            time.sleep(0.001)
        universe.close()

    assert universe.settled
    assert set(server.asked) == {UNIVERSE}
