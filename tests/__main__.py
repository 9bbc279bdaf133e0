"""`make test`: every suite of tests this machine can run, and one line for what it cannot."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]


class Suite(NamedTuple):
    """A suite of tests, and what it tells pytest."""

    name: str
    arguments: tuple[str, ...]


BESIDE = Suite("browser", ("tests/browser", "-rs"))
"""It mostly waits for pages, so it runs beside the first ones."""
FIRST = (
    Suite("unit", ("tests/unit", "-n", "2", "--cov", "--cov-report=term-missing:skip-covered")),
    Suite("integration", ("tests/integration", "-n", "2")),
)
LAST = Suite("systemd", ("tests/systemd", "-rs"))


def main() -> int:
    """Run the suites; return 0 when none has failed."""
    failed = []
    with tempfile.TemporaryFile() as told:
        beside = subprocess.Popen(command(BESIDE), cwd=ROOT, stdout=told, stderr=subprocess.STDOUT)
        try:
            failed += [suite.name for suite in FIRST if not passes(suite)]
            say(f"── {BESIDE.name} tests, which ran beside these\n")
            failed += [BESIDE.name] if beside.wait() else []
        finally:
            beside.terminate()
        told.seek(0)
        say(told.read().decode(errors="replace") + "\n")
    failed += [] if passes(LAST) else [LAST.name]
    say(f"FAILED: {', '.join(failed)}\n" if failed else "All tests passed.\n")
    return 1 if failed else 0


def passes(suite: Suite) -> bool:
    """Run one suite and tell whether it has passed."""
    say(f"── {suite.name} tests\n")
    started = time.monotonic()
    done = subprocess.run(command(suite), cwd=ROOT, check=False)
    say(f"── {suite.name}: {time.monotonic() - started:.0f} s\n\n")
    return done.returncode == 0


def command(suite: Suite) -> list[str]:
    """Return the command that runs a suite."""
    return [sys.executable, "-m", "pytest", *suite.arguments, "--durations=5"]


def say(text: str) -> None:
    """Tell whoever waits."""
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
