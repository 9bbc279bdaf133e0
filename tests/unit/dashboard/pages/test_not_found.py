"""What is shown where there is no page."""

import pytest

from tests.unit.dashboard.conftest import Served


@pytest.mark.parametrize("path", ["/nowhere", "/symbol/BTC/USDT", "/symbol/"])
def test_an_unknown_address_is_told_so_in_the_frame_with_a_way_back(served: Served, path: str) -> None:
    answer = served.client.get(path)

    assert answer.status_code == 404
    assert "<title>Not found · VolSpike</title>" in answer.text
    assert "vs-tab" in answer.text
    assert "To the market" in answer.text
    assert "vs-here" not in answer.text


def test_a_file_that_is_not_there_is_not_found_either(served: Served) -> None:
    assert served.client.get("/static/nothing.js").status_code == 404
