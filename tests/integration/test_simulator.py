"""The simulated exchange over real sockets: its streams, commands, weights and pings, as the real one has them."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.integration.exchange_sockets import (
    BITCOIN,
    BOTH,
    CLOSE,
    FAST,
    NEARLY_STILL,
    PING,
    connect,
    get,
)
from tests.simulation import SimulatorProcess

TRIES = 50
"""On a busy machine events lie in the socket that are of seconds before."""


def test_a_combined_stream_brings_two_frames_of_marks_and_one_of_tickers(simulator: SimulatorProcess) -> None:
    with connect(simulator, BOTH) as socket:
        frames = [socket.event() for _ in range(3)]

    assert [frame["stream"] for frame in frames] == ["!markPrice@arr@1s"] * 2 + ["!ticker@arr"]
    assert [len(frame["data"]) for frame in frames[:2]] == [745, 217]
    assert len({frame["data"][0]["E"] for frame in frames}) == 1


def test_rest_and_stream_agree_on_a_second() -> None:
    with SimulatorProcess() as simulator, connect(simulator, BITCOIN) as socket:
        for _ in range(TRIES):
            told = socket.event()
            row = get(simulator, "/fapi/v1/premiumIndex", symbol="BTCUSDT").json()
            if row["time"] == told["E"]:
                break

    assert (row["markPrice"], row["lastFundingRate"], row["nextFundingTime"]) == (told["p"], told["r"], told["T"])


@pytest.mark.parametrize("route", ["", "/public", "/private"])
def test_a_market_stream_on_another_route_is_acknowledged_and_silent(simulator: SimulatorProcess, route: str) -> None:
    with connect(simulator, f"{route}/stream?streams=!markPrice@arr@1s") as socket:
        answer = socket.ask({"method": "SUBSCRIBE", "params": ["!ticker@arr"], "id": 7})

        assert answer == {"result": None, "id": 7}
        assert socket.silent()


def test_subscriptions_come_and_go_by_message(simulator: SimulatorProcess) -> None:
    name = "币安人生usdt@markPrice@1s"
    with connect(simulator, "/market/ws") as socket:
        assert socket.silent(0.2)
        assert socket.ask({"method": "SUBSCRIBE", "params": [name], "id": 1}) == {"result": None, "id": 1}
        assert socket.event()["s"] == "币安人生USDT"
        assert socket.ask({"method": "LIST_SUBSCRIPTIONS", "id": 2}) == {"result": [name], "id": 2}
        socket.ask({"method": "UNSUBSCRIBE", "params": [name], "id": "x"})
        assert socket.silent(0.2)


def test_a_stream_with_a_percent_encoded_symbol_delivers(simulator: SimulatorProcess) -> None:
    with connect(simulator, "/market/stream?streams=%E9%BE%99%E8%99%BEusdt@markPrice@1s") as socket:
        assert socket.event()["data"]["s"] == "龙虾USDT"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{no json", 3),
        ('{"id":1}', 2),
        ('{"method":"DANCE","id":1}', 2),
        ('{"method":"SUBSCRIBE","params":5}', 2),
    ],
)
def test_a_bad_command_is_answered_with_an_error(simulator: SimulatorProcess, text: str, code: int) -> None:
    with connect(simulator, "/market/ws") as socket:
        socket.send(text)

        assert socket.event()["error"]["code"] == code


def test_an_eleventh_message_within_a_second_ends_the_connection() -> None:
    with SimulatorProcess(env=NEARLY_STILL) as simulator, connect(simulator, "/market/ws") as socket:
        for number in range(11):
            socket.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": number}))

        assert socket.ended(12)


def test_more_than_1024_streams_are_refused(simulator: SimulatorProcess) -> None:
    many = [f"{number}usdt@ticker" for number in range(1025)]

    with connect(simulator, "/market/ws") as socket:
        answer = socket.ask({"method": "SUBSCRIBE", "params": many, "id": 1})

    assert "too many streams" in answer["error"]["msg"]


def test_unknown_paths_and_plain_requests_of_a_stream_are_refused(simulator: SimulatorProcess) -> None:
    assert get(simulator, "/fapi/v9/nothing").status_code == 404
    assert get(simulator, BITCOIN).status_code == 400


def test_statistics_tell_who_asked_for_what(simulator: SimulatorProcess) -> None:
    with connect(simulator, BITCOIN) as socket:
        socket.event()
        get(simulator, "/fapi/v1/openInterest", symbol="OMGUSDT")
        stats = simulator.stats()

    streams = [connection["streams"] for connection in stats["connections"]]
    assert ["btcusdt@markPrice@1s"] in streams
    assert stats["frames_sent"] > 0
    assert stats["requests"]["/fapi/v1/openInterest"]["400"] >= 1
    assert stats["clients"]["127.0.0.1"]["max_weight_per_minute"] > 0


def test_weight_is_counted_by_utc_minute_and_leads_to_429_and_418() -> None:
    with SimulatorProcess("--ban-after", "3", env=NEARLY_STILL) as simulator, requests.Session() as session:
        url = f"{simulator.rest_url}/fapi/v1/ticker/24hr"
        answers = [session.get(url, timeout=30) for _ in range(66)]
        now = simulator.stats()["now"]
        client = simulator.stats()["clients"]["127.0.0.1"]

    assert [answer.status_code for answer in answers] == [200] * 60 + [429] * 3 + [418] * 3
    assert [int(answer.headers["X-MBX-USED-WEIGHT-1M"]) for answer in answers[:2]] == [40, 80]
    assert list(client["weight_by_minute"].values()) == [66 * 40]
    assert int(next(iter(client["weight_by_minute"]))) % 60 == 0
    assert answers[60].json()["code"] == answers[63].json()["code"] == -1003
    until = int(answers[63].json()["msg"].partition("banned until ")[2].partition(".")[0]) / 1000
    assert now < until < now + 121


def test_pings_come_and_an_unanswered_one_ends_the_connection() -> None:
    flags = ("--ping-every", "30", "--pong-within", "165")
    with SimulatorProcess(*flags, env=FAST) as simulator, connect(simulator, "/market/ws") as socket:
        opcodes = list(iter(lambda: socket.frame()[0], CLOSE))

    assert opcodes == [PING] * len(opcodes)
    assert 2 <= len(opcodes) <= 5, "each is late by itself on a busy machine, and the connection ends when it should"


def test_a_connection_ends_after_its_day_and_says_so_before() -> None:
    flags = ("--close-after", "360", "--shutdown-event", "wrapped")  # it is said in the middle
    with SimulatorProcess(*flags, env=FAST) as simulator, connect(simulator, "/market/ws") as socket:
        warned = socket.event()
        last = socket.frame()[0]

    assert warned["data"]["e"] == "serverShutdown"
    assert last == CLOSE


def test_latency_delays_answers_without_blocking_others() -> None:
    with SimulatorProcess("--latency-ms", "500") as simulator, ThreadPoolExecutor(30) as pool:
        started = time.monotonic()
        answers = list(pool.map(lambda _: get(simulator, "/fapi/v1/ping"), range(30)))
        elapsed = time.monotonic() - started

    assert {answer.status_code for answer in answers} == {200}
    assert 0.5 <= elapsed < 10, "one after the other they would take fifteen seconds"
