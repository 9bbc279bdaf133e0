"""The Alerts page without a browser: the rows come with the page, so that there is something to see at once."""

from tests.unit.dashboard.conftest import Served
from tests.unit.delivery.conftest import ROUTES
from tests.unit.examples import NOW
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import Kind, Message
from volspike.state import documents


def put(served: Served, key: str, symbol: str, text: str) -> None:
    """Put an alert into the outbox of the application."""
    with Outbox(served.settings.state_dir / documents.OUTBOX, served.clock, ROUTES) as outbox:
        outbox.put([Message(key, Kind.VOLUME, symbol, NOW, b'{"volumeRatio":3.5}', text)])


def test_the_page_brings_its_rows_with_it(served: Served) -> None:
    put(served, "one", "PAGEUSDT", "PAGE hourly volume")

    page = served.get("/alerts")

    assert "PAGE hourly volume" in page


def test_a_link_may_name_the_symbol_that_is_looked_for(served: Served) -> None:
    put(served, "two", "FIRSTUSDT", "FIRST hourly volume")
    put(served, "three", "OTHERUSDT", "OTHER hourly volume")

    page = served.get("/alerts?symbol=first")

    assert "FIRST hourly volume" in page
    assert "OTHER hourly volume" not in page
    assert "1 alert" in page


def test_a_stranger_s_words_are_no_markup_of_the_page(served: Served) -> None:
    put(served, "four", "XSSUSDT", "</script><script>alert(1)</script>")

    assert "<script>alert(1)" not in served.get("/alerts?symbol=XSS")
