"""`volspike telegram-login` through a real terminal; an account that is well known stands in for Pyrogram's client."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.processes import Suite
from tests.unit.clients.telegram.login_world import CODE, CONTENT, PASSWORD, PHONE
from volspike.state import documents

REPOSITORY = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0
HASH = "0123456789abcdef" * 2
COMMAND = f"""
import sys, types
sys.modules["tests"] = tests = types.ModuleType("tests")  # a library has brought a package of this name along
tests.__path__ = ["{REPOSITORY / "tests"}"]
from tests.unit.clients.telegram.login_world import FakeClient
from volspike.cli.app import app
from volspike.clients.telegram import login

login.new_client = lambda session, *_: FakeClient(session)
app(["telegram-login"], prog_name="volspike")
"""


class Terminal:
    """A terminal with the command in it: what is shown, and what is typed."""

    def __init__(self, suite: Suite) -> None:
        self._ours, theirs = pty.openpty()
        self.shown = ""
        self._seen = 0
        self.process = subprocess.Popen(
            [sys.executable, "-c", COMMAND],
            env={**suite.env, "TELEGRAM_API_ID": "12345", "TELEGRAM_API_HASH": HASH},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - it only takes the terminal
        )
        os.close(theirs)

    def reads(self, text: str) -> None:
        """Wait until a text is shown that was not before."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := self.shown.find(text, self._seen)) < 0:
            assert time.monotonic() < deadline, self.shown
            assert self._take(), self.shown
        self._seen = found + len(text)

    def types(self, text: str) -> None:
        """Type a line."""
        os.write(self._ours, f"{text}\n".encode())

    def end(self) -> int:
        """Return the exit code, once all that was shown is read."""
        while self._take():
            pass
        return self.process.wait(PATIENCE_SECONDS)

    def close(self) -> None:
        """End the command, whatever it does."""
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)
        os.close(self._ours)

    def _take(self) -> bool:
        """Read what is shown; False once the command has gone."""
        ready, _, _ = select.select([self._ours], [], [], PATIENCE_SECONDS)
        found = b""
        if ready:
            with suppress(OSError):  # the other side has closed
                found = os.read(self._ours, 4096)
        self.shown += found.decode()
        return bool(found)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Suite]:
    with Suite(tmp_path) as suite:
        yield suite


@pytest.fixture
def terminal(place: Suite) -> Iterator[Terminal]:
    shown = Terminal(place)
    yield shown
    shown.close()


def session(place: Suite) -> Path:
    return place.state_dir / documents.TELEGRAM_SESSION


def logged_in(terminal: Terminal) -> None:
    """Answer all questions, the first one only at the second attempt."""
    terminal.reads("Phone number")
    terminal.types("+1")
    terminal.reads("once more")
    terminal.reads("Phone number")
    terminal.types(PHONE)
    terminal.reads("Code")
    terminal.types(CODE)
    terminal.reads("Password")
    terminal.types(PASSWORD)


def test_phone_code_and_password_log_in_and_nothing_typed_is_shown_or_kept(place: Suite, terminal: Terminal) -> None:
    logged_in(terminal)

    assert terminal.end() == 0, terminal.shown
    assert f"Logged in as @operator; the session is kept in {session(place)}." in terminal.shown
    assert not [secret for secret in (PHONE, CODE, PASSWORD, HASH) if secret in terminal.shown]
    assert session(place).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in place.state_dir.iterdir()] == [documents.TELEGRAM_SESSION]


def test_the_old_session_stays_until_the_new_one_works(place: Suite) -> None:
    place.state_dir.mkdir()
    session(place).write_bytes(b"the old one")

    failed = Terminal(place)
    failed.reads("Phone number")
    failed.types(PHONE)
    for _ in range(3):
        failed.reads("Code")
        assert session(place).read_bytes() == b"the old one"
        failed.types("1")
    assert failed.end() == 1, failed.shown
    failed.close()
    assert "PHONE_CODE_INVALID" in failed.shown
    assert session(place).read_bytes() == b"the old one"

    second = Terminal(place)
    logged_in(second)
    assert second.end() == 0, second.shown
    second.close()
    assert session(place).read_bytes() == CONTENT + b"operator"
    assert session(place).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_login_leaves_what_was_there(place: Suite, number: int) -> None:
    place.state_dir.mkdir()
    session(place).write_bytes(b"the old one")
    terminal = Terminal(place)
    terminal.reads("Phone number")
    terminal.types(PHONE)
    terminal.reads("Code")

    terminal.process.send_signal(number)
    code = terminal.end()
    terminal.close()

    assert code in (130, -signal.SIGKILL), terminal.shown
    assert "Traceback" not in terminal.shown
    assert session(place).read_bytes() == b"the old one"
    if number == signal.SIGINT:
        assert [path.name for path in place.state_dir.iterdir()] == [documents.TELEGRAM_SESSION]
    else:  # what a killed one has left is in nobody's way, and nobody else's to read
        (left,) = [path for path in place.state_dir.iterdir() if path != session(place)]
        assert left.stat().st_mode & 0o077 == 0
        again = Terminal(place)
        logged_in(again)
        assert again.end() == 0, again.shown
        again.close()
        assert [path.name for path in place.state_dir.iterdir()] == [documents.TELEGRAM_SESSION]
