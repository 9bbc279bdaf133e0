"""One step of the poller: what it asks, where the answers go, and what it does when there is nobody to ask."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.processes import until
from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW, funding_document, funding_row
from volspike.clients.backend.client import Backend
from volspike.clients.binance.weight import WeightAccount
from volspike.daemons import oi_poller
from volspike.daemons.launch import CannotStartError
from volspike.daemons.oi_poller import Poller
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import Kind
from volspike.model.documents import Heartbeat
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings, SettingsError
from volspike.state import documents, file

OPEN_INTEREST = "/fapi/v1/openInterest"
UNIVERSE = "/api/market/open-interest/liquid-universe"
INGEST = "/api/market/open-interest/ingest"
AT = "2026-10-01T11:57:00Z"


@pytest.fixture
def place(settings: Callable[..., Settings], server: AnsweringServer) -> Settings:
    """A suite whose exchange and backend are one server."""
    return settings(binance_rest_url=server.url, backend_url=server.url, backend_key="secret-key")


@pytest.fixture(autouse=True)
def has(server: AnsweringServer) -> Callable[..., None]:
    """A backend that has these symbols, and takes their samples."""

    def answer(*symbols: str) -> None:
        rows = [{"symbol": each, "quoteVolume24h": 5e6, "enteredAt": AT, "lastSeenAt": AT} for each in symbols]
        server.answers[UNIVERSE] = Answer(body=json.dumps({"symbols": rows}).encode())
        taken = {"success": True, "inserted": len(symbols)}
        server.answers[INGEST] = Answer(body=json.dumps(taken).encode())

    answer("BTCUSDT", "ETHUSDT")
    return answer


@pytest.fixture
def stands_at(server: AnsweringServer) -> Callable[[float], None]:
    """What the exchange answers for every symbol."""

    def answer(open_interest: float) -> None:
        server.answers[OPEN_INTEREST] = Answer(body=json.dumps({"openInterest": str(open_interest)}).encode())

    answer(1_000_000.0)
    return answer


@pytest.fixture
def outbox(place: Settings, clock: MovedClock) -> Iterator[Outbox]:
    with Outbox(place.state_dir / documents.OUTBOX, clock, place.routes) as opened:
        yield opened


@pytest.fixture
def poller(daemon: Daemon, place: Settings, outbox: Outbox) -> Iterator[Poller]:
    """A poller that has heard of the universe."""
    with closing(Backend(place.backend_url, place.backend_key)) as backend:
        poller = Poller(daemon, place, backend, outbox)
        poller.start()
        while not poller._universe.settled:
            time.sleep(0.001)
        yield poller
        poller.close()


def book(place: Settings) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((place.runtime_dir / documents.OPEN_INTEREST).read_bytes())
    return content


def posted(server: AnsweringServer) -> list[dict[str, Any]]:
    return [json.loads(asked.body) for asked in server.requests if asked.path == INGEST]


def test_a_step_asks_for_each_symbol_and_tells_everybody(
    poller: Poller, place: Settings, server: AnsweringServer, stands_at: Callable[[float], None]
) -> None:
    file.write(place.runtime_dir / documents.FUNDING, documents.encode(funding_document({"BTCUSDT": funding_row()})))

    rest = poller.step()
    poller._sender.settle(5)

    assert 4 < rest <= 5
    assert poller.report.status.startswith("2 symbols every 5 s, last sweep 0.")
    assert {symbol: row["openInterest"] for symbol, row in book(place)["open_interest"].items()} == {
        "BTCUSDT": 1e6,
        "ETHUSDT": 1e6,
    }
    (post,) = posted(server)
    items = {item.pop("symbol"): item for item in post["data"]}
    assert items == {
        "BTCUSDT": {"openInterest": 1e6, "openInterestUsd": 1e6 * 91725.878, "markPrice": 91725.878},
        "ETHUSDT": {"openInterest": 1e6},
    }


def test_a_move_is_in_the_outbox_when_the_step_ends(
    poller: Poller, outbox: Outbox, clock: MovedClock, stands_at: Callable[[float], None]
) -> None:
    poller.step()
    clock.move(300)
    stands_at(1_050_200.0)

    poller.step()

    assert sorted(message.text for message in outbox.messages(Kind.OPEN_INTEREST, 0)) == [
        "BTC open interest ▲ 5.02% in 5 min (1.00M → 1.05M)",
        "ETH open interest ▲ 5.02% in 5 min (1.00M → 1.05M)",
    ]
    assert poller.report.status.endswith("2 alerts today")


def test_usdcusdt_is_sampled_and_never_alerted(
    poller: Poller, outbox: Outbox, clock: MovedClock, has: Callable[..., None], stands_at: Callable[[float], None]
) -> None:
    has("USDCUSDT")
    poller._universe.refresh()
    poller.step()
    clock.move(300)
    stands_at(2_000_000.0)

    poller.step()

    assert "1 symbols" in poller.report.status
    assert outbox.messages(Kind.OPEN_INTEREST, 0) == []


def test_a_symbol_that_settles_is_not_asked_for_again_within_the_hour(
    poller: Poller, server: AnsweringServer, clock: MovedClock
) -> None:
    server.answers[OPEN_INTEREST] = Answer(400, b'{"code":-4108,"msg":"Symbol is on delivering or settling."}')
    poller.step()
    clock.move(3500)
    poller.step()
    assert sum(OPEN_INTEREST in asked for asked in server.asked) == 2
    assert ", 2 parked;" in poller.report.status

    clock.move(101)
    poller.step()

    assert sum(OPEN_INTEREST in asked for asked in server.asked) == 4


def test_while_binance_has_shut_the_machine_out_nothing_is_asked(
    poller: Poller, server: AnsweringServer, place: Settings, clock: MovedClock, stands_at: Callable[[float], None]
) -> None:
    until = int((NOW + 120) * 1000)
    server.answers[OPEN_INTEREST] = Answer(418, b'{"code":-1003,"msg":"IP banned until %d."}' % until)
    poller.step()
    asked = len(server.asked)

    assert poller.step() == 1.0
    assert poller.report.status.startswith("Binance has shut this machine out until 2026-10-01 12:04:03 UTC")
    assert len(server.asked) == asked

    clock.move(120)
    stands_at(1.0)
    poller.step()
    assert poller.report.status.startswith("2 symbols every 5 s")


def test_without_a_universe_nothing_is_asked_and_the_status_says_why(
    daemon: Daemon, place: Settings, outbox: Outbox, server: AnsweringServer
) -> None:
    with closing(Backend(place.backend_url, place.backend_key)) as backend:
        poller = Poller(daemon, place, backend, outbox)

        assert poller.step() < 1.0

    assert poller.report.status == "waiting for the liquid universe: the backend has not answered yet"
    assert server.asked == []


def test_once_it_sweeps_a_single_time_and_its_samples_have_arrived(
    daemon: Daemon, place: Settings, server: AnsweringServer, stands_at: Callable[[float], None]
) -> None:
    assert oi_poller.run(daemon, place, True) == 0

    assert len(posted(server)) == 1
    assert (place.state_dir / documents.OI_HISTORY).exists()


def test_once_a_failing_exchange_is_a_failure(daemon: Daemon, place: Settings, server: AnsweringServer) -> None:
    server.answers[OPEN_INTEREST] = Answer(503)

    assert oi_poller.run(daemon, place, True) == 1


def test_once_without_a_universe_it_cannot_start(daemon: Daemon, place: Settings, has: Callable[..., None]) -> None:
    has()

    with pytest.raises(CannotStartError, match="the backend has no universe"):
        oi_poller.run(daemon, place, True)


def test_once_while_shut_out_it_cannot_start(daemon: Daemon, place: Settings, clock: MovedClock) -> None:
    with WeightAccount(place.runtime_dir, clock) as account:
        account.close_until(NOW + 120)

    with pytest.raises(CannotStartError, match="shut this machine out"):
        oi_poller.run(daemon, place, True)


def test_without_a_key_for_the_backend_it_is_misconfigured(daemon: Daemon, settings: Callable[..., Settings]) -> None:
    with pytest.raises(SettingsError, match="VOLSPIKE_API_KEY"):
        oi_poller.run(daemon, settings(), False)


def test_an_outbox_that_cannot_be_made_is_a_reason_that_an_operator_understands(
    daemon: Daemon, place: Settings
) -> None:
    (place.state_dir / documents.OUTBOX).mkdir()

    with pytest.raises(CannotStartError, match=r"outbox\.db"):
        oi_poller.run(daemon, place, False)


def test_a_signal_ends_the_rest_between_sweeps_whose_end_the_heartbeat_has_promised(
    poller: Poller, daemon: Daemon, place: Settings, stands_at: Callable[[float], None],
    *, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    pause = daemon.pause

    def rest(seconds: float, **how: bool) -> None:
        pause(seconds * 20, **how)  # 100 s of this machine

    def stop_when_it_rests() -> None:
        until(lambda: poller.report.sweeps, 20, "a sweep")
        daemon._stop(15, None)

    monkeypatch.setattr(daemon, "pause", rest)
    threading.Thread(target=stop_when_it_rests).start()
    started = time.monotonic()

    poller.sweep_for_ever()

    assert time.monotonic() - started < 60
    beat = documents.decode(documents.heartbeat_path(place.runtime_dir, daemon.name).read_bytes(), Heartbeat)
    assert beat.status.startswith("2 symbols every 5 s")
    assert 9 < beat.next_due - beat.at <= 10
