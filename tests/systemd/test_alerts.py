"""Alerts on a server: from the exchange through the outbox to the embedded backend and the chat."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.systemd.conftest import RECOVERY_SECONDS
from tests.systemd.machine import eventually
from tests.systemd.server import BACKEND, COURIER, EMBEDDED, EXCHANGE, SETTINGS, UNIVERSE, VOLUME, Server

ELSEWHERE = "VOLSPIKE_API_URL=http://127.0.0.1:9\nVOLSPIKE_API_KEY=theirs\n"
ARRIVAL_SECONDS = 240.0
"""A scan, or a sweep before it, may wait a minute for Binance's weight."""


@pytest.fixture
def settings(server: Server) -> Iterator[str]:
    """The settings, put back afterwards."""
    good = server.path(SETTINGS).read_text()
    yield good
    if server.path(SETTINGS).read_text() != good:
        server.write(SETTINGS, good, 0o640)


def key_in(settings: str) -> str:
    """Return the key of the embedded backend."""
    return settings.partition("VOLSPIKE_API_KEY=")[2].split()[0]


def backend_alerts(server: Server) -> int:
    """Return how many of the latest alerts the embedded backend lists."""
    key = key_in(server.path(SETTINGS).read_text())
    status, body = server.ask(f"{EMBEDDED}/api/alerts", "--header", f"X-API-Key: {key}")
    return len(body["alerts"]) if status == 200 else 0


def test_an_alert_arrives_at_the_embedded_backend_and_in_the_chat(server: Server) -> None:
    eventually(lambda: backend_alerts(server), ARRIVAL_SECONDS, "a volume alert at the backend")
    eventually(lambda: server.ask(f"{EXCHANGE}/sim/telegram")[1]["messages"], ARRIVAL_SECONDS, "a message in the chat")


def test_daemons_of_alerts_that_were_killed_are_back_by_themselves(server: Server) -> None:
    killed = {unit: server.pid(unit) for unit in (COURIER, BACKEND, VOLUME)}

    for unit in killed:
        server.signal(unit, "KILL")

    def are_others() -> bool:
        return all(server.pid(unit) not in (pid, "0") for unit, pid in killed.items())

    eventually(lambda: are_others() and server.is_up(), RECOVERY_SECONDS, "other processes, and all units active")
    eventually(lambda: backend_alerts(server), RECOVERY_SECONDS, "an answer of the backend")


def test_the_liquid_universe_was_chosen_without_waiting_for_a_mark(server: Server) -> None:
    chosen = server.path("/var/lib/volspike/.liquid_universe.json")

    eventually(chosen.exists, ARRIVAL_SECONDS, "a universe")
    assert server.show(UNIVERSE, "Result") == "success" or server.lost_its_cgroup(UNIVERSE)


def test_a_backend_elsewhere_switches_the_embedded_one_off_and_back(server: Server, settings: str, wheel: Path) -> None:
    server.write(SETTINGS, settings + ELSEWHERE, 0o640)

    off = server.install(wheel)
    seen = (server.show(BACKEND, "UnitFileState"), server.show(BACKEND, "ActiveState"))
    look = server.look()
    server.write(SETTINGS, settings, 0o640)
    server.install(wheel)

    assert f"{BACKEND} disabled: the settings name other backends" in off.out
    assert seen == ("disabled", "inactive")
    assert "Embedded backend" not in look.out
    assert server.is_up()


def test_the_key_of_the_backend_was_made_and_no_log_tells_it(server: Server, settings: str) -> None:
    key = key_in(settings)

    assert len(key) == 32
    assert key not in server.run("journalctl", "--no-pager").out
