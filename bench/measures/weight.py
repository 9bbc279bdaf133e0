"""An hour of the whole suite on 700 symbols, at a faster clock: what it spends of Binance's weight, and who waits.

The market stream is away all the time, which is when the daemons ask the most.
"""

import asyncio
import time
from pathlib import Path

import msgspec
import requests
from msgspec import Struct

from bench.market import SYMBOLS
from bench.measures.user_alerts import fill
from bench.processes import READY_SECONDS, Process, free_port, python
from bench.promise import BenchError, Outcome, Result
from volspike.simulator.weights import LIMIT

RATE = 12
"""Simulated seconds in one of this machine's: both of two cores are busy at that."""
MINUTES, QUICK_MINUTES = 62, 17
"""An hour and what lies around it."""
SCAN_MINUTES = 5
CANDLES_SECONDS = 30.0
"""Whoever waits for weight waits for the next minute. At this clock the CPU alone takes some 12 of these seconds."""
USER_ALERTS = 3 * len(SYMBOLS)
POLL_INTERVAL_SECONDS = 20
PASS_SECONDS = 30
OLD_PASS_WEIGHT = 10 + 2
OLD_UNIVERSE_WEIGHT = 40 + 1


class Told(Struct):
    """What the exchange has counted."""

    minutes: dict[int, int]
    refused: int
    candles: dict[int, float]


def measure(workspace: Path, *, quick: bool) -> list[Result]:
    """Run the suite, read the exchange's book."""
    minutes = QUICK_MINUTES if quick else MINUTES
    told = _run(workspace, minutes)
    full = sorted(told.minutes)[1:-1]
    scans = [seconds for mark, seconds in sorted(told.candles.items())[1:]]
    if len(full) < minutes - SCAN_MINUTES or not scans:
        raise BenchError(f"only {len(full)} minutes and {len(scans)} scans were seen")
    highest = max(told.minutes[minute] for minute in full)
    mean = sum(told.minutes[minute] for minute in full) / len(full)
    symbols = len(SYMBOLS)
    old = symbols * 60 // POLL_INTERVAL_SECONDS + symbols + OLD_PASS_WEIGHT * 60 // PASS_SECONDS + OLD_UNIVERSE_WEIGHT
    how = f"{len(full)} simulated minutes at rate {RATE}, mean {mean:.0f}; old way: added up, not measured"
    refused_old = max(0, old - LIMIT) * len(full) // SCAN_MINUTES
    return [
        Outcome(f"weight in a minute, {symbols} symbols, all daemons", "", LIMIT, highest, old, note=how),
        Outcome("requests refused (429) meanwhile", "", 0, told.refused, refused_old, note="what exceeds 2,400"),
        Outcome(
            "a volume scan's last request after its mark", "s", CANDLES_SECONDS, max(scans), None,
            note=f"simulated seconds, {len(scans)} scans; who lacks weight waits for the next minute",
        ),
    ]  # fmt: skip


def _run(workspace: Path, minutes: int) -> Told:
    rate = f"{RATE}@{time.time():.3f}"
    with Process("market", python("-m", "bench.market"), workspace, {"VOLSPIKE_CLOCK_RATE": rate}) as market:
        url = f"http://127.0.0.1:{market.first_line()}"
        env = {
            "BINANCE_REST_URL": url,
            "BINANCE_WS_URL": f"ws://127.0.0.1:{free_port()}",
            "FUNDING_API_PORT": str(free_port()),
            "BACKEND_PORT": str(free_port()),
            "VOLSPIKE_STATE_DIR": str(workspace / "state"),
            "VOLSPIKE_RUNTIME_DIR": str(workspace / "run"),
            "VOLSPIKE_CLOCK_RATE": rate,
        }
        (workspace / "state").mkdir(mode=0o750)
        asyncio.run(fill(workspace / "state" / "backend.db", SYMBOLS, USER_ALERTS))
        with Process("suite", python("-m", "volspike", "up"), workspace, env) as suite:
            end = time.monotonic() + minutes * 60 / RATE
            while time.monotonic() < end:
                suite.check()
                market.check()
                time.sleep(1)
            content = requests.get(f"{url}/told", timeout=READY_SECONDS).content
    return msgspec.json.decode(content, type=Told, strict=False)
