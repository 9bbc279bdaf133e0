"""The simulated exchange of `up --simulate`: the real simulator as a process."""

import os
import signal
import subprocess
import sys

import pytest
import requests

from tests.ports import free_port
from tests.processes import until
from volspike.runtime import sockets
from volspike.supervisor.exchange import ExchangeError, SimulatedExchange

PARENT = """
import os, sys, time
from volspike.supervisor.exchange import SimulatedExchange
with SimulatedExchange(int(sys.argv[1]), [], os.environ):
    print("started", flush=True)
    time.sleep(60)
"""


def answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/fapi/v1/time", timeout=30).status_code == 200
    except requests.ConnectionError:
        return False


def test_it_answers_from_the_start_to_the_end_of_the_block(environment: dict[str, str]) -> None:
    port = free_port()

    with SimulatedExchange(port, [], environment) as exchange:
        assert exchange.is_alive()
        assert answers(port)

    assert not exchange.is_alive()
    assert not answers(port)


def test_it_starts_with_the_faults_that_were_asked_for(environment: dict[str, str]) -> None:
    port = free_port()

    with SimulatedExchange(port, ["http_503"], environment):
        assert requests.get(f"http://127.0.0.1:{port}/fapi/v1/time", timeout=30).status_code == 503


def test_a_refused_fault_ends_with_the_simulator_s_exit_code_and_its_own_words(
    environment: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ExchangeError) as refused, SimulatedExchange(free_port(), ["earthquake"], environment):
        pass

    assert (str(refused.value), refused.value.code) == ("", 2)
    (line,) = capfd.readouterr().err.splitlines()
    assert "--fault: unknown fault 'earthquake'" in line


def test_a_taken_port_ends_with_the_simulator_s_exit_code(environment: dict[str, str]) -> None:
    with sockets.listen("127.0.0.1", 0) as taken:
        exchange = SimulatedExchange(taken.getsockname()[1], [], environment)

        with pytest.raises(ExchangeError) as refused, exchange:
            pass

    assert refused.value.code == 1
    assert not exchange.is_alive()


def test_it_dies_with_its_parent_however_that_ends(environment: dict[str, str]) -> None:
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", PARENT, str(port)], env=environment, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        assert answers(port)

        parent.kill()

    until(lambda: not answers(port), what="the end of the simulator")


def test_one_that_dies_is_known_to_be_dead(environment: dict[str, str]) -> None:
    with SimulatedExchange(free_port(), [], environment) as exchange:
        assert exchange._process is not None
        os.kill(exchange._process.pid, signal.SIGKILL)

        until(lambda: not exchange.is_alive(), what="its death")
