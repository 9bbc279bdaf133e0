"""Which suite a command means, and as whom it runs: production, the `volspike up` of this user, or the settings."""

import os
import pwd
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from volspike import settings as settings_module
from volspike.clients.errors import Transient
from volspike.clients.supervision import foreground
from volspike.model.supervision import Supervision
from volspike.settings import (
    EX_CONFIG,
    PRODUCTION_ENV_FILE,
    PRODUCTION_RUNTIME_DIR,
    PRODUCTION_STATE_DIR,
    PUBLIC_NAMES,
    VARIABLES,
    Settings,
    SettingsError,
)
from volspike.state import documents

EX_USAGE = 2
SERVICE_USER = "volspike"
NOTHING_RUNS = "no suite runs for this user; start one: make demo, or volspike up"
RUNTIME = "VOLSPIKE_RUNTIME_DIR"
PLACES = ("VOLSPIKE_STATE_DIR", RUNTIME, "VOLSPIKE_CLOCK_RATE", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "HOME")
"""What says where a suite is, and what time it has there."""
SECRETS = {name for variable in VARIABLES if variable.secret for name in (variable.name, variable.alias)}


def fail(message: str, code: int = 1) -> NoReturn:
    """End the command with one line on standard error."""
    sys.stderr.write(f"volspike: {message}\n")
    raise SystemExit(code)


def is_production() -> bool:
    """Tell whether the suite is installed on this machine; its settings are where an ordinary user may not look."""
    try:
        return PRODUCTION_ENV_FILE.exists()
    except PermissionError:
        return True


def nothing_runs(settings: Settings) -> bool:
    """Tell whether neither a suite is installed nor a `volspike up` of this user runs, and no other place is meant."""
    usual = settings_module.default_runtime_dir(settings_module.environment())
    return not is_production() and settings.runtime_dir == usual and not foreground.is_running(usual)


def become_service_user() -> None:
    """As root on a machine with the suite installed: become its user, so that no root-owned file is left behind."""
    if os.geteuid() != 0 or not is_production():
        return
    try:
        user = pwd.getpwnam(SERVICE_USER)
    except KeyError:
        fail(f"the user {SERVICE_USER} does not exist; run deploy/install.sh again")
    os.initgroups(SERVICE_USER, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ["HOME"] = user.pw_dir
    for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME"):
        os.environ.pop(name, None)


def refused_to(error: OSError, *, is_suite_s: bool = True) -> str:
    """Return to whom a file was refused: on a server not to root, who gave the command and may well have it.

    Where it `is_suite_s` own, with what may mend that.
    """
    if not isinstance(error, PermissionError):
        return ""
    if is_production():
        return f" for the user {SERVICE_USER}{'; sudo volspike doctor says what mends it' if is_suite_s else ''}"
    return "; are you the user whose suite this is?" if is_suite_s else ""


def environment() -> dict[str, str]:
    """Return the settings' variables of the suite that is meant.

    In this order: what the process's environment says; the installed suite; a `volspike up` of this user with what it
    was started with; `.env`, from which a running suite gets its secrets, which it does not write down. A simulated
    suite has none of yours.
    """
    if is_production():
        return {**of_units(), **os.environ}
    given = settings_module.environment()
    running = None if RUNTIME in given else _running(given)
    if running is None:
        return given
    if running.simulated:
        return {**running.environment, **{name: os.environ[name] for name in os.environ.keys() - SECRETS}}
    unwritten = {name: value for name, value in given.items() if name not in PUBLIC_NAMES}
    return {**unwritten, **running.environment, **os.environ}


def of_units() -> dict[str, str]:
    """Return what the units of the installed suite are started with."""
    places = {"VOLSPIKE_STATE_DIR": str(PRODUCTION_STATE_DIR), RUNTIME: str(PRODUCTION_RUNTIME_DIR)}
    return {**places, **_installed_settings()}


def _installed_settings() -> dict[str, str]:
    if os.access(PRODUCTION_ENV_FILE, os.R_OK):
        return settings_module.read_file(PRODUCTION_ENV_FILE)
    if os.environ.get("SYSTEMD_EXEC_PID") == str(os.getpid()):  # a unit: systemd has read the file for it
        return {}
    fail(f"{PRODUCTION_ENV_FILE} is not readable for you; run this with sudo")


def _running(given: dict[str, str]) -> Supervision | None:
    default = settings_module.default_runtime_dir(given)
    for directory in (default, demo_directory(default)):
        try:
            return foreground.read(directory)
        except Transient:
            continue
    return None


def demo_directory(directory: Path) -> Path:
    """Return the directory of a simulated suite, beside the one of the real suite."""
    return directory.with_name(f"{directory.name}-demo")


def load_settings(variables: dict[str, str] | None = None) -> Settings:
    """Return the settings of the suite that is meant; end the command with every bad value."""
    return _good(settings_module.load, variables)


def load_places() -> Settings:
    """Return the settings of the suite that is meant with only its directories and its clock: others may be bad."""
    return _good(lambda given: settings_module.load({name: given[name] for name in given.keys() & set(PLACES)}))


def load_to_look() -> Settings:
    """Return the settings of the suite that is meant for who only looks at it: the bad ones at their defaults.

    These are named in one line on standard error. The command ends where they are its directories or its clock.
    """
    return _good(_usable)


def _usable(variables: Mapping[str, str]) -> Settings:
    settings, problems = settings_module.examine(variables)
    if any(problem.variable in PLACES for problem in problems):
        raise SettingsError(problems)
    if problems:
        names = ", ".join(dict.fromkeys(problem.variable for problem in problems))
        check = f"{'sudo ' if is_production() else ''}volspike config check"
        sys.stderr.write(f"volspike: warning: no daemon starts with these bad settings: {names}; see {check}\n")
    return settings


def _good(load: Callable[[Mapping[str, str]], Settings], variables: Mapping[str, str] | None = None) -> Settings:
    try:
        return load(variables if variables is not None else environment())
    except SettingsError as error:
        for problem in error.problems:
            sys.stderr.write(f"volspike: bad setting: {problem}\n")
        raise SystemExit(EX_CONFIG) from None


def backend_key(settings: Settings) -> str:
    """Return the key of the embedded backend: the one that is set, else what `volspike up` has made, or nothing.

    Where there is none because no suite runs for this user the command ends.
    """
    path = settings.state_dir / documents.BACKEND_KEY
    try:
        return settings.backend_key or path.read_text().strip()
    except FileNotFoundError:
        return fail(NOTHING_RUNS) if nothing_runs(settings) else ""
    except OSError as error:
        fail(f"{path} cannot be read ({error.strerror}); are you the user who started the suite?")
