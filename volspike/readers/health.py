"""The suite's own condition as one value: its daemons, what is on its way, the weight account, the last verdict."""

from collections.abc import Mapping

from msgspec import Struct

from volspike.clients.binance import weight
from volspike.clients.errors import Transient
from volspike.clients.local.machine import resident_bytes
from volspike.clients.supervision import supervisor_of
from volspike.delivery.mutes import Mutes
from volspike.model.documents import EmergencyStop, Heartbeat, Maintenance, Mute, OutboxDocument
from volspike.model.health import Report, UnitState
from volspike.model.suite import DaemonInfo, Kind, members
from volspike.rules.liveness import is_overdue
from volspike.rules.weight import Account
from volspike.settings import Settings
from volspike.state import documents, emergency
from volspike.state.file import Reader


class DaemonHealth(Struct, frozen=True):
    """What is known of a daemon: what keeps it alive says, what it says itself, and its memory; None is unknown.

    It `is_overdue` while its next sign of life is late.
    """

    info: DaemonInfo
    state: UnitState | None
    beat: Heartbeat | None
    memory_bytes: int | None
    is_overdue: bool = False


class SuiteHealth(Struct, frozen=True):
    """Everything about the suite itself, as of `at`; what is not known, or is not the case, is None or empty.

    `supervisor_problem` says why no daemon has a state.
    """

    at: float
    daemons: tuple[DaemonHealth, ...] = ()
    supervisor_problem: str = ""
    outbox: OutboxDocument | None = None
    weight: Account | None = None
    report: Report | None = None
    maintenance_until: float | None = None
    emergency_stop: EmergencyStop | None = None
    mutes: Mapping[str, Mute] = {}


class HealthReader:
    """Looks at the whole suite; nothing of it is changed or slowed by that."""

    def __init__(self, settings: Settings) -> None:
        runtime_dir = settings.runtime_dir
        self._settings = settings
        self._clock = settings.clock
        self._members = members(embedded_backend=settings.uses_embedded_backend)
        self._beats: dict[str, Reader[Heartbeat]] = {
            daemon.name: documents.reader(documents.heartbeat_path(runtime_dir, daemon.name), Heartbeat)
            for daemon in self._members
        }
        self._outbox = documents.reader(runtime_dir / documents.OUTBOX_STATE, OutboxDocument)
        self._report = documents.reader(documents.health_directory(runtime_dir) / documents.HEALTH_REPORT, Report)
        self._maintenance = documents.reader(runtime_dir / documents.MAINTENANCE, Maintenance)
        self._mutes = Mutes(settings.state_dir, settings.clock)

    def read(self) -> SuiteHealth:
        """Return how everything stands now."""
        states, problem = self._states()
        return SuiteHealth(
            at=self._clock.now(),
            daemons=tuple(self._daemon(info, states.get(info.name)) for info in self._members),
            supervisor_problem=problem,
            outbox=self._outbox.read(),
            weight=weight.peek(self._settings.runtime_dir),
            report=self._report.read(),
            maintenance_until=self._maintenance_until(),
            emergency_stop=emergency.read(self._settings.state_dir),
            mutes=self._mutes.in_force(),
        )

    def _states(self) -> tuple[Mapping[str, UnitState], str]:
        try:
            states = supervisor_of(self._settings.runtime_dir).states()
        except Transient as error:
            return {}, str(error)
        return {state.daemon: state for state in states}, ""

    def _daemon(self, info: DaemonInfo, state: UnitState | None) -> DaemonHealth:
        beat = self._beats[info.name].read()
        pid = state.main_pid if state else beat.pid if beat and info.kind is Kind.ALWAYS_ON else 0
        memory_bytes = (resident_bytes(pid) or (state.memory_bytes if state else None)) if pid else None
        overdue = beat is not None and is_overdue(beat, self._clock.now(), self._clock.monotonic())
        return DaemonHealth(info, state, beat, memory_bytes, overdue)

    def _maintenance_until(self) -> float | None:
        """Return the end of a maintenance; the file of one that is over may have been removed, or lie there still."""
        if not self._maintenance.path.exists():
            return None
        document = self._maintenance.read()
        return document.until if document and document.until > self._clock.now() else None
