"""What `volspike doctor` looks at and what it finds."""

from enum import StrEnum

from msgspec import Struct


class Level(StrEnum):
    """How much a finding matters: `bad` costs a part of what the suite is for, or will."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


class Symptom(Struct, frozen=True):
    """One finding; `remedy` is the command that mends it, or what to do where no command can."""

    check: str
    level: Level
    text: str
    remedy: str = ""


class Diagnosis(Struct, frozen=True):
    """All findings of one look, at an epoch second."""

    version: int
    at: float
    healthy: bool
    symptoms: list[Symptom]


class Place(Struct, frozen=True):
    """A file or directory: whose it should be and who may do what, and how it is. None is not looked at."""

    path: str
    owner: str | None
    group: str | None
    most_mode: int
    """The permissions that it may have at most."""
    made_by: str = "sudo volspike restart"
    """The command that makes it anew: systemd gives a unit its directories whenever it starts."""
    actual_owner: str = ""
    actual_group: str = ""
    actual_mode: int = 0
    exists: bool = True
    strangers: tuple[str, ...] = ()
    """Files in a directory that belong to somebody else than the directory should."""


class Port(Struct, frozen=True):
    """Where a daemon listens, or shall, and who does: None is nobody, 0 a process that this user cannot see."""

    daemon: str
    variable: str
    port: int
    holder_pid: int | None
    holder: str = ""


class UnitFile(Struct, frozen=True):
    """A shipped file of systemd and the one that is installed under the same name."""

    unit: str
    shipped: str
    installed: str
    differs: bool = False
    missing: bool = False
    drop_in_missing: bool = False
    own_drop_ins: tuple[str, ...] = ()
    """What the operator has added by `systemctl edit`."""


class TimeState(Struct, frozen=True):
    """What the machine says of its clock; None is unknown."""

    synchronised: bool | None
    wanted: bool | None
    """Whether a service is to keep it right."""
