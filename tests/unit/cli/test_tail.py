"""The alerts as they come."""

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command
from tests.unit.delivery.conftest import put_alerts
from tests.unit.examples import NOW
from volspike.cli import tail
from volspike.model.delivery import Kind

Put = Callable[..., None]


@pytest.fixture
def path(volspike: Command) -> Path:
    return volspike.place / "state" / "outbox.db"


@pytest.fixture
def put(path: Path) -> Put:
    return partial(put_alerts, path)


def test_an_alert_is_one_line_with_time_and_kind_whatever_its_destinations(volspike: Command, put: Put) -> None:
    put("A")
    put("B", kind=Kind.OPEN_INTEREST)

    result = volspike("tail", "--once")

    assert result.exit_code == 0
    assert result.stdout == (
        "2026-10-01 12:02:03  volume         AUSDT happened\n"
        "2026-10-01 12:02:03  open-interest  BUSDT happened\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "shown"),
    [
        ([], "BCDEFGHIJK"),
        (["--lines", "2"], "JK"),
        (["-n", "0"], ""),
        (["--kind", "trigger"], "K"),
        (["--symbol", "c"], "C"),
        (["--symbol", "C", "--kind", "trigger"], ""),
    ],
)
def test_the_last_ones_of_what_is_asked_for(volspike: Command, put: Put, flags: list[str], shown: str) -> None:
    put(*"ABCDEFGHIJ")
    put("K", kind=Kind.TRIGGER)

    result = volspike("tail", "--no-follow", "--json", *flags)

    assert [json.loads(line)["key"] for line in result.stdout.splitlines()] == list(shown)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--symbol", "nosuch"], "volspike: no alerts of NOSUCHUSDT yet\n"),
        (["--kind", "trigger"], "volspike: no trigger alerts yet\n"),
        (
            ["--kind", "trigger", "--kind", "health", "--symbol", "A"],
            "volspike: no trigger or health alerts of AUSDT yet\n",
        ),
        (["--symbol", "A"], ""),
        (["--lines", "0"], ""),
    ],
)
def test_that_there_is_nothing_of_what_is_asked_for_is_said(
    volspike: Command, put: Put, flags: list[str], said: str
) -> None:
    put("A")

    assert volspike("tail", "--once", *flags).stderr == said


def test_for_machines_a_line_is_an_alert_with_its_payload(volspike: Command, put: Put) -> None:
    put("A")

    (line,) = volspike("tail", "--once", "--json").stdout.splitlines()

    assert json.loads(line) == {
        "id": 1,
        "kind": "volume",
        "key": "A",
        "symbol": "AUSDT",
        "at": NOW,
        "text": "AUSDT happened",
        "payload": {"symbol": "BTCUSDT"},
    }


def test_a_pipe_is_read_as_long_as_its_other_end_is_open() -> None:
    reading, writing = os.pipe()
    try:
        assert tail.is_read(writing, 0)
        os.close(reading)
        assert not tail.is_read(writing, 60_000)
    finally:
        os.close(writing)


def test_a_file_is_read_for_ever(tmp_path: Path) -> None:
    with (tmp_path / "alerts.txt").open("w") as file:
        assert tail.is_read(file.fileno(), 1)
