"""From a changed state file to an answer that tells it."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench import suites
from bench.promise import BenchError, Outcome, Result, percentile
from bench.suites import Api
from bench.writers import SYMBOL, Writer

P99_MS = 5.0
ROUNDS = 3
WRITES = 150
OLD_WRITES = 15
PATIENCE_SECONDS = 5.0
OLD_POLL_SECONDS = 0.001


class _Price(msgspec.Struct, rename="camel"):
    mark_price: float


_decode = msgspec.json.Decoder(_Price).decode


def measure(workspace: Path, *, quick: bool) -> list[Result]:
    """Change the file at odd moments and ask until the answer has it; the sides take turns."""
    writer = Writer(workspace)
    api, old = suites.funding_api(workspace), suites.old_api(workspace)
    writer.suite(0)
    writer.old_way(0)
    ours: list[float] = []
    theirs: list[float] = []
    waited = 0.0
    with api.process, old.process:
        for side in (api, old):
            side.await_answer(f"/funding/{SYMBOL}")
        for number in range(1 if quick else ROUNDS):
            start = 1 + number * WRITES
            api.hang_up()
            waited -= api.process.waited_seconds()
            ours += [_latency(api, writer.suite, stamp, 0.1, 0.0) for stamp in range(start, start + WRITES)]
            waited += api.process.waited_seconds()
            old.hang_up()
            theirs += [
                _latency(old, writer.old_way, stamp, 1.0, OLD_POLL_SECONDS)
                for stamp in range(start, start + OLD_WRITES)
            ]
    waited_ms = waited * 1000 / len(ours)
    note = f"{len(ours)} changes, p50 {percentile(ours, 50):.2f} ms; waited for a CPU {waited_ms:.1f} ms each"
    what = "state file changed → API answers with it, p99"
    return [Outcome(what, "ms", P99_MS, percentile(ours, 99), percentile(theirs, 99), note=note)]


def _latency(api: Api, write: Callable[[int], None], stamp: int, pause: float, poll: float) -> float:
    time.sleep(random.uniform(0.01, pause))  # noqa: S311 - it hides no secret
    write(stamp)
    started = time.monotonic()
    while _decode(api.get(f"/funding/{SYMBOL}")).mark_price != stamp:
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise BenchError(f"{api.process.name} has not answered with a change for {PATIENCE_SECONDS:.0f} s")
        time.sleep(poll)
    return (time.monotonic() - started) * 1000
