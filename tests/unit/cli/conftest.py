"""A place of the test's own for commands, on a machine where the suite is not installed."""

import os
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import typer.main
import typer.testing
from typer.testing import CliRunner, Result

from tests.processes import until
from volspike.archive import making
from volspike.cli import check_config, config, suite
from volspike.cli.app import app
from volspike.model.health import UnitState
from volspike.model.supervision import Supervision
from volspike.settings import VARIABLES
from volspike.state import documents, file

Supervise = Callable[..., None]
StartedWith = Callable[..., int]


class Command:
    """The command line in this process, with the environment of the test's place."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.environment: dict[str, str] = {}

    def __call__(self, *arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, list(arguments), input=typed, env=self.environment, prog_name="volspike")

    @property
    def runtime_dir(self) -> Path:
        return self.place / "run"


class Systemctl:
    """A program named systemctl, alone on the PATH, that shows two units and the timer of a third."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        (directory / "bin").mkdir()
        self.answers()

    def answers(self, feed: str = "active", *, status: int = 0, errors: str = "", then: str = "") -> None:
        """Let it show the feed in this state, and do `then` and end like this when it is asked to act."""
        shown = (("binance-funding-ws.service", "enabled", feed), ("volspike.service", "enabled", "active"),
                 ("funding-health-check.service", "static", "inactive"),
                 ("funding-health-check.timer", "enabled", "active"))  # fmt: skip
        blocks = [
            f"Id={unit}\nLoadState=loaded\nUnitFileState={enabled}\nActiveState={state}\nSubState=so\n"
            for unit, enabled, state in shown
        ]
        (self._directory / "shown").write_text("\n".join(blocks))
        program = self._directory / "bin" / "systemctl"
        program.write_text(
            f'#!/bin/sh\ncase "$*" in *" show "*) exec /bin/cat {self._directory}/shown ;; esac\n'
            f'echo "$@" >> {self._directory}/asked\n'
            f'case "$*" in *reset-failed*) exit 0 ;; esac\n{then}\necho "{errors}" >&2\nexit {status}\n'
        )
        program.chmod(0o755)

    def says(self, unit: str, *lines: str) -> None:
        """Let it show more of a unit."""
        shown = self._directory / "shown"
        shown.write_text(shown.read_text().replace(f"Id={unit}\n", "\n".join((f"Id={unit}", *lines, ""))))

    @property
    def asked(self) -> list[str]:
        """Return what it was told to do, without what it had to forget first."""
        asked = self._directory / "asked"
        lines = asked.read_text().splitlines() if asked.exists() else []
        return [line.removeprefix("--no-pager ") for line in lines if "reset-failed" not in line]


@pytest.fixture(scope="package", autouse=True)
def built_once() -> Iterator[None]:
    """Let an app be built into its commands once: typer does it for each call, and it takes longer than most calls."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.testing, "_get_command", cache(typer.main.get_command))
        yield


@pytest.fixture
def server(volspike: Command, monkeypatch: pytest.MonkeyPatch) -> Systemctl:
    """The suite installed here, for root to command."""
    installed = volspike.place / "volspike.env"
    installed.write_text("# ours\nLOG_LEVEL=INFO\n")
    for module in (suite, check_config, config):
        monkeypatch.setattr(module, "PRODUCTION_ENV_FILE", installed)
    monkeypatch.setattr(suite, "become_service_user", lambda: None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    volspike.environment["PATH"] = str(volspike.place / "bin")
    return Systemctl(volspike.place)


@pytest.fixture
def supervise() -> Iterator[Supervise]:
    """Let a suite run in a directory: what its supervisor says, and the lock that it holds as long as it lives."""
    locks: list[int] = []

    def begin(directory: Path, *units: UnitState, simulated: bool = True, **environment: str) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        content = Supervision(1, os.getpid(), simulated, environment, list(units))
        file.write(directory / documents.SUPERVISION, documents.encode(content))
        lock = file.hold(directory / documents.SUPERVISION_LOCK)
        assert lock is not None
        locks.append(lock)

    yield begin
    for lock in locks:
        os.close(lock)


@pytest.fixture
def started_with() -> Iterator[StartedWith]:
    """Start a process with an environment, as systemd starts a daemon of the installed suite; return its pid."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(**environment: str) -> int:
        places = {"VOLSPIKE_STATE_DIR": "/var/lib/volspike", "VOLSPIKE_RUNTIME_DIR": "/run/volspike"}
        started.append(subprocess.Popen(["/bin/sleep", "600"], env=places | environment))
        told = Path(f"/proc/{started[-1].pid}/environ")
        until(told.read_bytes, 60, "its environment")  # while a program is being loaded, it has none
        return started[-1].pid

    yield begin
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def volspike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line, in an empty folder, over empty directories."""
    for name in [*(variable.name for variable in VARIABLES), "HTTP_PROXY", "http_proxy"]:
        monkeypatch.delenv(name, raising=False)
    for module in (suite, check_config, config):
        monkeypatch.setattr(module, "PRODUCTION_ENV_FILE", tmp_path / "not-installed.env")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "session"))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)  # a demo empties its place first, and this is somebody's
    for name in ("run", "run-health", "state", "state-health"):
        os.mkdir(tmp_path / name)
    command = Command(tmp_path)
    command.environment = {
        "VOLSPIKE_RUNTIME_DIR": str(tmp_path / "run"),
        "VOLSPIKE_STATE_DIR": str(tmp_path / "state"),
    }
    return command


@pytest.fixture
def state_dir(volspike: Command) -> Path:
    """A state directory of which a backup was made, and which has changed since."""
    directory = volspike.place / "state"
    volspike.environment["VOLSPIKE_STATE_DIR"] = str(directory)
    (directory / "memory.json").write_text("then")
    volspike("backup")
    (directory / "memory.json").write_text("now")
    return directory


@pytest.fixture
def backup(volspike: Command) -> Path:
    """The newest backup of that directory."""
    return making.listing(volspike.place / "state-backups")[0].path
