"""The simulated exchange over real sockets: every nastiness of the real one, on demand."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import pytest
import requests
import websocket

from tests.simulation import SimulatorError, SimulatorProcess

BOTH = "/market/stream?streams=!markPrice@arr@1s/!ticker@arr"
MARKS = "/market/ws/!markPrice@arr@1s"
BITCOIN = "/market/ws/btcusdt@markPrice@1s"
TEXT, CLOSE = websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_CLOSE
PING, PONG = websocket.ABNF.OPCODE_PING, websocket.ABNF.OPCODE_PONG
FAST = {"VOLSPIKE_CLOCK_RATE": "60"}
NEARLY_STILL = {"VOLSPIKE_CLOCK_RATE": "0.001@0"}


@pytest.fixture(scope="module")
def shared() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(env={"VOLSPIKE_CLOCK_RATE": "10"}) as process:
        yield process


@pytest.fixture
def simulator(shared: SimulatorProcess) -> Iterator[SimulatorProcess]:
    yield shared
    shared.clear()


def get(simulator: SimulatorProcess, path: str, **query: str) -> requests.Response:
    return requests.get(simulator.rest_url + path, params=query, timeout=10)


class Socket:
    """A WebSocket client that ends with its block."""

    def __init__(self, url: str) -> None:
        self._socket = websocket.create_connection(url, timeout=5, skip_utf8_validation=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown()

    def send(self, text: str) -> None:
        self._socket.send(text)

    def ping(self) -> None:
        self._socket.ping("hello")

    def close(self) -> None:
        self._socket.send_close()

    def frame(self) -> tuple[int, bytes]:
        """Return opcode and content of the next frame; never answers it."""
        frame = self._socket.recv_frame()
        return frame.opcode, frame.data

    def event(self) -> Any:
        """Return the next event."""
        opcode, content = self.frame()
        return json.loads(content) if opcode == TEXT else self.event()

    def ask(self, command: dict[str, object]) -> Any:
        """Send a command and return its answer."""
        self.send(json.dumps(command))
        return next(event for event in iter(self.event, None) if "result" in event or "error" in event)

    def ended(self, frames: int = 50) -> bool:
        """Return whether the connection ends within some frames, with or without a word."""
        try:
            return any(self.frame()[0] == CLOSE for _ in range(frames))
        except (websocket.WebSocketConnectionClosedException, ConnectionError):
            return True

    def silent(self, seconds: float = 0.4) -> bool:
        """Return whether nothing at all comes for some time."""
        self._socket.settimeout(seconds)
        try:
            self.frame()
        except websocket.WebSocketTimeoutException:
            return True
        finally:
            self._socket.settimeout(5)
        return False


def connect(simulator: SimulatorProcess, path: str) -> Socket:
    return Socket(simulator.ws_url + path)


def test_a_combined_stream_brings_two_frames_of_marks_and_one_of_tickers(simulator: SimulatorProcess) -> None:
    with connect(simulator, BOTH) as socket:
        frames = [socket.event() for _ in range(3)]

    assert [frame["stream"] for frame in frames] == ["!markPrice@arr@1s"] * 2 + ["!ticker@arr"]
    assert [len(frame["data"]) for frame in frames[:2]] == [745, 217]
    assert len({frame["data"][0]["E"] for frame in frames}) == 1


def test_rest_and_stream_agree_on_a_second() -> None:
    with SimulatorProcess() as simulator, connect(simulator, BITCOIN) as socket:
        for _ in range(3):
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


def test_silence_can_strike_only_the_connections_open_now(simulator: SimulatorProcess) -> None:
    with connect(simulator, BITCOIN) as old:
        old.event()
        simulator.fault("silent", scope="current")

        with connect(simulator, BITCOIN) as new:
            assert new.event()["s"] == "BTCUSDT"
            assert old.silent()

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


def test_garbage_comes_once_and_then_all_is_well(simulator: SimulatorProcess) -> None:
    with connect(simulator, BITCOIN) as socket:
        socket.event()
        simulator.fault("garbage_frame", count=3)
        contents = [socket.frame()[1] for _ in range(12)]

    good = [content for content in contents if content.startswith(b'{"e":"markPriceUpdate"')]
    assert len(good) == 9
    assert contents[-1] in good


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
    assert shown == pytest.approx(believed, abs=60)
    assert answered == pytest.approx(believed, abs=60)


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
    simulator.fault("slow", seconds=5, scope="rest", path="klines")

    started = time.monotonic()
    get(simulator, "/fapi/v1/time")
    quick = time.monotonic() - started
    get(simulator, "/fapi/v1/klines", symbol="BTCUSDT", interval="1h", limit="3")
    slow = time.monotonic() - started - quick

    assert quick < 0.4
    assert slow >= 0.5


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
    answer = requests.post(f"{simulator.rest_url}/sim/faults", data=b"[1]", timeout=5)
    assert (answer.status_code, "not a JSON object" in answer.json()["error"]) == (400, True)
    assert get(simulator, "/sim/nonsense").status_code == 404


def test_the_admin_explains_every_fault(simulator: SimulatorProcess) -> None:
    listed = get(simulator, "/sim/faults").json()

    assert {"silent", "half_open", "ban", "clock_skew"} <= {kind["kind"] for kind in listed["kinds"]}
    assert all(kind["explanation"] for kind in listed["kinds"])
    assert listed["active"] == []


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
        answers = [session.get(url, timeout=10) for _ in range(66)]
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
    flags = ("--ping-every", "30", "--pong-within", "75")
    with SimulatorProcess(*flags, env=FAST) as simulator, connect(simulator, "/market/ws") as socket:
        opcodes = [socket.frame()[0] for _ in range(3)]

    assert opcodes == [PING, PING, CLOSE]


def test_a_connection_ends_after_its_day_and_says_so_before() -> None:
    flags = ("--close-after", "60", "--shutdown-event", "wrapped")
    with SimulatorProcess(*flags, env=FAST) as simulator, connect(simulator, "/market/ws") as socket:
        warned = socket.event()
        last = socket.frame()[0]

    assert warned["data"]["e"] == "serverShutdown"
    assert last == CLOSE


def test_latency_delays_answers_without_blocking_others() -> None:
    with SimulatorProcess("--latency-ms", "300") as simulator, ThreadPoolExecutor(4) as pool:
        started = time.monotonic()
        answers = list(pool.map(lambda _: get(simulator, "/fapi/v1/ping"), range(4)))
        elapsed = time.monotonic() - started

    assert {answer.status_code for answer in answers} == {200}
    assert 0.3 <= elapsed < 1.0


def test_sigterm_ends_it_within_a_second_with_sockets_open() -> None:
    with (
        SimulatorProcess() as simulator,
        connect(simulator, BOTH) as one,
        connect(simulator, BOTH),
        connect(simulator, MARKS),
    ):
        one.event()
        started = time.monotonic()
        code = simulator.stop()
        elapsed = time.monotonic() - started
        log = simulator.log

    assert code == 0
    assert elapsed < 1
    assert "Traceback" not in log


def test_sigint_ends_it_with_exit_0() -> None:
    with SimulatorProcess() as simulator:
        simulator.send_signal(signal.SIGINT)

        assert simulator.wait() == 0


def test_a_port_in_use_is_named_with_its_owner(shared: SimulatorProcess) -> None:
    with pytest.raises(SimulatorError, match=f"port {shared.port} .*in use by .*pid {shared.pid}"):
        SimulatorProcess(port=shared.port).__enter__()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--fault", "sillent"], "volspike: --fault: unknown fault 'sillent'; allowed: silent, "),
        (["--shutdown-event", "loud"], "volspike: --shutdown-event loud: not one of bare, event, wrapped"),
    ],
)
def test_a_bad_flag_is_one_line_and_exit_2(flags: list[str], message: str) -> None:
    ended = simulate(*flags)

    assert ended.returncode == 2
    assert ended.stderr.startswith(message)
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "bad"), [("VOLSPIKE_CLOCK_RATE", "fast"), ("LOG_LEVEL", "LOUD"), ("LOG_FORMAT", "yaml")]
)
def test_a_bad_setting_is_one_line_and_exit_78(name: str, bad: str) -> None:
    ended = simulate(**{name: bad})

    assert ended.returncode == 78
    assert ended.stderr.startswith(f"volspike: bad setting: {name}='{bad}': must be ")
    assert ended.stderr.count("\n") == 1


def simulate(*flags: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a simulator that ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "volspike", "simulate", "--port", "0", *flags],
        env={**os.environ, **variables}, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
