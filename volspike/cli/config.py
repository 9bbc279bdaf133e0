"""`volspike config`: the settings, shown, changed and checked."""

import getpass
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from volspike import settings as settings_module
from volspike.cli import completions, config_effect, suite
from volspike.cli.check_config import check_config
from volspike.cli.manual import Command, CommandGroup
from volspike.settings import EX_CONFIG, PRODUCTION_ENV_FILE, VARIABLES, Settings, SettingsError, env_edit
from volspike.settings.env_edit import UnwritableError
from volspike.settings.variables import Variable

HIDDEN = "(hidden)"

config = typer.Typer(cls=CommandGroup, no_args_is_help=True, rich_markup_mode=None)
Restart = Annotated[
    bool,
    typer.Option(
        "--restart",
        help="Restart at once the daemons that use what was changed, and those that a bad file had kept from starting.",
    ),
]


@config.callback()
def _config() -> None:
    """Show, change and check the settings.

    On a server they are in /etc/volspike/volspike.env, elsewhere in .env of the folder that you are in. The value of a
    secret is never shown, and never taken from the command line, which others can see.
    """


@config.command(cls=Command)
def get(
    name: Annotated[
        str | None, typer.Argument(help="The setting. Default: all of them.", autocompletion=completions.settings)
    ] = None,
) -> None:
    """Show what a setting is for the suite that is meant, or all of them as lines of an env file.

    Among all, what is at its default is behind a `#`. Of a secret it is said whether it is set.
    """
    suite.become_service_user()
    variables = suite.environment()
    loaded = suite.load_settings(variables)
    if name is not None:
        sys.stdout.write(_value(_setting(name), variables, loaded, hidden="set (hidden)", missing="not set") + "\n")
        return
    for variable in VARIABLES:
        mark = "" if settings_module.given(variable, variables) else "#"
        sys.stdout.write(f"{mark}{variable.name}={_value(variable, variables, loaded, hidden=HIDDEN)}\n")


@config.command(
    "set", cls=Command, context_settings={"ignore_unknown_options": True}
)  # a chat's number may be negative
def set_values(
    changes: Annotated[
        list[str],
        typer.Argument(
            metavar="CHANGE",
            help="NAME VALUE, or NAME=VALUE, several of these where they need each other. For a secret NAME alone: "
            "the value is asked for, or read from standard input, a line each.",
            autocompletion=completions.settings,
        ),
    ],
    restart: Restart = False,
) -> None:
    """Change settings in the env file, if the whole file is good with them; else nothing is changed.

    Comments and order stay, and so do owner and mode; the former file is kept beside it as .bak.
    """
    _change(_parsed(changes), restart=restart)


@config.command(cls=Command)
def unset(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME", help="What to take out.", autocompletion=completions.settings)
    ],
    restart: Restart = False,
) -> None:
    """Take settings out of the env file, so that their defaults hold again."""
    _change({_setting(name).name: None for name in names}, restart=restart)


config.command("check", cls=Command)(check_config)


def _named(name: str) -> Variable | None:
    return next((variable for variable in VARIABLES if name.upper() in (variable.name, variable.alias)), None)


def _setting(name: str) -> Variable:
    """Return the setting of this name; a name of none ends the command with the one that is meant."""
    found = _named(name)
    if found is None:
        meant = settings_module.strange_variables([name]).get(name, "")
        question = f"; did you mean {meant}?" if meant else ""
        suite.fail(f"{name} is no setting{question} (volspike config get lists them)", suite.EX_USAGE)
    return found


def _value(variable: Variable, variables: dict[str, str], loaded: Settings, *, hidden: str, missing: str = "") -> str:
    given = settings_module.given(variable, variables)
    if variable.secret:
        return hidden if given else missing
    held = getattr(loaded, variable.field)
    return given or variable.default or (str(held) if isinstance(held, str | Path) else "")


def _parsed(arguments: Sequence[str]) -> dict[str, str | None]:
    """Return the values that are wanted, those of secrets asked for. What was typed for a secret is not repeated."""
    if len(arguments) == 2 and "=" not in arguments[0] and not _setting(arguments[0]).secret:  # noqa: PLR2004
        return {_setting(arguments[0]).name: arguments[1]}
    wanted: dict[str, str | Variable] = {}
    secret = ""
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if (secret and _named(name) is None) or (equals and _setting(name).secret):  # a secret may have a `=` in it
            told = secret or _setting(name).name
            suite.fail(f"{told} is a secret: give its name alone, and its value when it is asked for", suite.EX_USAGE)
        variable = _setting(name)
        if not equals and not variable.secret:
            suite.fail(f"{variable.name} has no value: volspike config set {variable.name}=VALUE", suite.EX_USAGE)
        secret = variable.name if variable.secret else ""
        wanted[variable.name] = value if equals else variable
    return {name: _asked_for(value) if isinstance(value, Variable) else value for name, value in wanted.items()}


def _asked_for(variable: Variable) -> str:
    """Return a secret from the terminal, which does not show it, or from standard input."""
    line = getpass.getpass(f"{variable.name}: ") if sys.stdin.isatty() else sys.stdin.readline()
    value = line.strip()
    if not value:
        suite.fail(f"no value came for {variable.name}; nothing was changed", suite.EX_USAGE)
    return value


def _change(changes: dict[str, str | None], *, restart: bool) -> None:
    path = PRODUCTION_ENV_FILE if suite.is_production() else Path(".env")
    if suite.is_production() and os.geteuid() != 0:
        suite.fail(f"{path} is for root to change; run this with sudo")
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        after = env_edit.edited(before, changes)
        former, settings = _judged(before), settings_module.load(_environment(after))
        if after != before:
            env_edit.replace(path, after)
    except UnwritableError as error:
        suite.fail(f"{', '.join(changes)}: {error}; nothing was changed", suite.EX_USAGE)
    except SettingsError as error:
        for problem in error.problems:
            sys.stderr.write(f"error: {problem}\n")
        suite.fail(f"{path} {_wrong(before)}; nothing was changed", EX_CONFIG)
    except (OSError, UnicodeDecodeError) as error:
        suite.fail(f"{path} cannot be changed: {error}")
    if after == before:
        sys.stdout.write(f"{path} says so already; nothing was changed\n")
        if restart:
            config_effect.catch_up(list(changes), settings)
        return
    for name, value in changes.items():
        secret = _setting(name).secret
        told = "is at its default" if value is None else f"= {HIDDEN if secret else value}"
        sys.stdout.write(f"{name} {told}\n")
    sys.stdout.write(f"{path} is changed" + (f"; what it was is in {path.name}.bak\n" if before else "\n"))
    config_effect.tell(list(changes), former, settings, restart=restart)


def _environment(text: str) -> dict[str, str]:
    """Return what daemons would read: systemd gives them the file alone, a terminal its own variables too."""
    values = settings_module.values_in(text)
    return values if suite.is_production() else {**values, **os.environ}


def _wrong(before: str) -> str:
    """Return how to take it that the file would be wrong: it may have been so before the change."""
    if _judged(before) is not None:
        return "would be wrong with that"
    return "is wrong already: set all of these in one command (NAME= is the default), or edit it"


def _judged(text: str) -> Settings | None:
    """Return the settings of an env file as it was, which may have been wrong."""
    try:
        return settings_module.load(_environment(text))
    except SettingsError:
        return None
