"""Backup and restore with real daemons that write meanwhile: what was taken back fits together and is told once."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.processes import Suite, clock_from, until
from tests.simulation import SimulatorProcess
from volspike.archive import making, packing
from volspike.delivery.ledger import Ledger
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import BACKEND, TELEGRAM, Entry, Kind, Message, State
from volspike.runtime.clock import Clock
from volspike.simulator import chats
from volspike.state import documents

PATIENCE_SECONDS = 40.0
DAEMONS = ("backend", "courier", "volume-alerts")
SPIKE = "VOLUME SPIKE!"


@pytest.fixture
def clock() -> dict[str, str]:
    """Nearly the wall's, but with the next scan minutes away: it would tell of more while a backup is made."""
    return {"VOLSPIKE_CLOCK_RATE": clock_from(10)}


@pytest.fixture
def exchange(clock: dict[str, str]) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(env=clock) as simulator:
        yield simulator


@pytest.fixture
def place(tmp_path: Path, exchange: SimulatorProcess, clock: dict[str, str]) -> Iterator[Suite]:
    """A suite with the embedded backend and the simulated chat."""
    variables = {
        "VOLSPIKE_API_KEY": "a-key",
        "TELEGRAM_API_URL": exchange.rest_url,
        "TELEGRAM_TOKEN": chats.TOKEN,
        "CHAT_ID": str(chats.GROUP),
    }
    with Suite(tmp_path, exchange, **variables, **clock) as suite:
        yield suite


@pytest.fixture
def heeded() -> Iterator[None]:
    """Commands heed the closing of a terminal, also where nohup(1) has these tests ignore it."""
    former = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, former)


def entries(place: Suite) -> list[Entry]:
    with Ledger(place.state_dir / documents.OUTBOX, Clock()) as ledger:
        return ledger.listing(limit=100_000)


def spikes_told(place: Suite) -> list[Entry]:
    """Return the spikes of which the chat was told."""
    return [
        entry
        for entry in entries(place)
        if entry.destination == TELEGRAM and entry.state is State.DELIVERED and entry.text.endswith(SPIKE)
    ]


def chat(exchange: SimulatorProcess) -> str:
    """Return all that people read."""
    told = requests.get(f"{exchange.rest_url}/sim/telegram", timeout=30).json()
    return "\n".join(message["text"] for message in told["messages"])


def all_spikes_told(place: Suite) -> bool:
    spikes = [entry for entry in entries(place) if entry.text.endswith(SPIKE)]
    return bool(spikes) and all(entry.state is State.DELIVERED for entry in spikes)


@contextmanager
def writing(place: Suite) -> Iterator[None]:
    """Put alerts into the outbox all the time, one transaction each; the backend refuses them, so they are settled."""
    over = threading.Event()

    def write() -> None:
        routes = {Kind.OPEN_INTEREST: (BACKEND,)}
        with Outbox(place.state_dir / documents.OUTBOX, Clock(), routes) as outbox:
            number = 0
            while not over.wait(0.002):
                outbox.put([Message(f"load:{number}", Kind.OPEN_INTEREST, "LOADUSDT", Clock().now(), b"{}", "load")])
                number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def verified(backup: Path) -> bool:
    with backup.open("rb") as content:
        return bool(packing.read(content, None, lambda _: None).parts)


def loads(place: Suite) -> list[int]:
    return sorted(int(entry.key.split(":")[1]) for entry in entries(place) if "load:" in entry.key)


@pytest.mark.timeout(240)
def test_a_lost_state_directory_comes_back_from_a_backup_made_under_load_and_nothing_is_told_twice(
    place: Suite, exchange: SimulatorProcess
) -> None:
    daemons = [place.ready(name) for name in DAEMONS]
    until(lambda: SPIKE in chat(exchange), PATIENCE_SECONDS, "a spike in the chat")
    scans = "volspike_volume_scan_last_success_timestamp_seconds"
    until(lambda: place.metric("volume-alerts", scans), PATIENCE_SECONDS, "the end of the scan, which finds no more")
    with writing(place):
        until(lambda: len(loads(place)) > 20, PATIENCE_SECONDS, "a load")
        until(lambda: all_spikes_told(place), PATIENCE_SECONDS, "all spikes in the chat")
        made = [place.volspike("backup") for _ in range(3)]
        refused = place.volspike("restore", "latest")
        for daemon in daemons:
            daemon.end(signal.SIGKILL)
    told = spikes_told(place)
    shutil.rmtree(place.state_dir)

    restored = place.volspike("restore", "latest")

    assert [done.returncode for done in made] == [0, 0, 0], made
    assert refused.returncode == 1
    assert "end the suite first" in refused.stderr
    assert restored.returncode == 0, restored.stderr
    assert {entry.key for entry in spikes_told(place)} == {entry.key for entry in told}
    assert loads(place) == list(range(len(loads(place)))), "as of one instant, without gaps"
    assert (place.state_dir / documents.VOLUME_ALERTS).exists()

    before = place.metric("volume-alerts", scans)
    for name in DAEMONS:
        place.ready(name)
    until(lambda: place.metric("volume-alerts", scans) > before, PATIENCE_SECONDS, "another scan")
    until(lambda: all_spikes_told(place), PATIENCE_SECONDS, "an outbox without spikes that wait")
    read = chat(exchange)
    for entry in told:
        asset = re.escape(entry.text.split(" hourly volume")[0])
        lines = re.findall(rf"(?<![^\s•]){asset} hourly volume .* {SPIKE}$", read, re.MULTILINE)
        here = [one for one in spikes_told(place) if one.symbol == entry.symbol]
        assert len(lines) == len(here), lines


@pytest.mark.timeout(120)
def test_a_backup_that_is_killed_leaves_the_former_ones(place: Suite) -> None:
    place.state_dir.mkdir()
    with Outbox(place.state_dir / documents.OUTBOX, Clock(), {Kind.VOLUME: (BACKEND,)}) as outbox:
        text = "x" * 1000
        outbox.put([Message(f"{n}", Kind.VOLUME, "BTCUSDT", Clock().now(), b"{}", text) for n in range(20_000)])
    directory = documents.backups_directory(place.state_dir)
    assert place.volspike("backup").returncode == 0
    (former,) = making.listing(directory)

    killed = subprocess.Popen(
        [sys.executable, "-m", "volspike", "backup"],
        env=place.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(
        lambda: killed.poll() is not None or list(directory.glob(f"{making.UNFINISHED}*")),
        PATIENCE_SECONDS,
        "a backup under way",
    )
    killed.kill()
    killed.wait(PATIENCE_SECONDS)

    assert former in making.listing(directory)
    assert all(verified(backup.path) for backup in making.listing(directory))
    assert place.volspike("backup").returncode == 0
    assert not list(directory.glob(f"{making.UNFINISHED}*"))


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("arguments", [("-", "--check"), ("-",)])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_one_that_is_interrupted_while_it_unpacks_leaves_nothing(
    tmp_path: Path, arguments: tuple[str, ...], number: signal.Signals, code: int
) -> None:
    with Suite(tmp_path) as place:
        place.state_dir.mkdir()
        (place.state_dir / "memory.json").write_bytes(os.urandom(4 << 20))
        assert place.volspike("backup").returncode == 0
        (backup,) = making.listing(documents.backups_directory(place.state_dir))
        restoring = subprocess.Popen(
            [sys.executable, "-m", "volspike", "restore", *arguments],
            env=place.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert restoring.stdin is not None
        with restoring.stdin as pipe:
            pipe.write(backup.path.read_bytes()[: 2 << 20])
            pipe.flush()
            unpacked = place.state_dir / documents.RESTORE_UNPACKING / "memory.json"
            until(unpacked.exists, PATIENCE_SECONDS, "a part that is being unpacked")

            restoring.send_signal(number)

            assert restoring.wait(PATIENCE_SECONDS) == code
        assert sorted(path.name for path in place.state_dir.iterdir()) == [making.LOCK, "memory.json"]


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_backup_that_is_ended_while_it_copies_leaves_nothing(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with Suite(tmp_path) as place:
        place.state_dir.mkdir()
        (place.state_dir / "memory.json").write_bytes(os.urandom(64 << 20))
        directory = documents.backups_directory(place.state_dir)
        making_one = subprocess.Popen(
            [sys.executable, "-m", "volspike", "backup"], env=place.env, stdout=subprocess.DEVNULL
        )
        until(lambda: list(directory.glob(f"{making.UNFINISHED}*/staged/*")), PATIENCE_SECONDS, "a copy under way")

        making_one.send_signal(number)

        assert making_one.wait(PATIENCE_SECONDS) == code
        assert sorted(path.name for path in directory.iterdir()) == [making.LOCK]


@pytest.mark.timeout(120)
def test_no_daemon_starts_on_half_a_state_until_the_restore_is_finished(place: Suite) -> None:
    place.state_dir.mkdir()
    (place.state_dir / "memory.json").write_text("then")
    assert place.volspike("backup").returncode == 0
    (place.state_dir / documents.RESTORE_DECIDED).mkdir()

    refused = place.start("courier")

    assert refused.wait(PATIENCE_SECONDS) == 1
    assert "was interrupted: volspike restore --finish" in refused.log
    assert place.volspike("restore", "--finish").returncode == 0
    place.ready("courier")
