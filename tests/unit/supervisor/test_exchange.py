"""The simulated exchange of `up --simulate`, when it does not start; that it does, integration tests tell."""

import pytest

from tests.ports import free_port
from volspike.supervisor import exchange as exchange_module
from volspike.supervisor.exchange import ExchangeError, SimulatedExchange


def test_one_that_does_not_start_in_time_is_ended_and_said_so(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange_module, "START_SECONDS", 0.0)
    exchange = SimulatedExchange(free_port(), [], environment)

    with pytest.raises(ExchangeError, match="the simulator did not start within 0 s") as late, exchange:
        pass

    assert late.value.code == 1
    assert not exchange.is_alive()
