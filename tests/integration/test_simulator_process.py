"""The simulated exchange as a process: its end, its port and its bad flags."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.integration.exchange_sockets import BOTH, MARKS, connect
from tests.simulation import SimulatorError, SimulatorProcess


def test_sigterm_ends_it_soon_with_sockets_open() -> None:
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
    assert elapsed < 10, "aiohttp would wait a minute for whoever is connected"
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
        env={**os.environ, **variables}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
