"""Judging what a doctor sees of an emergency stop, an interrupted restore, and the backups."""

from collections.abc import Iterator

from volspike.model.diagnosis import Symptom
from volspike.model.documents import EmergencyStop
from volspike.rules import emergency
from volspike.rules.backup_health import LATE_SECONDS, age
from volspike.rules.diagnosis import bad, ok, warn


def orders(stop: EmergencyStop | None, *, half_restored: bool, sudo: str) -> Iterator[Symptom]:
    """Judge what keeps the suite from its work on purpose, or by an accident of its operator."""
    if stop is not None:
        yield bad("stop", emergency.sentence(stop), f"{sudo}{emergency.RESUME}")
    else:
        yield ok("stop", "there is no emergency stop")
    if half_restored:
        yield bad("restore", "it was interrupted, and no daemon starts", f"{sudo}volspike restore --finish")


def backups(newest_at: float | None, now: float, *, installed: bool, sudo: str) -> Symptom:
    """Judge the age of the latest backup; a suite in the foreground need not have one."""
    remedy = f"{sudo}volspike backup"
    if newest_at is None:
        return warn("backup", "there is none yet", remedy) if installed else ok("backup", "there is none yet")
    text = f"the latest is {age(newest_at, now)} old"
    return warn("backup", text, remedy) if now - newest_at > LATE_SECONDS else ok("backup", text)
