"""A small table whose cells change in place."""

from collections.abc import Iterator

import pytest
from nicegui import Client, ui

from tests.unit.dashboard.conftest import Served
from volspike.dashboard.pages.table import Table, tell
from volspike.dashboard.views.health import Tone, Words


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    """A page of the test's own."""
    opened = Client(ui.page(""))
    with opened:
        yield opened
    opened.delete()


def texts(client: Client) -> list[str]:
    """Return all that is written there, in its order."""
    return [element.text for element in client.elements.values() if isinstance(element, ui.label)]


def test_rows_come_change_in_place_and_go(client: Client) -> None:
    table = Table({"Name": "", "State": "vs-dot"})
    table.show({"a": ("a", Words("well", Tone.GOOD)), "b": ("b", "new")})
    kept = {element.id for element in client.elements.values()}

    table.show({"a": ("a", Words("ill", Tone.BAD))})

    assert texts(client) == ["Name", "State", "a", "ill"]
    assert {element.id for element in client.elements.values()} < kept


def test_words_bring_their_tone_and_leave_the_old_one(client: Client) -> None:
    label = ui.label()

    tell(label, Words("well", Tone.GOOD))
    tell(label, Words("ill", Tone.BAD))

    assert (label.text, set(label.classes) & set(Tone)) == ("ill", {Tone.BAD})


def test_plain_words_leave_the_tone_as_it_is(client: Client) -> None:
    label = ui.label()
    tell(label, Words("well", Tone.GOOD))

    tell(label, "3 min")

    assert (label.text, set(label.classes) & set(Tone)) == ("3 min", {Tone.GOOD})
