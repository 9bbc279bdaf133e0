"""The backend's daemon on a real socket."""

import asyncio
import os
import shutil
import signal
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.ports import free_port
from tests.processes import until
from tests.unit.clocks import MovedClock
from volspike.backend.store import Store
from volspike.daemons import backend
from volspike.daemons.backend import Housekeeping
from volspike.daemons.launch import CannotStartError
from volspike.runtime import sockets
from volspike.runtime.daemon import Daemon
from volspike.runtime.server import ServerStoppedError
from volspike.settings import Settings, SettingsError
from volspike.state import documents

KEY = "secret"


def test_it_takes_alerts_until_a_signal_comes(
    daemon: Daemon, settings: Callable[..., Settings], runtime_dir: Path
) -> None:
    port = free_port()
    answers: list[requests.Response] = []

    def ask() -> None:
        url = f"http://127.0.0.1:{port}"
        until(lambda: sockets.holder(port).endswith(f"(pid {os.getpid()})"))
        with requests.Session() as session:
            answers.append(session.get(f"{url}/health", timeout=30))
            answers.append(session.get(f"{url}/api/alerts", headers={"X-API-Key": KEY}, timeout=30))
        os.kill(os.getpid(), signal.SIGTERM)

    client = threading.Thread(target=ask)
    client.start()
    backend.run(daemon, settings(backend_port=port, backend_key=KEY), False)
    client.join()

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (runtime_dir.with_name("state") / documents.BACKEND).exists()
    beat = documents.heartbeat_path(runtime_dir, "funding-ws").read_text()
    assert f"listening on 127.0.0.1:{port}, 0 alerts taken since its start" in beat


def test_where_its_directory_is_lost_and_cannot_be_made_again_it_ends(
    daemon: Daemon, settings: Callable[..., Settings], runtime_dir: Path
) -> None:
    state_dir, port = runtime_dir.with_name("state"), free_port()

    def lose() -> None:
        until(lambda: sockets.holder(port).endswith(f"(pid {os.getpid()})"))
        shutil.rmtree(state_dir)
        state_dir.touch()

    hand = threading.Thread(target=lose)
    hand.start()
    with pytest.raises(ServerStoppedError) as ended:
        backend.run(daemon, settings(backend_port=port, backend_key=KEY), False)
    hand.join()

    assert str(ended.value.__cause__) == f"{state_dir / documents.BACKEND} is gone, and no new one can be made"


def test_without_a_key_it_does_not_start(daemon: Daemon, settings: Callable[..., Settings]) -> None:
    with pytest.raises(SettingsError, match="VOLSPIKE_API_KEY"):
        backend.run(daemon, settings(), False)


def test_a_port_in_use_is_one_line_that_names_it_and_what_to_do(
    daemon: Daemon, settings: Callable[..., Settings]
) -> None:
    with sockets.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CannotStartError, match=rf"port {port} on 127\.0\.0\.1 is in use by .*; stop it or set"):
            backend.run(daemon, settings(backend_port=port, backend_key=KEY), False)


def test_a_database_of_a_newer_release_is_named(
    daemon: Daemon, settings: Callable[..., Settings], runtime_dir: Path
) -> None:
    path = runtime_dir.with_name("state") / documents.BACKEND
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")

    with pytest.raises(CannotStartError, match=rf"{path} cannot be used: version 99 found"):
        backend.run(daemon, settings(backend_port=free_port(), backend_key=KEY), False)


def test_once_has_no_meaning_for_a_server(daemon: Daemon, settings: Callable[..., Settings]) -> None:
    with pytest.raises(CannotStartError, match="--once has no meaning"):
        backend.run(daemon, settings(), True)


def test_every_minute_what_is_too_old_goes(daemon: Daemon, clock: MovedClock, tmp_path: Path) -> None:
    store = Store(tmp_path / "backend.db", clock)
    keeping = Housekeeping(daemon, store)

    def put(database: sqlite3.Connection) -> None:
        database.execute("INSERT INTO alerts (kind, symbol, at, payload) VALUES ('volume', 'X', 1, x'')")

    def rows(database: sqlite3.Connection) -> int:
        return int(database.execute("SELECT count(*) FROM alerts").fetchone()[0])

    async def live() -> list[int]:
        keeping.begin_when_due()
        await store.write(put)
        counts = []
        for seconds in (30, 31):
            clock.move(seconds)
            keeping.begin_when_due()
            if keeping._sweeping:
                await keeping._sweeping
            counts.append(await store.read(rows))
        return counts

    assert asyncio.run(live()) == [1, 0]
    assert "volspike_backend_rows_removed_total" in daemon.metrics.text()
    store.close()


def test_housekeeping_that_the_disk_refuses_is_for_the_next_time(
    daemon: Daemon, clock: MovedClock, tmp_path: Path
) -> None:
    store = Store(tmp_path / "backend.db", clock)

    async def live() -> None:
        await store.write(lambda database: database.execute("PRAGMA query_only = ON"))
        await Housekeeping(daemon, store).sweep()

    asyncio.run(live())
    store.close()
