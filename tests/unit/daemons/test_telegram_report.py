"""What the Telegram poller says of itself."""

import json
from pathlib import Path

import pytest

from tests.backends import Reply
from tests.unit.clocks import MovedClock
from tests.unit.daemons.channel_world import page, post, taking
from tests.unit.examples import NOW
from volspike.clients.backend.client import Backend
from volspike.daemons.telegram_report import PollerReport
from volspike.daemons.telegram_sender import PostSender
from volspike.model.documents import ChannelTrouble
from volspike.model.news import Channel
from volspike.runtime.daemon import Daemon
from volspike.state import documents

NAMES = ("marketfeed", "watcherguru")


@pytest.fixture
def sender(daemon: Daemon) -> PostSender:
    return PostSender(Backend("http://127.0.0.1:9", "k"), daemon)


@pytest.fixture
def report(daemon: Daemon, runtime_dir: Path, sender: PostSender) -> PollerReport:
    return PollerReport(daemon, runtime_dir / documents.TELEGRAM_CHANNELS, NAMES, sender, "every 60 s")


def metric(daemon: Daemon, sample: str) -> float:
    lines = [line for line in daemon.metrics.text().splitlines() if not line.startswith("#")]
    (value,) = [float(line.split()[-1]) for line in lines if sample in line]
    return value


def test_the_status_is_a_sentence(report: PollerReport) -> None:
    assert report.status() == "2 channels read every 60 s, 0 posts since the start"

    report.took(page(7, 8, unreadable=1))

    assert report.status() == "2 channels read every 60 s, 2 posts since the start, the latest of 12:00:00 UTC"


def test_nothing_to_read_is_said(daemon: Daemon, runtime_dir: Path, sender: PostSender) -> None:
    idle = PollerReport(daemon, runtime_dir / documents.TELEGRAM_CHANNELS, (), sender, "every 60 s")

    assert idle.status() == "no channel is to be read: TELEGRAM_CHANNELS is -"
    assert idle.problem == ""


def test_a_trouble_is_logged_once_and_so_is_its_end(
    report: PollerReport, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for _ in range(3):
        report.failed("marketfeed", ChannelTrouble.GONE, "there is no @marketfeed")
        clock.move(60)
    assert report.status().endswith("; @marketfeed: there is no @marketfeed")
    report.read("marketfeed")

    assert [record.getMessage() for record in caplog.records] == [
        "lost: Telegram channel @marketfeed",
        "recovered: Telegram channel @marketfeed",
    ]
    assert report.problem == ""


def test_what_keeps_several_channels_from_being_read_is_said_once(report: PollerReport) -> None:
    for name in NAMES:
        report.failed(name, ChannelTrouble.AWAY, "Telegram's pages cannot be reached")

    assert report.problem == "@marketfeed, @watcherguru: Telegram's pages cannot be reached"


def test_the_file_tells_since_when_and_why(
    report: PollerReport, daemon: Daemon, runtime_dir: Path, clock: MovedClock
) -> None:
    report.read("watcherguru")
    report.failed("marketfeed", ChannelTrouble.SHAPE, "the page has no title")
    clock.move(60)
    report.failed("marketfeed", ChannelTrouble.SHAPE, "the page has no title")
    report.save()

    assert json.loads((runtime_dir / documents.TELEGRAM_CHANNELS).read_bytes()) == {
        "version": 1,
        "channels": {
            "marketfeed": {"read_at": None, "trouble": "shape", "since": NOW, "problem": "the page has no title"},
            "watcherguru": {"read_at": NOW, "trouble": None, "since": None, "problem": ""},
        },
        "updated_at": NOW + 60,
        "backend_since": None,
        "backend_problem": "",
    }
    assert metric(daemon, 'channels_failing{daemon="funding-ws",trouble="shape"}') == 1
    assert metric(daemon, 'channels_failing{daemon="funding-ws",trouble="gone"}') == 0
    assert metric(daemon, 'failures_total{daemon="funding-ws",trouble="shape"}') == 2


def test_a_backend_that_takes_nothing_is_in_the_status_and_in_the_file(
    daemon: Daemon, runtime_dir: Path, clock: MovedClock
) -> None:
    path = runtime_dir / documents.TELEGRAM_CHANNELS
    with taking(lambda _: Reply(503)) as backend, Backend(backend.url, "k") as client:
        sender = PostSender(client, daemon)
        report = PollerReport(daemon, path, NAMES, sender, "every 60 s")
        sender.deliver(Channel(-1_001_000_000_001, "marketfeed", "Market Feed"), "macro", [post(7)])
        report.save()
        clock.move(60)
        report.save()

    assert "; posts wait: /api/telegram/ingest answered HTTP 503" in report.status()
    written = json.loads(path.read_bytes())
    assert written["backend_since"] == NOW
    assert "HTTP 503" in written["backend_problem"]
