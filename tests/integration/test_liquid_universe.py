"""The liquid universe as a real process between the simulated exchange and the embedded backend."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.processes import DaemonProcess, Suite, ends_promptly, until
from tests.simulation import SimulatorProcess
from tests.unit.answers import Answer, AnsweringServer
from volspike.clients.binance.weight import peek

KEY = "integration-key"
NAME = "liquid-universe"
LISTING = "/api/binance/futures/info"


@pytest.fixture
def place(exchange: SimulatorProcess, tmp_path: Path) -> Iterator[Suite]:
    """A suite with the embedded backend."""
    with Suite(tmp_path, exchange, VOLSPIKE_API_KEY=KEY) as running:
        yield running


def universe(place: Suite) -> dict[str, dict[str, Any]]:
    """Return the universe that the backend has."""
    url = f"http://127.0.0.1:{place.backend_port}/api/market/open-interest/liquid-universe"
    return {row["symbol"]: row for row in requests.get(url, timeout=30).json()["symbols"]}


def kept(place: Suite) -> dict[str, dict[str, Any]]:
    """Return the universe in the state file."""
    path = place.state_dir / ".liquid_universe.json"
    symbols: dict[str, dict[str, Any]] = json.loads(path.read_bytes())["symbols"] if path.exists() else {}
    return symbols


def refreshed(place: Suite, *flags: str, **variables: str) -> DaemonProcess:
    """Return the daemon once it has ended."""
    daemon = place.start(NAME, *flags, **variables)
    daemon.wait()
    return daemon


def test_the_backend_and_the_file_get_what_is_liquid_and_a_second_run_keeps_when_it_entered(place: Suite) -> None:
    place.ready("backend")

    first = refreshed(place)
    before = universe(place)
    second = refreshed(place)

    assert (first.process.returncode, second.process.returncode) == (0, 0), first.log + second.log
    assert len(before) > 100
    assert before.keys() == kept(place).keys()
    assert min(row["quoteVolume24h"] for row in before.values()) >= 4e6
    after = universe(place)
    assert {symbol: after[symbol]["enteredAt"] for symbol in before.keys() & after.keys()} == {
        symbol: before[symbol]["enteredAt"] for symbol in before.keys() & after.keys()
    }
    assert (
        "symbols are liquid" in json.loads((place.runtime_dir / ".heartbeat" / f"{NAME}.json").read_bytes())["status"]
    )


@pytest.mark.parametrize("fault", ["html", "http_503", "ban"])
def test_while_binance_gives_no_list_the_old_universe_stays(
    place: Suite, exchange: SimulatorProcess, fault: str
) -> None:
    place.ready("backend")
    refreshed(place)
    before = universe(place)
    exchange.fault(fault)

    failed = refreshed(place)

    assert failed.process.returncode == 1
    assert "liquid universe not posted" in failed.log
    assert universe(place) == before
    assert kept(place).keys() == before.keys()


@pytest.mark.parametrize("listing", [b'{"symbols":[]}', b"[]", b'{"symbols":[{"symbol":7}]}'])
def test_a_list_that_is_empty_or_garbled_is_never_posted(place: Suite, listing: bytes) -> None:
    place.ready("backend")
    refreshed(place)
    before = universe(place)

    with AnsweringServer() as proxy:
        proxy.answers[LISTING] = Answer(body=listing)
        for flags in ((), ("--force",)):
            assert refreshed(place, *flags, BINANCE_PROXY_URL=proxy.url).process.returncode == 1

    assert universe(place) == before


def test_a_list_that_is_too_short_is_posted_only_when_the_operator_insists(place: Suite) -> None:
    place.ready("backend")
    refreshed(place)
    before = universe(place)
    contract = {"contractType": "PERPETUAL", "status": "TRADING", "quoteAsset": "USDT"}

    with AnsweringServer() as proxy:
        rows = [{"symbol": symbol, **contract} for symbol in ("BTCUSDT", "ETHUSDT")]
        proxy.answers[LISTING] = Answer(body=json.dumps({"symbols": rows}).encode())
        refused = refreshed(place, BINANCE_PROXY_URL=proxy.url)
        assert refused.process.returncode == 1
        assert "the new universe has 2 symbols, less than half of the" in refused.log
        assert universe(place) == before

        assert refreshed(place, "--force", BINANCE_PROXY_URL=proxy.url).process.returncode == 0
    assert universe(place).keys() == {"BTCUSDT", "ETHUSDT"}


def test_without_the_backend_the_universe_is_kept_for_whoever_polls(place: Suite) -> None:
    failed = refreshed(place)

    assert failed.process.returncode == 1
    assert len(kept(place)) > 100
    place.ready("backend")
    again = refreshed(place)
    assert again.process.returncode == 0
    assert universe(place).keys() == kept(place).keys()


def test_a_stop_does_not_wait_for_an_exchange_that_is_slow(place: Suite, exchange: SimulatorProcess) -> None:
    place.ready("backend")
    exchange.fault("slow", seconds=60)

    def asking() -> DaemonProcess:
        before = peek(place.runtime_dir)
        daemon = place.ready(NAME)
        until(lambda: peek(place.runtime_dir) != before, what="a request")
        return daemon

    ends_promptly(asking)
    assert universe(place) == {}
