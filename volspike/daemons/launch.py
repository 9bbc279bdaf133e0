"""How every daemon's process begins: settings, logs, runtime; and how a foreseeable failure to begin ends."""

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from volspike import settings as settings_module
from volspike.daemons import gate
from volspike.model.suite import Kind, daemon_named
from volspike.runtime import errands, logs
from volspike.runtime.daemon import Daemon
from volspike.settings import EX_CONFIG, Settings, SettingsError
from volspike.state import documents, file

log = logging.getLogger(__name__)

ONCE = "--once"
EX_CANTCREAT = 73
EX_SOFTWARE = 70


class CannotStartError(Exception):
    """A foreseeable reason why a daemon cannot begin, such as a port in use; the message is for the operator."""


def launch(name: str, run: Callable[[Daemon, Settings, bool], int | None]) -> int:
    """Run a daemon from its settings to its exit code; `run` gets whether it shall do its work only once.

    78 bad configuration (systemd does not restart it), 73 directories that cannot be written, 1 cannot start, 70 an
    error that nobody foresaw: not 1, which is also the monitor's verdict on an unhealthy suite.
    """
    try:
        settings = settings_module.of_process()
    except SettingsError as error:
        logs.set_up(name, "INFO", "console")
        return _misconfigured(error)
    logs.set_up(name, settings.log_level, settings.log_format)
    reason = _first_unwritable(settings.runtime_dir, name)
    if reason:
        log.error("cannot start: %s", reason)
        return EX_CANTCREAT
    if documents.is_half_restored(settings.state_dir):
        log.error("cannot start: a restore of %s was interrupted: volspike restore --finish", settings.state_dir)
        return 1
    lock = file.hold(documents.heartbeat_path(settings.runtime_dir, name).with_suffix(".lock"))
    if lock is None:
        log.error("cannot start: another %s runs in %s already; see volspike status", name, settings.runtime_dir)
        return 1
    try:
        return _live(name, run, settings)
    finally:
        os.close(lock)


def _live(name: str, run: Callable[[Daemon, Settings, bool], int | None], settings: Settings) -> int:
    def live() -> int:
        with Daemon(name, settings.clock, settings.runtime_dir) as daemon:
            return _work(daemon, settings, run)

    with _threads_that_end_it():
        life = errands.settled(live)
    match life.exception():
        case None:
            return life.result()
        case SettingsError() as error:
            return _misconfigured(error)
        case CannotStartError() as error:
            log.error("cannot start: %s", error)
            return 1
        case error:
            log.error("ended by an error that nobody foresaw", exc_info=error)
            return EX_SOFTWARE


def _work(daemon: Daemon, settings: Settings, run: Callable[[Daemon, Settings, bool], int | None]) -> int:
    once = ONCE in sys.argv[1:]
    info = daemon_named(daemon.name)
    if not info.reaches_out:
        return run(daemon, settings, once) or 0
    waits = not once and info.kind is Kind.ALWAYS_ON
    return gate.guarded(daemon, settings.state_dir, lambda: run(daemon, settings, once) or 0, waits=waits)


@contextmanager
def _threads_that_end_it() -> Iterator[None]:
    """Let an error that nobody foresaw end the process in a thread too: it would live on by halves, unnoticed."""
    former, threading.excepthook = threading.excepthook, _end
    try:
        yield
    finally:
        threading.excepthook = former


def _end(unforeseen: threading.ExceptHookArgs) -> None:
    log.critical("a thread has ended by an error that nobody foresaw", exc_info=unforeseen.exc_value)
    os._exit(EX_SOFTWARE)


def _misconfigured(error: SettingsError) -> int:
    for problem in error.problems:
        log.error("bad setting: %s", problem)
    return EX_CONFIG


def _first_unwritable(runtime_dir: Path, name: str) -> str:
    own = (documents.heartbeat_path(runtime_dir, name).parent, documents.metrics_path(runtime_dir, name).parent)
    return next(filter(None, map(_unwritable, (documents.home(runtime_dir, name), *own))), "")


def _unwritable(directory: Path) -> str:
    try:
        directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        return f"the directory {directory} cannot be made ({error.strerror}); set VOLSPIKE_RUNTIME_DIR to one that can"
    if not os.access(directory, os.W_OK | os.X_OK):
        return f"the directory {directory} is not writable for uid {os.getuid()}; chown it or set VOLSPIKE_RUNTIME_DIR"
    return ""
