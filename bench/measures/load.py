"""Requests a second of one API process, under twenty connections of wrk, while its file is rewritten each second."""

import re
import shutil
import subprocess
import time
from pathlib import Path
from statistics import median

from bench import suites
from bench.promise import BenchError, Outcome, Result, Skipped
from bench.suites import Api
from bench.writers import SYMBOL, Writer

CONNECTIONS = 20
ROUNDS = 4
SECONDS = 6
QUICK_ROUNDS = 2
QUICK_SECONDS = 4
WARM_UP_SECONDS = 1
PROMISES = {f"/funding/{SYMBOL}": 3.5, "/funding/health": 10.0}

_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_TROUBLE = re.compile(r"Non-2xx.*|Socket errors.*")


def measure(workspace: Path, *, quick: bool) -> list[Result]:
    """Load both sides in turns, each path on its own."""
    if shutil.which("wrk") is None:
        reason = "wrk is missing; on Debian and Ubuntu: apt-get install wrk"
        return [Skipped(_promise(path), reason) for path in PROMISES]
    writer = Writer(workspace)
    api, old = suites.funding_api(workspace), suites.old_api(workspace)
    writer.suite(0)
    writer.old_way(0)
    with api.process, old.process:
        for side in (api, old):
            side.await_answer(f"/funding/{SYMBOL}")
        return [_compare(path, must, api, old, writer, quick=quick) for path, must in PROMISES.items()]


def _promise(path: str) -> str:
    return f"API GET {path}, {CONNECTIONS} connections"


def _compare(path: str, must: float, api: Api, old: Api, writer: Writer, *, quick: bool) -> Outcome:
    rounds, seconds = (QUICK_ROUNDS, QUICK_SECONDS) if quick else (ROUNDS, SECONDS)
    rates: dict[Api, list[float]] = {api: [], old: []}
    for side in rates:
        _load(side, path, WARM_UP_SECONDS, writer)
    for _ in range(rounds):
        for side, measured in rates.items():
            measured.append(_load(side, path, seconds, writer))
    note = f"median of {rounds} rounds of {seconds} s each"
    return Outcome(
        _promise(path), "/s", must, median(rates[api]), median(rates[old]), at_least=True, by_ratio=True, note=note
    )


def _load(api: Api, path: str, seconds: int, writer: Writer) -> float:
    url = f"http://127.0.0.1:{api.port}{path}"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as wrk:
        while wrk.poll() is None:
            writer.suite(0)
            writer.old_way(0)
            _wait(wrk, 1.0)
        report = wrk.stdout.read() if wrk.stdout else ""
    trouble = _TROUBLE.search(report)
    rate = _RATE.search(report)
    if trouble or not rate:
        raise BenchError(f"wrk on {path}: {trouble.group(0) if trouble else 'no figure in its report'}")
    return float(rate.group(1))


def _wait(process: subprocess.Popen[str], seconds: float) -> None:
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
