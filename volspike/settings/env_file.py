"""The file that settings are kept in: reading it, and the example of one."""

from collections.abc import Iterable
from difflib import get_close_matches
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from volspike.settings.problems import Problem, SettingsError
from volspike.settings.variables import VARIABLES

PRODUCTION_ENV_FILE = Path("/etc/volspike/volspike.env")
_PREFIXES = ("VOLSPIKE_", "OI_", "BINANCE_", "FUNDING_", "WS_", "TELEGRAM_", "DISCORD_", "NOTIFY_", "VOLUME_")
_LIKENESS = 0.8
"""How much of a name must be that of a setting, so that it is rather a slip than something of another program."""


def read_file(env_file: Path) -> dict[str, str]:
    """Return the variables of an env file; none when it does not exist. Raises SettingsError when it is no text."""
    try:
        values = dotenv_values(env_file, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([Problem(str(env_file), str(error), "must be readable text in UTF-8")]) from None
    return {name: value for name, value in values.items() if value is not None}


def values_in(text: str) -> dict[str, str]:
    """Return the variables in the text of an env file."""
    values = dotenv_values(stream=StringIO(text), interpolate=False)
    return {name: value for name, value in values.items() if value is not None}


def example() -> str:
    """Return the text of `.env.example`."""
    lines = [
        "# Settings of VolSpike, all optional. Production: /etc/volspike/volspike.env; development: .env",
        "# Put comments on lines of their own: systemd takes a trailing one as part of the value.",
    ]
    section = ""
    for variable in VARIABLES:
        if variable.section != section:
            section = variable.section
            lines += ["", f"## {section}"]
        lines += [f"# {variable.meaning} ({variable.allowed})", f"#{variable.name}={variable.default}"]
    return "\n".join(lines) + "\n"


def strange_variables(names: Iterable[str]) -> dict[str, str]:
    """Return those names that are no setting and look like one, each with the setting that is meant, if any is near."""
    known = {name for variable in VARIABLES for name in (variable.name, variable.alias) if name}
    strange = {}
    for name in sorted(set(names) - known):
        meant = next(iter(get_close_matches(name.upper(), sorted(known), 1, _LIKENESS)), "")
        if meant or name.startswith(_PREFIXES):
            strange[name] = meant
    return strange


def commented_variables(env_file: Path) -> list[str]:
    """Return the variables of an env file whose value carries a trailing `# comment`, which systemd would keep.

    Their values are not returned: they may be secrets.
    """
    found = []
    for line in env_file.read_text(encoding="utf-8").splitlines():
        name, separator, value = line.partition("=")
        if (
            separator
            and not name.lstrip().startswith("#")
            and " #" in value
            and not value.strip().startswith(('"', "'"))
        ):
            found.append(name.strip())
    return found
