"""`make test`: every suite of tests this machine can run, and one line for what it cannot."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple, TextIO

import pytest

ROOT = Path(__file__).parents[1]


class Suite(NamedTuple):
    """A suite of tests, and what it tells pytest."""

    name: str
    arguments: tuple[str, ...]


SHOWN = (
    Suite("unit", ("tests/unit", "-n", "2", "--cov", "--cov-report=term-missing:skip-covered")),
    Suite("integration", ("tests/integration", "-n", "2")),
)
BESIDE = (Suite("browser", ("tests/browser", "-rs")), Suite("systemd", ("tests/systemd", "-rs")))
"""They mostly wait, for pages and for units, so they run beside the others, one after the other."""
LOOK_SECONDS = 1.0


def main() -> int:
    """Run the suites; return 0 when none has failed."""
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(1) as beside:
        told = Path(place) / "told"
        told.touch()
        others = beside.submit(failing, BESIDE, told)
        failed = failing(SHOWN)
        say("What ran beside these:\n\n")
        follow(told, others)
        failed += others.result()
    say(f"FAILED: {', '.join(failed)}\n" if failed else "All tests passed.\n")
    return 1 if failed else 0


def failing(suites: Sequence[Suite], told: Path | None = None) -> list[str]:
    """Run suites, until one is interrupted; return which have failed. What they say goes to a file, if one is given."""
    failed = []
    with nullcontext() if told is None else told.open("a", encoding="utf-8") as output:
        for suite in suites:
            say(f"── {suite.name} tests\n", output)
            started = time.monotonic()
            done = subprocess.run(
                command(suite), cwd=ROOT, stdout=output, stderr=output and subprocess.STDOUT, check=False
            )
            say(f"── {suite.name}: {time.monotonic() - started:.0f} s\n\n", output)
            failed += [suite.name] if done.returncode else []
            if done.returncode == pytest.ExitCode.INTERRUPTED:
                break
    return failed


def follow(told: Path, writer: Future[list[str]]) -> None:
    """Show what is in a file, and what comes into it until its writer has ended."""
    with told.open(encoding="utf-8", errors="replace") as text:
        while not writer.done():
            say(text.read())
            wait([writer], LOOK_SECONDS)
        say(text.read())


def command(suite: Suite) -> list[str]:
    """Return the command that runs a suite."""
    return [sys.executable, "-m", "pytest", *suite.arguments, "--durations=5"]


def say(text: str, output: TextIO | None = None) -> None:
    """Tell whoever waits, or a file."""
    stream = output or sys.stdout
    stream.write(text)
    stream.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
