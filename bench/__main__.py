"""`python -m bench [NAME ...]`: measure the promises; exit 1 if one of them does not hold."""

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec

from bench import table
from bench.measures import (
    answers,
    dashboard,
    delivery,
    load,
    memory,
    open_interest,
    scan,
    start,
    stream,
    user_alerts,
    weight,
)
from bench.processes import interrupt_on_sigterm, load_average, workspace
from bench.promise import BenchError, Failed, Outcome, Result, Skipped


class Measure(Protocol):
    """What each module of `bench.measures` offers."""

    def __call__(self, workspace: Path, *, quick: bool) -> list[Result]:
        """Measure in an empty directory; raises BenchError."""


MEASURES: dict[str, tuple[Measure, str]] = {
    "stream": (stream.measure, "frame → state file, and the CPU of funding WS (2.5 min)"),
    "answers": (answers.measure, "changed state file → API answers with it (1 min)"),
    "load": (load.measure, "requests a second of the API under wrk (2 min)"),
    "start": (start.measure, "command → READY (half a minute)"),
    "open-interest": (open_interest.measure, "sweeps over 600 symbols, and the memory of three hours (3 min)"),
    "scan": (scan.measure, "a volume scan over 600 symbols, to the alert at the backend (half a minute)"),
    "delivery": (delivery.measure, "a storm of a thousand alerts, to the disk, both backends and the chat (1 min)"),
    "user-alerts": (user_alerts.measure, "a pass over 10,000 and 100,000 user alerts (half a minute)"),
    "weight": (weight.measure, "an hour of all daemons on 700 symbols, at a faster clock (5 min)"),
    "dashboard": (dashboard.measure, "the page in Chromium: paint, ticks, an hour of memory (63 min; --quick: 2 min)"),
    "memory": (memory.measure, "resident memory after ten minutes (10 min; with --quick 1 min)"),
}


def main() -> int:
    """Measure what was asked for and return the exit code."""
    options = _options()
    if options.list:
        for name, (_, what) in MEASURES.items():
            print(f"{name:<12} {what}")
        return 0
    interrupt_on_sigterm()
    before = load_average()
    began = datetime.now(UTC)
    results = [
        result for name in options.names or MEASURES for result in _measured(name, MEASURES[name][0], options.quick)
    ]
    machine: dict[str, object] = {
        "at": f"{began:%Y-%m-%d %H:%M} UTC",
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "load_average_before": before,
        "load_average_after": load_average(),
        "quick": options.quick,
    }
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(table.as_json(results, machine))).decode())
    else:
        table.show(results, _footnotes(machine))
    return 0 if all(_kept(result) for result in results) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"what to measure: {', '.join(MEASURES)}; default all")
    parser.add_argument("--list", action="store_true", help="say what can be measured")
    parser.add_argument("--quick", action="store_true", help="a shorter run, with one minute for memory instead of ten")
    parser.add_argument("--json", action="store_true", help="print a JSON document instead of the table")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in MEASURES]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(MEASURES)}")
    return options


def _measured(name: str, measure: Measure, quick: bool) -> list[Result]:
    print(f"measuring {MEASURES[name][1]} …", file=sys.stderr, flush=True)
    try:
        with workspace() as directory:
            return measure(directory, quick=quick)
    except BenchError as error:
        return [Failed(name, str(error))]


def _kept(result: Result) -> bool:
    return result.holds if isinstance(result, Outcome) else isinstance(result, Skipped)


def _footnotes(machine: dict[str, object]) -> list[str]:
    quick = ", quick run" if machine["quick"] else ""
    load = f"load average {machine['load_average_before']:.2f} before, {machine['load_average_after']:.2f} after"
    return [
        f"{machine['at']}, {machine['cores']} cores, Python {machine['python']}, {load}{quick}",
        "ratio: how many times better than the old way, measured in the same run; a figure of a busy machine is noise",
    ]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
