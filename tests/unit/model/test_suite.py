"""The daemons and the names that operators know."""

import pytest

from volspike.model.suite import BACKEND, DAEMONS, Kind, daemon_named, members


def test_a_daemon_is_found_by_its_name() -> None:
    daemon = daemon_named("funding-ws")

    assert (daemon.unit, daemon.module) == ("binance-funding-ws.service", "volspike.daemons.funding_ws")


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        daemon_named("funding_ws")


def test_names_and_units_are_unique() -> None:
    assert len({daemon.name for daemon in DAEMONS}) == len({daemon.unit for daemon in DAEMONS}) == len(DAEMONS)


def test_exactly_the_jobs_of_a_timer_have_a_period() -> None:
    assert all((daemon.every_seconds > 0) == (daemon.kind is Kind.TIMER) for daemon in DAEMONS)


def test_the_embedded_backend_belongs_to_a_suite_only_where_it_is_used() -> None:
    assert members(embedded_backend=True) == DAEMONS
    assert members(embedded_backend=False) == tuple(daemon for daemon in DAEMONS if daemon.name != BACKEND)
