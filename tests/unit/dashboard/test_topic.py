"""A topic: read at its pace for all who look, told when it differs, and not read when nobody looks."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from nicegui import Client, context, ui

from tests.unit.dashboard.conftest import Served
from volspike.dashboard import topic as topic_module
from volspike.dashboard.topic import Topic

Run = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]


class Source:
    """Something to read, and how often it was."""

    def __init__(self) -> None:
        self.value = "first"
        self.reads = 0

    def read(self) -> str:
        self.reads += 1
        return self.value


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a first reading take its time on a busy machine; one test is about that time."""
    monkeypatch.setattr(topic_module, "PATIENCE_SECONDS", 60.0)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def opened(run: Run) -> Iterator[Callable[[], Client]]:
    """Open pages; those that are left are closed."""
    clients: list[Client] = []

    def open_page() -> Client:
        clients.append(Client(ui.page("")))
        return clients[-1]

    async def close() -> None:
        for client in clients:
            if client.id in Client.instances:
                client.delete()

    yield open_page
    run(close)


async def look(topic: Topic[str], client: Client) -> list[str]:
    """Follow a topic in a page; the list grows with what is shown there."""
    shown: list[str] = []
    with client:
        await topic.follow(shown.append)
    return shown


async def pass_time(topic: Topic[str], *seconds: float) -> None:
    """Let it be these times, and each reading come to its end."""
    for now in seconds:
        topic.begin_when_due(now)
        await settle(topic)


async def settle(topic: Topic[str]) -> None:
    reading = topic._reading
    if reading is not None:
        await asyncio.wait([reading])


@pytest.fixture
def run(served: Served) -> Run:
    """Run a test's work in the loop of the application, where pages live."""
    assert served.client.portal is not None
    return served.client.portal.call


def test_who_comes_sees_the_newest_value_at_once(source: Source, opened: Callable[[], Client], run: Run) -> None:
    async def work() -> None:
        topic = Topic(source.read, 1.0)
        assert await look(topic, opened()) == ["first"]

    run(work)


def test_all_pages_are_told_of_one_reading_and_only_when_it_differs(
    source: Source, opened: Callable[[], Client], run: Run
) -> None:
    async def work() -> None:
        topic = Topic(source.read, 1.0)
        one, two = await look(topic, opened()), await look(topic, opened())
        before = source.reads
        await pass_time(topic, 0.0, 1.0)
        source.value = "second"
        await pass_time(topic, 2.0)

        assert one == two == ["first", "second"]
        assert source.reads == before + 3

    run(work)


def test_it_is_read_no_more_often_than_its_pace(source: Source, opened: Callable[[], Client], run: Run) -> None:
    async def work() -> None:
        topic = Topic(source.read, 1.0)
        await look(topic, opened())
        before = source.reads
        await pass_time(topic, 0.0, 0.3, 0.6, 0.9, 1.0)

        assert source.reads == before + 2

    run(work)


def test_a_page_that_was_closed_is_told_no_more_and_without_pages_nothing_is_read(
    source: Source, opened: Callable[[], Client], run: Run
) -> None:
    async def work() -> None:
        topic = Topic(source.read, 1.0)
        client = opened()
        shown = await look(topic, client)
        client.delete()
        source.value = "second"
        before = source.reads
        await pass_time(topic, 0.0, 1.0)

        assert (shown, source.reads, topic.followers) == (["first"], before, 0)

    run(work)


def test_one_that_is_read_always_needs_no_page(source: Source, run: Run) -> None:
    async def work() -> None:
        topic = Topic(source.read, 1.0, always=True)
        await pass_time(topic, 0.0, 1.0)
        assert source.reads == 2

    run(work)


def test_a_passing_one_is_over_with_its_page(source: Source, opened: Callable[[], Client], run: Run) -> None:
    async def work() -> None:
        topic = Topic(source.read, 1.0, passing=True)
        client = opened()
        assert not topic.is_over
        await look(topic, client)
        assert not topic.is_over
        client.delete()
        assert topic.is_over

    run(work)


def test_an_error_of_a_reading_is_raised_where_the_daemon_sees_it(run: Run) -> None:
    def broken() -> str:
        raise ZeroDivisionError

    async def work() -> None:
        topic = Topic(broken, 1.0, always=True)
        await pass_time(topic, 0.0)
        with pytest.raises(ZeroDivisionError):
            topic.begin_when_due(1.0)

    run(work)


def test_what_is_shown_belongs_to_the_page_that_follows(source: Source, opened: Callable[[], Client], run: Run) -> None:
    async def work() -> None:
        topic = Topic(source.read, 1.0)
        client, seen = opened(), []
        with client:
            await topic.follow(lambda _: seen.append(context.client))
        source.value = "second"
        await pass_time(topic, 0.0)
        assert seen == [client, client]

    run(work)


def test_a_page_is_drawn_before_a_slow_reading_has_ended_and_told_when_it_has(
    opened: Callable[[], Client], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topic_module, "PATIENCE_SECONDS", 0.01)
    may_end = threading.Event()

    def read() -> str:
        may_end.wait(20)
        return "first"

    async def work() -> None:
        topic = Topic(read, 1.0)
        shown = await look(topic, opened())
        assert shown == []
        may_end.set()
        await settle(topic)
        assert shown == ["first"]

    run(work)
