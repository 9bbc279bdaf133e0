"""The application as a whole: its files are its own, and nothing that a page needs lies elsewhere."""

import re

import pytest

from tests.unit.dashboard.conftest import Served
from volspike.dashboard.navigation import NAVIGATION


@pytest.mark.parametrize("page", NAVIGATION, ids=lambda page: page.title)
def test_every_page_of_the_navigation_is_there(served: Served, page: object) -> None:
    answer = served.client.get(page.path)  # type: ignore[attr-defined]

    assert answer.status_code == 200
    assert f"<title>{page.title} · VolSpike</title>" in answer.text  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/", "/symbol/BTCUSDT"])
def test_a_page_loads_nothing_from_elsewhere(served: Served, path: str) -> None:
    page = served.client.get(path).text

    loaded = re.findall(r"""(?:src|href)=["']([^"']+)["']|url\(["']?([^"')]+)""", page)
    assert loaded
    assert not [address for found in loaded for address in found if address.startswith(("http", "//"))]


@pytest.mark.parametrize("name", ["volspike.css", "volspike.js", "favicon.svg"])
def test_its_own_files_are_served(served: Served, name: str) -> None:
    assert served.client.get(f"/static/{name}").status_code == 200
