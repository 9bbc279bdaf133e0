"""`volspike telegram-login`: log the account in that reads the channels, once."""

import getpass
import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volspike.cli import suite
from volspike.clients.errors import Permanent, Transient
from volspike.model.suite import TELEGRAM_POLLER, daemon_named
from volspike.settings import EX_CONFIG, Settings
from volspike.state import documents

if TYPE_CHECKING:
    from volspike.clients.telegram.login import Login

ATTEMPTS = 3
OWNER_ONLY = 0o600
NO_ACCOUNT = (
    "no account is set: get an API id and hash at https://my.telegram.org, set TELEGRAM_API_ID and TELEGRAM_API_HASH, "
    "then run this again (without them channels are read from the public web)"
)


def telegram_login(
    check: Annotated[bool, typer.Option("--check", help="Only tell whether the account is logged in.")] = False,
) -> None:
    """Log the account in that reads the channels: its phone number, the code that Telegram sends, its password.

    What is typed is neither shown nor kept. The session that is in use stays until the new one works.
    """
    suite.become_service_user()
    settings = suite.load_settings()
    if settings.telegram_api_id is None:
        suite.fail(NO_ACCOUNT, EX_CONFIG)
    session = settings.state_dir / documents.TELEGRAM_SESSION
    try:
        if check:
            _check(settings, session)
        else:
            _log_in(settings, session)
    except (Transient, Permanent) as error:
        suite.fail(str(error))
    except OSError as error:
        suite.fail(f"{error.filename or session} cannot be used ({error.strerror})")
    except (KeyboardInterrupt, EOFError):
        sys.stderr.write("\n")
        suite.fail("not logged in: interrupted; what was there is as it was", 130)


def _check(settings: Settings, session: Path) -> None:
    """Look with a copy: the session itself may be in use."""
    if not session.is_file():
        suite.fail(f"not logged in: there is no {session}; run volspike telegram-login", EX_CONFIG)
    with tempfile.TemporaryDirectory(prefix="volspike-") as scratch:
        copy = Path(scratch, session.name)
        try:
            with (
                closing(sqlite3.connect(f"file:{session}?mode=ro", uri=True)) as source,
                closing(_made(copy)) as target,
            ):
                source.backup(target)
        except sqlite3.Error as error:
            suite.fail(f"{session} cannot be read ({error}); run volspike telegram-login", EX_CONFIG)
        with _login(settings, copy) as login:
            if not login.connect():
                suite.fail("not logged in; run volspike telegram-login", EX_CONFIG)
            sys.stdout.write(f"Logged in as {login.account()}.\n")


def _made(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY))
    return sqlite3.connect(path)


def _log_in(settings: Settings, session: Path) -> None:
    if not sys.stdin.isatty():
        suite.fail("logging in needs a terminal: what is typed must not be shown", 2)
    session.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    with _unfinished(session) as unfinished:
        with _login(settings, unfinished) as login:
            login.connect()
            _answered("Phone number (+…)", login.send_code)
            if _answered("Code that Telegram has sent", login.enter_code):
                _answered("Password of the account", login.enter_password)
            account = login.account()
        unfinished.chmod(OWNER_ONLY)
        _sync(unfinished)
        unfinished.replace(session)
        _sync(session.parent)
    sys.stdout.write(f"Logged in as {account}; the session is kept in {session}.\n")
    if suite.is_production():
        sys.stdout.write(f"Now let the poller use it: sudo systemctl restart {daemon_named(TELEGRAM_POLLER).unit}\n")


@contextmanager
def _login(settings: Settings, session: Path) -> Iterator["Login"]:
    from volspike.clients.telegram import login

    api_id = settings.telegram_api_id or 0
    with login.Login(partial(login.new_client, session, api_id, settings.telegram_api_hash)) as attempt:
        yield attempt


@contextmanager
def _unfinished(session: Path) -> Iterator[Path]:
    """Give the name of a session beside the one in use, for its owner alone; what is left of it goes."""
    unfinished = session.with_name(f".{session.stem}.new{session.suffix}")
    former = os.umask(0o077)
    try:
        _remove(unfinished)
        yield unfinished
    finally:
        os.umask(former)
        _remove(unfinished)


def _remove(session: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        session.with_name(session.name + suffix).unlink(missing_ok=True)


def _answered(question: str, take: Callable[[str], bool | None]) -> bool:
    """Ask on the terminal, without showing what is typed, until the answer is taken; three times at most."""
    from volspike.clients.telegram.login import WrongAnswerError

    for left in reversed(range(ATTEMPTS)):
        try:
            return bool(take(getpass.getpass(f"{question}: ").strip()))
        except WrongAnswerError as error:
            if not left:
                raise
            sys.stderr.write(f"{error}; once more\n")
    raise AssertionError(question)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
