"""A volume scan over 600 symbols at 50 ms, and how soon the spike that it sees is at the backend."""

import json
import time
from pathlib import Path
from typing import NamedTuple

import requests

from bench import candles
from bench.processes import READY_SECONDS, Daemon, Process, python
from bench.promise import BenchError, Outcome, Result, percentile

ROUNDS, QUICK_ROUNDS = 5, 2
SCAN_SECONDS, WEIGHT, ARRIVED_SECONDS = 2.0, 700.0, 3.0
OLD_SAMPLE, QUICK_SAMPLE = 100, 60
"""So many symbols are scanned in the old way, which takes half a minute for all of them."""
PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.02
MINUTE, HOUR = 60, 3600


class Scan(NamedTuple):
    """The first scan of a daemon: how long it took, what it cost, and when its last alert was at the backend."""

    seconds: float
    weight: float
    arrived: float


def measure(workspace: Path, *, quick: bool) -> list[Result]:
    """Let a daemon scan that has just been started, without a connection or a list of symbols; the courier delivers."""
    scans = [_scan(workspace, number) for number in range(QUICK_ROUNDS if quick else ROUNDS)]
    sample = QUICK_SAMPLE if quick else OLD_SAMPLE
    old = _old_way(workspace, sample) * candles.SYMBOLS / sample
    slowest = f"median of {len(scans)}, slowest {max(scan.seconds for scan in scans):.2f} s"
    last = f"the last of {candles.SPIKING} alerts, slowest {max(scan.arrived for scan in scans):.2f} s"
    how = f"old way: {sample} symbols, one after the other, times {candles.SYMBOLS / sample:g}"
    weight = max(scan.weight for scan in scans)
    what = f"a volume scan over {candles.SYMBOLS} symbols"
    return [
        Outcome(
            what, "s", SCAN_SECONDS, percentile([each.seconds for each in scans], 50), old, note=f"{slowest}; {how}"
        ),
        Outcome(f"{what}: weight", "", WEIGHT, weight, candles.SYMBOLS, note="symbols, open interest, funding too"),
        Outcome(
            "scan begins → its spikes are at the backend",
            "s",
            ARRIVED_SECONDS,
            percentile([each.arrived for each in scans], 50),
            old,
            note=last,
        ),
    ]


def _scan(workspace: Path, number: int) -> Scan:
    directory = workspace / f"scan-{number}"
    (directory / "state").mkdir(parents=True)
    while time.time() % HOUR < MINUTE:
        time.sleep(1)  # the first minute of an hour judges only the one that has closed
    with (
        Process(f"exchange-{number}", python("-m", "bench.candles"), workspace) as exchange,
        Process(f"receiver-{number}", python("-m", "bench.receiver"), workspace) as receiver,
    ):
        rest, backend = (f"http://127.0.0.1:{process.first_line()}" for process in (exchange, receiver))
        env = {"BINANCE_REST_URL": rest, "VOLSPIKE_API_URL": f"{backend}/prod", "VOLSPIKE_API_KEY": "bench"}
        with Daemon("courier", directory, env), Daemon("volume-alerts", directory, env) as daemon:
            arrived = _await(daemon, backend)
            seconds = _metric(directory, "duration_seconds")
            began = _metric(directory, "timestamp_seconds")
        spent = float(requests.get(f"{rest}/weight", timeout=READY_SECONDS).json())
    since_epoch = time.time() - time.monotonic()
    return Scan(seconds, spent, arrived + since_epoch - began)


def _await(daemon: Daemon, backend: str) -> float:
    """Return when the last alert has come, in the machine's monotonic seconds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        daemon.check()
        count = requests.get(f"{backend}/counts", timeout=READY_SECONDS).json()["prod"]
        if count["posts"] == candles.SPIKING:
            return float(count["last_at"])
        if time.monotonic() > deadline:
            raise BenchError(f"only {count['posts']} of {candles.SPIKING} alerts have come")
        time.sleep(POLL_SECONDS)


def _metric(directory: Path, name: str) -> float:
    path = directory / "metrics" / "volume-alerts.prom"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        for line in lines:
            if line.startswith(f"volspike_volume_scan_{name}{{") and float(line.rsplit(" ", 1)[1]):
                return float(line.rsplit(" ", 1)[1])
        time.sleep(POLL_SECONDS)
    raise BenchError("the scan has not ended")


def _old_way(workspace: Path, sample: int) -> float:
    wanted = workspace / "symbols.json"
    wanted.write_text(json.dumps(candles.names()[:sample]), encoding="utf-8")
    with Process("exchange-old", python("-m", "bench.candles"), workspace) as exchange:
        url = f"http://127.0.0.1:{exchange.first_line()}"
        with Process("old-scan", python("-m", "bench.old_way.scan", url, str(wanted)), workspace) as old:
            return float(old.first_line())
