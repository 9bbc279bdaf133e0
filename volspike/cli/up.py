"""`volspike up`: the whole suite in the foreground, against Binance or the simulator."""

import os
import secrets
import shutil
from typing import Annotated

import typer

from volspike import settings as settings_module
from volspike.cli import suite
from volspike.cli.terminal import Terminal
from volspike.clients.errors import Permanent, Transient
from volspike.clients.supervision import foreground
from volspike.model.suite import members
from volspike.rules.loopback import ADDRESS
from volspike.runtime.sockets import PortInUseError, listen
from volspike.settings import Settings
from volspike.state import documents, file
from volspike.supervisor.exchange import ExchangeError, SimulatedExchange
from volspike.supervisor.loop import ForegroundSuite

KEY_BYTES = 24
OWN = ("VOLSPIKE_API_URL", "VOLSPIKE_API_KEY", "VOLSPIKE_API_URL_DEV", "VOLSPIKE_API_KEY_DEV", "WS_FUNDING_API_URL",
       "BINANCE_PROXY_URL", "HEALTHCHECK_PING_URL", "TELEGRAM_CHANNELS", "TELEGRAM_CHANNEL_CATEGORIES",
       "TELEGRAM_API_ID", "TELEGRAM_API_HASH", "DISCORD_WEBHOOK_URL", "DISCORD_TOKEN", "NOTIFY_URLS", "NOTIFY_RULES",
       "NOTIFY_QUIET_HOURS")  # fmt: skip
"""What of a user's own settings a simulation must not touch."""
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
    if fault and not simulate:
        suite.fail("--fault needs --simulate", suite.EX_USAGE)
    if simulate:
        _run_simulated(simulator_port, fault or [])
    else:
        _run_live()


def _run_live() -> None:
    from volspike.clients.binance.rest import Rest

    variables = settings_module.environment()
    settings = suite.load_settings(variables)
    _refuse_second(settings)
    _refuse_taken(_places(settings), "stop it or set {variable}")
    try:
        Rest(settings.binance_rest_url, settings.clock, account=None).server_time()
    except (Transient, Permanent) as error:
        suite.fail(f"{error}; {DEMO_HINT}")
    places = {"VOLSPIKE_STATE_DIR": str(settings.state_dir), "VOLSPIKE_RUNTIME_DIR": str(settings.runtime_dir)}
    _supervise(settings, {**variables, **places}, exchange=None)


def _run_simulated(port: int, faults: list[str]) -> None:
    from volspike.simulator import chats

    given = settings_module.environment()
    state_dir = suite.demo_directory(settings_module.default_state_dir(given))
    runtime_dir = suite.demo_directory(settings_module.default_runtime_dir(given))
    variables = {
        **given,
        **dict.fromkeys(OWN, ""),
        "TELEGRAM_TOKEN": chats.TOKEN,
        "CHAT_ID": str(chats.GROUP),
        "TELEGRAM_API_URL": f"http://127.0.0.1:{port}",
        "TELEGRAM_WEB_URL": f"http://127.0.0.1:{port}",
        "BINANCE_REST_URL": f"http://127.0.0.1:{port}",
        "BINANCE_WS_URL": f"ws://127.0.0.1:{port}",
        "VOLSPIKE_STATE_DIR": str(state_dir),
        "VOLSPIKE_RUNTIME_DIR": str(runtime_dir),
        "VOLSPIKE_CLOCK_RATE": str(suite.load_settings(given).clock),
    }
    settings = suite.load_settings(variables)
    _refuse_second(settings)
    _refuse_taken([(ADDRESS, port, ""), *_places(settings)], "stop it or choose others: make demo PORT=9000")
    afresh = (state_dir / documents.OUTBOX).exists()
    for directory in (state_dir, runtime_dir):
        shutil.rmtree(directory, ignore_errors=True)
        shutil.rmtree(documents.health_directory(directory), ignore_errors=True)
    shutil.rmtree(documents.backups_directory(state_dir), ignore_errors=True)
    try:
        with SimulatedExchange(port, faults, {**os.environ, **variables}) as exchange:
            _supervise(settings, variables, exchange, afresh=afresh)
    except ExchangeError as error:
        if not str(error):
            raise SystemExit(error.code) from None
        suite.fail(str(error))
    except KeyboardInterrupt:
        suite.fail("interrupted while starting", 130)


def _refuse_second(settings: Settings) -> None:
    if foreground.is_running(settings.runtime_dir):
        suite.fail(f"a suite already runs in {settings.runtime_dir}; see volspike status")


def _places(settings: Settings) -> list[tuple[str, int, str]]:
    """Return where the daemons are going to listen, each with the name of its settings without `_HOST` or `_PORT`."""
    api = (settings.funding_api_host, settings.funding_api_port, "FUNDING_API")
    dashboard = (ADDRESS, settings.dashboard_port, "DASHBOARD")
    backend = (ADDRESS, settings.backend_port, "BACKEND")
    return [api, backend, dashboard] if settings.uses_embedded_backend else [api, dashboard]


def _refuse_taken(places: list[tuple[str, int, str]], remedy: str) -> None:
    """End the command where one cannot listen, with a line for each of these places."""
    problems = []
    for host, port, name in places:
        try:
            listen(host, port).close()
        except PortInUseError as error:
            problems.append(f"{error}; {remedy.format(variable=f'{name}_PORT')}")
        except OSError as error:
            problems.append(f"cannot listen on {host} ({error.strerror}); set {name}_HOST")
    if problems:
        suite.fail("\nvolspike: ".join(problems))


def _supervise(
    settings: Settings, variables: dict[str, str], exchange: SimulatedExchange | None, *, afresh: bool = False
) -> None:
    lock = _take(settings)
    terminal = Terminal(settings, simulated=exchange is not None)
    terminal.welcome(afresh=afresh)
    children = ForegroundSuite(
        members(embedded_backend=settings.uses_embedded_backend),
        settings.runtime_dir,
        {**variables, **_key(settings)},
        settings.clock,
        simulated=exchange is not None,
        say=terminal.say,
        on_change=terminal.introduce_once,
        on_look=terminal.count_hidden,
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


def _key(settings: Settings) -> dict[str, str]:
    """Return the variable with the key of the embedded backend: the one that is set, else one made for this place.

    It is kept in the state directory for this user's other commands.
    """
    if not settings.uses_embedded_backend:
        return {}
    path = settings.state_dir / documents.BACKEND_KEY
    try:
        known = path.read_text().strip() if path.exists() else ""
        key = settings.backend_key or known or secrets.token_urlsafe(KEY_BYTES)
        if key != known:
            file.write(path, f"{key}\n".encode(), durable=True, mode=0o600)
    except OSError as error:
        suite.fail(f"{path} cannot be used ({error.strerror})")
    return {"VOLSPIKE_API_KEY": key}
