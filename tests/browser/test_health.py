"""The Health page in a real browser: the suite itself, as it changes."""

import signal

from tests.browser.window import Window
from tests.processes import Suite, until

ARE_SEEN = "return [...document.querySelectorAll('.vs-fine .vs-finding')].map((found) => found.checkVisibility())"
UNSEEN_PIXELS = "const box = document.querySelector('.vs-outbox'); return box.scrollWidth - box.clientWidth"
LONG_SECONDS = 150.0
"""For what takes a daemon its time, on a machine that is very busy."""


def daemon(window: Window, name: str) -> list[str]:
    """Return the cells of a daemon's row."""
    return window.texts(f'.vs-daemons tr[data-name="{name}"] td')


def test_every_daemon_is_there_with_its_signs_of_life(window: Window) -> None:
    window.open("/health")

    window.until(lambda: daemon(window, "funding-ws")[:2] == ["funding-ws", "alive"], "the feed")
    window.until(lambda: "streaming 820 symbols" in "".join(daemon(window, "funding-ws")[3:4]), "what it does")
    window.until(lambda: "".join(daemon(window, "funding-ws")[4:5]).endswith(" MB"), "its memory")
    beat = window.value(lambda: daemon(window, "funding-ws")[2:3], "its sign of life")
    window.until(lambda: daemon(window, "funding-ws")[2:3] not in ([], beat), "that it grows old, or comes anew")


def test_the_outbox_and_the_weight_are_told(window: Window) -> None:
    window.open("/health")

    window.until(lambda: window.texts('.vs-outbox tr[data-name="backend"] td')[:1] == ["backend"], "the backend")
    window.until(lambda: any("of 2,400 used" in text for text in window.texts(".vs-weight div")), "the weight")


def test_the_verdict_of_the_monitor_appears_with_what_it_rests_on(window: Window, suite: Suite) -> None:
    window.open("/health")

    suite.start("health-monitor").wait(LONG_SECONDS)

    window.until(lambda: window.texts(".vs-judged") not in ([], ["No verdict yet"]), "the verdict")
    window.until(lambda: any("fine" in text for text in window.texts(".vs-fine summary")), "how many are fine")
    assert not any(window.script(ARE_SEEN))
    window.click(".vs-fine summary")
    window.until(lambda: all(window.script(ARE_SEEN) or [False]), "what is fine")


def test_a_muted_symbol_is_told_until_it_is_heard_again(window: Window, suite: Suite) -> None:
    window.open("/health")
    assert window.all(".vs-order") == []

    assert suite.volspike("mute", "BTCUSDT", "4h").returncode == 0
    window.until(lambda: any("BTCUSDT (3 h 59 min more)" in text for text in window.texts(".vs-order")), "the mute")

    assert suite.volspike("unmute", "BTCUSDT").returncode == 0
    window.until(lambda: window.all(".vs-order") == [], "no mute")


def test_a_daemon_that_says_nothing_any_more_is_told_to_be_silent(window: Window, suite: Suite) -> None:
    poller = suite.ready("telegram-poller", TELEGRAM_CHANNELS="")
    window.open("/health")
    window.until(lambda: daemon(window, "telegram-poller")[1:2] == ["alive"], "the poller")

    poller.end(signal.SIGKILL)

    until(lambda: daemon(window, "telegram-poller")[1:2] == ["silent"], LONG_SECONDS, "its silence")


def test_with_little_room_every_column_of_the_outbox_is_seen(window: Window) -> None:
    window.be_as_wide_as(1100)
    window.open("/health")

    window.until(lambda: "Dropped" in window.texts(".vs-outbox th"), "the last column")
    window.until(lambda: window.script(UNSEEN_PIXELS) == 0, "no column beyond the card")
