"""The courier from its settings to its end."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.backends import BackendServer, Reply
from tests.unit.clocks import MovedClock
from tests.unit.delivery.conftest import message
from volspike.daemons import courier
from volspike.daemons.launch import CannotStartError
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import Kind
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings
from volspike.state import documents, file


@pytest.fixture
def daemon(runtime_dir: Path, clock: MovedClock) -> Iterator[Daemon]:
    with Daemon("courier", clock, runtime_dir) as running:
        yield running


@pytest.fixture
def backend() -> Iterator[BackendServer]:
    with BackendServer() as running:
        yield running


@pytest.fixture
def place(settings: Callable[..., Settings], backend: BackendServer) -> Settings:
    return settings(backend_url=backend.url, backend_key="secret")


def put(settings: Settings, *keys: str) -> None:
    with Outbox(settings.state_dir / documents.OUTBOX, settings.clock, settings.routes) as outbox:
        outbox.put([message(key, kind=Kind.VOLUME) for key in keys])


def test_once_it_delivers_what_is_there_and_ends(daemon: Daemon, place: Settings, backend: BackendServer) -> None:
    put(place, "a", "b", "c")

    courier.run(daemon, place, True)

    assert backend.keys == ["a", "b", "c"]
    assert backend.taken[0].headers["X-API-Key"] == "secret"


def test_once_it_does_not_wait_for_a_destination_that_is_away(
    daemon: Daemon, place: Settings, backend: BackendServer
) -> None:
    backend.answer = lambda _: Reply(503)
    put(place, "a")

    courier.run(daemon, place, True)

    assert backend.requests
    assert not backend.taken


def test_a_damaged_outbox_is_moved_aside_and_told_loudly(
    daemon: Daemon, place: Settings, backend: BackendServer, caplog: pytest.LogCaptureFixture
) -> None:
    (place.state_dir / documents.OUTBOX).write_bytes(b"not a database" * 1000)

    courier.run(daemon, place, True)
    put(place, "a")
    courier.run(daemon, place, True)

    assert backend.keys == ["a"]
    assert any(record.levelname == "ERROR" and "was damaged" in record.message for record in caplog.records)
    assert list(place.state_dir.glob("outbox.db.corrupt-*"))


def test_what_waits_in_a_damaged_outbox_is_delivered_from_the_new_one(
    daemon: Daemon, place: Settings, backend: BackendServer, caplog: pytest.LogCaptureFixture
) -> None:
    path = place.state_dir / documents.OUTBOX
    keys = [f"{number} {'x' * 100}" for number in range(100)]
    put(place, *keys)
    content = bytearray(path.read_bytes())
    at = content.rindex(b"50 xxx") // 4096 * 4096
    content[at : at + 4096] = b"\xff" * 4096
    path.write_bytes(content)

    courier.run(daemon, place, True)

    (told,) = [record for record in caplog.records if "was damaged" in record.message]
    assert 50 < told.__dict__["saved"] <= len(keys)
    assert len(backend.keys) == told.__dict__["saved"]


def test_a_second_courier_of_the_same_outbox_does_not_start(daemon: Daemon, place: Settings) -> None:
    lock = file.hold(place.state_dir / documents.OUTBOX_LOCK)
    assert lock is not None
    try:
        with pytest.raises(CannotStartError, match="another courier carries the outbox"):
            courier.run(daemon, place, True)
    finally:
        os.close(lock)


def test_a_place_that_cannot_be_written_is_said_at_once(daemon: Daemon, place: Settings) -> None:
    place.state_dir.rmdir()
    place.state_dir.write_text("a file where a directory should be")

    with pytest.raises(CannotStartError, match="cannot be written"):
        courier.run(daemon, place, True)


def test_an_outbox_of_another_kind_is_said_at_once(daemon: Daemon, place: Settings) -> None:
    (place.state_dir / documents.OUTBOX).mkdir()

    with pytest.raises(CannotStartError, match="cannot be used"):
        courier.run(daemon, place, True)


def test_a_signal_ends_it(daemon: Daemon, place: Settings, backend: BackendServer) -> None:
    put(place, "a")

    def stop_and_take(_: object) -> Reply:
        daemon.stopping = True
        return Reply()

    backend.answer = stop_and_take
    courier.run(daemon, place, False)

    assert backend.keys == ["a"]
