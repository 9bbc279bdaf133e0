"""The Telegram poller in its own process: what is read when, what moves the cursor, and what stops nobody else."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.backends import BackendServer, Reply
from tests.unit.clocks import MovedClock
from tests.unit.daemons.channel_world import TAKEN, ScriptedReader, numbers, page, refuses, taken, taking
from volspike.clients.backend.client import Backend
from volspike.clients.errors import Transient
from volspike.clients.telegram.channels import ChannelGone, LoginLost, ShapeChanged
from volspike.daemons import telegram_poller
from volspike.daemons.telegram_poller import GONE_SECONDS, Poller
from volspike.runtime.daemon import Daemon
from volspike.settings import EX_CONFIG, Settings, SettingsError
from volspike.state import documents


@dataclass
class World:
    """Two channels, a backend and a poller between them."""

    reader: ScriptedReader
    backend: BackendServer
    poller: Poller
    state: Path

    def cursors(self) -> dict[str, int]:
        """Return the cursors on the disk."""
        found: dict[str, int] = json.loads(self.state.read_bytes())["last_message_ids"] if self.state.exists() else {}
        return found


@pytest.fixture
def world(daemon: Daemon, settings: Callable[..., Settings]) -> Iterator[World]:
    reader = ScriptedReader({"marketfeed": [page(1, 2), page(3)], "watcherguru": [page(10)]})
    with taking() as backend, Backend(backend.url, "k") as client:
        made = settings()
        poller = Poller(daemon, made, client, reader)
        yield World(reader, backend, poller, made.state_dir / documents.TELEGRAM_POLLER)


def test_posts_reach_the_backend_with_the_category_of_their_channel(world: World) -> None:
    world.poller.poll(once=True)

    assert taken(world.backend) == [1, 2, 3, 10]
    assert [request.body["channel"]["category"] for request in world.backend.taken] == ["macro", "macro", "crypto"]
    assert world.cursors() == {"marketfeed": 3, "watcherguru": 10}


def test_only_what_is_new_is_read_again_and_no_name_is_resolved_twice(world: World) -> None:
    world.poller.read("marketfeed")
    world.reader.channels["marketfeed"].append(page(4, last_id=6))
    world.poller.read("marketfeed")

    assert taken(world.backend) == [1, 2, 3, 4]
    assert world.reader.asked == [("marketfeed", None), ("marketfeed", 3)]
    assert world.reader.resolved == ["marketfeed"]
    assert world.cursors() == {"marketfeed": 6}


def test_service_messages_move_the_cursor_and_are_not_sent(world: World) -> None:
    world.reader.channels["marketfeed"] = [page(last_id=8)]

    world.poller.read("marketfeed")

    assert (world.backend.requests, world.cursors()) == ([], {"marketfeed": 8})


def test_the_cursor_waits_for_the_backend(world: World) -> None:
    world.backend.answer = lambda request: Reply(503) if 3 in numbers(request.body) else TAKEN

    assert world.poller.read("marketfeed") == telegram_poller.WEB_SECONDS
    assert world.cursors() == {"marketfeed": 2}
    assert "posts wait" in world.poller.report.problem

    world.backend.answer = lambda _: TAKEN
    world.poller.read("marketfeed")
    assert (taken(world.backend), world.cursors()) == ([1, 2, 3], {"marketfeed": 3})
    assert world.poller.report.problem == ""


def test_telegram_is_not_asked_again_for_what_the_backend_has_not_taken(world: World) -> None:
    world.reader.channels["marketfeed"] = [page(1, 2), page(3), page(4)]
    world.backend.answer = lambda request: Reply(503) if 3 in numbers(request.body) else TAKEN
    for _ in range(4):
        world.poller.read("marketfeed")
    assert world.reader.asked == [("marketfeed", None)]
    assert world.cursors() == {"marketfeed": 2}

    world.backend.answer = lambda _: TAKEN
    world.reader.channels["marketfeed"].append(page(5))
    world.poller.read("marketfeed")

    assert (taken(world.backend), world.cursors()) == ([1, 2, 3, 4, 5], {"marketfeed": 5})


def test_a_restart_asks_again_for_what_the_backend_has_not_taken(
    world: World, daemon: Daemon, settings: Callable[..., Settings]
) -> None:
    world.backend.answer = lambda _: Reply(503)
    world.poller.read("marketfeed")
    world.backend.answer = lambda _: TAKEN

    with Backend(world.backend.url, "k") as client:
        Poller(daemon, settings(), client, world.reader).read("marketfeed")

    assert taken(world.backend) == [1, 2, 3]


def test_the_backend_is_told_the_title_that_a_channel_has_now(world: World) -> None:
    world.reader.channels["marketfeed"] = [page(1), page(2, title="The Feed"), page(3)]

    world.poller.read("marketfeed")

    titles = [request.body["channel"]["title"] for request in world.backend.taken]
    assert titles == ["Marketfeed", "The Feed", "The Feed"]


def test_a_channel_that_is_back_is_not_blamed_for_a_backend_that_is_away(world: World) -> None:
    world.reader.broken["marketfeed"] = ChannelGone("there is no @marketfeed")
    world.poller.read("marketfeed")
    world.reader.broken.clear()
    world.backend.answer = lambda _: Reply(503)

    world.poller.read("marketfeed")

    assert world.poller.report.problem.startswith("posts wait: ")


def test_a_poison_message_does_not_hold_the_cursor(world: World) -> None:
    world.backend.answer = lambda request: refuses(2)(numbers(request.body))

    world.poller.read("marketfeed")

    assert (taken(world.backend), world.cursors()) == ([1, 3], {"marketfeed": 3})


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (ChannelGone("there is no @marketfeed"), GONE_SECONDS),
        (ShapeChanged("the page has no title"), telegram_poller.WEB_SECONDS),
        (Transient("no answer in time"), telegram_poller.WEB_SECONDS),
        (Transient("too soon", 5.0), telegram_poller.WEB_SECONDS),
        (Transient("Telegram asks for a pause", 3600.0), 3600.0),
    ],
)
def test_a_channel_that_cannot_be_read_rests_and_stops_no_other(
    world: World, error: Any, seconds: float, caplog: pytest.LogCaptureFixture
) -> None:
    world.reader.broken["marketfeed"] = error

    assert world.poller.read("marketfeed") == seconds
    world.poller.poll(once=True)

    assert world.cursors() == {"watcherguru": 10}
    assert world.poller.report.problem == f"@marketfeed: {error}"
    assert [record.getMessage() for record in caplog.records] == ["lost: Telegram channel @marketfeed"]


def test_pages_that_came_before_a_failure_stand(world: World) -> None:
    world.reader.channels["marketfeed"] = [page(1, 2), Transient("Telegram asks for a pause", 3600.0), page(3)]

    assert world.poller.read("marketfeed") == 3600

    assert (taken(world.backend), world.cursors()) == ([1, 2], {"marketfeed": 2})


def test_a_channel_that_pauses_is_left_alone_while_the_others_are_read(
    world: World, clock: MovedClock, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.reader.broken["marketfeed"] = Transient("Telegram asks for a pause", 3600.0)
    rests: list[float] = []

    def pause(seconds: float) -> None:
        rests.append(seconds)
        clock.move(seconds + 0.01)
        daemon.stopping = sum(rests) > 3660

    monkeypatch.setattr(daemon, "pause", pause)
    world.poller.poll(once=False)

    assert world.reader.resolved.count("marketfeed") == 2
    assert 55 < len([name for name, _ in world.reader.asked if name == "watcherguru"]) <= 62


def test_nothing_to_read_is_not_an_end(
    daemon: Daemon, settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    with taking() as backend, Backend(backend.url, "k") as client:
        poller = Poller(daemon, settings(telegram_channels=()), client, ScriptedReader())
        rests: list[float] = []

        def pause(seconds: float) -> None:
            rests.append(seconds)
            daemon.stopping = len(rests) == 3

        monkeypatch.setattr(daemon, "pause", pause)
        poller.poll(once=False)

    assert rests == pytest.approx([telegram_poller.IDLE_SECONDS] * 3, abs=1)


def test_a_poller_is_ended_by_a_lost_login_for_good(
    daemon: Daemon, settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reader = ScriptedReader(broken={"marketfeed": LoginLost("logged out: run volspike telegram-login")})
    monkeypatch.setattr(telegram_poller, "open_reader", lambda *_: reader)

    assert telegram_poller.run(daemon, settings(backend_key="k"), once=False) == EX_CONFIG

    assert caplog.records[-1].getMessage() == "cannot go on: logged out: run volspike telegram-login"
    assert reader.closed


def test_one_round_says_by_its_exit_code_whether_it_was_well(
    daemon: Daemon, settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = ScriptedReader(broken={"marketfeed": ChannelGone("there is no @marketfeed")})
    monkeypatch.setattr(telegram_poller, "open_reader", lambda *_: reader)
    with taking() as backend:
        made = settings(backend_key="k", backend_url=backend.url)
        assert telegram_poller.run(daemon, made, once=True) == 1
        assert (
            telegram_poller.run(daemon, settings(backend_key="k", telegram_channels=("watcherguru",)), once=True) == 0
        )


def test_without_a_key_for_the_backend_there_is_nothing_to_begin(
    daemon: Daemon, settings: Callable[..., Settings]
) -> None:
    with pytest.raises(SettingsError, match="VOLSPIKE_API_KEY"):
        telegram_poller.run(daemon, settings(), once=False)
