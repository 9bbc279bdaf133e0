"""The Symbol page in a real browser: numbers that live, charts that are drawn, alerts that are listed."""

import json

from tests.browser.window import Window
from tests.processes import Suite

SPIKE = "VOLUME SPIKE!"
CHARTS = ".vs-chart canvas"
MARKS = """
    return [...document.querySelectorAll(".vs-chart")]
        .flatMap((element) => getElement(Number(element.id.slice(1)))?.chart?.getOption().series ?? [])
        .flatMap((series) => (series.markPoint?.data ?? []).map((mark) => mark.name))
"""


def told(suite: Suite) -> list[dict[str, object]]:
    """Return the volume alerts so far; at a half and a full hour there are updates among them."""
    lines = suite.volspike("tail", "--once", "-n", "1000", "--kind", "volume", "--json").stdout.splitlines()
    return [json.loads(line) for line in lines]


def tile(window: Window, name: str) -> str:
    """Return what stands under a name; empty as long as it does not."""
    texts = [text.split("\n") for text in window.texts(".vs-tile")]
    return next((lines[1] for lines in texts if lines[0] == name and len(lines) > 1), "")


def test_the_numbers_live_and_the_charts_are_drawn(window: Window) -> None:
    window.open("/symbol/BTCUSDT")
    before = window.value(lambda: tile(window, "Mark"), "a mark price")

    window.until(lambda: tile(window, "Mark") not in ("", before), "another mark price")
    window.until(lambda: len(window.all(CHARTS)) == 3, "three charts")
    window.until(lambda: tile(window, "Per year").endswith("%"), "a rate per year")


def test_an_alert_is_listed_and_marked_on_its_chart(window: Window, suite: Suite) -> None:
    spike = window.value(lambda: [alert for alert in told(suite) if str(alert["text"]).endswith(SPIKE)], "an alert")[-1]

    window.open(f"/symbol/{spike['symbol']}")

    window.until(lambda: any(str(spike["text"]) in text for text in window.texts(".vs-item")), "the alert")
    window.until(lambda: any("VOLUME SPIKE" in name for name in window.script(MARKS)), "its mark")


def test_a_symbol_that_is_not_there_is_told_so_and_is_text_not_markup(window: Window) -> None:
    window.open("/symbol/%3Cimg%20src=x%3EUSDT")

    window.until(lambda: any("not among the" in text for text in window.texts(".vs-quiet")), "the note")
    assert "<img src=x>USDT" in window.texts(".vs-title")
    assert window.all(".vs-main img") == []
