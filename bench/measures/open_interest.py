"""A sweep over 600 symbols at 50 ms, from its first request to its last file, and the memory of three hours of them."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple

import requests

from bench.measures.user_alerts import Exchange
from bench.processes import READY_SECONDS, Daemon, Process, free_port, python
from bench.promise import BenchError, Outcome, Result
from bench.writers import Writer
from volspike.model.documents import VERSION, LiquidUniverseDocument
from volspike.model.market import OpenInterestSample
from volspike.model.universe import Member
from volspike.rules import history
from volspike.rules.history import History, Reach
from volspike.state import documents, file, histories

SYMBOLS = 600
LATENCY_MS = 50
SWEEPS = 3
"""A minute's weight has room for no more."""
INTERVAL_SECONDS = 11
"""A little more than the ten seconds after which metrics are written again."""
ROUNDS, QUICK_ROUNDS = 3, 1
LOOP_SECONDS, CPU_SECONDS, MEMORY_MB = 1.8, 0.30, 60.0
EVERY_SECONDS = 10
SAMPLES = history.KEEP_SECONDS // EVERY_SECONDS
SWEEPS_SECONDS = 90.0
POLL_SECONDS = 0.02


class Sweeps(NamedTuple):
    """Some sweeps in a row: how long each took, how much CPU, all between them included, and the memory at the end."""

    seconds: list[float]
    cpu: list[float]
    memory_mb: float
    peak_mb: float


def measure(workspace: Path, *, quick: bool) -> list[Result]:
    """Sweep in turns, each side with an exchange of its own and three hours of history."""
    rounds = range(QUICK_ROUNDS if quick else ROUNDS)
    ours = [_ours(_directory(workspace, f"ours-{number}")) for number in rounds]
    old = [_old_way(_directory(workspace, f"old-{number}")) for number in rounds]
    seconds, cpu = _medians(ours)
    old_seconds, old_cpu = _medians(old)
    memory, old_memory = max(each.memory_mb for each in ours), max(each.memory_mb for each in old)
    how = f"median of {len(ours)} × {SWEEPS} sweeps at {LATENCY_MS} ms"
    slowest = f"{how}, slowest {max(max(each.seconds) for each in ours):.2f} s"
    whole = "everything between two sweeps included"
    peak = f"peak {max(each.peak_mb for each in ours):.1f} MB"
    return [
        Outcome(f"a sweep over {SYMBOLS} symbols", "s", LOOP_SECONDS, seconds, old_seconds, note=slowest),
        Outcome(f"a sweep over {SYMBOLS} symbols: CPU", "s", CPU_SECONDS, cpu, old_cpu, note=whole),
        Outcome(
            f"memory (RSS) of the OI poller, {SYMBOLS} symbols × 3 h", "MB", MEMORY_MB, memory, old_memory, note=peak
        ),
    ]


def _medians(rounds: list[Sweeps]) -> tuple[float, float]:
    return (
        median(seconds for each in rounds for seconds in each.seconds),
        median(cpu for each in rounds for cpu in each.cpu),
    )


def _directory(workspace: Path, name: str) -> Path:
    directory = workspace / name
    (directory / "state").mkdir(parents=True)
    return directory


@contextmanager
def _exchange(directory: Path) -> Iterator[tuple[str, list[str]]]:
    """Give the address of a simulated exchange, and the symbols to ask it for."""
    port = free_port()
    flags = ["simulate", "--port", str(port), "--latency-ms", str(LATENCY_MS)]
    with Process("simulator", python("-m", "volspike", *flags), directory) as process:
        exchange = Exchange(process, f"http://127.0.0.1:{port}")
        rows = requests.get(f"{exchange.url}/fapi/v1/exchangeInfo", timeout=READY_SECONDS).json()["symbols"]
        yield exchange.url, [row["symbol"] for row in rows if row["status"] == "TRADING"][:SYMBOLS]


def _ours(directory: Path) -> Sweeps:
    with _exchange(directory) as (url, symbols):
        _remember(directory / "state", symbols)
        Writer(directory).suite(0)
        interval = str(INTERVAL_SECONDS)
        env = {
            "BINANCE_REST_URL": url,
            "BACKEND_PORT": str(free_port()),
            "VOLSPIKE_API_KEY": "bench",
            "OI_MIN_INTERVAL_SEC": interval,
            "OI_MAX_INTERVAL_SEC": interval,
        }
        _await_room()
        with Daemon("backend", directory, env), Daemon("oi-poller", directory, env) as poller:
            return _watch(directory, poller)


def _remember(state_dir: Path, symbols: list[str]) -> None:
    """Leave the files of a poller that has run for three hours."""
    now = time.time()
    universe = LiquidUniverseDocument(VERSION, {symbol: Member(5e6, now, now) for symbol in symbols}, now)
    file.write(state_dir / documents.LIQUID_UNIVERSE, documents.encode(universe))
    full = History()
    for age in range(int(SAMPLES), 0, -1):
        full, _ = history.step(full, Reach(()), OpenInterestSample("", now - EVERY_SECONDS * age, 1e12))
    file.write(state_dir / documents.OI_HISTORY, histories.pieces(dict.fromkeys(symbols, full)))


def _await_room() -> None:
    """Wait for a minute that holds all the sweeps: not one in which volume alerts have their share."""
    while (now := time.time()) % 60 > 60 - INTERVAL_SECONDS * SWEEPS or int(now // 60) % 5 == 0:
        time.sleep(1)


def _watch(directory: Path, poller: Daemon) -> Sweeps:
    seconds: list[float] = []
    cpu_at: list[float] = []
    deadline = time.monotonic() + SWEEPS_SECONDS
    while len(seconds) < SWEEPS:
        poller.check()
        if time.monotonic() > deadline:
            raise BenchError(f"{SWEEPS} sweeps did not end within {SWEEPS_SECONDS:.0f} s")
        if _metric(directory, "sweeps_total") > len(seconds):
            cpu_at.append(poller.cpu_seconds())
            seconds.append(_metric(directory, "sweep_seconds"))
        time.sleep(POLL_SECONDS)
    cpu = [after - before for before, after in pairwise(cpu_at)]
    return Sweeps(seconds, cpu, poller.memory_mb(), poller.memory_mb("VmHWM"))


def _metric(directory: Path, name: str) -> float:
    path = directory / "metrics" / "oi-poller.prom"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    start = f"volspike_open_interest_{name}{{"
    return next((float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(start)), 0.0)


def _old_way(directory: Path) -> Sweeps:
    with _exchange(directory) as (url, symbols):
        wanted = directory / "symbols.json"
        wanted.write_text(json.dumps(symbols), encoding="utf-8")
        words = ["-m", "bench.old_way.open_interest", url, str(wanted), str(int(SAMPLES)), str(SWEEPS)]
        with Process("old-poller", python(*words), directory) as process:
            while "done" not in process.output:
                process.check()
                time.sleep(POLL_SECONDS)
            figures = [tuple(map(float, line.split())) for line in process.output.splitlines()[:SWEEPS]]
            seconds, cpu = zip(*figures, strict=True)
            return Sweeps(list(seconds), list(cpu), process.memory_mb(), process.memory_mb("VmHWM"))
