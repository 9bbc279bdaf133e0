"""The application as a whole: its files are its own, and nothing that a page needs lies elsewhere."""

import hashlib
import re

import pytest

from tests.unit.dashboard.conftest import Served
from volspike.dashboard.app import STATIC
from volspike.dashboard.navigation import NAVIGATION

READABLE = 4.5
"""The contrast that WCAG 2.2 wants at level AA of a text of usual size."""


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


@pytest.mark.parametrize("name", ["volspike.css", "volspike.js", "suite.css", "suite.js"])
def test_a_file_that_is_another_one_after_an_upgrade_is_not_taken_from_the_browser_s_memory(
    served: Served, name: str
) -> None:
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()

    assert f"/static/{name}?{digest[:12]}" in served.client.get("/").text
    assert "max-age" in served.client.get(f"/static/{name}").headers["cache-control"]


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour such as `#1d2530`."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("theme", [":root", ".body--dark"])
@pytest.mark.parametrize("name", ["text", "quiet", "accent", "good", "bad", "warn"])
def test_every_colour_of_text_stands_out_from_the_page_and_from_a_card(theme: str, name: str) -> None:
    style = (STATIC / "volspike.css").read_text(encoding="utf-8")
    (block,) = re.findall(rf"^{re.escape(theme)} \{{(.*?)\n\}}", style, re.DOTALL | re.MULTILINE)
    colours = dict(re.findall(r"--vs-(\w+): (#\w{6});", block))

    for ground in ("page", "card"):
        low, high = sorted((luminance(colours[name]), luminance(colours[ground])))
        assert (high + 0.05) / (low + 0.05) >= READABLE
