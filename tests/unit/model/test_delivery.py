"""What is delivered, and where to."""

import msgspec
import pytest

from volspike.model.delivery import BACKEND, Entry, Kind, Message, State, Tally


def test_a_message_is_frozen_and_compares_by_what_it_says() -> None:
    message = Message("volume:BTCUSDT:2026-01-02T14:SPIKE", Kind.VOLUME, "BTCUSDT", 1.0, b"{}", "BTC …")

    assert message == msgspec.structs.replace(message)
    assert message != msgspec.structs.replace(message, key="another")


def test_names_are_the_words_that_operators_type() -> None:
    assert [*Kind] == ["volume", "open-interest", "trigger", "health"]
    assert [*State] == ["waiting", "delivered", "refused", "expired", "dropped"]


def test_nothing_waits_until_it_is_counted() -> None:
    assert Tally() == Tally(waiting=0, oldest_waiting_at=None, delivered=0, refused=0, expired=0, dropped=0)


@pytest.mark.parametrize(("state", "understood"), [*((state, True) for state in State), ("archived", False)])
def test_an_entry_is_understood_when_this_release_knows_its_state(state: str, *, understood: bool) -> None:
    entry = Entry(7, BACKEND, "k", "trigger", "BTC", 1.0, b"{}", "BTC …", state, 1.0, None, 0, "")

    assert entry.is_understood is understood
