"""The architecture, held by tests: every module has its test file, every daemon its module, unit and row."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from volspike import settings
from volspike.model.suite import DAEMONS, DaemonInfo, Kind

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "volspike"
MODULES = sorted(
    path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path.stem not in ("__init__", "__main__")
)
READERS_OF_THE_ENVIRONMENT = {"runtime/notify.py", "runtime/logs.py", "supervisor/loop.py"}
"""The loop hands its own on to its children; and the command line, to the daemons that it starts."""
DECISIONS = [module for module in MODULES if module.parts[0] in ("rules", "model")]
OF_THE_WORLD = {"os", "time", "socket", "pathlib", "threading", "subprocess", "logging", "random", "requests"}


def parsed(module: Path) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text(encoding="utf-8"))


@cache
def names_in(module: Path) -> frozenset[str]:
    return frozenset(_names(parsed(module)))


def _names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):  # a field may be named open
            yield node.id


def imported_by(module: Path) -> Iterator[str]:
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_every_module_has_its_test_file() -> None:
    files = {module: ROOT / "tests/unit" / module.parent / f"test_{module.name}" for module in MODULES}

    assert not [module for module, file in files.items() if not file.is_file()]


def test_every_module_begins_by_saying_what_it_is() -> None:
    assert not [module for module in MODULES if not ast.get_docstring(parsed(module))]


@pytest.mark.parametrize("daemon", DAEMONS, ids=lambda daemon: daemon.name)
def test_every_daemon_has_a_module_and_a_unit_that_runs_it(daemon: DaemonInfo) -> None:
    assert (ROOT / (daemon.module.replace(".", "/") + ".py")).is_file()
    unit = (ROOT / "systemd" / daemon.unit).read_text()
    assert re.search(rf"^ExecStart=\S+/volspike run {daemon.name}$", unit, re.MULTILINE)
    timer = ROOT / "systemd" / daemon.unit.replace(".service", ".timer")
    assert timer.is_file() == (daemon.kind is Kind.TIMER)


@pytest.mark.parametrize("daemon", DAEMONS, ids=lambda daemon: daemon.name)
def test_every_daemon_has_its_row_in_the_readme(daemon: DaemonInfo) -> None:
    rows = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")]

    assert any(f"`volspike run {daemon.name}`" in row and daemon.unit.removesuffix(".service") in row for row in rows)


def test_every_unit_runs_a_daemon() -> None:
    assert {path.name for path in (ROOT / "systemd").glob("*.service")} == {daemon.unit for daemon in DAEMONS}


def test_the_example_of_the_settings_is_the_one_they_write() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == settings.example()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-tgcrypto.lock"])
def test_a_lock_file_names_hashes_and_no_index(name: str) -> None:
    lock = (ROOT / name).read_text()

    assert "--hash=sha256:" in lock
    assert not re.search(r"https?:|--index|--extra-index|--find-links|--trusted-host|@ file:", lock)


def test_only_settings_read_the_environment() -> None:
    readings = {
        (module.as_posix(), name)
        for module in MODULES
        for name in names_in(module) & {"os.environ", "os.getenv", "environ", "getenv"}
        if module.parts[0] != "cli"
    }

    assert readings == {(reader, "os.environ") for reader in READERS_OF_THE_ENVIRONMENT}


def test_nothing_is_printed() -> None:
    assert not [module for module in MODULES if "print" in names_in(module)]


def test_decisions_know_no_clock_no_file_and_no_socket() -> None:
    assert not [(module, worldly) for module in DECISIONS if (worldly := OF_THE_WORLD & set(imported_by(module)))]
    calls = {"datetime.now", "datetime.today", "open"}
    assert not [(module, worldly) for module in DECISIONS if (worldly := calls & names_in(module))]
