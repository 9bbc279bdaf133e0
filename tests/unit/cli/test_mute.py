"""Sparing people the alerts of a symbol."""

import json
import re

import pytest

from tests.unit.cli.conftest import Command, Supervise
from tests.unit.examples import unit_state
from volspike.state import documents

USAGE = "volspike: give a symbol and how long, such as `volspike mute BTCUSDT 4h`, or --list\n"


@pytest.mark.parametrize("symbol", ["BTCUSDT", "btc", "BTC/USDT"])
def test_a_symbol_is_muted_for_as_long_as_it_is_said(volspike: Command, symbol: str) -> None:
    result = volspike("mute", symbol, "4h")

    assert result.exit_code == 0
    assert result.stdout.startswith("People are told nothing of BTCUSDT until ")
    listed = json.loads(volspike("mute", "--json").stdout)
    assert listed["BTCUSDT"]["until"] - listed["BTCUSDT"]["since"] == 4 * 3600


def test_the_list_is_a_table_for_people(volspike: Command) -> None:
    assert volspike("mute", "--list").stdout == "Nothing is muted.\n"

    volspike("mute", "BTCUSDT", "2h")
    volspike("mute", "ETHUSDT", "30m")

    lines = volspike("mute", "--list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["SYMBOL", "ETHUSDT", "BTCUSDT"]
    assert lines[1].endswith(" 30m")
    assert lines[2].endswith(" 2h")


def test_unmuting_ends_it(volspike: Command) -> None:
    volspike("mute", "BTCUSDT", "2h")

    ended, again = volspike("unmute", "btc"), volspike("unmute", "btc")

    assert (ended.stdout, again.stdout) == ("BTCUSDT is told again.\n", "BTCUSDT was not muted.\n")
    assert json.loads(volspike("mute", "--json").stdout) == {}


@pytest.mark.parametrize("arguments", [(), ("BTCUSDT",), ("BTCUSDT", "4h", "--list")])
def test_what_to_mute_must_be_clear(volspike: Command, arguments: tuple[str, ...]) -> None:
    result = volspike("mute", *arguments)

    assert (result.exit_code, result.stdout, result.stderr) == (2, "", USAGE)


@pytest.mark.parametrize("duration", ["soon", "0m"])
def test_a_bad_duration_is_one_line_that_says_what_is_allowed(volspike: Command, duration: str) -> None:
    result = volspike("mute", "BTCUSDT", duration)

    assert result.exit_code == 2
    allowed = "a whole number above 0 with s, m, h or d behind it, up to 30d"
    assert result.stderr == f"volspike: duration {duration!r}: must be {allowed}\n"


def test_a_symbol_that_the_feed_does_not_know_is_doubted(volspike: Command) -> None:
    (volspike.runtime_dir / documents.FUNDING).write_bytes(
        b'{"version":1,"funding_state":{},"connection_status":{"connected":true,"last_connected_time":1.0,'
        b'"reconnect_attempts":0,"messages_received":1,"frames_received":1,"last_message_time":1.0,"symbolCount":0},'
        b'"updated_at":1.0,"daemon_pid":1}'
    )

    result = volspike("mute", "BTCUSD", "4h")

    assert (result.exit_code, result.stderr) == (
        0,
        "volspike: warning: the feed knows no BTCUSDUSDT; volspike unmute BTCUSDUSDT, if that was a slip\n",
    )


def test_what_cannot_be_kept_is_one_line(volspike: Command) -> None:
    volspike.environment["VOLSPIKE_STATE_DIR"] = str(volspike.place / "missing")

    for command in (("mute", "BTCUSDT", "4h"), ("unmute", "BTCUSDT")):
        result = volspike(*command)

        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.endswith("cannot be written (No such file or directory)\n")


def test_the_status_tells_what_is_muted(volspike: Command, supervise: Supervise) -> None:
    supervise(volspike.runtime_dir, unit_state("courier", main_pid=0))
    volspike("mute", "BTCUSDT", "90m")

    said = volspike("status").stdout
    assert re.search(r"People are told nothing of BTCUSDT until \S+ \S+ UTC \(volspike unmute ends it\)", said)


def test_a_bad_setting_hinders_neither_muting_nor_its_end(volspike: Command) -> None:
    volspike.environment["VOLUME_MULTIPLE"] = "abc"

    results = [volspike(*command) for command in (("mute", "BTC", "4h"), ("mute", "--list"), ("unmute", "BTC"))]

    assert [(result.exit_code, result.stderr) for result in results] == [(0, "")] * 3
