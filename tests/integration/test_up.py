"""`volspike up`: the whole suite in the foreground."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from tests.ports import free_port
from tests.processes import Suite, until
from tests.simulation import SimulatorProcess

PATIENCE_SECONDS = 90.0
END_SECONDS = 60.0
pytestmark = pytest.mark.timeout(300)  # waits add up on a busy machine


class Foreground:
    """A running `volspike up`, and the suite that it keeps."""

    def __init__(self, directory: Path, *flags: str, **variables: str) -> None:
        self.simulator_port = next((int(flag.split("=")[1]) for flag in flags if "--simulator-port=" in flag), 0)
        self.suite = Suite(directory, None, **variables)
        for name in ("VOLSPIKE_RUNTIME_DIR", "VOLSPIKE_STATE_DIR"):
            del self.suite.env[name]
        self.suite.env |= {"XDG_RUNTIME_DIR": str(directory / "run"), "XDG_STATE_HOME": str(directory / "state")}
        self.suite.runtime_dir = directory / "run" / "volspike-demo"
        self._output = directory / "output"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "volspike", "up", *flags],
                env=self.suite.env, cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip

    @property
    def output(self) -> str:
        return self._output.read_text(encoding="utf-8")

    def pid_of(self, daemon: str) -> int:
        units = self.suite.document(".supervision.json").get("units", [])
        return next((int(unit["main_pid"]) for unit in units if unit["daemon"] == daemon), 0)

    def running_pid(self, daemon: str) -> int:
        """Return the process id of a daemon, once it has one: 0 would be whoever tests."""
        until(lambda: self.pid_of(daemon), PATIENCE_SECONDS, daemon)
        return self.pid_of(daemon)

    def status_of(self, daemon: str) -> str:
        units = self.suite.document(".supervision.json").get("units", [])
        return next((str(unit["status_text"]) for unit in units if unit["daemon"] == daemon), "")

    def chat(self) -> str:
        """Return what people read in the simulated chat."""
        return requests.get(f"http://127.0.0.1:{self.simulator_port}/sim/telegram", timeout=30).text

    def serves(self) -> bool:
        try:
            return self.suite.get("/funding/BTCUSDT").status_code == 200
        except (requests.ConnectionError, requests.Timeout):
            return False


def simulator_of(pid: int) -> int:
    """Return the process id of the simulator that this `volspike up` has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return next(int(child) for child in children if b"simulate" in Path(f"/proc/{child}/cmdline").read_bytes())


@contextmanager
def simulated(directory: Path, **variables: str) -> Iterator[Foreground]:
    running = Foreground(directory, "--simulate", f"--simulator-port={free_port()}", **variables)
    try:
        until(running.serves, PATIENCE_SECONDS, "an answer of the funding API")
        yield running
    finally:
        if running.process.poll() is None:
            running.process.terminate()
        running.process.wait(END_SECONDS)


def test_it_shows_what_runs_answers_and_stops_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    with simulated(tmp_path) as running:
        until(lambda: "Everything runs" in running.output, PATIENCE_SECONDS, "the introduction")
        pids = [running.running_pid(daemon) for daemon in ("funding-ws", "funding-api")]

        running.process.send_signal(signal.SIGINT)

        assert running.process.wait(END_SECONDS) == 0
        assert running.output.rstrip().endswith("Everything has stopped.")
        assert f"curl http://127.0.0.1:{running.suite.port}/funding/BTCUSDT" in running.output
        assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
        assert "Traceback" not in running.output


def test_the_demo_shows_alerts_and_delivers_them_to_its_own_backend_and_chat_whatever_is_set_for_real(
    tmp_path: Path,
) -> None:
    own = {"VOLSPIKE_API_URL": "http://127.0.0.1:9", "VOLSPIKE_API_KEY": "real-key", "TELEGRAM_TOKEN": "7:real",
           "CHAT_ID": "-7", "HEALTHCHECK_PING_URL": "http://127.0.0.1:9/real", "TELEGRAM_API_ID": "7",
           "TELEGRAM_API_HASH": "7" * 32, "TELEGRAM_CHANNELS": "real_channel"}  # fmt: skip
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in own.items()))
    earlier = tmp_path / "state" / "volspike-demo" / "outbox.db"
    earlier.parent.mkdir(parents=True)
    earlier.write_bytes(b"what an earlier demo has left")

    with simulated(tmp_path) as running:
        until(lambda: "VOLUME SPIKE!" in running.output, PATIENCE_SECONDS, "a spike on the terminal")
        until(lambda: "VOLUME SPIKE!" in running.chat(), PATIENCE_SECONDS, "a spike in the chat")
        tail = running.suite.volspike("tail", "--once")
        until(
            lambda: re.search(r" [1-9]\d* alerts taken", running.status_of("backend")),
            PATIENCE_SECONDS,
            "alerts at the backend",
        )
        until(
            lambda: re.search(r" [1-9]\d* posts since", running.status_of("telegram-poller")),
            PATIENCE_SECONDS,
            "posts of channels",
        )

        key = (tmp_path / "state" / "volspike-demo" / ".backend_key").read_text().strip()
        written = (running.suite.runtime_dir / ".supervision.json").read_text()
        assert "the demo starts afresh: the alerts of an earlier one are gone" in running.output
        assert "VOLUME SPIKE!" in tail.stdout
        assert key not in written + running.output
        assert not any(secret in written + running.output for secret in ("real-key", "7:real", "/real"))


def test_commands_in_another_terminal_find_the_running_suite(tmp_path: Path) -> None:
    with simulated(tmp_path) as running:
        until(lambda: "Everything runs" in running.output, PATIENCE_SECONDS, "the introduction")
        until(lambda: len(running.suite.rows()) > 800, PATIENCE_SECONDS, "all symbols")

        status = running.suite.volspike("status")

        def agrees() -> bool:
            """Compare; a mark may move by more than is tolerated before a machine that is busy has asked for it."""
            compared = running.suite.volspike("compare", "--json")
            return compared.returncode == 0 and '"agreeing":820' in compared.stdout

        assert status.returncode == 0, status.stdout
        assert "binance-funding-ws.service" in status.stdout
        assert "streaming" in status.stdout
        until(agrees, PATIENCE_SECONDS, "agreement of 820 symbols")


def test_a_killed_daemon_is_started_again(tmp_path: Path) -> None:
    with simulated(tmp_path) as running:
        first = running.running_pid("funding-api")

        os.kill(first, signal.SIGKILL)

        until(lambda: running.pid_of("funding-api") not in (0, first), PATIENCE_SECONDS, "another process")
        until(running.serves, PATIENCE_SECONDS, "answers")
        assert "was killed by signal 9; starting again in 5 s" in running.output


def test_a_hanging_daemon_is_restarted_at_the_wish_of_the_health_monitor(tmp_path: Path) -> None:
    with simulated(tmp_path, VOLSPIKE_CLOCK_RATE="10") as running:
        first = running.running_pid("funding-ws")
        until(lambda: "streaming" in running.output, PATIENCE_SECONDS, "the stream")

        os.kill(first, signal.SIGSTOP)

        until(lambda: running.pid_of("funding-ws") not in (0, first), PATIENCE_SECONDS, "another process")
        assert "restarting on request" in running.output


def test_when_the_supervisor_is_killed_its_children_end_too(tmp_path: Path) -> None:
    with simulated(tmp_path) as running:
        pids = [running.running_pid(daemon) for daemon in ("funding-ws", "funding-api")]

        running.process.kill()

        until(
            lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in pids),
            PATIENCE_SECONDS,
            "the end of the children",
        )


def test_when_the_simulated_exchange_dies_the_suite_ends_with_one_line_that_says_so(tmp_path: Path) -> None:
    with simulated(tmp_path) as running:
        until(lambda: "Everything runs" in running.output, PATIENCE_SECONDS, "the introduction")
        pids = [running.running_pid(daemon) for daemon in ("funding-ws", "funding-api")]

        os.kill(simulator_of(running.process.pid), signal.SIGKILL)

        assert running.process.wait(END_SECONDS) == 1
        assert running.output.splitlines()[-1] == "volspike: the simulated exchange has ended, so the suite has too"
        assert "Traceback" not in running.output
        assert "Everything has stopped." not in running.output
        assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_when_the_supervisor_is_killed_the_simulated_exchange_ends_too_and_nothing_is_said_to_run(
    tmp_path: Path,
) -> None:
    with simulated(tmp_path) as running:
        simulator = simulator_of(running.process.pid)

        running.process.kill()

        until(lambda: not Path(f"/proc/{simulator}/exe").exists(), PATIENCE_SECONDS, "the end of the simulator")
        running.process.wait(END_SECONDS)
        assert (running.suite.runtime_dir / ".supervision.json").exists()
        assert running.suite.volspike("status").returncode == 3


def test_a_fault_that_does_not_exist_is_one_line_of_the_simulator_and_its_exit_code(tmp_path: Path) -> None:
    running = Foreground(tmp_path, "--simulate", f"--simulator-port={free_port()}", "--fault=earthquake")

    assert running.process.wait(END_SECONDS) == 2
    assert len(running.output.splitlines()) == 1
    assert "unknown fault 'earthquake'" in running.output


def test_a_daemon_with_a_taken_port_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with simulated(tmp_path) as running:
        other = tmp_path / "other"
        other.mkdir()

        second = Foreground(other, "--simulate", FUNDING_API_PORT=str(running.suite.port))

        assert second.process.wait(END_SECONDS) == 1
        assert f"port {running.suite.port} on 127.0.0.1 is in use by" in second.output
        assert len(second.output.splitlines()) == 1


def test_without_binance_it_says_so_in_one_line_and_points_to_the_demo(tmp_path: Path) -> None:
    running = Foreground(tmp_path, BINANCE_REST_URL=f"http://127.0.0.1:{free_port()}")

    assert running.process.wait(END_SECONDS) == 1
    assert len(running.output.splitlines()) == 1
    assert "cannot be reached" in running.output
    assert "make demo" in running.output


def test_where_binance_is_not_allowed_it_says_so_in_one_line(tmp_path: Path, exchange: SimulatorProcess) -> None:
    exchange.fault("http_451")

    running = Foreground(tmp_path, BINANCE_REST_URL=exchange.rest_url, BINANCE_WS_URL=exchange.ws_url)

    assert running.process.wait(END_SECONDS) == 1
    assert len(running.output.splitlines()) == 1
    assert "HTTP 451" in running.output
    assert "make demo" in running.output


def test_on_a_terminal_the_output_is_coloured(tmp_path: Path) -> None:
    suite = Suite(tmp_path)
    environment = {**suite.env, "TERM": "xterm-256color", "BINANCE_REST_URL": "http://127.0.0.1:9"}
    environment |= {"XDG_RUNTIME_DIR": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    for name in ("VOLSPIKE_RUNTIME_DIR", "NO_COLOR"):
        environment.pop(name, None)
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "volspike", "up", "--simulate", f"--simulator-port={free_port()}"],
        env=environment, cwd=tmp_path, stdin=terminal, stdout=terminal, stderr=terminal,
    )  # fmt: skip
    os.close(terminal)

    seen = b""
    while b"Everything runs" not in seen:
        seen += os.read(controller, 4096)
    process.send_signal(signal.SIGINT)
    with suppress(OSError):  # it has ended; until then it waits for whoever does not read what it shows
        while os.read(controller, 4096):
            pass
    process.wait(END_SECONDS)
    os.close(controller)

    assert b"\x1b[" in seen


def test_an_operator_examines_it_and_restarts_a_daemon_from_another_terminal(tmp_path: Path) -> None:
    with simulated(tmp_path) as running:
        until(lambda: "Everything runs" in running.output, PATIENCE_SECONDS, "the introduction")
        first = running.running_pid("funding-api")

        restarted = subprocess.run(
            [sys.executable, "-m", "volspike", "restart", "funding-api"],
            env=running.suite.env, capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        examined = running.suite.volspike("doctor", "--json")
        logs, stop = running.suite.volspike("logs", "funding-api"), running.suite.volspike("stop")

        assert (restarted.returncode, restarted.stderr) == (0, "")
        assert running.pid_of("funding-api") not in (0, first)
        bad = [symptom for symptom in json.loads(examined.stdout)["symptoms"] if symptom["level"] == "bad"]
        assert (examined.returncode, bad) == (0, [])
        assert f"the suite in {running.suite.runtime_dir} logs to the terminal" in logs.stderr
        assert "lives in a terminal: Ctrl-C there ends it" in stop.stderr
