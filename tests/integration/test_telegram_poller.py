"""The Telegram poller as a real process, between pages of channels in the real shape and a backend on loopback."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.backends import BackendServer, Reply, Request
from tests.processes import DaemonProcess, Suite, ends_promptly, until
from tests.serving import QuietHTTPServer, Serving
from tests.simulation import SimulatorProcess
from tests.unit.clients.telegram import channel_pages
from tests.unit.daemons.channel_world import TAKEN, numbers, refuses, taken
from volspike.model.suite import DAEMONS
from volspike.state import documents

NAME = "telegram-poller"
PATIENCE_SECONDS = 40.0
RATE = "60"
"""A minute passes in a second, so that a channel is read each second."""


class ChannelServer(Serving):
    """Telegram's public web, with the channels that a test writes into it."""

    def __init__(self) -> None:
        self.channels: dict[str, dict[int, str]] = {}
        self.redirects: dict[str, str] = {}
        """Where a channel's page leads instead."""
        self.refusals: dict[str, tuple[int, dict[str, str]]] = {}
        self.hanging: set[str] = set()
        self.asked: list[tuple[str, int | None]] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
                """Keep quiet."""

        server = QuietHTTPServer(("127.0.0.1", 0), Handler)
        super().__init__(server)
        self.url = f"http://127.0.0.1:{server.server_port}"

    def write(self, name: str, *ids: int, service: bool = False) -> None:
        """Write messages into a channel."""
        made = channel_pages.service if service else channel_pages.message
        self.channels.setdefault(name, {}).update({number: made(number, owner=name) for number in ids})

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer with a page, or what the test has put in its place."""
        parts = urlsplit(request.path)
        name = parts.path.rpartition("/")[2]
        before = parse_qs(parts.query).get("before")
        self.asked.append((name, int(before[0]) if before else None))
        if name in self.hanging:
            self.closing.wait(60)
        if name in self.redirects:
            return self._send(request, 302, b"", {"Location": self.redirects[name]})
        if name in self.refusals:
            return self._send(request, self.refusals[name][0], b"", self.refusals[name][1])
        page = channel_pages.slice_of(self.channels.get(name, {}), int(before[0]) if before else None)
        return self._send(request, 200, page.replace(b"@marketfeed", f"@{name}".encode()), {})

    @staticmethod
    def _send(request: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
        request.send_response(status)
        for header, value in {**headers, "Content-Length": str(len(body))}.items():
            request.send_header(header, value)
        request.end_headers()
        request.wfile.write(body)


@pytest.fixture
def web() -> Iterator[ChannelServer]:
    """The public web with one channel, in which the messages 1 to 20 are."""
    with ChannelServer() as server:
        server.write("marketfeed", *range(1, 21))
        yield server


@pytest.fixture
def backend() -> Iterator[BackendServer]:
    with BackendServer(lambda _: TAKEN) as server:
        yield server


@pytest.fixture
def place(tmp_path: Path, web: ChannelServer, backend: BackendServer) -> Iterator[Suite]:
    rate = f"{RATE}@{int(time.time())}"
    with Suite(tmp_path, VOLSPIKE_CLOCK_RATE=rate, VOLSPIKE_API_URL=backend.url, VOLSPIKE_API_KEY="k") as suite:
        suite.env |= {"TELEGRAM_WEB_URL": web.url, "TELEGRAM_CHANNELS": "marketfeed"}
        yield suite


def holds(condition: Any, what: str) -> None:
    until(condition, PATIENCE_SECONDS, what)


def cursors(place: Suite) -> dict[str, int]:
    """Return the cursors on the disk."""
    path = place.state_dir / documents.TELEGRAM_POLLER
    found: dict[str, int] = json.loads(path.read_bytes())["last_message_ids"] if path.exists() else {}
    return found


def status(place: Suite) -> str:
    path = documents.heartbeat_path(place.runtime_dir, NAME)
    told: str = json.loads(path.read_bytes())["status"] if path.exists() else ""
    return told


def reading(place: Suite, **variables: str) -> DaemonProcess:
    """Start the poller and wait until it has read what there is."""
    daemon = place.ready(NAME, **variables)
    holds(lambda: cursors(place).get("marketfeed") == 20 or daemon.process.poll() is not None, "the first posts")
    assert cursors(place)["marketfeed"] == 20, daemon.log
    return daemon


def test_350_new_messages_in_one_interval_arrive_in_order_and_none_is_lost(
    place: Suite, web: ChannelServer, backend: BackendServer
) -> None:
    daemon = reading(place)

    web.write("marketfeed", *range(21, 371))
    holds(lambda: cursors(place)["marketfeed"] == 370, "all of them")

    assert taken(backend) == list(range(1, 371))
    assert max(len(numbers(request.body)) for request in backend.taken) <= 50
    assert daemon.end() == 0
    assert place.metric(NAME, "volspike_telegram_posts_total") == 370


def test_service_messages_are_no_posts_and_move_the_cursor(
    place: Suite, web: ChannelServer, backend: BackendServer
) -> None:
    reading(place)

    web.write("marketfeed", 21, 22, service=True)
    holds(lambda: cursors(place)["marketfeed"] == 22, "the cursor")

    assert taken(backend) == list(range(1, 21))


def test_the_cursor_waits_while_the_backend_is_down(place: Suite, web: ChannelServer, backend: BackendServer) -> None:
    daemon = reading(place)
    backend.answer = lambda _: Reply(503)
    before = len(backend.requests)
    web.write("marketfeed", *range(21, 91))

    holds(lambda: len(backend.requests) >= before + 2 and "posts wait" in status(place), "two refusals")
    assert cursors(place)["marketfeed"] == 20
    backend.answer = lambda _: TAKEN
    holds(lambda: cursors(place)["marketfeed"] == 90, "what has waited")

    assert taken(backend) == list(range(1, 91))
    assert daemon.log.count("lost: the backend for posts of channels") == 1
    assert daemon.log.count("recovered: the backend for posts of channels") == 1


def test_a_poller_killed_between_post_and_cursor_sends_that_page_again_and_loses_nothing(
    place: Suite, web: ChannelServer, backend: BackendServer
) -> None:
    daemon = reading(place)
    killed = threading.Event()

    def take_and_kill(request: Request) -> Reply:
        if 70 in numbers(request.body) and not killed.is_set():
            killed.set()
            os.kill(daemon.process.pid, signal.SIGKILL)  # it has been replaced by the daemon itself: the same number
        return TAKEN

    backend.answer = take_and_kill
    web.write("marketfeed", *range(21, 121))
    holds(lambda: daemon.process.poll() is not None, "the end")
    at = cursors(place)["marketfeed"]
    assert at in (20, 70)
    holds(lambda: 70 in taken(backend), "the answer that nobody heard")

    place.ready(NAME)
    holds(lambda: cursors(place)["marketfeed"] == 120, "the rest")

    assert sorted(set(taken(backend))) == list(range(1, 121))
    again = [number for number in set(taken(backend)) if taken(backend).count(number) > 1]
    assert again
    assert all(at < number <= at + 50 for number in again)


@pytest.mark.parametrize("status", [400, 500])
def test_a_poison_message_costs_only_itself(
    place: Suite, web: ChannelServer, backend: BackendServer, status: int
) -> None:
    daemon = reading(place)
    backend.answer = lambda request: refuses(40, status=status)(numbers(request.body))

    web.write("marketfeed", *range(21, 61))
    holds(lambda: cursors(place)["marketfeed"] == 60, "the others")

    assert taken(backend) == [number for number in range(1, 61) if number != 40]
    assert daemon.log.count("post left out") == 1
    assert daemon.end() == 0
    assert place.metric(NAME, "volspike_telegram_posts_refused_total") == 1


@pytest.mark.parametrize(
    ("leads_to", "said"),
    [("/marketfeed", "shows no preview"), ("/s/newname", "is renamed: its page is that of @newname")],
)
def test_a_channel_that_vanishes_is_told_once_and_stops_no_other(
    place: Suite, web: ChannelServer, backend: BackendServer, leads_to: str, said: str
) -> None:
    web.write("watcherguru", *range(1, 6))
    faster = place.env["VOLSPIKE_CLOCK_RATE"].replace(
        RATE, "300", 1
    )  # a channel that is gone is looked for each 15 min
    daemon = reading(place, TELEGRAM_CHANNELS="marketfeed,@WatcherGuru", VOLSPIKE_CLOCK_RATE=faster)
    web.redirects["marketfeed"] = leads_to
    holds(lambda: said in status(place), "the status")

    for number in range(6, 9):
        web.write("watcherguru", number)
        holds(lambda number=number: cursors(place)["watcherguru"] == number, "the other channel")

    assert daemon.log.count("lost: Telegram channel @marketfeed") == 1
    report = place.document(documents.TELEGRAM_CHANNELS)["channels"]
    assert (report["marketfeed"]["trouble"], report["watcherguru"]["trouble"]) == ("gone", None)
    del web.redirects["marketfeed"]
    web.write("marketfeed", 21)
    holds(lambda: cursors(place)["marketfeed"] == 21, "the channel that is back")
    holds(lambda: daemon.log.count("recovered: Telegram channel @marketfeed") == 1, "the log of it")


def test_a_pause_of_hours_for_one_of_three_channels_holds_up_no_other(place: Suite, web: ChannelServer) -> None:
    for name in ("watcherguru", "thirdchannel"):
        web.write(name, 1)
    reading(place, TELEGRAM_CHANNELS="marketfeed,watcherguru,thirdchannel")
    web.refusals["marketfeed"] = (429, {"Retry-After": "36000"})
    holds(lambda: "HTTP 429" in status(place), "the pause")
    del web.refusals["marketfeed"]
    web.write("marketfeed", 21)
    before = len(web.asked)

    for name in ("watcherguru", "thirdchannel"):
        web.write(name, *range(2, 9))
    holds(lambda: cursors(place)["watcherguru"] == cursors(place)["thirdchannel"] == 8, "the other channels")

    assert "marketfeed" not in [name for name, _ in web.asked[before:]]
    assert cursors(place)["marketfeed"] == 20


def test_a_page_of_another_shape_is_an_error_that_names_what_is_missing(place: Suite, web: ChannelServer) -> None:
    daemon = reading(place)
    web.channels["marketfeed"] = {21: "<div>a new design</div>"}

    holds(lambda: "has no .tgme_widget_message" in status(place), "the status")

    assert daemon.log.count("lost: Telegram channel @marketfeed") == 1
    assert place.document(documents.TELEGRAM_CHANNELS)["channels"]["marketfeed"]["trouble"] == "shape"
    assert cursors(place)["marketfeed"] == 20


def test_times_are_utc_wherever_the_host_is(place: Suite, backend: BackendServer) -> None:
    reading(place, TZ="Asia/Kolkata")

    assert {message["date"] for message in backend.taken[0].body["messages"]} == {"2026-01-02T14:05:00Z"}


@pytest.mark.parametrize("what", ["page", "backend"])
def test_a_signal_ends_it_within_five_seconds_whatever_hangs(
    place: Suite, web: ChannelServer, backend: BackendServer, what: str
) -> None:
    def hanging() -> DaemonProcess:
        web.hanging.clear()
        daemon = reading(place)
        before = (len(web.asked), len(backend.requests))
        if what == "page":
            web.hanging.add("marketfeed")
            holds(lambda: len(web.asked) > before[0], "a page that hangs")
        else:
            backend.answer = lambda _: Reply(503, after=60)
            web.write("marketfeed", *range(21, 40))
            holds(lambda: len(backend.requests) > before[1], "a backend that hangs")
        return daemon

    daemon = ends_promptly(hanging)
    assert "Traceback" not in daemon.log
    assert cursors(place)["marketfeed"] == 20


def test_an_account_that_is_not_logged_in_is_said_with_the_command_and_no_restart_would_help(place: Suite) -> None:
    daemon = place.start(NAME, TELEGRAM_API_ID="12345", TELEGRAM_API_HASH="0123456789abcdef" * 2)

    assert daemon.wait(PATIENCE_SECONDS) == 78
    assert "run volspike telegram-login" in daemon.log
    assert "0123456789abcdef" not in daemon.log


def test_the_simulated_channels_reach_the_embedded_backend(exchange: SimulatorProcess, tmp_path: Path) -> None:
    with Suite(tmp_path, exchange, VOLSPIKE_API_KEY="k") as suite:
        suite.ready("backend")
        assert suite.start(NAME, "--once").wait(PATIENCE_SECONDS) == 0

        url = f"http://127.0.0.1:{suite.backend_port}/api/telegram/messages"
        listed = requests.get(url, {"limit": "100"}, headers={"X-API-Key": "k"}, timeout=30).json()["messages"]

    assert {row["channel"]["username"]: row["channel"]["category"] for row in listed} == {
        "marketfeed": "macro",
        "watcherguru": "crypto",
    }
    assert len(listed) > 30
    assert {row["post"]["media_type"] for row in listed} == {None, "photo", "video"}


def test_no_daemon_pays_for_the_library_of_an_account_that_it_does_not_use() -> None:
    modules = ", ".join(daemon.module for daemon in DAEMONS)
    program = (
        f"import sys, {modules}, volspike.clients.telegram.web\nassert 'pyrogram' not in sys.modules, 'it is imported'"
    )

    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
