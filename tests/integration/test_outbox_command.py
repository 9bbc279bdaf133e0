"""The outbox and its commands as real processes: looked into, mended and followed while alerts come in."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes import END_SECONDS, Suite
from volspike.delivery.outbox import Outbox
from volspike.delivery.road import Outcome, Road
from volspike.model.delivery import BACKEND, TELEGRAM, Kind, Message, Pause, State
from volspike.runtime.clock import Clock

ROUTES = {Kind.VOLUME: (BACKEND, TELEGRAM), Kind.TRIGGER: (BACKEND,)}
SECRET = "123456:AAF-secret_token"  # noqa: S105 - stands for one
Put = Callable[..., None]


@pytest.fixture
def place(tmp_path: Path) -> Suite:
    suite = Suite(tmp_path, TELEGRAM_TOKEN=SECRET, CHAT_ID="-1001", VOLSPIKE_API_KEY="key-secret")
    suite.state_dir.mkdir()
    return suite


@pytest.fixture
def path(place: Suite) -> Path:
    return place.state_dir / "outbox.db"


@pytest.fixture
def put(path: Path) -> Put:
    """Put alerts with these names, as a daemon does."""

    def put(*names: str, kind: Kind = Kind.VOLUME) -> None:
        now = Clock().now()
        with Outbox(path, Clock(), ROUTES) as outbox:
            outbox.put([Message(name, kind, f"{name}USDT", now, b"{}", f"{name} moved") for name in names])

    return put


class Tail:
    """`volspike tail` as a process whose output is read line by line."""

    def __init__(self, place: Suite, *flags: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "volspike", "tail", *flags],
            env={**place.env, "PYTHONUNBUFFERED": ""},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        """Return its next line."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def close_pipe(self) -> None:
        """Stop reading, as `head` does when it has enough."""
        assert self.process.stdout is not None
        self.process.stdout.close()

    def end(self) -> tuple[int, str]:
        """Return its exit status and what it complained of, once it has ended."""
        status = self.process.wait(END_SECONDS)
        assert self.process.stderr is not None
        return status, self.process.stderr.read()


@pytest.fixture
def tail(place: Suite) -> Iterator[Callable[..., Tail]]:
    """Start `volspike tail`; what still runs at the end of the test is ended."""
    started: list[Tail] = []

    def start(*flags: str) -> Tail:
        started.append(Tail(place, *flags))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


def test_an_operator_mends_what_was_refused(place: Suite, path: Path, put: Put) -> None:
    put("A", "B", kind=Kind.TRIGGER)
    with Road(path) as road:
        road.settle([Outcome(1, State.REFUSED, "HTTP 400: symbol")], Clock().now())
        road.pause(BACKEND, Pause(Clock().now(), "HTTP 401", "ab12"))

    listed = place.volspike("outbox", "list", "--state", "refused")
    shown = place.volspike("outbox", "show", "1")
    retried = place.volspike("outbox", "retry", "1")
    dropped = place.volspike("outbox", "drop", "2", "--yes")
    resumed = place.volspike("outbox", "resume", "backend")
    figures = json.loads(place.volspike("outbox", "stats", "--json").stdout)

    assert [done.returncode for done in (listed, shown, retried, dropped, resumed)] == [0] * 5
    assert "HTTP 400: symbol" in listed.stdout
    assert "A moved" in shown.stdout
    assert (figures["backend"]["waiting"], figures["backend"]["dropped"], figures["backend"]["paused"]) == (1, 1, None)
    for done in (listed, shown, retried, dropped, resumed):
        assert "secret" not in done.stdout + done.stderr


def test_without_an_outbox_every_command_says_so_in_one_line(place: Suite) -> None:
    for command in (("list",), ("show", "1"), ("retry", "--refused"), ("drop", "1"), ("stats",), ("resume", "backend")):
        done = place.volspike("outbox", *command)

        assert (done.returncode, done.stdout) == (1, "")
        assert "there is no outbox at" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_a_giving_up_that_nobody_confirms_gives_nothing_up(place: Suite, put: Put) -> None:
    put("A", kind=Kind.TRIGGER)

    done = place.volspike("outbox", "drop", "1")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert json.loads(place.volspike("outbox", "show", "1", "--json").stdout)["state"] == "waiting"


def test_a_list_that_is_not_read_to_its_end_ends_quietly(place: Suite, put: Put) -> None:
    put(*(f"{number}" for number in range(2000)))
    command = f"{sys.executable} -m volspike outbox list --limit 2000 | head -1"

    done = subprocess.run(["sh", "-c", command], env=place.env, capture_output=True, text=True, timeout=30, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ID")


def test_alerts_are_followed_as_they_come_and_ctrl_c_ends_that(tail: Callable[..., Tail], put: Put) -> None:
    put("OLD", "NEW")
    following = tail("--lines", "1")
    assert following.line().endswith("volume         NEW moved")

    put_at = time.monotonic()
    put("NEXT")

    assert following.line().endswith("volume         NEXT moved")
    assert time.monotonic() - put_at < 10
    following.process.send_signal(signal.SIGINT)
    assert following.end() == (0, "")


def test_an_outbox_that_is_not_there_yet_is_waited_for(
    place: Suite, tail: Callable[..., Tail], put: Put, path: Path
) -> None:
    following = tail("--json")
    assert following.process.stderr is not None
    assert following.process.stderr.readline() == f"volspike: there is no outbox at {path} yet; waiting for it\n"

    put(*(f"{number}" for number in range(12)))

    assert [json.loads(following.line())["key"] for _ in range(12)] == [f"{number}" for number in range(12)]
    following.process.send_signal(signal.SIGINT)
    assert following.end() == (0, "")


def test_nobody_reading_any_more_ends_it_quietly_although_nothing_happens(tail: Callable[..., Tail], put: Put) -> None:
    put("A")
    following = tail()
    assert following.line()

    following.close_pipe()

    assert following.end() == (0, "")


def test_a_flood_that_is_not_read_to_its_end_ends_quietly(tail: Callable[..., Tail], put: Put) -> None:
    put(*(f"{number}" for number in range(5000)))
    flood = tail("--lines", "5000", "--once")
    assert flood.line()

    flood.close_pipe()

    assert flood.end() == (0, "")


def test_which_outbox_is_meant_is_told_by_the_settings(place: Suite, put: Put, tmp_path: Path) -> None:
    put("A")
    place.state_dir.rename(tmp_path / "elsewhere")

    assert place.volspike("tail", "--once").returncode == 1
    assert "A moved" in place.volspike("tail", "--once", VOLSPIKE_STATE_DIR=str(tmp_path / "elsewhere")).stdout


def test_a_storm_comes_in_order_and_each_alert_once(tail: Callable[..., Tail], put: Put) -> None:
    put("OLD")
    following = tail("--json")
    names = [f"{number}" for number in range(1500)]

    assert json.loads(following.line())["key"] == "OLD"
    for start in range(0, len(names), 300):
        put(*names[start : start + 300])

    assert [json.loads(following.line())["key"] for _ in names] == names
