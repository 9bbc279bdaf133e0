"""Daemons as arguments."""

import pytest

from volspike.cli import daemon_names
from volspike.model.suite import DAEMONS, daemon_named


def test_names_and_units_may_be_mixed_and_each_daemon_counts_once() -> None:
    chosen = daemon_names.chosen(["courier", "binance-funding-ws", "funding-ws", "volspike-courier.service"])

    assert chosen == [daemon_named("courier"), daemon_named("funding-ws")]


def test_no_name_means_none_in_particular() -> None:
    assert daemon_names.chosen(None) == daemon_names.chosen([]) == []


def test_an_unknown_name_is_answered_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        daemon_names.chosen(["fundin-ws"])

    error = capsys.readouterr().err
    assert ended.value.code == 2
    assert error.startswith("volspike: daemon 'fundin-ws': must be one of ")
    assert all(daemon.name in error for daemon in DAEMONS)
