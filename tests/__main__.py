"""`make test`: every suite of tests this machine can run, one after the other, and one line for what it cannot."""

import subprocess
import sys
import time
from pathlib import Path

SUITES = (
    ("unit", ["tests/unit", "-n", "2", "--cov", "--cov-report=term-missing:skip-covered"]),
    ("integration", ["tests/integration", "-n", "3"]),
    ("browser", ["tests/browser", "-rs"]),
    ("systemd", ["tests/systemd", "-rs"]),
)
ROOT = Path(__file__).parents[1]


def main() -> int:
    """Run the suites; return 0 when none has failed."""
    failed = []
    for name, arguments in SUITES:
        sys.stdout.write(f"── {name} tests\n")
        sys.stdout.flush()
        started = time.monotonic()
        done = subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, check=False)
        sys.stdout.write(f"── {name}: {time.monotonic() - started:.0f} s\n\n")
        if done.returncode:
            failed.append(name)
    sys.stdout.write(f"FAILED: {', '.join(failed)}\n" if failed else "All tests passed.\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
