"""From a frame to the state file, and what that costs: funding WS and the old script on the same stream, in turns."""

import time
from pathlib import Path
from statistics import mean

from bench import suites
from bench.processes import Process, python
from bench.promise import BenchError, Outcome, Result, percentile

LATENCY = "frame received → state file visible"
CPU = "CPU of funding WS per second of stream"
ROUNDS = 3
SETTLE_SECONDS = 4
SECONDS = 30
OLD_SECONDS = 12
LATENCY_P50_MS = 5.0
LATENCY_P99_MS = 20.0
CPU_MS = 2.5
QUIET_PART = 0.9
"""Turns begin and end this far into a second, when its frames have long been handled."""


class Turns:
    """What one side has shown in all its turns: CPU milliseconds per second, and when each turn was."""

    def __init__(self) -> None:
        self.cpu_ms: list[float] = []
        self.waited_ms: list[float] = []
        self.windows: list[tuple[int, int]] = []

    def take(self, process: Process, seconds: int) -> None:
        """Give a process that has just been started a turn."""
        _until_quiet(SETTLE_SECONDS)
        since, before, waited = time.monotonic_ns(), process.cpu_seconds(), process.waited_seconds()
        _until_quiet(seconds)
        self.cpu_ms.append((process.cpu_seconds() - before) * 1000 / seconds)
        self.waited_ms.append((process.waited_seconds() - waited) * 1000 / seconds)
        self.windows.append((since, time.monotonic_ns()))

    def latencies_ms(self, sent: dict[int, int], seen: dict[int, int]) -> list[float]:
        """Return the time from each frame of these turns to its stamp in a file."""
        frames = [(stamp, at) for stamp, at in sent.items() if any(since < at < until for since, until in self.windows)]
        missing = sum(stamp not in seen for stamp, _ in frames)
        if missing:
            raise BenchError(f"{missing} of {len(frames)} frames never became visible")
        return [(seen[stamp] - at) / 1e6 for stamp, at in frames]


def measure(workspace: Path, *, quick: bool) -> list[Result]:
    """Take turns for some two and a half minutes, quick or not: fewer frames would make no p99."""
    del quick
    ours, theirs = Turns(), Turns()
    with suites.feeder(workspace) as feeder:
        port = feeder.first_line()
        with Process("watcher", python("-m", "bench.watcher", str(workspace)), workspace) as watcher:
            watcher.first_line()
            for _ in range(ROUNDS):
                with suites.funding_ws(workspace, port) as daemon:
                    ours.take(daemon, SECONDS)
                with suites.old_stream(workspace, port) as old:
                    theirs.take(old, OLD_SECONDS)
            seen = _pairs(watcher.stop())
        sent = _pairs(feeder.stop())
    latencies, old_latencies = ours.latencies_ms(sent, seen), theirs.latencies_ms(sent, seen)
    waited = mean(ours.waited_ms)
    note = f"{len(latencies)} frames, slowest {max(latencies):.1f} ms; waited for a CPU {waited:.1f} ms a second"
    cpu_note = f"{ROUNDS} turns of {SECONDS} s: {', '.join(f'{value:.2f}' for value in ours.cpu_ms)} ms"
    (p50, old_p50), (p99, old_p99) = (
        (percentile(latencies, percent), percentile(old_latencies, percent)) for percent in (50, 99)
    )
    return [
        Outcome(f"{LATENCY}, p50", "ms", LATENCY_P50_MS, p50, old_p50, note=note),
        Outcome(f"{LATENCY}, p99", "ms", LATENCY_P99_MS, p99, old_p99, note=note),
        Outcome(CPU, "ms", CPU_MS, mean(ours.cpu_ms), mean(theirs.cpu_ms), note=cpu_note),
    ]


def _until_quiet(seconds: int) -> None:
    end = int(time.time()) + seconds + QUIET_PART
    time.sleep(end - time.time())


def _pairs(text: str) -> dict[int, int]:
    return {int(stamp): int(at) for stamp, at in (line.split() for line in text.splitlines()[1:])}
