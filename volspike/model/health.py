"""The suite's health: what the monitor sees, what it finds, and what it does about it."""

from enum import StrEnum

from msgspec import Struct

from volspike.model.documents import (
    VERSION,
    ChannelsDocument,
    EmergencyStop,
    FundingDocument,
    Heartbeat,
    OutboxDocument,
)
from volspike.model.limits import CpuReading, Limits, LimitsMemory
from volspike.model.market import PremiumIndex


class Severity(StrEnum):
    """How bad a finding is; an error makes the verdict unhealthy."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Finding(Struct, frozen=True):
    """One line of the report; `check` is the name of the check that found it."""

    check: str
    severity: Severity
    text: str


class Report(Struct, frozen=True):
    """`health.json`: what the monitor found and repaired, and whether the suite is healthy.

    With the emergency stop that held, if there was one: its end makes the verdict a thing of the past.
    """

    version: int
    at: float
    healthy: bool
    findings: list[Finding]
    repairs: list[str]
    emergency: EmergencyStop | None = None


class UnitState(Struct, frozen=True):
    """What keeps a daemon alive says about it: in systemd's words, whoever it is.

    `since` is the epoch second of the last change of state, `memory_bytes` what systemd counts, cached files included,
    or what a process in the foreground has resident, `restarts` how often it was started again because it had ended.
    """

    daemon: str
    unit: str
    enabled: bool
    active_state: str
    sub_state: str
    result: str
    exit_status: int
    main_pid: int
    since: float | None
    memory_bytes: int | None
    status_text: str = ""
    restarts: int = 0


class ApiAnswer(Struct, frozen=True):
    """What `/funding/health` answered, or why it did not."""

    status: int | None
    healthy: bool = False
    symbol_count: int | None = None
    problem: str = ""


class ExchangeAnswer(Struct, frozen=True):
    """What Binance itself says over REST; None is unknown, `problem` says why."""

    premium_index: PremiumIndex | None = None
    clock_skew_seconds: float | None = None
    tradable_symbols: frozenset[str] | None = None
    problem: str = ""
    shut_out_seconds: float | None = None

    @property
    def reachable(self) -> bool:
        """Tell whether Binance answered."""
        return self.premium_index is not None


class MachineState(Struct, frozen=True):
    """How full the machine is, as shares of 1, and how long its CPUs have worked; None is unknown."""

    disks: dict[str, float]
    memory: float | None
    cpu: CpuReading | None = None


class Observation(Struct, frozen=True):
    """Everything the monitor has looked at, at one instant; `monotonic` is that of a clock that no step can move.

    `resumed` when there is no emergency stop any more, but was at the look before.
    """

    now: float
    monotonic: float
    funding_enabled: bool
    units: list[UnitState]
    units_problem: str | None
    heartbeats: dict[str, Heartbeat]
    feed: FundingDocument | None
    feed_problem: str | None
    api: ApiAnswer
    exchange: ExchangeAnswer
    machine: MachineState
    weight_closed_until: float | None
    maintenance_until: float | None
    outbox: OutboxDocument | None = None
    outbox_problem: str | None = None
    channels: ChannelsDocument | None = None
    channels_problem: str | None = None
    limits: Limits = Limits()
    limits_memory: LimitsMemory = LimitsMemory()
    emergency: EmergencyStop | None = None
    resumed: bool = False
    newest_backup_at: float | None = None


class RestartBudget(Struct, frozen=True):
    """`restarts.json`: when the monitor restarted each unit, epoch seconds."""

    version: int = VERSION
    restarts: dict[str, list[float]] = {}


class Listing(Struct, frozen=True):
    """`listing.json`: what traded when the monitor last asked, for that changes by the day and weighs a megabyte."""

    version: int
    at: float
    tradable_symbols: frozenset[str]


class Repair(Struct, frozen=True):
    """A unit to restart, and why; `reset_failed` first forgets that systemd has given it up.

    One that is `held_back` has been restarted too often lately, and is left alone for now.
    """

    unit: str
    reason: str
    reset_failed: bool
    held_back: bool = False
