"""When a daemon in the foreground is started again; delay and start limit are those of the unit files."""

from msgspec import Struct
from msgspec.structs import replace

from volspike.model.suite import EX_CONFIG

RESTART_SECONDS = 5.0
FAILURES_ALLOWED = 10
FAILURE_WINDOW_SECONDS = 300.0
STOP_GRACE_SECONDS = 10.0


class Life(Struct, frozen=True):
    """What is remembered of a daemon's processes: when each failed, and when the next is due (None: never)."""

    failures: tuple[float, ...] = ()
    start_at: float | None = 0.0


def started(life: Life) -> Life:
    """Return the memory once the process runs."""
    return replace(life, start_at=None)


def ended(life: Life, exit_status: int, now: float) -> Life:
    """Return the memory after the process has ended: due again after 5 s, or given up.

    Given up are a bad configuration (78) and ten ends within five minutes.
    """
    failures = (*[at for at in life.failures if now - at < FAILURE_WINDOW_SECONDS], now)
    if exit_status == EX_CONFIG or len(failures) >= FAILURES_ALLOWED:
        return Life(failures, None)
    return Life(failures, now + RESTART_SECONDS)


def is_due(life: Life, now: float) -> bool:
    """Tell whether the process should be started now."""
    return life.start_at is not None and now >= life.start_at


def outlook(life: Life, exit_status: int) -> str:
    """Return in words what comes after an end."""
    if life.start_at is not None:
        return f"starting again in {RESTART_SECONDS:.0f} s"
    if exit_status == EX_CONFIG:
        return "not started again: its configuration is bad"
    minutes = FAILURE_WINDOW_SECONDS / 60
    return f"not started again: it has ended {FAILURES_ALLOWED} times within {minutes:.0f} minutes"
