"""From the command of a unit to READY=1; for the old way, which says nothing, to its first sign of life."""

import socket
import time
from pathlib import Path
from statistics import median

from bench import suites
from bench.processes import READY_SECONDS, Daemon
from bench.promise import Outcome, Result
from bench.writers import SYMBOL, Writer

STARTS = 7
QUICK_STARTS = 3
MUST_SECONDS = 1.0


def measure(workspace: Path, *, quick: bool) -> list[Result]:
    """Start each daemon and its counterpart in turns."""
    writer = Writer(workspace)
    writer.suite(0)
    writer.old_way(0)
    rounds = range(QUICK_STARTS if quick else STARTS)
    streams = [(_start_daemon(workspace), _start_old_stream(workspace)) for _ in rounds]
    apis = [(_start_api(workspace), _start_old_api(workspace)) for _ in rounds]
    return [_outcome("funding WS", streams), _outcome("funding API", apis)]


def _outcome(name: str, starts: list[tuple[float, float]]) -> Outcome:
    ours, theirs = zip(*starts, strict=True)
    note = f"median of {len(ours)} starts, slowest {max(ours):.2f} s"
    return Outcome(f"start of {name} to READY", "s", MUST_SECONDS, median(ours), median(theirs), note=note)


def _start_daemon(workspace: Path) -> float:
    with socket.create_server(("127.0.0.1", 0)) as exchange:
        port = str(exchange.getsockname()[1])
        with suites.funding_ws(workspace, port) as daemon:
            return daemon.seconds_to_ready


def _start_old_stream(workspace: Path) -> float:
    with socket.create_server(("127.0.0.1", 0)) as exchange:
        exchange.settimeout(READY_SECONDS)
        with suites.old_stream(workspace, str(exchange.getsockname()[1])) as process:
            connection, _ = exchange.accept()
            seconds = time.monotonic() - process.started_at
            connection.close()
            return seconds


def _start_api(workspace: Path) -> float:
    process = suites.funding_api(workspace).process
    assert isinstance(process, Daemon)
    with process:
        return process.seconds_to_ready


def _start_old_api(workspace: Path) -> float:
    api = suites.old_api(workspace)
    with api.process:
        return api.await_answer(f"/funding/{SYMBOL}")
