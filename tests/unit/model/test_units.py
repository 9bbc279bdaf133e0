"""Names of operators and the units that they mean."""

import pytest

from volspike.model.suite import DAEMONS, DaemonInfo, daemon_named
from volspike.model.units import TARGET, Verb, acted_on, daemon_meant, timer_of


@pytest.mark.parametrize("daemon", DAEMONS, ids=lambda daemon: daemon.name)
def test_a_daemon_is_meant_by_its_name_and_by_its_unit_with_or_without_the_suffix(daemon: DaemonInfo) -> None:
    names = (daemon.name, daemon.unit, daemon.unit.removesuffix(".service"), timer_of(daemon))

    assert [daemon_meant(name) for name in names] == [daemon] * 4


@pytest.mark.parametrize("name", ["", "funding", "volspike.target", "ssh.service"])
def test_anything_else_is_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        daemon_meant(name)


def test_a_job_of_a_timer_is_started_through_its_timer_and_stopped_with_it() -> None:
    chosen = [daemon_named("funding-ws"), daemon_named("liquid-universe")]
    units = ["binance-funding-ws.service", "oi-liquid-universe.timer"]

    assert acted_on(Verb.START, chosen) == units
    assert acted_on(Verb.RESTART, chosen) == units
    assert acted_on(Verb.STOP, chosen) == [*units, "oi-liquid-universe.service"]


@pytest.mark.parametrize("verb", Verb)
def test_without_a_name_the_target_stands_for_all(verb: Verb) -> None:
    assert acted_on(verb, []) == [TARGET]
