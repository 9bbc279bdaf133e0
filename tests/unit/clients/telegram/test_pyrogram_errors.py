"""Pyrogram's own errors, as Telegram's answers become them, in the kinds that readers raise."""

import pytest

from tests.unit.clients.telegram import pyrogram_world  # noqa: F401 - imports Pyrogram as it wants to be
from volspike.clients.errors import Permanent, Transient
from volspike.clients.telegram.channels import ChannelGone, LoginLost
from volspike.clients.telegram.pyrogram_errors import meaning

from pyrogram import errors, raw  # isort: skip


def raised(code: int, message: str) -> Exception:
    """Return the error that Pyrogram makes of an answer."""
    try:
        errors.RPCError.raise_it(raw.types.RpcError(error_code=code, error_message=message), raw.functions.Ping)
    except Exception as error:  # noqa: BLE001 - whichever it is
        return error
    raise AssertionError(message)


@pytest.mark.parametrize(
    ("code", "message", "kind", "told"),
    [
        (400, "USERNAME_NOT_OCCUPIED", ChannelGone, "there is no @marketfeed"),
        (400, "USERNAME_INVALID", ChannelGone, "there is no @marketfeed"),
        (400, "CHANNEL_PRIVATE", ChannelGone, "@marketfeed is private or missing"),
        (406, "CHANNEL_PRIVATE", ChannelGone, "@marketfeed is private or missing"),
        (400, "CHANNEL_INVALID", ChannelGone, "@marketfeed is private or missing"),
        (400, "PEER_ID_INVALID", ChannelGone, "@marketfeed is private or missing"),
        (401, "AUTH_KEY_UNREGISTERED", LoginLost, "logged the account out .*: run volspike telegram-login$"),
        (401, "SESSION_REVOKED", LoginLost, "logged the account out"),
        (401, "USER_DEACTIVATED", LoginLost, "logged the account out"),
        (406, "AUTH_KEY_DUPLICATED", LoginLost, "logged the account out"),
        (400, "API_ID_INVALID", LoginLost, "refuses TELEGRAM_API_ID and TELEGRAM_API_HASH"),
        (500, "INTERDC_2_CALL_ERROR", Transient, "@marketfeed: Telegram refuses"),
        (400, "MSG_ID_INVALID", Transient, "@marketfeed: Telegram refuses"),
    ],
)
def test_every_refusal_has_its_kind(code: int, message: str, kind: type[Transient | Permanent], told: str) -> None:
    error = raised(code, message)

    found = meaning(error, "marketfeed")

    assert type(found) is kind
    with pytest.raises(kind, match=told):
        raise found


def test_a_flood_wait_tells_its_seconds() -> None:
    found = meaning(raised(420, "FLOOD_WAIT_3600"), "marketfeed")

    assert isinstance(found, Transient)
    assert found.retry_after == 3600
    assert str(found) == "@marketfeed: Telegram asks for a pause (FLOOD_WAIT_X)"


def test_a_flood_wait_without_a_number_tells_none() -> None:
    found = meaning(errors.FloodWait(), "marketfeed")

    assert isinstance(found, Transient)
    assert found.retry_after is None
