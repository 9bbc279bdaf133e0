"""The funding API as a real process over a real state file."""

import json
import signal
import threading
import time
from pathlib import Path

import pytest
import requests

from tests.ports import free_port
from tests.processes import Suite, until
from tests.simulation import SimulatorProcess

HOUR_MS = 3_600_000


def put_feed(suite: Suite, *, age: float = 0.0, connected: bool = True, symbols: int | None = 3) -> None:
    """Write a state file as the funding WS daemon would have, so many seconds ago; with None it knows no symbol."""
    at = time.time() - age
    known = range(symbols) if symbols is not None else None
    names = ["BTCUSDT", "ETHUSDT", "币安人生USDT", *(f"X{number}USDT" for number in known)] if known is not None else []
    row = {"fundingRate": 0.0001, "markPrice": 5.0, "indexPrice": None, "nextFundingTime": HOUR_MS, "updatedAt": at}
    status = {"connected": connected, "last_connected_time": at, "messages_received": 7, "last_message_time": at}
    feed = {"version": 1, "funding_state": dict.fromkeys(names, row), "connection_status": status}
    path = suite.runtime_dir / ".funding_state.json"
    suite.runtime_dir.mkdir(exist_ok=True)
    path.with_suffix(".new").write_text(json.dumps({**feed, "updated_at": at, "daemon_pid": 1}))
    path.with_suffix(".new").rename(path)


@pytest.fixture
def api(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


@pytest.mark.parametrize("file", ["missing", "without rows"])
def test_without_a_state_file_with_rows_it_is_there_and_says_that_there_is_no_data_yet(api: Suite, file: str) -> None:
    with api:
        if file == "without rows":
            put_feed(api, symbols=None, connected=False)
        api.ready("funding-api")

        answer = api.get("/funding/BTCUSDT")

        assert (answer.status_code, answer.json()) == (503, {"detail": {"error": "No data yet"}})
        assert api.get("/ready").status_code == 503
        assert api.get("/health").status_code == 200
        assert api.get("/funding/all").status_code == 503
        assert api.get("/funding/batch", symbols="BTCUSDT").status_code == 503


def test_a_symbol_is_answered_in_any_letter_case_with_its_age(api: Suite) -> None:
    with api:
        api.ready("funding-api")
        began = time.monotonic()
        put_feed(api, age=3)

        body = api.get("/funding/btcusdt").json()

        assert body["symbol"] == "BTCUSDT"
        assert 3 <= body["ageSeconds"] <= 3.1 + time.monotonic() - began
        assert body["indexPrice"] is None
        assert set(body) == {
            "symbol", "markPrice", "fundingRate", "nextFundingTime", "indexPrice", "updatedAt", "ageSeconds",
        }  # fmt: skip


def test_an_unknown_symbol_is_not_found_and_a_dead_feed_is_not_told_as_the_present(api: Suite) -> None:
    with api:
        api.ready("funding-api")
        began = time.monotonic()
        put_feed(api, age=11, connected=False)

        unknown, lost = api.get("/funding/NOPE"), api.get("/funding/BTCUSDT")
        put_feed(api, age=181)
        stale = api.get("/funding/BTCUSDT")

        assert (unknown.status_code, unknown.json()["detail"]["symbol"]) == (404, "NOPE")
        assert lost.status_code == stale.status_code == 503
        assert lost.json()["detail"]["error"] == "WebSocket disconnected"
        assert 11 <= lost.json()["detail"]["disconnectedForSeconds"] <= 11.1 + time.monotonic() - began
        assert stale.json()["detail"]["error"] == "Data stale"
        assert stale.json()["detail"]["maxAgeSeconds"] == 180


def test_a_batch_keeps_the_order_of_the_request_and_names_what_failed(api: Suite) -> None:
    with api:
        put_feed(api)
        api.ready("funding-api")

        body = api.get("/funding/batch", symbols="ethusdt, NOPE,币安人生usdt").json()

        assert [item["symbol"] for item in body["data"]] == ["ETHUSDT", "NOPE", "币安人生USDT"]
        assert body["data"][1]["error"] == "Symbol not found"
        assert (body["found"], body["missing"], body["total"]) == (2, 1, 3)
        assert api.get("/funding/batch", symbols=" , ").json() == {"detail": {"error": "No symbols provided"}}
        assert api.get("/funding/batch").status_code == 400
        assert api.get("/funding/batch", symbols=",".join(["A"] * 1001)).status_code == 400
        assert api.get("/funding/all").json()["total"] == 6


def test_health_is_red_when_the_feed_is_and_green_when_one_symbol_is_delisted(api: Suite) -> None:
    with api:
        api.ready("funding-api")
        put_feed(api, symbols=100)

        assert api.get("/funding/health").status_code == 200
        put_feed(api, age=181)
        red = api.get("/funding/health")

        assert red.status_code == 503
        assert red.json()["status"] == "unhealthy"
        assert "stale" in red.json()["error"]


def test_every_answer_is_as_new_as_the_file(api: Suite) -> None:
    with api:
        put_feed(api)
        api.ready("funding-api")
        api.get("/funding/X0USDT").raise_for_status()

        put_feed(api, symbols=0)

        assert api.get("/funding/X0USDT").status_code == 404


def test_a_torn_file_costs_nothing_but_a_line_in_the_log(api: Suite) -> None:
    with api:
        put_feed(api)
        daemon = api.ready("funding-api")

        torn = api.runtime_dir / "torn"
        torn.write_text('{"version":1,"fundi')
        torn.rename(api.runtime_dir / ".funding_state.json")
        answer = api.get("/funding/BTCUSDT")
        put_feed(api, symbols=1)

        assert answer.status_code == 200
        assert api.get("/funding/X0USDT").status_code == 200
        assert daemon.log.count("state file unreadable") == 1
        assert "Traceback" not in daemon.log


def test_strange_requests_get_an_answer_of_their_own(api: Suite) -> None:
    with api:
        put_feed(api)
        api.ready("funding-api")
        url = f"http://127.0.0.1:{api.port}"

        assert requests.post(f"{url}/funding/BTCUSDT", timeout=30).status_code == 405
        assert requests.head(f"{url}/funding/BTCUSDT", timeout=30).status_code == 200
        assert requests.get(f"{url}/funding/%FF%FE", timeout=30).status_code == 404
        assert len(requests.get(f"{url}/funding/{'X' * 5000}", timeout=30).content) < 200
        assert requests.get(f"{url}/nowhere", timeout=30).status_code == 404


def test_a_second_one_in_the_same_runtime_directory_is_refused(api: Suite) -> None:
    with api:
        api.ready("funding-api")

        second = api.start("funding-api", FUNDING_API_PORT=str(free_port()))

        assert second.wait() == 1
        assert f"cannot start: another funding-api runs in {api.runtime_dir} already; see volspike status" in second.log
        assert "Traceback" not in second.log


def test_a_taken_port_is_named_with_the_process_that_holds_it(api: Suite) -> None:
    with api:
        holder = api.ready("funding-api")

        second = api.start("funding-api", VOLSPIKE_RUNTIME_DIR=str(api.directory / "other"))

        assert second.wait() == 1
        assert f"port {api.port} on 127.0.0.1 is in use by python" in second.log
        assert f"(pid {holder.pid})" in second.log
        assert "Traceback" not in second.log


def test_sigterm_lets_requests_under_way_finish(api: Suite) -> None:
    with api:
        put_feed(api)
        daemon = api.ready("funding-api")
        failures: list[str] = []
        answered: list[int] = []
        stop = threading.Event()

        def ask() -> None:
            with requests.Session() as session:
                while not stop.is_set():
                    try:
                        answer = session.get(f"http://127.0.0.1:{api.port}/funding/BTCUSDT", timeout=30)
                    except requests.ConnectionError:
                        return  # the listener is gone: no answer was under way
                    answered.append(answer.status_code)
                    if answer.status_code != 200:
                        failures.append(answer.text)

        askers = [threading.Thread(target=ask) for _ in range(4)]
        for asker in askers:
            asker.start()
        until(lambda: len(answered) > 200, what="answers")
        status = daemon.end(signal.SIGTERM)
        stop.set()
        for asker in askers:
            asker.join()

        assert status == 0
        assert not failures
        assert "Traceback" not in daemon.log


def test_one_scrape_holds_the_metrics_of_all_daemons(suite: Suite, exchange: SimulatorProcess) -> None:
    suite.streaming()
    suite.ready("funding-api")
    until(lambda: suite.metric("funding-ws", "volspike_stream_frames_total"), what="metrics of the WS daemon")

    text = suite.get("/metrics").text

    assert text.count("# TYPE volspike_start_time_seconds gauge") == 1
    assert 'volspike_start_time_seconds{daemon="funding-ws"}' in text
    assert 'volspike_start_time_seconds{daemon="funding-api"}' in text


def test_a_supervisor_that_hears_nothing_ends_a_server_whose_loop_hangs(suite: Suite) -> None:
    daemon = suite.ready("funding-api")
    until(lambda: "WATCHDOG=1" in daemon.told(), what="a ping")

    daemon.freeze()
    pings = daemon.told().count("WATCHDOG=1")
    time.sleep(2)

    assert daemon.told().count("WATCHDOG=1") == pings
    daemon.thaw()
    until(lambda: daemon.told().count("WATCHDOG=1") > pings, what="pings again")
