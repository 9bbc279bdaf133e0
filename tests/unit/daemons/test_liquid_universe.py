"""One refresh of the liquid universe: what it goes by, what it posts and keeps, and when it posts nothing."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.examples import NOW
from volspike.clients.binance import weight
from volspike.daemons import liquid_universe
from volspike.model.documents import Heartbeat, LiquidUniverseDocument
from volspike.model.universe import Member
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings, SettingsError
from volspike.state import documents, file

BINANCE = "/fapi/v1/exchangeInfo"
TICKERS = "/fapi/v1/ticker/24hr"
UNIVERSE = "/api/market/open-interest/liquid-universe"
UPDATE = "/api/market/open-interest/liquid-universe/update"


@pytest.fixture
def place(settings: Callable[..., Settings], server: AnsweringServer) -> Settings:
    """A suite whose exchange and backend are one server."""
    return settings(binance_rest_url=server.url, backend_url=server.url, backend_key="secret-key")


@pytest.fixture
def lists(server: AnsweringServer) -> Callable[..., None]:
    """What Binance lists, each symbol with its volume in millions, and what the backend has."""

    def answer(volumes: dict[str, float], *, listed: set[str] | None = None, path: str = BINANCE) -> None:
        contract = {"contractType": "PERPETUAL", "status": "TRADING", "quoteAsset": "USDT"}
        rows = [{"symbol": symbol, **contract} for symbol in (listed or volumes)]
        tickers = [{"symbol": symbol, "quoteVolume": str(volume * 1e6)} for symbol, volume in volumes.items()]
        server.answers[path] = Answer(body=json.dumps({"symbols": rows}).encode())
        server.answers[TICKERS] = Answer(body=json.dumps(tickers).encode())

    return answer


@pytest.fixture(autouse=True)
def backend(server: AnsweringServer) -> Callable[..., None]:
    """A backend that takes everything and has the universe that the test says, none at first."""

    def has(*symbols: str) -> None:
        at = "2026-10-01T11:57:00Z"
        rows = [{"symbol": each, "quoteVolume24h": 5e6, "enteredAt": at, "lastSeenAt": at} for each in symbols]
        server.answers[UNIVERSE] = Answer(body=json.dumps({"symbols": rows}).encode())

    has()
    server.answers[UPDATE] = Answer(body=b'{"success":true,"upserted":1,"removed":0,"totalSymbols":1}')
    return has


def posted(server: AnsweringServer) -> list[dict[str, Any]]:
    """Return every universe that was posted."""
    return [json.loads(asked.body) for asked in server.requests if asked.path == UPDATE]


def symbols(universe: dict[str, Any]) -> dict[str, str | None]:
    return {row["symbol"]: row["enteredAt"] for row in universe["symbols"]}


def kept(place: Settings) -> LiquidUniverseDocument:
    return documents.decode((place.state_dir / documents.LIQUID_UNIVERSE).read_bytes(), LiquidUniverseDocument)


def keeps(place: Settings, *members: str) -> None:
    """Let the state file hold these symbols."""
    content = LiquidUniverseDocument(1, {each: Member(5e6, NOW - 600, NOW - 300) for each in members}, NOW - 300)
    file.write(place.state_dir / documents.LIQUID_UNIVERSE, documents.encode(content))


def test_the_liquid_symbols_are_posted_and_kept(
    daemon: Daemon, place: Settings, server: AnsweringServer, lists: Callable[..., None], backend: Callable[..., None]
) -> None:
    backend("STAYSUSDT", "LEAVESUSDT")
    lists({"ENTERSUSDT": 4.0, "STAYSUSDT": 2.0, "LEAVESUSDT": 1.9, "STAYSOUTUSDT": 3.9})

    assert liquid_universe.run(daemon, place, True) == 0

    (universe,) = posted(server)
    assert symbols(universe) == {"ENTERSUSDT": "2026-10-01T12:02:03Z", "STAYSUSDT": None}
    assert universe["updatedAt"] == "2026-10-01T12:02:03Z"
    assert set(kept(place).symbols) == {"ENTERSUSDT", "STAYSUSDT"}
    assert kept(place).updated_at == NOW


def test_it_costs_forty_one_of_the_weight(
    daemon: Daemon, place: Settings, lists: Callable[..., None], runtime_dir: Path
) -> None:
    lists({"BTCUSDT": 900.0})

    liquid_universe.run(daemon, place, True)

    account = weight.peek(runtime_dir)
    assert account is not None
    assert account.used == 41


@pytest.mark.parametrize(
    "answer", [Answer(503), Answer(200, b"<html>"), Answer(200, b'{"symbols":[]}')], ids=["away", "garbled", "empty"]
)
def test_while_the_backend_cannot_tell_its_universe_our_own_file_is_the_memory(
    daemon: Daemon, place: Settings, server: AnsweringServer, lists: Callable[..., None], answer: Answer
) -> None:
    keeps(place, "STAYSUSDT")
    server.answers[UNIVERSE] = answer
    lists({"BTCUSDT": 900.0, "STAYSUSDT": 2.0})

    assert liquid_universe.run(daemon, place, True) == 0

    assert symbols(posted(server)[0]) == {"BTCUSDT": "2026-10-01T12:02:03Z", "STAYSUSDT": None}
    assert kept(place).symbols["STAYSUSDT"].entered_at == NOW - 600


def test_a_universe_that_the_backend_does_not_take_is_kept_and_a_failure(
    daemon: Daemon, place: Settings, server: AnsweringServer, lists: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    server.answers[UPDATE] = Answer(503)
    lists({"BTCUSDT": 900.0})

    assert liquid_universe.run(daemon, place, True) == 1

    assert set(kept(place).symbols) == {"BTCUSDT"}
    assert caplog.messages[-1] == "liquid universe not posted"
    assert "HTTP 503" in caplog.records[-1].__dict__["reason"]


@pytest.mark.parametrize(
    ("volumes", "listed", "reason"),
    [
        ({"BTCUSDT": 900.0}, {"BTCUSDT", "ETHUSDT"}, "only 1 of 2 tradable symbols have a ticker"),
        ({"BTCUSDT": 1.0}, None, "the new universe is empty"),
        ({"BTCUSDT": 900.0}, None, "the new universe has 1 symbols, less than half of the 3 of the old one"),
    ],
)
def test_a_universe_that_looks_incomplete_is_neither_posted_nor_kept(
    daemon: Daemon, place: Settings, server: AnsweringServer, lists: Callable[..., None],
    *, backend: Callable[..., None], caplog: pytest.LogCaptureFixture,
    volumes: dict[str, float], listed: set[str] | None, reason: str,
) -> None:  # fmt: skip
    backend("AUSDT", "BUSDT", "CUSDT")
    lists(volumes, listed=listed)

    assert liquid_universe.run(daemon, place, True) == 1

    assert not posted(server)
    assert not (place.state_dir / documents.LIQUID_UNIVERSE).exists()
    assert caplog.records[-1].__dict__["reason"].startswith(reason)


def test_the_operator_may_insist(
    daemon: Daemon, place: Settings, server: AnsweringServer, lists: Callable[..., None], backend: Callable[..., None]
) -> None:
    backend("AUSDT", "BUSDT", "CUSDT")
    lists({"BTCUSDT": 900.0})

    assert liquid_universe.run(daemon, place, True, forced=True) == 0

    assert set(symbols(posted(server)[0])) == {"BTCUSDT"}


def test_not_even_the_operator_makes_it_empty(
    daemon: Daemon, place: Settings, server: AnsweringServer, lists: Callable[..., None]
) -> None:
    lists({"BTCUSDT": 1.0})

    assert liquid_universe.run(daemon, place, True, forced=True) == 1
    assert not posted(server)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (BINANCE, Answer(503)),
        (BINANCE, Answer(200, b"<html>")),
        (TICKERS, Answer(451)),
        (TICKERS, Answer(200, b"[]")),
        (TICKERS, Answer(418, b'{"code":-1003,"msg":"banned until 1790856183000"}')),
    ],
)
def test_while_binance_does_not_answer_the_old_universe_stays(
    daemon: Daemon, place: Settings, server: AnsweringServer, lists: Callable[..., None], *, path: str, answer: Answer
) -> None:
    keeps(place, "BTCUSDT")
    lists({"ETHUSDT": 900.0})
    server.answers[path] = answer

    assert liquid_universe.run(daemon, place, True) == 1

    assert not posted(server)
    assert set(kept(place).symbols) == {"BTCUSDT"}


def test_a_proxy_may_tell_what_is_listed(
    daemon: Daemon, place: Settings, server: AnsweringServer, lists: Callable[..., None], runtime_dir: Path
) -> None:
    lists({"BTCUSDT": 900.0}, path="/proxy/api/binance/futures/info")

    assert liquid_universe.run(daemon, replace(place, binance_proxy_url=f"{server.url}/proxy"), True) == 0

    account = weight.peek(runtime_dir)
    assert account is not None
    assert account.used == 40
    assert set(symbols(posted(server)[0])) == {"BTCUSDT"}


def test_a_state_directory_that_cannot_be_written_does_not_keep_the_universe_from_the_backend(
    daemon: Daemon, place: Settings, server: AnsweringServer, lists: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    lists({"BTCUSDT": 900.0})
    (place.state_dir / "file").touch()

    assert liquid_universe.run(daemon, replace(place, state_dir=place.state_dir / "file" / "state"), True) == 0

    assert posted(server)
    assert any(message.startswith("cannot write state file") for message in caplog.messages)


def test_a_state_directory_that_is_not_there_yet_is_made(
    daemon: Daemon, place: Settings, lists: Callable[..., None]
) -> None:
    lists({"BTCUSDT": 900.0})
    place = replace(place, state_dir=place.state_dir / "new")

    liquid_universe.run(daemon, place, True)

    assert set(kept(place).symbols) == {"BTCUSDT"}


def test_its_heartbeat_promises_the_next_refresh_in_five_minutes(
    daemon: Daemon, place: Settings, lists: Callable[..., None], runtime_dir: Path
) -> None:
    lists({"BTCUSDT": 900.0, "ETHUSDT": 1.0})

    liquid_universe.run(daemon, place, True)

    beat = documents.decode(documents.heartbeat_path(runtime_dir, "funding-ws").read_bytes(), Heartbeat)
    assert beat.status == "1 of 2 symbols are liquid; 1 entered, 0 left"
    assert beat.next_due - beat.at >= 300
    metrics = daemon.metrics.text()
    assert 'volspike_liquid_universe_symbols{daemon="funding-ws"} 1.0' in metrics
    assert 'volspike_liquid_universe_posted{daemon="funding-ws"} 1.0' in metrics


def test_a_stop_does_not_wait_for_a_server_that_hangs(
    daemon: Daemon, place: Settings, server: AnsweringServer, lists: Callable[..., None]
) -> None:
    lists({"BTCUSDT": 900.0})
    server.answers[UNIVERSE] = Answer(after=30)
    threading.Timer(0.05, lambda: setattr(daemon, "stopping", True)).start()
    started = time.monotonic()

    assert liquid_universe.run(daemon, place, True) == 0

    assert time.monotonic() - started < 10
    assert not posted(server)


def test_without_a_key_for_the_backend_it_does_not_begin(daemon: Daemon, place: Settings) -> None:
    with pytest.raises(SettingsError):
        liquid_universe.run(daemon, replace(place, backend_key=""), True)
