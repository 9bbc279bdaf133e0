"""The faults of the simulated exchange over real sockets: every nastiness of the real one, on demand."""

import time

import pytest
import requests
import websocket

from tests.integration.exchange_sockets import BITCOIN, MARKS, PONG, connect, get
from tests.simulation import SimulatorError, SimulatorProcess


def test_silence_can_strike_only_the_connections_open_now(simulator: SimulatorProcess) -> None:
    with connect(simulator, BITCOIN) as old:
        old.event()
        simulator.fault("silent", scope="current")

        with connect(simulator, BITCOIN) as new:
            assert new.event()["s"] == "BTCUSDT"
            assert old.falls_silent()

        simulator.clear("silent")
        assert old.event()["s"] == "BTCUSDT"


def test_silence_of_all_still_acknowledges_and_answers_pings(simulator: SimulatorProcess) -> None:
    simulator.fault("silent")

    with connect(simulator, BITCOIN) as socket:
        assert socket.ask({"method": "SUBSCRIBE", "params": ["!ticker@arr"], "id": 1})["result"] is None
        socket.ping()
        assert socket.frame() == (PONG, b"hello")
        assert socket.silent()


def test_a_half_open_connection_answers_neither_ping_nor_close(simulator: SimulatorProcess) -> None:
    with connect(simulator, "/market/ws") as socket:
        simulator.fault("half_open")

        socket.ping()
        socket.close()

        assert socket.silent()


def test_accepted_connections_can_be_dropped_at_once(simulator: SimulatorProcess) -> None:
    simulator.fault("drop_after_accept")

    with connect(simulator, BITCOIN) as socket:
        assert socket.ended(1)


def test_a_refusing_exchange_cuts_everyone_but_the_admin(simulator: SimulatorProcess) -> None:
    with connect(simulator, BITCOIN) as socket:
        socket.event()

        simulator.fault("refuse")

        assert socket.ended()
        with pytest.raises((websocket.WebSocketException, ConnectionError)):
            connect(simulator, BITCOIN)
        with pytest.raises(requests.ConnectionError):
            get(simulator, "/fapi/v1/time")
        assert simulator.stats()["faults"][0]["kind"] == "refuse"


def is_good(content: bytes) -> bool:
    return content.startswith(b'{"e":"markPriceUpdate"')


def test_garbage_comes_once_and_then_all_is_well(simulator: SimulatorProcess) -> None:
    with connect(simulator, BITCOIN) as socket:
        socket.event()
        simulator.fault("garbage_frame", count=3)
        kinds = [is_good(socket.frame()[1])]
        while False not in kinds and len(kinds) < 100:
            kinds.append(is_good(socket.frame()[1]))
        kinds += [is_good(socket.frame()[1]) for _ in range(11)]

    assert kinds[-12:] == [False] * 3 + [True] * 9


def test_a_frozen_exchange_repeats_itself(simulator: SimulatorProcess) -> None:
    simulator.fault("frozen")

    with connect(simulator, BITCOIN) as socket:
        assert socket.event() == socket.event()


def test_a_skewed_clock_shows_everywhere(simulator: SimulatorProcess) -> None:
    simulator.fault("clock_skew", seconds=-3600)

    with connect(simulator, BITCOIN) as socket:
        shown = socket.event()["E"] / 1000
    answered = get(simulator, "/fapi/v1/time").json()["serverTime"] / 1000

    believed = simulator.stats()["now"] - 3600
    assert shown == pytest.approx(believed, abs=600)  # a minute of the wall
    assert answered == pytest.approx(believed, abs=600)


@pytest.mark.parametrize(
    ("kind", "status", "content"),
    [
        ("http_451", 451, "restricted location"),
        ("http_403", 403, "<html>"),
        ("http_503", 503, "-1008"),
        ("html", 200, "<html>"),
        ("limit", 429, "-1003"),
        ("ban", 418, "banned until "),
    ],
)
def test_rest_can_be_refused_in_every_way(simulator: SimulatorProcess, kind: str, status: int, content: str) -> None:
    simulator.fault(kind)

    answer = get(simulator, "/fapi/v1/time")

    assert answer.status_code == status
    assert content in answer.text
    simulator.clear()
    assert get(simulator, "/fapi/v1/time").status_code == 200


def test_a_blocked_country_gets_no_handshake(simulator: SimulatorProcess) -> None:
    simulator.fault("http_451")

    with pytest.raises(websocket.WebSocketBadStatusException, match="451"):
        connect(simulator, BITCOIN)


def test_slowness_can_be_confined_to_a_path(simulator: SimulatorProcess) -> None:
    simulator.fault("slow", seconds=40, scope="rest", path="klines")

    started = time.monotonic()
    get(simulator, "/fapi/v1/time")
    quick = time.monotonic() - started
    get(simulator, "/fapi/v1/klines", symbol="BTCUSDT", interval="1h", limit="3")
    slow = time.monotonic() - started - quick

    assert quick < 3.5
    assert slow >= 4


def test_slow_frames_arrive_late_and_in_order(simulator: SimulatorProcess) -> None:
    simulator.fault("slow", seconds=5, scope="ws")

    with connect(simulator, BITCOIN) as socket:
        times = [socket.event()["E"] / 1000 for _ in range(3)]
        late = simulator.stats()["now"] - times[-1]

    assert times == sorted(times)
    assert late >= 5


def test_wrong_funding_shows_in_rest_and_not_in_the_stream(simulator: SimulatorProcess) -> None:
    right = get(simulator, "/fapi/v1/premiumIndex", symbol="BTCUSDT").json()
    simulator.fault("wrong_funding", rate=0.001, mark=0.5)

    wrong = get(simulator, "/fapi/v1/premiumIndex", symbol="BTCUSDT").json()
    everyone = {row["symbol"]: row for row in get(simulator, "/fapi/v1/premiumIndex").json()}
    with connect(simulator, BITCOIN) as socket:
        streamed = socket.event()

    assert float(wrong["lastFundingRate"]) == pytest.approx(float(right["lastFundingRate"]) + 0.001, abs=1e-5)
    assert float(everyone["BTCUSDT"]["markPrice"]) == pytest.approx(1.5 * float(right["markPrice"]), rel=0.01)
    assert float(streamed["p"]) == pytest.approx(float(right["markPrice"]), rel=0.01)


def test_a_symbol_without_a_rate_lacks_it_everywhere(simulator: SimulatorProcess) -> None:
    simulator.fault("null_symbol", symbol="ETHUSDT")

    with connect(simulator, "/market/ws/ethusdt@markPrice@1s") as socket:
        assert socket.event()["r"] == ""
    assert get(simulator, "/fapi/v1/premiumIndex", symbol="ETHUSDT").json()["lastFundingRate"] == ""


def test_broken_rows_come_among_good_ones(simulator: SimulatorProcess) -> None:
    simulator.fault("broken_row")

    with connect(simulator, MARKS) as socket:
        rows = [row for _ in range(6) for row in socket.event()]

    good = [row for row in rows if isinstance(row, dict) and isinstance(row.get("p"), str) and "s" in row]
    assert len(rows) - 6 <= len(good) < len(rows)


def test_a_fault_that_does_not_exist_is_refused_in_one_line(simulator: SimulatorProcess) -> None:
    with pytest.raises(SimulatorError, match="unknown fault 'sillent'; allowed: silent, "):
        simulator.fault("sillent")
    with pytest.raises(SimulatorError, match="scope=some: not all or current"):
        simulator.fault("silent", scope="some")
    answer = requests.post(f"{simulator.rest_url}/sim/faults", data=b"[1]", timeout=30)
    assert (answer.status_code, "not a JSON object" in answer.json()["error"]) == (400, True)
    assert get(simulator, "/sim/nonsense").status_code == 404


def test_the_admin_explains_every_fault(simulator: SimulatorProcess) -> None:
    listed = get(simulator, "/sim/faults").json()

    assert {"silent", "half_open", "ban", "clock_skew"} <= {kind["kind"] for kind in listed["kinds"]}
    assert all(kind["explanation"] for kind in listed["kinds"])
    assert listed["active"] == []
