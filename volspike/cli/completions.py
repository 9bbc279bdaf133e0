"""What the shell offers behind Tab: daemons, settings, and symbols that the feed knows.

Whatever goes wrong, a completion offers nothing and says nothing: the operator is in the middle of a line.
"""

from contextlib import redirect_stderr, suppress
from io import StringIO

import msgspec

from volspike.cli import suite
from volspike.model.suite import DAEMONS
from volspike.settings import VARIABLES, SettingsError
from volspike.state import documents


class _Symbols(msgspec.Struct):
    """What a completion needs of the funding state: the names alone, so that 800 symbols cost nothing."""

    funding_state: dict[str, msgspec.Raw]


def daemons(incomplete: str) -> list[tuple[str, str]]:
    """Return the daemons whose name, or else whose unit, begins like this, each with what it does."""
    by_name = [(daemon.name, daemon.does) for daemon in DAEMONS if daemon.name.startswith(incomplete)]
    return by_name or [(daemon.unit, daemon.does) for daemon in DAEMONS if daemon.unit.startswith(incomplete)]


def settings(incomplete: str) -> list[tuple[str, str]]:
    """Return the settings whose name begins like this, in the letter case of that, each with its meaning."""
    named = [(_cased(variable.name, incomplete), variable.meaning) for variable in VARIABLES]
    return [(name, meaning) for name, meaning in named if name.startswith(incomplete)]


def symbols(incomplete: str) -> list[str]:
    """Return the symbols of the running suite that begin like this, in the letter case of that."""
    with redirect_stderr(StringIO()), suppress(SystemExit, SettingsError, OSError, msgspec.MsgspecError):
        path = suite.load_places().runtime_dir / documents.FUNDING
        known = msgspec.json.decode(path.read_bytes(), type=_Symbols).funding_state
        return sorted(name for name in (_cased(name, incomplete) for name in known) if name.startswith(incomplete))
    return []


def _cased(name: str, incomplete: str) -> str:
    """Return a name in lower case where it was begun so: the shell replaces nothing that was typed."""
    return name.lower() if incomplete.islower() else name
