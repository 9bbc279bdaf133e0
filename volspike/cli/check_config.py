"""`volspike check-config`: what the settings say and what is wrong with them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from volspike import settings as settings_module
from volspike.cli import suite
from volspike.settings import EX_CONFIG, PRODUCTION_ENV_FILE, VARIABLES, SettingsError


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
    try:
        variables = suite.environment() if file is None else settings_module.read_file(file)
        if env_file.is_file():
            for name in settings_module.commented_variables(env_file):
                sys.stderr.write(
                    f"warning: {name}: systemd takes a trailing comment as part of the value; "
                    "put it on a line of its own\n"
                )
        settings_module.load(variables)
    except SettingsError as error:
        for problem in error.problems:
            sys.stderr.write(f"error: {problem}\n")
        raise SystemExit(EX_CONFIG) from None
    known = {variable.name for variable in VARIABLES}
    sys.stdout.write(f"settings are good ({len(known & variables.keys())} set, the others at their defaults)\n")
