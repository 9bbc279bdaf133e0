"""The embedded backend as a real process: killed, doubled, and asked by many at once."""

import json
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.integration.test_contract import KEY, VOLUME, VOLUME_PATH
from tests.processes import Suite, until
from volspike.clients.local.machine import resident_bytes
from volspike.state import documents

HEADERS = {"X-API-Key": KEY}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Suite]:
    with Suite(tmp_path, VOLSPIKE_API_KEY=KEY) as suite:
        yield suite


def url(place: Suite) -> str:
    return f"http://127.0.0.1:{place.backend_port}"


def send(place: Suite, episode: str, session: requests.Session | None = None) -> requests.Response:
    headers = {**HEADERS, "Idempotency-Key": episode}
    body = {**VOLUME, "message": episode}
    return (session or requests).post(url(place) + VOLUME_PATH, json=body, headers=headers, timeout=30)


def messages(place: Suite) -> list[str]:
    """Return the episodes that are listed, all of them."""
    found: list[str] = []
    query: dict[str, Any] = {"limit": 500}
    while query:
        page = requests.get(f"{url(place)}/api/alerts", query, headers=HEADERS, timeout=30).json()
        found += [listed["alert"]["message"] for listed in page["alerts"]]
        query = {"limit": 500, "before": page["next"]} if page["next"] else {}
    return found


def test_a_file_that_is_removed_under_it_is_made_anew_before_the_next_alert_is_answered(place: Suite) -> None:
    daemon = place.ready("backend")
    send(place, "before").raise_for_status()
    assert messages(place) == ["before"]
    for path in place.state_dir.glob(f"{documents.BACKEND}*"):
        path.unlink()

    send(place, "after").raise_for_status()
    assert messages(place) == ["after"]
    daemon.end(signal.SIGKILL)
    place.ready("backend")

    assert messages(place) == ["after"]
    assert daemon.log.count("removed or replaced while it was open") == 1


def test_killed_amid_posts_it_has_all_that_it_answered_and_a_repeat_is_none_twice(place: Suite) -> None:
    daemon = place.ready("backend")
    answered: list[str] = []
    sent: list[str] = []

    def keep_sending(sender: int) -> None:
        with requests.Session() as session:
            for number in range(100_000):
                episode = f"{sender}:{number}"
                sent.append(episode)
                try:
                    send(place, episode, session).raise_for_status()
                except requests.RequestException:
                    return
                answered.append(episode)

    senders = [threading.Thread(target=keep_sending, args=(sender,)) for sender in range(4)]
    for sender in senders:
        sender.start()
    until(lambda: len(answered) > 200, what="200 answers")
    daemon.end(signal.SIGKILL)
    for sender in senders:
        sender.join()
    place.ready("backend")

    before = messages(place)
    assert set(answered) <= set(before) <= set(sent)
    for episode in sent:
        send(place, episode).raise_for_status()
    assert sorted(messages(place)) == sorted(sent)


def test_the_same_episode_from_many_at_once_is_one(place: Suite) -> None:
    place.ready("backend")

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: send(place, f"episode {number % 4}").text, range(64)))

    assert len(set(answers)) == 4
    assert sorted(messages(place)) == [f"episode {number}" for number in range(4)]


def test_a_second_one_on_the_port_is_one_line_and_1(place: Suite) -> None:
    holder = place.ready("backend")

    second = place.start("backend", VOLSPIKE_RUNTIME_DIR=str(place.directory / "other"))

    assert second.wait() == 1
    (line,) = second.log.splitlines()[-1:]
    assert f"cannot start: port {place.backend_port} on 127.0.0.1 is in use by" in line
    assert f"(pid {holder.pid}); stop it or set BACKEND_PORT" in line
    assert "Traceback" not in second.log


def test_without_a_key_it_says_which_variable_and_ends_with_78(place: Suite) -> None:
    daemon = place.start("backend", VOLSPIKE_API_KEY="")

    assert daemon.wait() == 78
    assert "bad setting: VOLSPIKE_API_KEY=''" in daemon.log
    assert "Traceback" not in daemon.log


def test_sigterm_answers_what_is_under_way_and_keeps_it(place: Suite) -> None:
    daemon = place.ready("backend")
    answered: list[str] = []

    def keep_sending() -> None:
        with requests.Session() as session:
            for number in range(100_000):
                try:
                    send(place, str(number), session).raise_for_status()
                except requests.ConnectionError:
                    return
                answered.append(str(number))

    sender = threading.Thread(target=keep_sending)
    sender.start()
    until(lambda: len(answered) > 50, what="50 answers")
    assert daemon.end() == 0
    sender.join()

    place.ready("backend")
    assert set(answered) <= set(messages(place))
    assert "Traceback" not in daemon.log


def test_the_key_is_nowhere_to_be_seen(place: Suite) -> None:
    daemon = place.ready("backend")
    send(place, "one")
    requests.get(f"{url(place)}/api/user-alerts-trigger/active", {"apiKey": KEY}, timeout=30).raise_for_status()
    requests.post(url(place) + VOLUME_PATH, b"", headers=HEADERS, timeout=30)
    daemon.end()

    written = [path for path in place.directory.rglob("*") if path.is_file()]
    assert [path for path in written if KEY.encode() in path.read_bytes()] == []
    assert any(path.suffix == ".prom" for path in written)


def test_its_memory_does_not_grow_with_what_it_has_taken(place: Suite) -> None:
    daemon = place.ready("backend")

    def take(first: int) -> int:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: send(place, str(number)), range(first, first + 400)))
        requests.get(f"{url(place)}/docs", timeout=30)
        return resident_bytes(daemon.pid) or 0

    after_400, after_800 = take(0), take(400)

    assert 0 < after_800 < after_400 + 5_000_000


def test_alerts_are_managed_from_the_terminal(place: Suite) -> None:
    place.ready("backend")

    added = place.volspike("alerts", "add", "btc", "price", "65000")
    listed = place.volspike("alerts", "list", "--json")

    assert added.returncode == 0, added.stderr
    (alert,) = json.loads(listed.stdout)
    assert (alert["symbol"], alert["threshold"], alert["active"]) == ("BTCUSDT", 65000.0, True)
    assert alert["id"] in added.stdout
    assert place.volspike("alerts", "rearm", alert["id"]).returncode == 0
    assert place.volspike("alerts", "remove", alert["id"]).returncode == 0
    assert place.volspike("alerts", "remove", alert["id"]).stderr == f"volspike: there is no alert {alert['id']}\n"
