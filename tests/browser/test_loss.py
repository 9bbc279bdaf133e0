"""What a person sees when something is lost: the feed, or the dashboard itself; and that it comes back by itself."""

import signal
from collections.abc import Iterator

import pytest

from tests.browser.window import Window
from tests.processes import DaemonProcess
from tests.simulation import SimulatorProcess

POPUP = "return document.getElementById('popup').ariaHidden"
STYLE = """
    const element = document.querySelector(arguments[0]);
    return element ? arguments[1].map((name) => getComputedStyle(element)[name]) : [];
"""
LATE = '.ag-row[row-id="BTCUSDT"] [col-id="m"].vs-late'


def look(window: Window, column: str) -> list[str]:
    """Return the colour and the slant of a cell of BTCUSDT."""
    return style(window, f'.ag-row[row-id="BTCUSDT"] [col-id="{column}"]', "color", "font-style")


def style(window: Window, selector: str, *names: str) -> list[str]:
    """Return how an element looks; nothing while it is not there."""
    seen: list[str] = window.script(STYLE, selector, names)
    return seen


@pytest.fixture
def silent(exchange: SimulatorProcess) -> Iterator[None]:
    """A feed that is connected and says nothing, until the end of the test."""
    exchange.fault("silent")
    yield
    exchange.clear()


@pytest.fixture
def halted(daemons: dict[str, DaemonProcess]) -> Iterator[DaemonProcess]:
    """The dashboard's process, which goes on at the end of the test whatever has become of it."""
    yield daemons["dashboard"]
    daemons["dashboard"].send(signal.SIGCONT)


@pytest.mark.usefixtures("silent")
def test_what_is_late_is_greyed_with_its_age_and_the_head_says_so(window: Window) -> None:
    window.open("/")

    window.until(lambda: any(text.startswith("silent for ") for text in window.texts(".vs-feed")), "the head")
    window.until(lambda: window.all(LATE), "a grey price")
    window.until(lambda: style(window, LATE, "color") == style(window, ".vs-count", "color") != [], "how grey it is")
    for name, column in (("the change in 24 hours", "d"), ("open interest in USDT", "o")):
        window.until(lambda column=column: look(window, column) == look(window, "m") != [], f"{name} as grey")  # type: ignore[misc]


def test_after_the_silence_the_page_lives_on(window: Window) -> None:
    window.open("/")

    window.until(lambda: window.texts(".vs-feed") == ["live"], "a live feed")
    window.until(lambda: not window.all(LATE), "a price of now")


def test_a_lost_connection_is_shown_and_the_page_goes_on_when_it_is_back(window: Window, halted: DaemonProcess) -> None:
    window.open("/")
    window.until(lambda: window.script(POPUP) == "true", "no notice yet")
    window.until(lambda: window.texts(".vs-feed") == ["live"], "a live feed")
    live = style(window, ".vs-feed", "color", "font-size")

    halted.send(signal.SIGSTOP)
    window.until(lambda: window.script(POPUP) == "false", "the notice")
    lost = style(window, ".vs-feed", "color", "font-size")
    halted.send(signal.SIGCONT)

    window.until(lambda: window.script(POPUP) == "true", "the notice gone")
    window.until(lambda: window.texts(".vs-feed") == ["live"], "live again")
    window.until(lambda: style(window, ".vs-feed", "color", "font-size") == live, "its light as before")
    assert lost[0] != live[0], "a light as green as that of a live feed"
    assert lost[1] == "0px", "its word, in place of which the style sheet says what is lost"
    window.complaints()
