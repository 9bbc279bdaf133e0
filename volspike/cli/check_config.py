"""`volspike config check`: what the settings say and what is wrong with them."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from volspike import settings as settings_module
from volspike.cli import suite
from volspike.clients.errors import Misdirected
from volspike.settings import EX_CONFIG, PRODUCTION_ENV_FILE, VARIABLES, Settings, SettingsError


def check_config(
    file: Annotated[
        Path | None, typer.Option("--file", help="Check this env file alone instead of the settings in force.")
    ] = None,
) -> None:
    """Check all settings and say every error at once. Exit code 0 when they are good, 78 when not."""
    if file is not None and not file.is_file():
        suite.fail(f"{file} is not a file", 2)
    if file is None:
        suite.become_service_user()
    env_file = file or (PRODUCTION_ENV_FILE if suite.is_production() else Path(".env"))
    whose = ""
    try:
        variables = suite.environment() if file is None else settings_module.read_file(file)
        _warn(doubts(env_file) if env_file.is_file() else [])  # a slip is told beside what is wrong
        running = _running_directory(variables) if file is None else None
        _check(_place(env_file) if running is None else _suite_of(running), variables)
        if running is not None and env_file.is_file():
            whose = "for its next start: "
            _check(f"in {env_file}, for its next start,", settings_module.environment())
    except SettingsError as error:
        for problem in error.problems:
            sys.stderr.write(f"error: {whose}{problem}\n")
        raise SystemExit(EX_CONFIG) from None


def _check(place: str, variables: dict[str, str]) -> None:
    """Say that these settings are good, and what in them is doubtful; raise SettingsError when they are not good."""
    settings = settings_module.load(variables)
    _warn([*settings.doubts, *_wrong_addresses(settings)])
    count = sum(variable.name in variables for variable in VARIABLES)
    sys.stdout.write(f"settings {place} are good ({count} set, the others at their defaults)\n")


def _warn(told: list[str]) -> None:
    sys.stderr.writelines(f"warning: {doubt}\n" for doubt in told)


def doubts(env_file: Path) -> list[str]:
    """Return what in an env file is no error, and hardly what was meant."""
    commented = [
        f"{name}: systemd takes a trailing comment as part of the value; put it on a line of its own"
        for name in settings_module.commented_variables(env_file)
    ]
    strange = settings_module.strange_variables(settings_module.read_file(env_file))
    return [*commented, *(f"{name} is no setting{_meaning(meant)}" for name, meant in strange.items())]


def _meaning(meant: str) -> str:
    return f"; did you mean {meant}?" if meant else ""


def _wrong_addresses(settings: Settings) -> Iterator[str]:
    """Yield what is wrong with addresses as far as Apprise can tell; their destinations would be paused."""
    from volspike.clients.apprise.service import Service

    for name, url in settings.notify_urls.items():
        try:
            Service(name, url)
        except Misdirected as error:
            yield str(error)


def _running_directory(variables: dict[str, str]) -> Path | None:
    """Return where the suite runs that the settings are of; None when they are of no running one.

    Nothing but a suite that runs adds its directory to what this user has set.
    """
    if suite.is_production() or suite.RUNTIME in settings_module.environment():
        return None
    return Path(variables[suite.RUNTIME]) if suite.RUNTIME in variables else None


def _suite_of(directory: Path) -> str:
    demo = suite.demo_directory(settings_module.default_runtime_dir(os.environ))
    return f"of the running {'demo' if directory == demo else 'suite'} in {directory}"


def _place(env_file: Path) -> str:
    return f"in {env_file}" if env_file.is_file() else "of the environment"
