"""Environment → Settings: every bad value is reported, all of them together."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from volspike.settings.contradictions import contradictions
from volspike.settings.problems import Problem, SettingsError
from volspike.settings.values import Settings, is_embedded
from volspike.settings.variables import VARIABLES, Variable

PRODUCTION_STATE_DIR = Path("/var/lib/volspike")
PRODUCTION_RUNTIME_DIR = Path("/run/volspike")


def load(environment: Mapping[str, str]) -> Settings:
    """Return the settings of an environment; an empty value counts as not set.

    Raises SettingsError with every bad value, and with the good ones that contradict each other.
    """
    settings, problems = examine(environment)
    if problems:
        raise SettingsError(problems)
    return settings


def examine(environment: Mapping[str, str]) -> tuple[Settings, list[Problem]]:
    """Return the settings of an environment with the bad ones at their defaults, and all that is wrong with them."""
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for variable in VARIABLES:
        text = given(variable, environment) or _default(variable, environment)
        try:
            values[variable.field] = variable.parse(text)
        except ValueError:
            shown = "(not shown)" if variable.secret else text
            problems.append(Problem(variable.name, shown, f"must be {variable.allowed}"))
            values[variable.field] = variable.parse(_default(variable, {}))
    values["backend_url"] = values["backend_url"] or f"http://127.0.0.1:{values['backend_port']}"
    settings = Settings(**values)  # type: ignore[arg-type]
    if is_embedded(settings.backend_dev_url, settings.backend_port) and not settings.backend_dev_key:
        settings = replace(settings, backend_dev_key=settings.backend_key)
    bad = {problem.variable for problem in problems}  # what these were meant to be, nothing can contradict
    problems += [found.problem for found in contradictions(settings) if bad.isdisjoint(found.variables)]
    return settings, problems


def require_backend_key(settings: Settings) -> None:
    """Raise SettingsError when there is no key for the embedded backend: whoever speaks to it needs one."""
    if not settings.backend_key:
        raise SettingsError([Problem("VOLSPIKE_API_KEY", "", "must be set; volspike up and the installer make one")])


def given(variable: Variable, environment: Mapping[str, str]) -> str:
    """Return what an environment says of a variable, or nothing: an empty value counts as not set."""
    return environment.get(variable.name, "").strip() or environment.get(variable.alias, "").strip()


def _default(variable: Variable, environment: Mapping[str, str]) -> str:
    if variable.field == "state_dir":
        return str(default_state_dir(environment))
    if variable.field == "runtime_dir":
        return str(default_runtime_dir(environment))
    return variable.default


def default_state_dir(environment: Mapping[str, str]) -> Path:
    """Return where an ordinary user's suite keeps what must survive."""
    base = environment.get("XDG_STATE_HOME") or Path(environment.get("HOME") or "/root") / ".local/state"
    return Path(base) / "volspike"


def default_runtime_dir(environment: Mapping[str, str]) -> Path:
    """Return where an ordinary user's suite keeps what the next second replaces."""
    base = environment.get("XDG_RUNTIME_DIR")
    return Path(base) / "volspike" if base else Path(tempfile.gettempdir()) / f"volspike-{os.getuid()}"
