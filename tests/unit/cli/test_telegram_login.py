"""`volspike telegram-login` where no terminal is needed; the rest is tried through a real one."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command
from tests.unit.clients.telegram.login_world import FakeClient
from volspike.clients.telegram import login
from volspike.state import documents

ACCOUNT = {"TELEGRAM_API_ID": "12345", "TELEGRAM_API_HASH": "0123456789abcdef" * 2}


@pytest.fixture
def volspike(volspike: Command) -> Command:
    volspike.environment |= {**ACCOUNT, "VOLSPIKE_STATE_DIR": str(volspike.place / "state")}
    return volspike


def session(volspike: Command) -> Path:
    """Make a session file: an SQLite database, as Pyrogram keeps it."""
    path = volspike.place / "state" / documents.TELEGRAM_SESSION
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE sessions (who TEXT)")
        database.execute("INSERT INTO sessions VALUES ('operator')")
        database.commit()
    return path


@pytest.mark.parametrize("flags", [(), ("--check",)])
def test_without_an_account_in_the_settings_it_says_how_to_get_one(volspike: Command, flags: tuple[str, ...]) -> None:
    volspike.environment |= dict.fromkeys(ACCOUNT, "")

    result = volspike("telegram-login", *flags)

    assert result.exit_code == 78
    assert "https://my.telegram.org" in result.stderr


def test_what_is_typed_must_not_be_shown_so_a_terminal_is_needed(volspike: Command) -> None:
    result = volspike("telegram-login", typed="+15550100\n")

    assert (result.exit_code, result.stderr) == (
        2,
        "volspike: logging in needs a terminal: what is typed must not be shown\n",
    )


def test_a_session_that_is_not_there_is_no_login(volspike: Command) -> None:
    result = volspike("telegram-login", "--check")

    assert result.exit_code == 78
    assert "run volspike telegram-login" in result.stderr


def test_a_session_that_works_is_told_with_its_account_and_not_touched(
    volspike: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = session(volspike)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    asked: list[Path] = []

    def client(session: Path, *_: object) -> FakeClient:
        asked.append(session)
        return FakeClient(session)

    monkeypatch.setattr(login, "new_client", client)

    result = volspike("telegram-login", "--check")

    assert (result.exit_code, result.stdout) == (0, "Logged in as @operator.\n"), result.stderr
    assert asked != [path]
    assert not asked[0].parent.exists()
    assert before == (path.read_bytes(), path.stat().st_mtime_ns)


def test_a_session_file_that_is_none_is_said(volspike: Command) -> None:
    session(volspike).write_bytes(b"not a database at all, but long enough to be taken for one" * 20)

    result = volspike("telegram-login", "--check")

    assert result.exit_code == 78
    assert "cannot be read (file is not a database)" in result.stderr
