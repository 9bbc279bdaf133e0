"""The architecture, held by tests: every module has its test file, every daemon its module, unit and row."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from volspike import settings
from volspike.model.suite import DAEMONS, DaemonInfo, Kind

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "volspike"
MODULES = sorted(
    path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path.stem not in ("__init__", "__main__")
)
READERS_OF_THE_ENVIRONMENT = ("runtime/notify.py", "runtime/logs.py")
"""And the command line, which hands an environment on to the daemons that it starts."""


def names_in(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((PACKAGE / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):  # a field may be named open
            yield node.id


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_has_its_test_file(module: Path) -> None:
    assert (ROOT / "tests/unit" / module.parent / f"test_{module.name}").is_file()


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_begins_by_saying_what_it_is(module: Path) -> None:
    assert ast.get_docstring(ast.parse((PACKAGE / module).read_text(encoding="utf-8")))


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


@pytest.mark.parametrize(
    "module",
    [path for path in MODULES if path.as_posix() not in READERS_OF_THE_ENVIRONMENT and path.parts[0] != "cli"],
    ids=str,
)
def test_only_settings_read_the_environment(module: Path) -> None:
    names = set(names_in(module))

    if module.as_posix() == "supervisor/loop.py":  # hands its own environment on to its children
        names.discard("os.environ")
    assert not names & {"os.environ", "os.getenv", "environ", "getenv"}


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_nothing_is_printed(module: Path) -> None:
    assert "print" not in set(names_in(module))


@pytest.mark.parametrize("module", [path for path in MODULES if path.parts[0] in ("rules", "model")], ids=str)
def test_decisions_know_no_clock_no_file_and_no_socket(module: Path) -> None:
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert not imported & {
        "os",
        "time",
        "socket",
        "pathlib",
        "threading",
        "subprocess",
        "logging",
        "random",
        "requests",
    }
    assert not {"datetime.now", "datetime.today", "open"} & set(names_in(module))
