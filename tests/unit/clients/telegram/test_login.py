"""Logging an account in, with an account that stands in for Pyrogram's client and Pyrogram's own errors."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.unit.clients.telegram.login_world import CODE, PASSWORD, PHONE, FakeClient
from volspike.clients.errors import Permanent, Transient
from volspike.clients.telegram import login
from volspike.clients.telegram.login import Client, Login, WrongAnswerError

from pyrogram import errors  # isort: skip


@pytest.fixture
def client(tmp_path: Path) -> FakeClient:
    return FakeClient(tmp_path / "x.session")


def test_phone_code_and_password_log_an_account_in(client: FakeClient) -> None:
    with Login(lambda: client) as attempt:
        assert not attempt.connect()
        attempt.send_code(PHONE)
        assert attempt.enter_code(CODE)
        attempt.enter_password(PASSWORD)
        assert attempt.account() == "@operator"

    assert not client.connected
    with Login(lambda: client) as again:
        assert again.connect()


def test_an_account_without_a_password_is_not_asked_for_one(tmp_path: Path) -> None:
    client = FakeClient(tmp_path / "x.session", password="", username="")
    with Login(lambda: client) as attempt:
        attempt.connect()
        attempt.send_code(PHONE)
        assert not attempt.enter_code(CODE)
        assert attempt.account() == "Olivia"


def test_a_wrong_answer_may_be_given_again(client: FakeClient) -> None:
    with Login(lambda: client) as attempt:
        attempt.connect()
        with pytest.raises(WrongAnswerError, match="PHONE_NUMBER_INVALID"):
            attempt.send_code("+1")
        attempt.send_code(PHONE)
        with pytest.raises(WrongAnswerError, match="PHONE_CODE_INVALID"):
            attempt.enter_code("1")
        assert attempt.enter_code(CODE)
        with pytest.raises(WrongAnswerError, match="the password is wrong") as refused:
            attempt.enter_password("my secret")

    assert "my secret" not in str(refused.value)
    assert refused.value.__context__ is None


@pytest.mark.parametrize(
    ("failure", "kind", "said"),
    [
        (errors.FloodWait(value=86400), Transient, "Telegram asks to wait for 86400 s"),
        (errors.ApiIdInvalid(), Permanent, "refuses TELEGRAM_API_ID and TELEGRAM_API_HASH"),
        (errors.PhoneNumberBanned(), Permanent, "Telegram refuses (PHONE_NUMBER_BANNED)"),
        (OSError("Network is unreachable"), Transient, "cannot be reached: Network is unreachable"),
        (TimeoutError(), Transient, "Telegram does not answer"),
    ],
)
def test_what_stands_in_the_way_is_said(
    client: FakeClient, failure: Exception, kind: type[Exception], said: str
) -> None:
    with Login(lambda: client) as attempt:
        attempt.connect()
        client.failure = failure
        with pytest.raises(kind) as refused:
            attempt.send_code(PHONE)

    assert said in str(refused.value)


def test_a_number_without_an_account_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient(tmp_path / "x.session", password="")
    monkeypatch.setattr(client, "_signed_in", lambda: False)
    with Login(lambda: client) as attempt:
        attempt.connect()
        attempt.send_code(PHONE)
        with pytest.raises(Permanent, match="there is no account"):
            attempt.enter_code(CODE)


def test_a_session_that_telegram_has_ended_is_none(tmp_path: Path) -> None:
    client = FakeClient(tmp_path / "x.session")
    with Login(lambda: client) as attempt:
        attempt.connect()
        with pytest.raises(Permanent, match="AUTH_KEY_UNREGISTERED"):
            attempt.account()


async def opened(session: Path) -> Client:
    return login.new_client(session, 12345, "0123456789abcdef")


def test_the_real_client_keeps_its_session_where_it_is_told(tmp_path: Path) -> None:
    found = vars(asyncio.run(opened(tmp_path / "new.session")))

    assert (found["name"], found["workdir"], found["no_updates"]) == ("new", tmp_path, True)


def test_an_installation_without_pyrogram_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrogram", None)
    with (
        Login(lambda: login.new_client(tmp_path / "x.session", 1, "x")) as attempt,
        pytest.raises(Permanent, match=r"pip install 'volspike\[telegram\]'"),
    ):
        attempt.connect()
