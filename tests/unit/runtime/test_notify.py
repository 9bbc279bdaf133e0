"""What a supervisor hears, over a real socket."""

import os
import socket
from collections.abc import Iterator

import pytest

from tests.unit.runtime.conftest import Notifications
from volspike.runtime.notify import Notifier


@pytest.fixture
def notifier(supervisor: Notifications) -> Iterator[Notifier]:
    made = Notifier()
    yield made
    made.stopping()


def test_readiness_comes_with_a_status(supervisor: Notifications, notifier: Notifier) -> None:
    notifier.ready("connecting to wss://fstream.binance.com")

    assert supervisor.told() == ["READY=1\nSTATUS=connecting to wss://fstream.binance.com"]


def test_a_status_is_told_when_it_changes(supervisor: Notifications, notifier: Notifier) -> None:
    notifier.ready("one")

    for status in ("one", "two", "two", "one"):
        notifier.status(status)

    assert supervisor.told()[1:] == ["STATUS=two", "STATUS=one"]


@pytest.mark.parametrize("status", ["missing: 币安人生USDT", "3 – 5 s late…", "prêt"])
def test_a_status_may_name_any_symbol(supervisor: Notifications, notifier: Notifier, status: str) -> None:
    notifier.ready(status)

    assert supervisor.told() == [f"READY=1\nSTATUS={status}"]


def test_a_status_of_several_lines_stays_one_message(supervisor: Notifications, notifier: Notifier) -> None:
    notifier.status("broken:\nSTOPPING=1")

    assert supervisor.told() == ["STATUS=broken: STOPPING=1"]


def test_signs_of_life_are_at_most_one_a_second(supervisor: Notifications, notifier: Notifier) -> None:
    for _ in range(100):
        notifier.alive()

    assert supervisor.told() == ["WATCHDOG=1"]


def test_without_a_watchdog_there_is_no_sign_of_life(
    supervisor: Notifications, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WATCHDOG_USEC")

    notifier = Notifier()

    notifier.alive()

    assert supervisor.told() == []
    notifier.stopping()


def test_the_end_is_told(supervisor: Notifications, notifier: Notifier) -> None:
    notifier.stopping()

    assert supervisor.told() == ["STOPPING=1"]


def test_where_nobody_asked_everything_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notifier = Notifier()

    notifier.ready("ready")
    notifier.status("working")
    notifier.alive()
    notifier.stopping()


def test_a_supervisor_that_does_not_read_stops_no_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(f"\0volspike-test-deaf-{os.getpid()}")
        monkeypatch.setenv("NOTIFY_SOCKET", f"@volspike-test-deaf-{os.getpid()}")
        notifier = Notifier()

        for number in range(5000):
            notifier.status(f"streaming {number} symbols")

        notifier.stopping()
