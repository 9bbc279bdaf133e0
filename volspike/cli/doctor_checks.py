"""What `volspike doctor` looks at: each check is a question to the machine, judged by a pure rule."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from volspike.archive import making
from volspike.cli import check_config, config_effect, doctor_network, suite
from volspike.clients.errors import Transient
from volspike.clients.local import machine, ownership, packages, timekeeping
from volspike.clients.supervision import installation, supervisor_of
from volspike.model.diagnosis import Place, Port, Symptom
from volspike.model.health import UnitState
from volspike.model.suite import BACKEND, DAEMONS, Kind
from volspike.model.units import timer_of
from volspike.rules import diagnosis, diagnosis_safety, diagnosis_suite
from volspike.runtime import sockets
from volspike.settings import PRODUCTION_ENV_FILE, Settings
from volspike.state import documents, emergency

OWNERS = (
    Place("/etc/volspike", "root", "volspike", 0o750, "sudo deploy/install.sh"),
    Place(str(PRODUCTION_ENV_FILE), "root", "volspike", 0o640, "sudo deploy/install.sh"),
    Place("/var/lib/volspike", "volspike", "volspike", 0o750),
    Place("/var/lib/volspike-backups", "volspike", "volspike", 0o750, "sudo systemctl start volspike-backup"),
    Place("/run/volspike", "volspike", "volspike", 0o750),
)
"""Of a server. The monitor's own directories are root's, and nobody else writes there."""

Check = Callable[[], Sequence[Symptom]]


class Environments(NamedTuple):
    """What the daemons of the installed suite were started with, and what they would be started with now."""

    before: Mapping[str, Mapping[str, str]] | None
    """Of each daemon that runs; None for who is not root: their walls hide it, from their own user too."""
    now: Mapping[str, str]
    written: int
    """When the env file was, as an epoch second: systemd's times have no fractions."""


class Patient(NamedTuple):
    """The suite that is looked at; what only root can see of it was seen before, while the command was root."""

    settings: Settings
    env_file: Path
    installed: bool
    places: Sequence[Place]
    ports: Sequence[Port]
    environments: Environments | None
    """None where the suite is not installed."""

    @property
    def sudo(self) -> str:
        """Return what stands before a command that changes something."""
        return "sudo " if self.installed else ""

    def states(self) -> list[UnitState]:
        """Return the state of the daemons. Raises Transient."""
        return supervisor_of(self.settings.runtime_dir).states()


def seen_by_root(settings: Settings, env_file: Path, *, installed: bool) -> Patient:
    """Return the suite with what an ordinary user may not see: owners, who holds a port, environments, the env file."""
    own = [Place(str(env_file), None, None, 0o600)] if env_file.exists() else []
    seen = [ownership.look(place) for place in (OWNERS if installed else own)]
    places = [place for place in seen if place is not None]
    environments = _environments(settings, env_file) if installed else None
    return Patient(settings, env_file, installed, places, _ports(settings), environments)


def _environments(settings: Settings, env_file: Path) -> Environments:
    before = dict(_started_with(settings)) if os.geteuid() == 0 else None
    return Environments(before, suite.of_units(), int(env_file.stat().st_mtime))


def _started_with(settings: Settings) -> Iterator[tuple[str, Mapping[str, str]]]:
    with suppress(Transient):  # no systemd runs; the daemons say so
        for state in supervisor_of(settings.runtime_dir).states():
            if state.main_pid and (environment := installation.environment_of(state.main_pid)) is not None:
                yield state.daemon, environment


def _ports(settings: Settings) -> list[Port]:
    served = [("funding-api", "FUNDING_API_PORT", settings.funding_api_port)]
    if settings.uses_embedded_backend:
        served.append((BACKEND, "BACKEND_PORT", settings.backend_port))
    served.append(("dashboard", "DASHBOARD_PORT", settings.dashboard_port))
    holders = [sockets.find_holder(port) for _, _, port in served]
    return [
        Port(*place, holder.pid if holder else None, holder.text if holder else "")
        for place, holder in zip(served, holders, strict=True)
    ]


def checks(patient: Patient) -> Mapping[str, Check]:
    """Return every check under the name that people see while it goes on."""
    settings = patient.settings
    found: dict[str, Check] = {
        "environment": lambda: list(_environment(patient)),
        "settings": lambda: list(_settings(patient)),
        "files": lambda: list(diagnosis.places(patient.places)),
        "safety": lambda: list(_safety(patient)),
        "disks": lambda: list(_disks(settings)),
        "clock": lambda: [diagnosis.synchronisation(timekeeping.look())],
        "Binance": lambda: list(doctor_network.binance(settings, installed=patient.installed)),
        "daemons": lambda: list(_daemons(patient)),
    }
    if patient.installed:
        found["installation"] = lambda: list(_installation())
    return found | {address.name: address.look for address in doctor_network.addresses(settings)}


def _environment(patient: Patient) -> Iterator[Symptom]:
    yield diagnosis.python(sys.version_info[:3])
    again = "sudo deploy/install.sh" if patient.installed else "rm .venv/.ready && make .venv/.ready"
    try:
        lock = packages.lock_file().read_text()
    except OSError:
        yield diagnosis.warn("packages", "this installation has no lock file to compare with", again)
    else:
        yield diagnosis.packages(packages.differing(lock), again)


def _settings(patient: Patient) -> Iterator[Symptom]:
    doubts = check_config.doubts(patient.env_file) if patient.env_file.is_file() else []
    for doubt in [*doubts, *patient.settings.doubts]:
        yield diagnosis.warn("settings", doubt, f"{patient.sudo}volspike config check")


def _safety(patient: Patient) -> Iterator[Symptom]:
    state_dir, now = patient.settings.state_dir, patient.settings.clock.now()
    half_restored = documents.is_half_restored(state_dir)
    yield from diagnosis_safety.orders(emergency.read(state_dir), half_restored=half_restored, sudo=patient.sudo)
    newest = making.newest(documents.backups_directory(state_dir), now)
    yield diagnosis_safety.backups(
        newest.made_at if newest else None, now, installed=patient.installed, sudo=patient.sudo
    )


def _disks(settings: Settings) -> Iterator[Symptom]:
    directories = (settings.state_dir, settings.runtime_dir, documents.backups_directory(settings.state_dir))
    return diagnosis.disks(machine.look(directories, settings.clock.now()).disks, settings.limits.disk_share)


def _daemons(patient: Patient) -> Iterator[Symptom]:
    settings = patient.settings
    try:
        states, problem = patient.states(), "no unit of the suite is installed"
    except Transient as error:
        states, problem = [], str(error)
    if not states:
        start = "sudo systemctl start volspike.target" if patient.installed else "volspike up  # or make demo"
        yield diagnosis.warn("units", problem if patient.installed else "no suite runs here", start)
    yield from diagnosis_suite.units(
        states, embedded_backend=settings.uses_embedded_backend, installed=patient.installed
    )
    pids = {state.daemon: state.main_pid for state in states if state.active_state == "active" and state.main_pid}
    yield from diagnosis_suite.ports(patient.ports, pids, patient.sudo)
    if patient.installed:
        running = {daemon: installation.release_run_by(pid) for daemon, pid in pids.items()}
        own = installation.release_of(Path(sys.executable))
        yield from diagnosis_suite.releases(installation.current_release(), running, own)
    if patient.environments is not None:
        yield _settings_in_use(patient.environments, states)


def _settings_in_use(seen: Environments, states: Sequence[UnitState]) -> Symptom:
    """Judge what the daemons were started with; one that is younger than the env file got all of it from systemd."""
    older = [state.daemon for state in states if state.main_pid and (state.since or seen.written) < seen.written]
    if seen.before is None:
        return diagnosis_suite.unseen_settings(older)
    known = [daemon for daemon in older if daemon in seen.before]  # any other has just ended
    behind = {daemon: config_effect.changed_for(daemon, seen.before[daemon], seen.now) for daemon in known}
    return diagnosis_suite.older_settings({daemon: names for daemon, names in behind.items() if names})


def _installation() -> Iterator[Symptom]:
    files = installation.unit_files()
    present = [file.unit for file in files if not file.missing]
    try:
        reload = installation.needing_reload(present) if present else []
    except Transient:  # no systemd runs; the daemons say so
        reload = []
    yield from diagnosis_suite.unit_files(files, reload)
    of_daemons = {timer_of(daemon) for daemon in DAEMONS if daemon.kind is Kind.TIMER}
    others = [unit for unit in present if unit.endswith(".timer") and unit not in of_daemons]
    yield from diagnosis_suite.timers({unit: installation.is_active(unit) for unit in others})
