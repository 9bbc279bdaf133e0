"""systemd's view of the suite, through systemctl: the one interface it promises to keep."""

import subprocess
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from volspike.clients.errors import Transient
from volspike.model.health import UnitState
from volspike.model.suite import DAEMONS, DaemonInfo, Kind, daemon_named
from volspike.model.units import TARGET, Verb, acted_on, timer_of

TIMEOUT_SECONDS = 20
PATIENCE_SECONDS = 180
"""Until units have done as they were told: TimeoutStopSec of the slowest, then its start."""
NOT_FOUND = 127
_SYSTEMCTL = ("/usr/bin/env", "--unset=NOTIFY_SOCKET", "systemctl")
"""It would speak to the supervisor in the name of the daemon that calls it, and hang where nobody listens just now."""
_PROPERTIES = (
    "Id,LoadState,UnitFileState,ActiveState,SubState,Result,ExecMainStatus,MainPID,StateChangeTimestamp,MemoryCurrent,"
    "StatusText,NRestarts"
)
_ENABLED = ("enabled", "enabled-runtime", "static", "linked", "linked-runtime", "alias", "indirect", "generated")


class Systemd:
    """The units of the suite under systemd."""

    def states(self) -> list[UnitState]:
        """Return the state of every unit of the suite that is installed. Raises Transient when systemd is silent."""
        units = [daemon.unit for daemon in DAEMONS]
        timers = [timer_of(daemon) for daemon in DAEMONS if daemon.kind is Kind.TIMER]
        text = systemctl("show", "--timestamp=unix", f"--property={_PROPERTIES}", *units, *timers)
        shown = {block["Id"]: block for block in map(_fields, text.strip().split("\n\n")) if block.get("Id")}
        return [
            _state(daemon, shown[daemon.unit], shown.get(timer_of(daemon), {}))
            for daemon in DAEMONS
            if shown.get(daemon.unit, {}).get("LoadState") == "loaded"
        ]

    def restart(self, unit: str, *, reset_failed: bool) -> None:
        """Restart a unit; `reset_failed` first forgets that systemd has given it up. Raises Transient."""
        if reset_failed:
            systemctl("reset-failed", unit)
        systemctl("restart", "--no-block", unit)

    def order(self, verb: Verb, units: Sequence[str], *, forgiven: Sequence[str]) -> None:
        """Start, stop or restart units and wait until that is done; raises Transient when it cannot be, or fails.

        For the units `forgiven` systemd first forgets that it has given them up, or it would refuse to start them.
        A target comes after what it wants, and so ends before that (systemd.unit(5)): who stops it waits for all that
        is installed, too.
        """
        for unit in forgiven if verb is not Verb.STOP else ():
            with suppress(Transient):  # one that is not loaded has nothing to forget
                systemctl("reset-failed", unit)
        stops_all = verb is Verb.STOP and TARGET in units
        of_all = acted_on(verb, [daemon_named(state.daemon) for state in self.states()]) if stops_all else ()
        systemctl(verb, *units, *of_all, seconds=PATIENCE_SECONDS)


def systemctl(*arguments: str, seconds: float | None = None) -> str:
    """Return what systemctl prints. Raises Transient when it fails or takes too long."""
    patience = seconds or TIMEOUT_SECONDS
    try:
        done = subprocess.run(
            [*_SYSTEMCTL, "--no-pager", *arguments], capture_output=True, text=True, timeout=patience, check=True
        )
    except subprocess.TimeoutExpired:
        raise Transient(f"systemctl {arguments[0]} did not answer within {patience:g} s") from None
    except subprocess.CalledProcessError as error:
        if error.returncode == NOT_FOUND:
            raise Transient("systemctl is not installed here") from None
        raise Transient(_failure(arguments, error.stderr)) from None
    return done.stdout


def _failure(arguments: tuple[str, ...], stderr: str) -> str:
    if "not been booted with systemd" in stderr:
        return "systemd does not run on this machine"
    return f"systemctl {arguments[0]} {arguments[-1]} failed: {stderr.partition(chr(10))[0]}"


def _fields(block: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in block.splitlines() if "=" in line)


def _state(daemon: DaemonInfo, shown: dict[str, str], timer: dict[str, str]) -> UnitState:
    """Return a unit's state; a job that a timer starts is enabled, and alive, when its timer is, and ends by itself."""
    judged = timer if daemon.kind is Kind.TIMER else shown
    ended = shown if judged.get("ActiveState") == "active" else judged
    return UnitState(
        daemon=daemon.name,
        unit=daemon.unit,
        enabled=judged.get("UnitFileState", "") in _ENABLED,
        active_state=judged.get("ActiveState", "unknown"),
        sub_state=judged.get("SubState", "unknown"),
        result=ended.get("Result", ""),
        exit_status=_number(ended.get("ExecMainStatus", "")) or 0,
        main_pid=_number(shown.get("MainPID", "")) or 0,
        since=_timestamp(judged.get("StateChangeTimestamp", "")),
        memory_bytes=_number(shown.get("MemoryCurrent", "")),
        status_text=shown.get("StatusText", ""),
        restarts=_number(judged.get("NRestarts", "")) or 0,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _timestamp(text: str) -> float | None:
    """Return epoch seconds of `@1764724344`, or of the local form that systemd before 247 prints for it."""
    if text.startswith("@"):
        return float(text[1:])
    try:
        return datetime.strptime(text, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
