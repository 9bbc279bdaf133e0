"""The My alerts page without a browser, and without a backend: what is wrong is told where the alerts would be."""

from tests.unit.dashboard.conftest import Served


def test_a_backend_that_does_not_answer_is_told_with_what_helps(served: Served) -> None:
    assert "is the suite running? see volspike status" in served.get("/my-alerts")


def test_a_link_may_name_the_symbol_to_be_watched(served: Served) -> None:
    assert "ETHUSDT" in served.get("/my-alerts?symbol=ETHUSDT")
