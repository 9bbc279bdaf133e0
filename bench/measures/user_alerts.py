"""One pass over many user alerts: from the list that the embedded backend gives to the last comparison."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from sqlite3 import Connection
from typing import Any, NamedTuple

import requests

from bench.processes import READY_SECONDS, Daemon, Process, free_port, python
from bench.promise import BenchError, Outcome, Result
from volspike.backend.store import Store
from volspike.runtime.clock import Clock

FEW, MANY = (10_000, 100), (100_000, 500)
"""How many alerts, on how many symbols."""
FEW_SECONDS, MANY_SECONDS, WEIGHT = 3.0, 10.0, 110.0
LATENCY_MS = 50
KINDS = ("PRICE_CROSS", "FUNDING_CROSS", "OI_CROSS")
OLD_WAY_SAMPLE, QUICK_SAMPLE = 120, 30
"""So many alerts are checked in the old way: a whole pass of it takes a quarter of an hour."""
PASS_SECONDS = 60.0
ROOM_SECONDS = 20.0
"""A pass begins with this much of the minute left, so that no weight is counted in the next one."""
POLL_SECONDS = 0.05
INSERT = """
    INSERT INTO user_alerts (id, symbol, type, threshold, delivery, created_at) VALUES (?, ?, ?, 1e15, 'DASHBOARD', 0)
"""


class Pass(NamedTuple):
    """What one pass took: seconds, the weight that Binance counted, and the peak of the daemon's memory."""

    seconds: float
    weight: float
    peak_mb: float = 0.0


def measure(workspace: Path, *, quick: bool) -> list[Result]:
    """Check few and many alerts without any feed, and the few once more beside the market stream."""
    port = free_port()
    flags = ["simulate", "--port", str(port), "--latency-ms", str(LATENCY_MS)]
    with Process("simulator", python("-m", "volspike", *flags), workspace) as process:
        exchange = Exchange(process, f"http://127.0.0.1:{port}")
        symbols = exchange.symbols()
        few = _pass(workspace / "few", exchange, symbols, FEW)
        streamed = _pass(workspace / "streamed", exchange, symbols, FEW, stream=f"ws://127.0.0.1:{port}")
        sample = QUICK_SAMPLE if quick else OLD_WAY_SAMPLE
        old = _old_way(workspace, exchange, symbols, sample)
        many = _pass(workspace / "many", exchange, symbols, MANY)
    old_few, old_many = FEW[0] / sample, MANY[0] / sample
    how = f"; old way: {sample} alerts in {old.seconds:.1f} s"
    without = f"OI poller away; {few.weight:.0f} when the market stream is away too"
    return [
        Outcome(_named(FEW), "s", FEW_SECONDS, few.seconds, old.seconds * old_few, note=_note(few) + how),
        Outcome(f"{_named(FEW)}: weight", "", WEIGHT, streamed.weight, old.weight * old_few, note=without),
        Outcome(_named(MANY), "s", MANY_SECONDS, many.seconds, old.seconds * old_many, note=_note(many)),
    ]


def _named(size: tuple[int, int]) -> str:
    return f"a pass over {size[0]:,} user alerts on {size[1]} symbols"


def _note(measured: Pass) -> str:
    return f"no feed, {LATENCY_MS} ms: weight {measured.weight:.0f}, peak {measured.peak_mb:.0f} MB"


class Exchange:
    """The simulated exchange."""

    def __init__(self, process: Process, url: str) -> None:
        """Wait until it answers."""
        self.url = url
        deadline = time.monotonic() + READY_SECONDS
        while True:
            process.check()
            try:
                self.stats()
            except requests.RequestException:
                if time.monotonic() > deadline:
                    raise BenchError("the simulator does not answer") from None
                time.sleep(POLL_SECONDS)
            else:
                return

    def stats(self) -> dict[str, Any]:
        """Return what it has seen."""
        seen: dict[str, Any] = requests.get(f"{self.url}/sim/stats", timeout=READY_SECONDS).json()
        return seen

    def weight(self) -> float:
        """Return all the weight that it has counted."""
        clients = self.stats()["clients"].values()
        return float(sum(sum(client["weight_by_minute"].values()) for client in clients))

    def symbols(self) -> list[str]:
        """Return the perpetuals that trade."""
        rows = requests.get(f"{self.url}/fapi/v1/exchangeInfo", timeout=READY_SECONDS).json()["symbols"]
        wanted = ("PERPETUAL", "USDT", "TRADING")
        return [row["symbol"] for row in rows if (row["contractType"], row["quoteAsset"], row["status"]) == wanted]


def _pass(workspace: Path, exchange: Exchange, symbols: list[str], size: tuple[int, int], stream: str = "") -> Pass:
    """Let the daemon make its first pass, in which every alert is due."""
    (workspace / "state").mkdir(parents=True)
    asyncio.run(fill(workspace / "state" / "backend.db", symbols[: size[1]], size[0]))
    port = str(free_port())
    env = {"BACKEND_PORT": port, "VOLSPIKE_API_KEY": "bench", "BINANCE_REST_URL": exchange.url}
    with ExitStack() as running:
        if stream:
            running.enter_context(Daemon("funding-ws", workspace, {"BINANCE_WS_URL": stream}))
            _await(lambda: len(_tickers(workspace)) >= size[1], "tickers")
        running.enter_context(Daemon("backend", workspace, env))
        if 60 - time.time() % 60 < ROOM_SECONDS:
            time.sleep(60 - time.time() % 60)
        before = exchange.weight()
        daemon = running.enter_context(Daemon("user-alerts", workspace, env))
        _await(lambda: _metric(workspace, 'user_alert_passes_total{daemon="user-alerts",outcome="done"}'), "a pass")
        checked = _metric(workspace, 'user_alerts_checked_total{daemon="user-alerts"}')
        if checked != size[0]:
            raise BenchError(f"{checked:.0f} of {size[0]} alerts were checked")
        seconds = _metric(workspace, 'user_alert_pass_seconds{daemon="user-alerts"}')
        return Pass(seconds, exchange.weight() - before, daemon.memory_mb("VmHWM"))


async def fill(path: Path, symbols: Sequence[str], count: int) -> None:
    """Give the embedded backend's file so many alerts that never fire, of each kind in turn."""
    rows = [
        (f"{number:08x}", symbols[number % len(symbols)], KINDS[number // len(symbols) % len(KINDS)])
        for number in range(count)
    ]

    def insert(database: Connection) -> None:
        database.executemany(INSERT, rows)

    store = Store(path, Clock())
    await store.write(insert)
    store.close()


def _tickers(workspace: Path) -> dict[str, Any]:
    path = workspace / ".ticker_state.json"
    tickers: dict[str, Any] = json.loads(path.read_bytes())["tickers"] if path.exists() else {}
    return tickers


def _metric(workspace: Path, name: str) -> float:
    path = workspace / "metrics" / "user-alerts.prom"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return next((float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(f"volspike_{name} ")), 0.0)


def _await(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PASS_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise BenchError(f"{what} did not come within {PASS_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)


def _old_way(workspace: Path, exchange: Exchange, symbols: list[str], sample: int) -> Pass:
    """Check some alerts, each kind in turn, by a call or two each."""
    alerts = [{"symbol": symbols[number % FEW[1]], "type": KINDS[number % len(KINDS)]} for number in range(sample)]
    file = workspace / "old_alerts.json"
    file.write_text(json.dumps(alerts), encoding="utf-8")
    before = exchange.weight()
    with Process("old-checker", python("-m", "bench.old_way.user_alerts", exchange.url, str(file)), workspace) as old:
        seconds = float(old.first_line())
    return Pass(seconds, exchange.weight() - before)
