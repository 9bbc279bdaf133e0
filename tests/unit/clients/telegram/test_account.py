"""The client of Pyrogram for an account."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.unit.clients.telegram import pyrogram_world  # noqa: F401 - imports Pyrogram as it wants to be
from volspike.clients.telegram.account import Account, open_account
from volspike.clients.telegram.channels import LoginLost


async def opened(session: Path) -> Account:
    return open_account(session, 12345, "0123456789abcdef")


def test_who_has_never_logged_in_is_told_the_command(tmp_path: Path) -> None:
    with pytest.raises(LoginLost, match=rf"\(there is no {tmp_path}/x\.session\): run volspike telegram-login$"):
        asyncio.run(opened(tmp_path / "x.session"))


def test_the_client_reads_the_session_file_and_fetches_nothing_beside(tmp_path: Path) -> None:
    session = tmp_path / "volspike_telegram.session"
    session.touch()

    client = asyncio.run(opened(session))

    found = vars(client)
    assert (found["name"], found["workdir"]) == ("volspike_telegram", tmp_path)
    assert (found["api_id"], found["api_hash"]) == (12345, "0123456789abcdef")
    assert found["no_updates"] is True
    assert not any(found[f"fetch_{kind}"] for kind in ("replies", "topics", "stories", "stickers"))


def test_an_installation_without_pyrogram_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrogram", None)
    session = tmp_path / "x.session"
    session.touch()

    with pytest.raises(LoginLost, match=r"is missing: pip install 'volspike\[telegram\]'$"):
        asyncio.run(opened(session))
