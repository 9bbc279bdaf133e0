"""The Market page without a browser: the rows come with the page, so that there is something to see at once."""

from tests.unit.dashboard.conftest import Served


def test_the_page_brings_its_rows_with_it(served: Served) -> None:
    page = served.client.get("/").text

    assert "BTCUSDT" in page
    assert "币安人生USDT" in page
    assert "2 symbols" in page


def test_a_link_may_name_what_is_looked_for(served: Served) -> None:
    assert '"pepe"' in served.client.get("/?search=pepe").text.replace("\\", "").replace("&quot;", '"')


def test_a_row_that_is_late_tells_its_age(served: Served) -> None:
    assert '"fa":"30 s"' in served.client.get("/").text.replace("\\", "").replace("&quot;", '"')
