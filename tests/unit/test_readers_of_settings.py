"""Which daemons read a setting, by their code: what says who has to be restarted for it must not fall behind."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.unit.test_architecture import PACKAGE, parsed
from volspike.cli import config_effect
from volspike.model.suite import DAEMONS, DaemonInfo
from volspike.settings import VARIABLES, Settings

NAMES = {variable.field: variable.name for variable in VARIABLES}
SECTIONS = {variable.name: variable.section for variable in VARIABLES}
TO_PEOPLE = {name for name, section in SECTIONS.items() if section in ("Chat", "Notifications")}
LIMITS = {name for name, section in SECTIONS.items() if section == "Health"}
OF_NO_EFFECT = {
    "user-alerts": {*TO_PEOPLE, "VOLSPIKE_API_URL_DEV"},  # what it finds goes to the first backend alone
    "oi-poller": {"VOLSPIKE_API_URL_DEV", "DISCORD_API_URL"},  # nor does this; and whether Discord is told, not where
    "volume-alerts": {"DISCORD_API_URL"},
    "dashboard": LIMITS - {"OUTBOX_AGE_WARNING", "OUTBOX_AGE_CRITICAL"},  # of all limits it shows this one
}
"""Settings that a daemon reads together with others, in one property, and that change nothing it does."""


def _module(name: str) -> Path | None:
    """Return where a module of the package is, relative to it."""
    path = Path(*name.split(".")[1:])
    found = [file for file in (path.with_suffix(".py"), path / "__init__.py") if (PACKAGE / file).is_file()]
    return found[0] if found else None


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def _found_in(module: Path) -> tuple[list[str], frozenset[str]]:
    """Return what a module imports, and what it reads of the settings."""
    tree = parsed(module)
    return list(_imports(tree)), frozenset(_attributes(tree, "settings"))


def _read_by(daemon: DaemonInfo) -> Iterator[str]:
    """Yield what is read of the settings by all that a daemon imports of the package, apart from the settings."""
    names, seen = [daemon.module], set[Path]()
    while names:
        name = names.pop()
        module = _module(name) if name.startswith("volspike.") and not name.startswith("volspike.settings") else None
        if module is not None and module not in seen:
            seen.add(module)
            imported, read = _found_in(module)
            yield from read
            names += imported


@cache
def _fields(attribute: str) -> frozenset[str]:
    """Return the variables behind an attribute of the settings: its own, or those that a property looks at."""
    if attribute in NAMES:  # where the first backend is follows from its port too, when nothing else is said
        return frozenset({NAMES[attribute], *(["BACKEND_PORT"] if attribute == "backend_url" else [])})
    if not hasattr(Settings, attribute):
        return frozenset()
    looked_at = _attributes(parsed(Path("settings/values.py")), "self", inside=attribute)
    return frozenset().union(*(_fields(name) for name in looked_at))


def _attributes(tree: ast.Module, owner: str, inside: str = "") -> Iterator[str]:
    within = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == inside]
    for node in ast.walk(within[0] if within else tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).split(".")[-1].lstrip("_") == owner:
            yield node.attr


@pytest.mark.parametrize("daemon", DAEMONS, ids=lambda daemon: daemon.name)
def test_a_setting_is_said_to_be_used_by_the_daemons_whose_code_reads_it(daemon: DaemonInfo) -> None:
    read = {name for one in _read_by(daemon) for name in _fields(one)}
    lacking = config_effect.changed_for(daemon.name, {}, dict.fromkeys(SECTIONS, "another value than the default"))

    assert set(lacking) == read - OF_NO_EFFECT.get(daemon.name, set())
