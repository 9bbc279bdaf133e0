"""`volspike restore`: a backup taken back, whole or not at all."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, NoReturn

import typer

from volspike.archive import making, restoration
from volspike.archive.errors import BackupError, problem_of
from volspike.cli import restore_source, signals, suite
from volspike.cli.backup import say_name
from volspike.cli.restore_source import LATEST, PIPE
from volspike.clients.errors import Transient
from volspike.clients.supervision.systemd import Systemd
from volspike.model.suite import DAEMONS
from volspike.model.units import TARGET, Verb
from volspike.settings import Settings
from volspike.state import documents, file


@signals.end_in_order()
def restore(
    archive: Annotated[
        str,
        typer.Argument(
            help="The backup; `latest` for the newest one, `-` for one that comes through a pipe.", metavar="FILE"
        ),
    ] = "",
    stop: Annotated[bool, typer.Option("--stop", help="Stop the suite for it, and start it again (as root).")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only see whether it could be restored.")] = False,
    finish: Annotated[bool, typer.Option("--finish", help="Go on with a restore that was interrupted.")] = False,
) -> None:
    """Put a backup of `volspike backup` in the place of the state directory's files.

    It is unpacked and verified first, whole (before --stop stops anything), and refused while daemons run. All of it is
    taken or nothing; what was there before is kept in before-restore-… in the state directory. The settings are not
    touched: those of the backup are shown by tar -xzOf FILE volspike.env. Exit code 1 when nothing was restored.
    """
    _require_sense(archive, stop=stop, check=check, finish=finish)
    if stop:
        _with_suite_stopped(archive)
        return
    content = restore_source.opened_as_root(archive)
    suite.become_service_user()
    settings = suite.load_settings()
    if finish:
        _require_interrupted(settings)
    elif content is None:
        content = restore_source.latest(settings) if archive == LATEST else sys.stdin.buffer
    try:
        with content or nullcontext(), _alone(settings.state_dir) if check else _nobody_runs(settings):
            if content is None:
                _finish(settings)
            else:
                _restore(settings, content, restore_source.name_of(archive, content), check=check)
    except BackupError as error:
        _fail(settings, str(error))
    except OSError as error:
        _fail(settings, f"{problem_of(error, settings.state_dir)}{suite.refused_to(error)}")


def _require_sense(archive: str, *, stop: bool, check: bool, finish: bool) -> None:
    if check and (stop or finish):
        done, flag = ("stops", "--stop") if stop else ("finishes", "--finish")
        suite.fail(f"--check {done} nothing: leave {flag} away", suite.EX_USAGE)
    if bool(archive) == finish:
        suite.fail("give either the file of a backup (volspike backup --list shows them) or --finish", suite.EX_USAGE)


def _require_interrupted(settings: Settings) -> None:
    if not documents.is_half_restored(settings.state_dir):
        suite.fail(f"no restore was interrupted in {settings.state_dir}")


def _fail(settings: Settings, problem: str) -> NoReturn:
    if documents.is_half_restored(settings.state_dir):
        suite.fail(f"the restore was interrupted: {problem}; mend that, then: volspike restore --finish")
    suite.fail(f"nothing was restored: {problem}")


def _with_suite_stopped(archive: str) -> None:
    """Have other processes restore as the service user, between a stop and a start of the suite.

    One tries it before: what cannot be restored costs no outage. Without a backup an interrupted restore is finished.
    """
    if os.geteuid() != 0 or not suite.is_production():
        suite.fail("--stop is for root on a server: end a suite in the foreground with Ctrl-C")
    if not archive:
        _require_interrupted(suite.load_settings())
        raise SystemExit(_between_stop_and_start(lambda: _run("--finish")))
    with restore_source.kept(archive, suite.load_settings()) as source:
        refused = _run(PIPE, "--check", source=source)
        if refused:  # that process has said why, of a pipe without a name
            name = restore_source.name_of(archive, source)
            suite.fail(f"nothing was stopped, the suite is as it was: {name} was not restored", refused)
        raise SystemExit(_between_stop_and_start(lambda: _run(PIPE, source=source)))


def _run(*arguments: str, source: IO[bytes] | None = None) -> int:
    if source is not None:
        os.lseek(source.fileno(), 0, os.SEEK_SET)
    with subprocess.Popen([sys.executable, "-P", "-m", "volspike", "restore", *arguments], stdin=source) as restoring:
        try:
            return restoring.wait()
        finally:
            restoring.terminate()  # where this process is ended, that one ends too, in order, before the suite starts
            restoring.wait()


def _between_stop_and_start(restored: Callable[[], int]) -> int:
    """Return what restoring has returned; however it ends, and if it never begins, the suite is started."""
    systemd = Systemd()
    try:
        _say("stopping the suite")
        try:
            systemd.order(Verb.STOP, [TARGET], forgiven=())
            return restored()
        finally:
            with suppress(OSError):  # the terminal may be gone, and the suite must not stay stopped for that
                _say("starting the suite")
            systemd.order(Verb.START, [TARGET], forgiven=[daemon.unit for daemon in DAEMONS])
    except Transient as error:
        suite.fail(str(error))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def _nobody_runs(settings: Settings) -> Iterator[None]:
    """Keep every daemon, backup and other restore from running meanwhile; end the command where one does.

    Each daemon holds a lock while it lives. Holding them all makes sure that none begins in the middle.
    """
    with _alone(settings.state_dir), ExitStack() as locks:
        for daemon in DAEMONS:
            path = documents.heartbeat_path(settings.runtime_dir, daemon.name).with_suffix(".lock")
            if not os.access(path.parent, os.W_OK):
                continue  # nothing has run since the machine was started
            lock = file.hold(path)
            if lock is None:
                suite.fail(f"{daemon.name} runs in {settings.runtime_dir}: {_how_to_end()}")
            locks.callback(os.close, lock)
        yield


def _how_to_end() -> str:
    on_server = suite.is_production()
    return "stop the suite first, or use --stop" if on_server else "end the suite first: Ctrl-C in its terminal"


@contextmanager
def _alone(state_dir: Path) -> Iterator[None]:
    """Keep other restores away, and a backup by hand, which is no daemon, also where nothing has run yet."""
    state_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
    with making.alone(state_dir):
        yield


def _restore(settings: Settings, content: IO[bytes], name: str, *, check: bool) -> None:
    with _unpacked(settings, content, name) as files:
        if check:
            _say(f"{files}, are sound, and there is room for them.")
            return
        with signals.held_back():
            _tell(f"{files}, are restored", restoration.take(settings.state_dir))


@contextmanager
def _unpacked(settings: Settings, content: IO[bytes], name: str) -> Iterator[str]:
    """Have a backup unpacked beside what is there, and say what it holds, in words.

    What is not taken goes, also where it is interrupted: it may be what fills the disk of a suite that runs.
    """
    if documents.is_half_restored(settings.state_dir):
        suite.fail("a restore was interrupted: volspike restore --finish first")
    try:
        manifest = restoration.unpack(content, settings.state_dir, say_name)
        made_at = f"{datetime.fromtimestamp(manifest.made_at, UTC):%Y-%m-%d %H:%M:%S} UTC"
        yield f"{len(manifest.parts)} files of release {manifest.release}, backed up at {made_at}"
    except BackupError as error:
        raise BackupError(f"{name}: {error}") from None
    finally:
        restoration.discard(settings.state_dir)


def _finish(settings: Settings) -> None:
    with signals.held_back():
        _tell("the restore is finished", restoration.finish(settings.state_dir))


def _tell(done: str, aside: Path) -> None:
    with suppress(OSError):  # it is done, also where nobody reads that any more
        _say(f"{done}.\nWhat was there before is in {aside}; remove it when all is well.")
