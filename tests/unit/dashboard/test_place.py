"""The place that pages share."""

from tests.unit.dashboard.conftest import Served


def test_what_is_due_is_read_once_the_server_has_its_loop(served: Served) -> None:
    reads: list[int] = []

    def read() -> int:
        reads.append(1)
        return len(reads)

    topic = served.place.topic(read, 1.0, always=True)
    assert served.client.portal is not None

    served.client.portal.call(served.place.begin_what_is_due)
    served.client.portal.call(topic._anew)

    assert len(reads) >= 1


def test_no_page_is_open_as_long_as_no_browser_has_connected(served: Served) -> None:
    served.client.get("/")

    assert served.place.open_pages == 0
