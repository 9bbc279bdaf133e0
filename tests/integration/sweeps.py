"""The OI poller under test: where it sweeps, what it is told, and what it has left behind."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from typing import Any

import requests

from tests.processes import ASK_SECONDS, DaemonProcess, Suite, until
from tests.simulation import SimulatorProcess
from tests.unit.answers import Answer, AnsweringServer
from volspike.state import documents

NAME = "oi-poller"
OPEN_INTEREST = "/fapi/v1/openInterest"
UNIVERSE = "/api/market/open-interest/liquid-universe"
INGEST = "/api/market/open-interest/ingest"
AT = "2026-10-01T11:57:00Z"
SENSITIVE = {
    "OI_SPIKE_THRESHOLD_PCT_5MIN": "0.0001",
    "OI_MIN_DELTA_CONTRACTS": "0",
    "OI_ALERT_COOLDOWN_5MIN": "86400",
}
"""Settings under which the calm market of the simulator alerts, each symbol and direction once."""
RATE = 60


def has(backend: AnsweringServer, symbols: list[str]) -> None:
    """Let the backend name this universe."""
    rows = [{"symbol": symbol, "quoteVolume24h": 5e6, "enteredAt": AT, "lastSeenAt": AT} for symbol in symbols]
    backend.answers[UNIVERSE] = Answer(body=json.dumps({"symbols": rows}).encode())


def trading(exchange: SimulatorProcess) -> list[str]:
    """Return all symbols that trade."""
    listed = requests.get(f"{exchange.rest_url}/fapi/v1/exchangeInfo", timeout=ASK_SECONDS).json()["symbols"]
    return [row["symbol"] for row in listed if row["status"] == "TRADING"]


def with_backend(suite: Suite, exchange: SimulatorProcess, backend: AnsweringServer) -> Suite:
    has(backend, trading(exchange)[:40])
    suite.env |= {"VOLSPIKE_API_URL": backend.url, "VOLSPIKE_API_KEY": "secret-key"}
    return suite


def book(suite: Suite) -> dict[str, Any]:
    rows: dict[str, Any] = suite.document(documents.OPEN_INTEREST).get("open_interest", {})
    return rows


def sweeping(suite: Suite, **variables: str) -> DaemonProcess:
    """Start the poller and wait until it has swept."""
    daemon = suite.ready(NAME, **variables)
    until(lambda: book(suite) or daemon.process.poll() is not None, what="a sweep")
    assert book(suite), daemon.log
    return daemon


def swept_at(suite: Suite) -> float:
    at: float = suite.document(documents.OPEN_INTEREST).get("updated_at", 0.0)
    return at


def sweeps(suite: Suite) -> float:
    """Return how many sweeps the poller has told of, or the one before it until it has written its metrics."""
    return suite.metric(NAME, "volspike_open_interest_sweeps_total")


def forget_sweeps(suite: Suite) -> None:
    """Let nothing be left of what a poller that has ended told of its sweeps."""
    for path in (documents.metrics_path(suite.runtime_dir, NAME), suite.runtime_dir / documents.OPEN_INTEREST):
        path.unlink(missing_ok=True)


def status(suite: Suite) -> str:
    path = documents.heartbeat_path(suite.runtime_dir, NAME)
    told: str = json.loads(path.read_bytes())["status"] if path.exists() else ""
    return told


def alerts(suite: Suite) -> list[str]:
    """Return the keys in the outbox."""
    path = suite.state_dir / documents.OUTBOX
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return [key for (key,) in database.execute("SELECT key FROM deliveries")]


def told_twice(suite: Suite) -> list[tuple[str, ...]]:
    """Return the symbols that alerted more than once in one direction, within a cooldown of a day."""
    episodes = Counter(tuple(key.split(":")[1:4]) for key in alerts(suite) if ":5 min:" in key)
    return [episode for episode, count in episodes.items() if count > 1]


def asked(exchange: SimulatorProcess) -> int:
    return sum(exchange.stats()["requests"].get(OPEN_INTEREST, {}).values())


def posts(backend: AnsweringServer) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in backend.requests if request.path == INGEST]
