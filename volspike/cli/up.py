"""`volspike up`: the whole suite in the foreground, against Binance or the simulator."""

import os
import shutil
from typing import Annotated

import typer

from volspike import settings as settings_module
from volspike.cli import suite
from volspike.cli.terminal import Terminal
from volspike.clients.errors import Permanent, Transient
from volspike.clients.supervision import foreground
from volspike.runtime.sockets import PortInUseError, listen
from volspike.settings import Settings
from volspike.state import documents, file
from volspike.supervisor.exchange import ExchangeError, SimulatedExchange
from volspike.supervisor.loop import ForegroundSuite

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
    from volspike.clients.binance.rest import Rest

    variables = settings_module.environment()
    settings = suite.load_settings(variables)
    _refuse_second(settings)
    try:
        Rest(settings.binance_rest_url, settings.clock, account=None).server_time()
    except (Transient, Permanent) as error:
        suite.fail(f"{error}; {DEMO_HINT}")
    places = {"VOLSPIKE_STATE_DIR": str(settings.state_dir), "VOLSPIKE_RUNTIME_DIR": str(settings.runtime_dir)}
    _supervise(settings, {**variables, **places}, exchange=None)


def _run_simulated(port: int, faults: list[str]) -> None:
    given = settings_module.environment()
    state_dir = suite.demo_directory(settings_module.default_state_dir(given))
    runtime_dir = suite.demo_directory(settings_module.default_runtime_dir(given))
    variables = {
        **given,
        "BINANCE_REST_URL": f"http://127.0.0.1:{port}",
        "BINANCE_WS_URL": f"ws://127.0.0.1:{port}",
        "VOLSPIKE_STATE_DIR": str(state_dir),
        "VOLSPIKE_RUNTIME_DIR": str(runtime_dir),
        "VOLSPIKE_CLOCK_RATE": str(suite.load_settings(given).clock),
    }
    settings = suite.load_settings(variables)
    _refuse_second(settings)
    for directory in (state_dir, runtime_dir):
        shutil.rmtree(directory, ignore_errors=True)
        shutil.rmtree(documents.health_directory(directory), ignore_errors=True)
    try:
        with SimulatedExchange(port, faults, {**os.environ, **variables}) as exchange:
            _supervise(settings, variables, exchange)
    except ExchangeError as error:
        if not str(error):
            raise SystemExit(error.code) from None
        suite.fail(str(error))
    except KeyboardInterrupt:
        suite.fail("interrupted while starting", 130)


def _refuse_second(settings: Settings) -> None:
    if foreground.is_running(settings.runtime_dir):
        suite.fail(f"a suite already runs in {settings.runtime_dir}; see volspike status")
    try:
        listen(settings.funding_api_host, settings.funding_api_port).close()
    except PortInUseError as error:
        suite.fail(f"{error}; stop it or set FUNDING_API_PORT")
    except OSError as error:
        suite.fail(f"cannot listen on {settings.funding_api_host} ({error.strerror}); set FUNDING_API_HOST")


def _supervise(settings: Settings, variables: dict[str, str], exchange: SimulatedExchange | None) -> None:
    lock = _take(settings)
    terminal = Terminal(settings, simulated=exchange is not None)
    terminal.welcome()
    children = ForegroundSuite(
        settings.runtime_dir,
        variables,
        simulated=exchange is not None,
        say=terminal.say,
        on_change=terminal.introduce_once,
        goes_on=exchange.is_alive if exchange is not None else lambda: True,
    )
    children.run()
    os.close(lock)
    if exchange is not None and not exchange.is_alive():
        suite.fail("the simulated exchange has ended, so the suite has too")
    terminal.goodbye()


def _take(settings: Settings) -> int:
    """Return the lock that says that a suite lives in this runtime directory."""
    try:
        for directory in (settings.runtime_dir, settings.state_dir):
            directory.mkdir(mode=0o750, parents=True, exist_ok=True)
            if directory.stat().st_uid != os.geteuid():
                suite.fail(f"the directory {directory} belongs to another user; set VOLSPIKE_RUNTIME_DIR or remove it")
        lock = file.hold(settings.runtime_dir / documents.SUPERVISION_LOCK)
    except OSError as error:
        suite.fail(f"the directory {error.filename} cannot be used ({error.strerror})")
    if lock is None:
        suite.fail(f"a suite already runs in {settings.runtime_dir}; see volspike status")
    return lock
