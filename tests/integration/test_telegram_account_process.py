"""The Telegram poller with an account as a real process: what a signal, a kill and a host's zone do to it.

What stands in for Pyrogram's client has a hundred messages of its own classes.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.backends import BackendServer, Reply, Request
from tests.processes import PROMPT_SECONDS, PROMPT_TRIES, Suite, until
from tests.unit.daemons.channel_world import TAKEN, numbers, taken
from volspike.state import documents

REPOSITORY = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0
HANGS = "the account hangs"
PROGRAM = f"""
import asyncio, os, sys, types
sys.modules["tests"] = tests = types.ModuleType("tests")  # a library has brought a package of this name along
tests.__path__ = ["{REPOSITORY / "tests"}"]
from tests.unit.clients.telegram.pyrogram_world import FakeAccount, post
from volspike.clients.telegram import account
from volspike.daemons import telegram_poller
from volspike.daemons.launch import launch

class Hanging(FakeAccount):
    async def get_chat(self, name, force_full):
        print("{HANGS}", flush=True)
        await asyncio.sleep(600)

made = Hanging if "HANGING" in os.environ else FakeAccount
account.open_account = lambda *_: made([post(number) for number in range(1, 101)])
sys.exit(launch("telegram-poller", telegram_poller.run))
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def backend() -> Iterator[BackendServer]:
    with BackendServer(lambda _: TAKEN) as server:
        yield server


@pytest.fixture
def place(tmp_path: Path, backend: BackendServer) -> Iterator[Suite]:
    account = {"TELEGRAM_API_ID": "12345", "TELEGRAM_API_HASH": "0" * 32, "TELEGRAM_CHANNELS": "marketfeed"}
    with Suite(tmp_path, VOLSPIKE_API_URL=backend.url, VOLSPIKE_API_KEY="k") as suite:
        suite.env |= account
        yield suite


@pytest.fixture
def start(place: Suite) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def begin(**variables: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", PROGRAM]
        env = {**place.env, **variables}
        started.append(subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate(timeout=PATIENCE_SECONDS)


def cursor(place: Suite) -> int | None:
    path = place.state_dir / documents.TELEGRAM_POLLER
    found: dict[str, int] = json.loads(path.read_bytes())["last_message_ids"] if path.exists() else {}
    return found.get("marketfeed")


def test_a_kill_between_post_and_cursor_sends_that_page_again_and_loses_nothing(
    place: Suite, backend: BackendServer, start: Start
) -> None:
    killed = threading.Event()
    processes: list[subprocess.Popen[str]] = []

    def take_and_kill(request: Request) -> Reply:
        if 100 in numbers(request.body) and not killed.is_set():
            killed.set()
            os.kill(processes[0].pid, signal.SIGKILL)
        return TAKEN

    backend.answer = take_and_kill
    processes.append(start())
    assert processes[0].wait(PATIENCE_SECONDS) == -signal.SIGKILL
    assert cursor(place) == 50

    start()
    until(lambda: cursor(place) == 100, PATIENCE_SECONDS, "the rest")

    assert sorted(set(taken(backend))) == list(range(1, 101))
    assert taken(backend).count(50) == 1


def test_a_signal_ends_it_within_five_seconds_while_telegram_says_nothing(start: Start) -> None:
    def end_seconds() -> float:
        """Return how long one that waits for Telegram takes to end."""
        process = start(HANGING="1")
        assert process.stdout is not None
        shown = ""
        while HANGS not in shown and (line := process.stdout.readline()):
            shown += line
        assert HANGS in shown

        began = time.monotonic()
        process.terminate()

        assert process.wait(PATIENCE_SECONDS) == 0
        took = time.monotonic() - began
        assert "Traceback" not in process.stdout.read()
        return took

    assert any(end_seconds() < PROMPT_SECONDS for _ in range(PROMPT_TRIES))


def test_times_are_utc_wherever_the_host_is(place: Suite, backend: BackendServer, start: Start) -> None:
    start(TZ="Asia/Kolkata")
    until(lambda: cursor(place) == 100, PATIENCE_SECONDS, "the posts")

    assert {post["date"] for request in backend.taken for post in request.body["messages"]} == {"2026-01-02T14:05:00Z"}
