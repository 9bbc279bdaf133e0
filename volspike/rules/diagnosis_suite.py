"""Judging what a doctor sees of the suite itself: units, their files, releases and ports."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from volspike.model.diagnosis import Port, Symptom, UnitFile
from volspike.model.health import UnitState
from volspike.model.suite import BACKEND, EX_CONFIG, TELEGRAM_POLLER, Kind, daemon_named
from volspike.model.units import timer_of
from volspike.rules.diagnosis import TERMINAL, bad, ok, warn
from volspike.rules.health import ending, is_failing_job

UP_TO_DATE = "every daemon that runs was started with their present values"


def units(states: Sequence[UnitState], *, embedded_backend: bool, installed: bool) -> Iterator[Symptom]:
    """Judge the daemons, those that systemd runs where the suite is installed, else those of a terminal."""
    for state in states:
        yield _unit(state, embedded_backend=embedded_backend, installed=installed)


def _unit(state: UnitState, *, embedded_backend: bool, installed: bool) -> Symptom:
    sudo = "sudo " if installed else ""
    name = f"{state.daemon} ({state.unit})"
    wanted = embedded_backend or state.daemon != BACKEND
    if not state.enabled:
        return _disabled(state, name, wanted=wanted, sudo=sudo)
    if not wanted:
        return warn(
            "units", f"{name} is enabled, and the settings name other backends", _switch("disable", state, sudo)
        )
    if state.active_state in ("active", "reloading"):
        return _running(state, name, sudo, installed=installed)
    return _down(state, name, sudo, installed=installed)


def _running(state: UnitState, name: str, sudo: str, *, installed: bool) -> Symptom:
    if is_failing_job(state):
        text = f"{name} has failed when it ran last ({ending(state)})"
        looks = f"{sudo}volspike logs {state.daemon}" if installed else f"look at {TERMINAL}"
        return warn("units", text, f"{looks}  # why; its timer tries it again")
    if not state.restarts:
        return ok("units", f"{name} is {state.active_state}")
    times = "once" if state.restarts == 1 else f"{state.restarts} times"
    last = f", last at {datetime.fromtimestamp(state.since, UTC):%Y-%m-%d %H:%M:%S} UTC" if state.since else ""
    text = f"{name} is {state.active_state}, but it had ended and was started again {times}{last}"
    return warn("units", text, f"{sudo}volspike logs {state.daemon}  # why; a restart by hand forgets the count")


def _down(state: UnitState, name: str, sudo: str, *, installed: bool) -> Symptom:
    if state.exit_status == EX_CONFIG and state.daemon == TELEGRAM_POLLER:  # settings are judged by themselves
        text = f"{name} is {state.active_state}: not logged in, or bad settings"
        return bad("units", text, f"{sudo}volspike telegram-login && {sudo}volspike restart {state.daemon}")
    if state.exit_status == EX_CONFIG:
        return bad("units", f"{name} is {state.active_state} for bad settings", f"{sudo}volspike config check")
    if state.active_state == "failed" or state.sub_state == "auto-restart":
        logs = f"volspike logs {state.daemon}" if installed else f"see {TERMINAL}"
        text = f"{name} has failed ({ending(state)}; {logs})"
        return bad("units", text, f"{sudo}volspike restart {state.daemon}")
    if state.active_state == "activating":
        looks = f"{sudo}volspike logs {state.daemon} -f" if installed else f"look at {TERMINAL}"
        return warn("units", f"{name} is starting ({state.sub_state})", looks)
    return bad("units", f"{name} is {state.active_state}", f"{sudo}volspike start {state.daemon}")


def _disabled(state: UnitState, name: str, *, wanted: bool, sudo: str) -> Symptom:
    if not wanted:
        return ok("units", f"{name} is not enabled: the settings name other backends")
    if state.daemon == BACKEND:
        return bad("units", f"{name} is not enabled, and the settings point at it", _switch("enable", state, sudo))
    return warn("units", f"{name} is not enabled", _switch("enable", state, sudo))


def _switch(verb: str, state: UnitState, sudo: str) -> str:
    daemon = daemon_named(state.daemon)
    return f"{sudo}systemctl {verb} --now {timer_of(daemon) if daemon.kind is Kind.TIMER else daemon.unit}"


def timers(active: Mapping[str, bool]) -> Iterator[Symptom]:
    """Judge the timers of jobs that are no daemons: whether each is active."""
    for timer, is_active in active.items():
        if is_active:
            yield ok("timers", f"{timer} is active")
        else:
            yield warn("timers", f"{timer} is not active", f"sudo systemctl enable --now {timer}")


def unit_files(files: Sequence[UnitFile], needing_reload: Sequence[str]) -> Iterator[Symptom]:
    """Judge the installed unit files by the shipped ones; what an operator has added is no fault."""
    faults = [symptom for file in files for symptom in _unit_file(file)]
    yield from faults or [ok("unit files", f"{len(files)} as shipped with this release")]
    for file in files:
        if file.own_drop_ins:
            yield ok("unit files", f"{file.unit} has additions of yours: {', '.join(file.own_drop_ins)}")
    if needing_reload:
        changed = ", ".join(needing_reload)
        yield warn("unit files", f"systemd has not read yet what changed in {changed}", "sudo systemctl daemon-reload")


def _unit_file(file: UnitFile) -> Iterator[Symptom]:
    restart = f" && sudo systemctl try-restart {file.unit}" if file.unit.endswith(".service") else ""
    if file.differs or file.missing:
        how = "is missing" if file.missing else "differs from the one of this release"
        mends = f"sudo install -m 644 {file.shipped} {file.installed} && sudo systemctl daemon-reload{restart}"
        yield bad("unit files", f"{file.installed} {how}", mends)
    if file.drop_in_missing:
        link = f"{file.installed}.d/10-volspike.conf"
        mends = (
            f"sudo mkdir -p {file.installed}.d && sudo ln -sfn {_common(file)} {link} && "
            f"sudo systemctl daemon-reload{restart}"
        )
        yield bad("unit files", f"{link}, the hardening of {file.unit}, is missing or leads elsewhere", mends)


def _common(file: UnitFile) -> str:
    return f"{file.shipped.rpartition('/')[0]}/common.conf"


def releases(current: str, running: Mapping[str, str], own: str) -> Iterator[Symptom]:
    """Judge which release each daemon runs, by its name; `own` is that of the command that asks."""
    if not current:
        yield bad("release", "/opt/volspike/current leads to no release", "sudo deploy/install.sh  # in a checkout")
        return
    others = {daemon: release for daemon, release in running.items() if release != current}
    for daemon, release in others.items():
        text = f"{daemon} still runs {release or 'something else'} instead of {current}"
        yield bad("release", text, f"sudo volspike restart {daemon}")
    if own != current:
        text = f"this command is of {own or 'a checkout'}, not of {current}"
        yield warn("release", text, "sudo /opt/volspike/current/bin/volspike doctor")
    if not others:
        yield ok("release", f"{current}, and every daemon that runs is of it")


def older_settings(changed: Mapping[str, Sequence[str]]) -> Symptom:
    """Judge which daemons run with other values than the settings have now: of each, what is not the same."""
    if not changed:
        return ok("settings", UP_TO_DATE)
    named = ", ".join(f"{daemon} ({', '.join(names)})" for daemon, names in changed.items())
    return warn("settings", f"changed since these were started: {named}", f"sudo volspike restart {' '.join(changed)}")


def unseen_settings(older: Sequence[str]) -> Symptom:
    """Judge daemons that are older than their settings, for who may not see what they were started with."""
    if not older:
        return ok("settings", UP_TO_DATE)
    text = f"changed after {', '.join(older)} were started; whether they use what was changed, only root sees"
    return warn("settings", text, "sudo volspike doctor")


def ports(looked_at: Sequence[Port], pids: Mapping[str, int], sudo: str) -> Iterator[Symptom]:
    """Judge who listens where our servers do; `pids` are those of the daemons that run."""
    for port in looked_at:
        ours = pids.get(port.daemon, 0)
        text = f"port {port.port} of {port.daemon}"
        if port.holder_pid is None:
            if ours:
                yield bad("ports", f"{text}: nobody listens", f"{sudo}volspike restart {port.daemon}")
            else:
                yield ok("ports", f"{text} is free")
        elif ours and port.holder_pid in (ours, 0):
            yield ok("ports", f"{text} is held by it")
        elif port.holder_pid == 0:
            yield warn("ports", f"{text} is held by a process that you cannot see", "sudo volspike doctor")
        else:
            mends = f"{sudo}kill {port.holder_pid}  # or another port: {sudo}volspike config set {port.variable}=…"
            yield bad("ports", f"{text} is held by {port.holder}", mends)
