"""Judging what a doctor sees of the machine: each finding with the command that mends it."""

from collections.abc import Iterator, Mapping, Sequence

from volspike.model.diagnosis import Diagnosis, Level, Place, Symptom, TimeState
from volspike.model.documents import VERSION
from volspike.model.limits import Limit
from volspike.rules.health import SKEW_ERROR_SECONDS, SKEW_WARNING_SECONDS
from volspike.rules.weight import CEILING, Account

OLDEST_PYTHON = (3, 11)
SHOWN_NAMES = 5
SECONDS_PER_MINUTE = 60
TERMINAL = "the terminal of volspike up"
"""Where a suite that systemd does not run writes its logs."""


def conclude(symptoms: Sequence[Symptom], now: float) -> Diagnosis:
    """Return the diagnosis: healthy is what has nothing bad, whatever the warnings."""
    return Diagnosis(VERSION, now, all(symptom.level is not Level.BAD for symptom in symptoms), list(symptoms))


def ok(check: str, text: str) -> Symptom:
    """Return what is as it should be."""
    return Symptom(check, Level.OK, text)


def warn(check: str, text: str, remedy: str) -> Symptom:
    """Return what works and will not always."""
    return Symptom(check, Level.WARN, text, remedy)


def bad(check: str, text: str, remedy: str) -> Symptom:
    """Return what does not work."""
    return Symptom(check, Level.BAD, text, remedy)


def python(version: tuple[int, int, int]) -> Symptom:
    """Judge the interpreter."""
    text = f"Python {'.'.join(map(str, version))}"
    if version[:2] >= OLDEST_PYTHON:
        return ok("python", text)
    return bad("python", f"{text} is too old: 3.11 or newer is needed", "install again with a newer one: --python")


def packages(differing: Mapping[str, str], remedy: str) -> Symptom:
    """Judge the packages that are not as the lock file has them: each with how it is instead."""
    if not differing:
        return ok("packages", "all as the lock file has them")
    named = [f"{name} {how}" for name, how in sorted(differing.items())]
    return warn("packages", f"{len(named)} not as in the lock file: {_names(named)}", remedy)


def disks(shares: Mapping[str, float], limit: Limit) -> Iterator[Symptom]:
    """Judge how full disks are, as shares of 1."""
    for path, share in shares.items():
        text, remedy = f"{path} is on a disk that is {share:.0%} full", f"sudo du -xh --max-depth=2 {path} | sort -h"
        if limit.critical is not None and share >= limit.critical:
            yield bad("disk", text, remedy)
        elif limit.warning is not None and share >= limit.warning:
            yield warn("disk", text, remedy)
        else:
            yield ok("disk", text)


def synchronisation(state: TimeState) -> Symptom:
    """Judge whether something keeps the clock right."""
    if state.synchronised is None:
        return warn("clock", "whether it is synchronised cannot be known", "timedatectl status")
    if state.synchronised:
        return ok("clock", "synchronised with a time server")
    remedy = "timedatectl timesync-status" if state.wanted else "sudo timedatectl set-ntp true"
    return warn("clock", "not synchronised with any time server", remedy)


def skew(seconds: float) -> Symptom:
    """Judge by how much this machine's clock is behind that of Binance."""
    if abs(seconds) < SKEW_WARNING_SECONDS:
        return ok("clock", "agrees with Binance's")
    text = f"{abs(seconds):.1f} s {'behind' if seconds > 0 else 'ahead of'} Binance's"
    remedy = "sudo timedatectl set-ntp true"
    return bad("clock", text, remedy) if abs(seconds) >= SKEW_ERROR_SECONDS else warn("clock", text, remedy)


def weight(
    account: Account | None, closed_until: float, now: float, *, installed: bool, asked: bool = False
) -> Symptom:
    """Judge what is left of the weight that Binance grants to this machine in a minute.

    A ban was known before, or else Binance was `asked` and has answered so.
    """
    if closed_until > now:
        logs = "sudo volspike logs --since '1 hour ago'" if installed else f"look at {TERMINAL}"
        return bad(
            "weight",
            f"Binance has shut this machine out for another {closed_until - now:.0f} s; "
            + ("it has just said so and was asked nothing more" if asked else "it was not asked anything"),
            f"{logs}  # who asked too much; the ban ends by itself",
        )
    used = account.used if account and account.minute == int(now // SECONDS_PER_MINUTE) else 0
    return ok("weight", f"{used} of {CEILING} used in this minute")


def places(looked_at: Sequence[Place]) -> Iterator[Symptom]:
    """Judge whose files and directories are, and who may read them."""
    for place in looked_at:
        found = list(_place(place))
        yield from found or [ok("files", f"{place.path} {place.actual_owner}:{place.actual_group}")]


def _place(place: Place) -> Iterator[Symptom]:
    if not place.exists:
        yield warn("files", f"{place.path} does not exist", f"{place.made_by}  # makes it")
        return
    wanted, actual = (place.owner, place.group), (place.actual_owner, place.actual_group)
    if place.owner is not None and wanted != actual:
        mends = f"sudo chown {place.owner}:{place.group} {place.path}"
        yield bad("files", f"{place.path} belongs to {':'.join(actual)}, not to {place.owner}:{place.group}", mends)
    if place.actual_mode & ~place.most_mode:
        mends = f"{'sudo ' if place.owner else ''}chmod {place.most_mode:o} {place.path}"
        yield warn("files", f"{place.path} is open to more than it should be (mode {place.actual_mode:o})", mends)
    if place.strangers:
        mends = f"sudo chown -R {place.owner}:{place.group} {place.path}"
        yield bad("files", f"in {place.path} belong to others: {_names(place.strangers)}", mends)


def reached(check: str, what: str, problem: str, remedy: str, *, vital: bool) -> Symptom:
    """Judge whether somebody answered; who is not vital costs only a part of the suite."""
    if not problem:
        return ok(check, f"{what} answers")
    text = f"{what} cannot be reached: {problem}"
    return bad(check, text, remedy) if vital else warn(check, text, remedy)


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more
