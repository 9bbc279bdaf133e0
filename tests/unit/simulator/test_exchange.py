"""The exchange as one object."""

import pytest

from volspike.runtime.clock import Clock
from volspike.simulator.exchange import Exchange, Options
from volspike.simulator.faults import FaultError
from volspike.simulator.recording import Recording


def test_faults_of_the_command_line_are_active_from_the_start(bundled: Recording) -> None:
    exchange = Exchange(Options(faults=("silent", "slow:seconds=3")), Clock(), bundled)

    assert exchange.fault("silent")
    assert exchange.fault("slow")
    assert exchange.fault("refuse") is None


def test_a_fault_that_does_not_exist_is_refused_at_the_start(bundled: Recording) -> None:
    with pytest.raises(FaultError):
        Exchange(Options(faults=("silnt",)), Clock(), bundled)


def test_skew_moves_its_clock(exchange: Exchange) -> None:
    exchange.activate({"kind": "clock_skew", "seconds": -30})

    assert exchange.now() == pytest.approx(exchange.clock.now() - 30, abs=0.5)


@pytest.mark.parametrize(
    ("scope", "face", "path", "strikes"),
    [
        ("all", "rest", "/fapi/v1/time", True),
        ("all", "ws", "/market/ws", True),
        ("rest", "ws", "/market/ws", False),
        ("ws", "ws", "/market/ws", True),
        ("ws", "rest", "/fapi/v1/time", False),
    ],
)
def test_a_fault_can_be_confined_to_one_face(
    exchange: Exchange, scope: str, face: str, path: str, strikes: bool
) -> None:
    exchange.activate({"kind": "http_503", "scope": scope})

    assert (exchange.face_fault("http_503", face, path) is not None) == strikes


def test_a_fault_can_be_confined_to_a_path(exchange: Exchange) -> None:
    exchange.activate({"kind": "html", "path": "klines"})

    assert exchange.face_fault("html", "rest", "/fapi/v1/klines")
    assert exchange.face_fault("html", "rest", "/fapi/v1/time") is None


def test_distortions_follow_the_faults(exchange: Exchange) -> None:
    exchange.activate({"kind": "null_symbol", "symbol": "ETHUSDT"})
    exchange.activate({"kind": "broken_row"})

    assert exchange.distortion().without_rate == "ETHUSDT"
    assert exchange.distortion().broken_row
    assert not exchange.distortion().legacy_delivery
