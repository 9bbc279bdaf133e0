"""`volspike up`: the whole suite in the foreground, against Binance or the simulator."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from msgspec import json

from volspike import settings as settings_module
from volspike.cli import suite
from volspike.cli.terminal import Terminal
from volspike.clients.binance.rest import Rest
from volspike.clients.errors import Permanent, Transient
from volspike.clients.supervision import foreground
from volspike.runtime.sockets import PortInUseError, listen
from volspike.settings import Settings
from volspike.state import documents
from volspike.supervisor.loop import ForegroundSuite

SIMULATOR_START_SECONDS = 15.0
DEMO_HINT = "try the suite without Binance: make demo (volspike up --simulate)"


def up(
    simulate: Annotated[bool, typer.Option("--simulate", help="Against the simulator instead of Binance.")] = False,
    simulator_port: Annotated[int, typer.Option(min=1, max=65_535, help="Port of the simulator.")] = 8890,
    fault: Annotated[
        list[str] | None, typer.Option(help="Start the simulator with this fault; see volspike simulate --help.")
    ] = None,
) -> None:
    """Run all daemons as children of this process: restarted when they fail or hang, their output on this terminal.

    Ctrl-C ends everything in order. In production systemd does this; see the README.
    """
    suite.become_service_user()
    if simulate:
        _run_simulated(simulator_port, fault or [])
    else:
        _run_live()


def _run_live() -> None:
    variables = settings_module.environment()
    settings = suite.load_settings(variables)
    _refuse_second(settings)
    try:
        Rest(settings.binance_rest_url, settings.clock, account=None).server_time()
    except (Transient, Permanent) as error:
        suite.fail(f"{error}; {DEMO_HINT}")
    places = {"VOLSPIKE_STATE_DIR": str(settings.state_dir), "VOLSPIKE_RUNTIME_DIR": str(settings.runtime_dir)}
    told = {name: value for name, value in variables.items() if name in settings_module.PUBLIC_NAMES}
    _supervise(settings, {**told, **places}, simulated=False)


def _run_simulated(port: int, faults: list[str]) -> None:
    given = settings_module.environment()
    state_dir = suite.demo_directory(settings_module.default_state_dir(given))
    runtime_dir = suite.demo_directory(settings_module.default_runtime_dir(given))
    variables = {
        "BINANCE_REST_URL": f"http://127.0.0.1:{port}",
        "BINANCE_WS_URL": f"ws://127.0.0.1:{port}",
        "VOLSPIKE_STATE_DIR": str(state_dir),
        "VOLSPIKE_RUNTIME_DIR": str(runtime_dir),
        "VOLSPIKE_CLOCK_RATE": str(suite.load_settings(given).clock),
        "FUNDING_API_PORT": given.get("FUNDING_API_PORT", "8888"),
    }
    settings = suite.load_settings({**given, **variables})
    _refuse_second(settings)
    for directory in (state_dir, runtime_dir):
        shutil.rmtree(directory, ignore_errors=True)
        shutil.rmtree(documents.health_directory(directory), ignore_errors=True)
    simulator = _start_simulator(port, faults, variables)
    try:
        _supervise(settings, variables, simulated=True)
    finally:
        simulator.terminate()
        simulator.wait()


def _refuse_second(settings: Settings) -> None:
    if foreground.is_running(settings.runtime_dir):
        suite.fail(f"a suite already runs in {settings.runtime_dir}; see volspike status")
    try:
        listen(settings.funding_api_host, settings.funding_api_port).close()
    except PortInUseError as error:
        suite.fail(f"{error}; stop it or set FUNDING_API_PORT")
    except OSError as error:
        suite.fail(f"cannot listen on {settings.funding_api_host} ({error.strerror}); set FUNDING_API_HOST")


def _start_simulator(port: int, faults: list[str], variables: dict[str, str]) -> subprocess.Popen[bytes]:
    with tempfile.TemporaryDirectory() as scratch:
        announced = Path(scratch, "simulator.json")
        flags = [f"--fault={fault}" for fault in faults]
        process = subprocess.Popen(
            [sys.executable, "-m", "volspike", "simulate", f"--port={port}", f"--announce={announced}", *flags],
            env={**os.environ, "LOG_LEVEL": "WARNING", "VOLSPIKE_CLOCK_RATE": variables["VOLSPIKE_CLOCK_RATE"]},
            start_new_session=True,
        )
        end = time.monotonic() + SIMULATOR_START_SECONDS
        while not announced.exists():
            if process.poll() is not None:
                raise SystemExit(process.returncode)  # it has said why
            if time.monotonic() > end:
                process.kill()
                suite.fail(f"the simulator did not start within {SIMULATOR_START_SECONDS:.0f} s")
            time.sleep(0.02)
        json.decode(announced.read_bytes())
    return process


def _supervise(settings: Settings, variables: dict[str, str], *, simulated: bool) -> None:
    try:
        settings.runtime_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
        settings.state_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        suite.fail(f"the directory {error.filename} cannot be made ({error.strerror})")
    terminal = Terminal(settings, simulated=simulated)
    terminal.welcome()
    children = ForegroundSuite(
        settings.runtime_dir, variables, simulated=simulated, say=terminal.say, on_change=terminal.introduce_once
    )
    children.run()
    terminal.goodbye()
