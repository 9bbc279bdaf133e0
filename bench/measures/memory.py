"""Resident memory after ten minutes of the real stream and a few requests a second."""

import itertools
import time
from contextlib import suppress
from pathlib import Path

from bench import suites
from bench.processes import Process
from bench.promise import BenchError, Outcome, Result
from bench.suites import Api

SECONDS = 600
QUICK_SECONDS = 60
SYMBOL = "BTCUSDT"
REQUESTS_PER_SECOND = 4
FUNDING_WS_MB = 32.0
API_MB = 60.0
PATHS = (
    f"/funding/{SYMBOL}",
    "/funding/health",
    "/funding/batch?symbols=btcusdt,ETHUSDT,SOLUSDT",
    "/funding/all",
    "/metrics",
    "/ready",
)
OLD_PATHS = (f"/funding/{SYMBOL}", "/funding/health")
"""It answers no more than these."""


def measure(workspace: Path, *, quick: bool) -> list[Result]:
    """Let both suites live side by side, then weigh them."""
    seconds = QUICK_SECONDS if quick else SECONDS
    api, old = suites.funding_api(workspace), suites.old_api(workspace)
    with suites.feeder(workspace) as feeder:
        port = feeder.first_line()
        with (
            suites.funding_ws(workspace, port) as daemon,
            suites.old_stream(workspace, port) as old_stream,
            api.process,
            old.process,
        ):
            for side in (api, old):
                side.await_answer(f"/funding/{SYMBOL}")
            _live(seconds, api, old)
            return [
                _outcome("funding WS", FUNDING_WS_MB, daemon, old_stream, seconds),
                _outcome("funding API", API_MB, api.process, old.process, seconds),
            ]


def _outcome(name: str, must: float, process: Process, old: Process, seconds: int) -> Outcome:
    promise = f"memory (RSS) of {name} after {seconds / 60:g} min"
    note = f"peak {process.memory_mb('VmHWM'):.1f} MB"
    return Outcome(promise, "MB", must, process.memory_mb(), old.memory_mb(), note=note)


def _live(seconds: int, api: Api, old: Api) -> None:
    pairs = zip(itertools.cycle(PATHS), itertools.cycle(OLD_PATHS), strict=False)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        path, old_path = next(pairs)
        api.get(path)
        with suppress(BenchError):  # its health turns red over nothing, which is not what is measured here
            old.get(old_path)
        time.sleep(1 / REQUESTS_PER_SECOND)
