"""The outbox of the suite that is meant, as commands open it and show what is in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from msgspec import Raw

from volspike.cli import suite
from volspike.clients.errors import Permanent, Transient
from volspike.delivery.database import Damaged
from volspike.delivery.ledger import Ledger
from volspike.model.delivery import Entry, Message
from volspike.model.market import asset_of, market_symbol
from volspike.settings import Settings
from volspike.state import documents


@contextmanager
def opened() -> Iterator[tuple[Ledger, Settings]]:
    """Open the outbox; end the command with one line where that, or what is done with it, fails.

    Bad settings are named and do not hinder it: where the outbox is does not hang on them.
    """
    suite.become_service_user()
    settings = suite.load_to_look()
    path = settings.state_dir / documents.OUTBOX
    if not path.exists() and suite.nothing_runs(settings):
        suite.fail(suite.NOTHING_RUNS)
    try:
        with Ledger(path, settings.clock) as ledger:
            yield ledger, settings
    except Damaged as error:
        suite.fail(f"{error}; the courier saves what can be read as soon as it starts: volspike restart courier")
    except (Transient, Permanent) as error:
        suite.fail(f"{error}; see volspike status")


def spellings(symbol: str) -> tuple[str, ...]:
    """Return the symbols that people mean by one, in any letter case, with or without its quote; none for ``."""
    return (market_symbol(symbol), asset_of(symbol.upper())) if symbol else ()


def instant(at: float) -> str:
    """Return an instant (epoch seconds) in UTC, as the logs have it."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"


def one_line(text: str) -> str:
    """Return a text as one line without control characters: a part of it may come from strangers."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def document_of(message: Message | Entry) -> dict[str, object]:
    """Return a message for machines; its payload as the backend gets it, null when no backend does."""
    return {
        "kind": message.kind,
        "key": message.key,
        "symbol": message.symbol,
        "at": message.at,
        "text": message.text,
        "payload": Raw(message.payload) if message.payload else None,
    }


def entry_document(entry: Entry) -> dict[str, object]:
    """Return an entry for machines."""
    return {
        "id": entry.id,
        "destination": entry.destination,
        "state": entry.state,
        "since": entry.since,
        "settled_at": entry.settled_at,
        "attempts": entry.attempts,
        "problem": entry.problem,
        **document_of(entry),
    }
