"""The Telegram poller with an account: its own reader, messages and errors of Pyrogram's, a backend on loopback.

What stands in for Pyrogram's client answers its two questions; all else is what runs in production.
"""

import socketserver
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.backends import BackendServer, Reply
from tests.serving import Serving
from tests.unit.clients.telegram.pyrogram_world import FakeAccount, channel, post, service, session_file
from tests.unit.clocks import MovedClock
from tests.unit.daemons.channel_world import TAKEN, numbers, refuses, taken
from tests.unit.examples import NOW
from volspike import settings as settings_module
from volspike.clients.backend.client import Backend
from volspike.clients.errors import Transient
from volspike.clients.telegram import pyrogram_reader
from volspike.clients.telegram.account import open_account
from volspike.clients.telegram.channels import LoginLost
from volspike.clients.telegram.login import Login, new_client
from volspike.clients.telegram.pyrogram_reader import PyrogramReader
from volspike.daemons.telegram_memory import PollerMemory
from volspike.daemons.telegram_poller import ACCOUNT_SECONDS, Poller
from volspike.runtime.daemon import Daemon
from volspike.state import documents

from pyrogram import errors  # isort: skip

IDS = {"marketfeed": -1_002_200_000_000, "watcherguru": -1_003_900_000_000, "thirdchannel": -1_001_557_912_345}
HOUR_SECONDS = 3600
AUTH_KEY_UNKNOWN = -404
TRIES = 3
"""On a busy machine the first question may come before the news."""


class Account(FakeAccount):
    """An account that sees three channels, each with messages of its own."""

    def __init__(self) -> None:
        super().__init__(chats=[channel(id=number, username=name) for name, number in IDS.items()])
        self.histories: dict[int, list[Any]] = {number: [] for number in IDS.values()}

    def write(self, name: str, *ids: int, make: Callable[..., Any] = post) -> None:
        """Write messages into a channel."""
        chat = next(chat for chat in self.chats if chat.username == name)
        for number in ids:
            made = make(number)
            made.chat = made.sender_chat = chat
            self.histories[IDS[name]].append(made)

    async def get_chat_history(
        self, chat_id: int, limit: int, min_id: int = 0, reverse: bool = False
    ) -> AsyncIterator[Any]:
        self.messages = self.histories[chat_id]
        async for found in super().get_chat_history(chat_id, limit, min_id, reverse):
            yield found


@dataclass
class World:
    """A poller between the account and the backend, on a clock that the test moves."""

    account: Account
    backend: BackendServer
    clock: MovedClock
    poller: Poller
    path: Path

    def cursor(self, name: str = "marketfeed") -> int | None:
        """Return how far a channel is read, as the disk has it."""
        return PollerMemory(self.path, self.clock).cursor(name)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    clock = MovedClock(anchor=NOW)
    places = {"VOLSPIKE_RUNTIME_DIR": str(tmp_path / "run"), "VOLSPIKE_STATE_DIR": str(tmp_path / "state")}
    account = {"TELEGRAM_API_ID": "12345", "TELEGRAM_API_HASH": "0" * 32, "TELEGRAM_CHANNELS": ",".join(IDS)}
    settings = settings_module.load({**places, **account})
    (tmp_path / "run").mkdir()
    standing = Account()
    reader = PyrogramReader(lambda: standing, lambda _: None)
    with (
        Daemon("telegram-poller", clock, settings.runtime_dir) as daemon,
        BackendServer(lambda _: TAKEN) as backend,
        Backend(backend.url, "k") as client,
    ):
        poller = Poller(daemon, settings, client, reader)
        yield World(standing, backend, clock, poller, settings.state_dir / documents.TELEGRAM_POLLER)
        reader.close()


def test_350_new_messages_in_one_interval_arrive_in_order_and_none_is_lost(world: World) -> None:
    world.account.write("marketfeed", *range(1, 101))
    world.poller.poll(once=True)
    world.account.write("marketfeed", *range(101, 451))
    world.account.write("marketfeed", 451, make=service)

    assert world.poller.read("marketfeed") == ACCOUNT_SECONDS

    assert taken(world.backend) == list(range(1, 451))
    assert max(len(numbers(request.body)) for request in world.backend.taken) == 50
    assert world.cursor() == 451
    assert [name for what, name, *_ in world.account.asked if what == "get_chat"].count("marketfeed") == 1


def test_the_cursor_waits_for_the_backend_and_a_poison_message_costs_only_itself(world: World) -> None:
    world.account.write("marketfeed", *range(1, 81))
    world.backend.answer = lambda _: Reply(503)
    world.poller.poll(once=True)
    assert (world.cursor(), taken(world.backend)) == (None, [])

    world.backend.answer = lambda request: refuses(40)(numbers(request.body))
    world.poller.read("marketfeed")

    assert taken(world.backend) == [number for number in range(1, 81) if number != 40]
    assert world.cursor() == 80


def test_a_flood_wait_of_an_hour_on_one_of_three_channels_holds_up_no_other(world: World) -> None:
    for name in IDS:
        world.account.write(name, 1)
    world.account.refusals[IDS["marketfeed"]] = [errors.FloodWait(value=HOUR_SECONDS)]

    assert world.poller.read("marketfeed") == HOUR_SECONDS
    world.poller.read("watcherguru")
    world.poller.read("thirdchannel")

    assert [world.cursor(name) for name in IDS] == [None, 1, 1]
    assert "FLOOD_WAIT" in world.poller.report.problem
    assert world.poller.read("marketfeed") == ACCOUNT_SECONDS
    assert (world.cursor(), world.poller.report.problem) == (1, "")


@pytest.mark.parametrize("error", [errors.ChannelPrivate, errors.ChannelInvalid])
def test_a_channel_that_goes_private_is_told_and_stops_no_other(world: World, error: type[Exception]) -> None:
    for name in IDS:
        world.account.write(name, 1)
    world.account.refusals[IDS["marketfeed"]] = [error() for _ in range(3)]
    world.account.refusals["marketfeed"] = []
    world.poller.poll(once=True)

    assert [world.cursor(name) for name in IDS] == [None, 1, 1]
    assert "@marketfeed is private or missing" in world.poller.report.problem


def test_a_session_that_telegram_ends_ends_the_poller(world: World) -> None:
    world.account.write("marketfeed", 1)
    world.account.refusals[IDS["marketfeed"]] = [errors.SessionRevoked()]

    with pytest.raises(LoginLost, match="run volspike telegram-login"):
        world.poller.poll(once=True)


class Forgetful(socketserver.BaseRequestHandler):
    """Telegram, where it does not know a session any more: no answer to the question, but a number in its place."""

    def handle(self) -> None:
        self.request.recv(4096)
        self.request.sendall(b"\x01" + AUTH_KEY_UNKNOWN.to_bytes(4, "little", signed=True))
        with suppress(OSError):
            while self.request.recv(4096):
                pass


@pytest.fixture
def forgotten(tmp_path: Path) -> Iterator[Path]:
    """Return the session file of an account whose session Telegram does not know any more."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Forgetful)
    server.daemon_threads = True
    with Serving(server):
        yield session_file(tmp_path, server.server_address[1])


def test_a_session_that_telegram_does_not_know_any_more_is_lost(
    forgotten: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pyrogram_reader, "ANSWER_SECONDS", 10.0)

    def resolve(reader: PyrogramReader) -> None:
        for _ in range(TRIES):
            with suppress(Transient):
                reader.resolve("marketfeed")

    with (
        closing(PyrogramReader(partial(open_account, forgotten, 1, "h"), lambda _: None)) as reader,
        pytest.raises(LoginLost, match="it does not know the session"),
    ):
        resolve(reader)


def test_a_look_at_such_a_session_tells_that_it_is_none(forgotten: Path) -> None:
    def is_logged_in() -> bool:
        with Login(partial(new_client, forgotten, 1, "h")) as login:
            return login.connect()

    assert not all(is_logged_in() for _ in range(TRIES))
