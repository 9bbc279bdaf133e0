"""The limits that the health monitor watches, as an operator writes them: 3GB, 85%, 30m, off."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from volspike.model.limits import Limits

OFF = "off"
PERCENT = 100
BYTES = {"M": 1e6, "G": 1e9, "T": 1e12}
SECONDS = {"s": 1, "m": 60, "h": 3600}


class Memory(NamedTuple):
    """How much memory: what all daemons together may use (bytes), and which share of the machine's may be in use."""

    suite_bytes: float | None = None
    machine_share: float | None = None


def unless_off(parse: Callable[[str], float]) -> Callable[[str], float | None]:
    """Return a parser that also takes `off`, which is no limit."""
    return lambda text: None if text.lower() == OFF else parse(text)


def share(text: str) -> float:
    """Take a share such as `85%`; return a fraction of 1. Raises ValueError."""
    found = re.fullmatch(r"(\d{1,3}(?:\.\d+)?) ?%", text)
    if not found or not 0 < float(found[1]) <= PERCENT:
        raise ValueError(text)
    return float(found[1]) / PERCENT


def amount(text: str) -> float:
    """Take an amount of memory such as `3GB`; return bytes. Raises ValueError."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d+)?) ?([MGT])B", text, re.IGNORECASE)
    if not found or not float(found[1]):
        raise ValueError(text)
    return float(found[1]) * BYTES[found[2].upper()]


def duration(text: str) -> float:
    """Take a time such as `90s`, `30m` or `2h`; return seconds. Raises ValueError."""
    found = re.fullmatch(r"([1-9]\d{0,5}) ?([smh])", text)
    if not found:
        raise ValueError(text)
    return float(found[1]) * SECONDS[found[2]]


def memory(text: str) -> Memory:
    """Take an amount, a share, or both with a comma between them; or `off`. Raises ValueError."""
    if text.lower() == OFF:
        return Memory()
    words = [word.strip() for word in text.split(",")]
    amounts = [amount(word) for word in words if not word.endswith("%")]
    shares = [share(word) for word in words if word.endswith("%")]
    if len(amounts) > 1 or len(shares) > 1:
        raise ValueError(text)
    return Memory(*amounts or (None,), *shares)


def inverted(limits: Limits) -> Iterator[tuple[str, str]]:
    """Yield the limits that would be critical before they warn: their name, and their critical value."""
    named = (
        ("MEMORY", limits.memory_share, "{:.6g}%", PERCENT),
        ("MEMORY", limits.suite_bytes, "{:.6g}GB", 1 / BYTES["G"]),
        ("CPU", limits.cpu_share, "{:.6g}%", PERCENT),
        ("DISK", limits.disk_share, "{:.6g}%", PERCENT),
        ("OUTBOX_AGE", limits.outbox_age_seconds, "{:.6g}s", 1),
    )
    for name, limit, written, factor in named:
        if limit.warning is not None and limit.critical is not None and limit.critical < limit.warning:
            yield name, written.format(limit.critical * factor)
