"""The outbox as commands open it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.cli.conftest import Command
from tests.unit.delivery.conftest import WAITING
from tests.unit.examples import NOW
from volspike.cli import ledger
from volspike.model.delivery import Kind, Message, State
from volspike.state import documents


@pytest.mark.parametrize("command", [("outbox", "list"), ("outbox", "stats"), ("tail", "--once")])
def test_where_there_is_no_outbox_is_said_in_one_line(volspike: Command, command: tuple[str, ...]) -> None:
    result = volspike(*command)

    path = volspike.place / "state" / "outbox.db"
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"volspike: there is no outbox at {path} yet; see volspike status\n"
    assert not path.exists()


def test_a_damaged_outbox_is_said_in_one_line_with_what_mends_it(volspike: Command) -> None:
    (volspike.place / "state" / "outbox.db").write_bytes(b"no database" * 1000)

    result = volspike("outbox", "list")

    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "is damaged" in result.stderr
    assert result.stderr.endswith(": volspike restart courier\n")


@pytest.mark.parametrize("symbol", ["BTC", "btc", "BTCUSDT", "btcusdt"])
def test_a_symbol_is_found_however_it_is_spelled(symbol: str) -> None:
    assert set(ledger.spellings(symbol)) == {"BTC", "BTCUSDT"}


def test_no_symbol_is_every_symbol() -> None:
    assert ledger.spellings("") == ()


def test_an_instant_is_told_in_utc() -> None:
    assert ledger.instant(NOW) == "2026-10-01 12:02:03"


def test_a_report_of_many_lines_becomes_one() -> None:
    assert ledger.one_line("❌ UNHEALTHY\n  BTC\x1b[31m is red\r\n") == "❌ UNHEALTHY BTC [31m is red"


@given(st.text())
def test_one_line_is_one_line_and_harmless_on_a_terminal(text: str) -> None:
    line = ledger.one_line(text)

    assert line.isprintable()
    assert ledger.one_line(line) == line


def test_an_entry_for_machines_has_the_payload_as_the_backend_gets_it() -> None:
    entry = replace(WAITING, state=State.REFUSED, settled_at=NOW + 2, problem="HTTP 400")

    document = json.loads(documents.encode(ledger.entry_document(entry)))

    assert document == {
        "id": 17,
        "destination": "telegram",
        "state": "refused",
        "since": NOW,
        "settled_at": NOW + 2,
        "attempts": 2,
        "problem": "HTTP 400",
        "kind": "volume",
        "key": "volume:BTCUSDT:2026-10-01T12:SPIKE",
        "symbol": "BTCUSDT",
        "at": NOW,
        "text": "BTCUSDT happened",
        "payload": {"symbol": "BTCUSDT"},
    }


def test_what_no_backend_takes_has_no_payload() -> None:
    assert ledger.document_of(Message("key", Kind.HEALTH, "", NOW, b"", "text"))["payload"] is None
