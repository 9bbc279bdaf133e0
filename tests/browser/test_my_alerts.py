"""The My alerts page in a real browser: an alert is set, fires, is armed again and deleted."""

from collections.abc import Iterator
from itertools import pairwise
from statistics import median

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.window import Window
from tests.processes import Suite, until
from volspike.clients.backend.owner import Owner
from volspike.model.alerts import UserAlertType

FIRING_SECONDS = 120.0
"""A price is looked at every 30 s, and the thresholds before it are a minute away at most."""
SAMPLES = 20
START_SECONDS = 120.0

UNSEEN_PIXELS = """
    const parts = document.querySelectorAll(".vs-own .ag-center-cols-viewport, .vs-own .ag-cell");
    return Math.max(...[...parts].map((part) => part.scrollWidth - part.clientWidth));
"""
FIRED = {"s": "BTCUSDT", "w": "Open interest", "h": "5.12B USD", "n": "5.12B", "d": 0.0, "c": "–",
         "e": "fired 2 h 25 min ago", "fired": True}  # fmt: skip


def seen(window: Window) -> str:
    """Return what can be seen of the table."""
    return "\n".join(window.texts(".vs-own"))


@pytest.fixture(autouse=True)
def owner(suite: Suite) -> Iterator[Owner]:
    """The owner of the alerts; none is left over from one test to the next."""
    with Owner(f"http://127.0.0.1:{suite.backend_port}", suite.env["VOLSPIKE_API_KEY"]) as opened:
        yield opened
        for alert in opened.alerts():
            opened.remove(alert.id)


def fill(window: Window, selector: str, text: str) -> None:
    """Write into a field what shall stand there."""
    window.type(f"{selector} input", Keys.CONTROL, "a", Keys.NULL, text)


def write(window: Window, symbol: str, threshold: str, watched: str = "Price") -> None:
    """Fill in the form and send it."""
    fill(window, ".vs-new-symbol", symbol)
    window.press(".vs-new-watched button", watched)
    fill(window, ".vs-new-threshold", threshold)
    window.click(".vs-new-set")


def cells(window: Window, column: str) -> list[str]:
    """Return what stands in a column."""
    return window.texts(f'.vs-own .ag-center-cols-container .ag-row [col-id="{column}"]')


def value(window: Window) -> str:
    """Return what stands in the field of the threshold."""
    text: str = window.script("return document.querySelector('.vs-new-threshold input').value")
    return text


def sampled(suite: Suite) -> dict[str, list[float]]:
    """Return the last prices of some twenty seconds, second by second."""
    seen: dict[float, dict[str, float]] = {}

    def enough() -> bool:
        document = suite.document(".ticker_state.json")
        seen[document["updated_at"]] = {symbol: row["lastPrice"] for symbol, row in document["tickers"].items()}
        return len(seen) > SAMPLES

    until(enough, START_SECONDS, "the prices of some seconds")
    first, *others = seen.values()
    # Another name than one in USDT is taken for an asset, whose market is sought.
    known = [symbol for symbol in first if symbol.endswith("USDT") and all(symbol in other for other in others)]
    return {symbol: [prices[symbol] for prices in seen.values()] for symbol in known}


def steadiness(prices: list[float]) -> float:
    """Return by which share a price has moved at least in either half of the time, 0 when it has turned."""
    first, middle, last = prices[0], prices[len(prices) // 2], prices[-1]
    ways = (middle - first, last - middle)
    return min(map(abs, ways)) / first if ways[0] * ways[1] > 0 else 0.0


def crossings(prices: list[float]) -> int:
    """Return how often a price has crossed its median."""
    sides = [price > median(prices) for price in prices]
    return sum(before != after for before, after in pairwise(sides))


def thresholds(prices: dict[str, list[float]]) -> list[tuple[str, float]]:
    """Return thresholds of which a price crosses one soon: some on steady ways, half a minute and a minute ahead, and
    some in the middle of what trembles.
    """
    steady = sorted(prices, key=lambda symbol: steadiness(prices[symbol]))[-2:]
    trembling = sorted(prices, key=lambda symbol: crossings(prices[symbol]))[-2:]
    ahead = [
        (symbol, prices[symbol][-1] + ways * (prices[symbol][-1] - prices[symbol][0]))
        for symbol in steady
        for ways in (2, 3)
    ]
    return [*ahead, *((symbol, median(prices[symbol])) for symbol in trembling)]


@pytest.mark.timeout(900)
def test_an_alert_that_is_set_here_fires_is_armed_again_and_deleted(window: Window, suite: Suite) -> None:
    window.open("/my-alerts")
    wanted: list[tuple[str, float]] = []

    def fires() -> bool:
        for symbol, threshold in thresholds(sampled(suite)):
            write(window, symbol.lower(), f"{threshold:.8f}")
            window.until(lambda: not value(window), "the form is empty again")
            wanted.append((symbol, threshold))
        window.until(lambda: len(cells(window, "s")) == len(wanted), "the alerts")
        try:
            until(lambda: any(state.startswith("fired") for state in cells(window, "e")), FIRING_SECONDS)
        except AssertionError:
            return False
        return True

    assert any(fires() for _ in range(3))
    assert set(cells(window, "s")) == {symbol for symbol, _ in wanted}
    window.keep_notices()
    window.click('.vs-own .vs-action[aria-label^="Arm again"]')
    window.until(lambda: any("Armed again" in text for text in window.notices()), "it is armed again")

    window.click('.vs-own .vs-action[aria-label^="Delete"]')
    window.until(lambda: any("Delete the alert on" in text for text in window.texts(".vs-confirm")), "the question")
    window.click(".vs-confirm .bg-negative")
    window.until(lambda: len(cells(window, "e")) == len(wanted) - 1, "one alert less")


def test_the_present_value_is_told_and_goes_on(window: Window, owner: Owner) -> None:
    window.open("/my-alerts")

    fill(window, ".vs-new-symbol", "btcusdt")
    before = window.value(lambda: next((text for text in window.texts(".vs-hint") if "now" in text), ""), "a price")

    window.until(lambda: window.texts(".vs-hint") not in ([], [before]), "another price")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("BTC", "cheap", "Price"), "Not set: threshold 'cheap': must be a number above 0, in USDT"),
        (("BTC", "0,05", "Price"), "Not set: threshold '0,05': a comma may only part thousands"),
        (("BTC", "5", "Funding"), "Not set: threshold '5': a funding rate is given as 0.01% or 0.0001"),
        (("NOSUCH", "1", "Price"), "Not set: NOSUCHUSDT is not listed"),
        (("<b>x</b>", "1", "Price"), "Not set: <B>X<B>USDT is not listed"),
    ],
)
def test_what_cannot_be_watched_is_named_with_what_is_allowed(
    window: Window, owner: Owner, given: tuple[str, str, str], said: str
) -> None:
    window.open("/my-alerts")

    write(window, *given)

    window.until(lambda: any(text.startswith(said) for text in window.texts(".vs-refusal")), "the refusal")
    assert owner.alerts() == []


def test_an_alert_is_kept_where_it_is_not_deleted_for_sure(window: Window, owner: Owner) -> None:
    owner.add("BTCUSDT", UserAlertType.PRICE_CROSS, 1.0)
    window.open("/my-alerts")

    window.click('.vs-own .vs-action[aria-label^="Delete"]')
    window.until(lambda: window.all(".vs-confirm"), "the question")
    window.press(".vs-confirm button", "Keep it")

    window.until(lambda: not window.all(".vs-confirm"), "the question is gone")
    assert len(owner.alerts()) == 1


def test_a_phone_shows_what_is_watched_and_whether_it_has_fired(window: Window, owner: Owner) -> None:
    owner.add("BTCUSDT", UserAlertType.OI_CROSS, 1.0)
    window.be_a_phone()
    window.open("/my-alerts")

    window.until(lambda: "Open interest" in seen(window) and "armed" in seen(window), "what is watched, and its state")
    window.until(lambda: "BTCUSDT" in seen(window), "the symbol")
    window.until(lambda: window.script(UNSEEN_PIXELS) == 0, "no column cut off")
    window.script("volspike.myAlerts.update(arguments[0], [])", [FIRED | {"id": owner.alerts()[0].id}])
    window.until(lambda: "fired 2 h 25 min ago" in seen(window), "the state has changed")


def test_the_key_of_the_backend_stays_on_the_server(window: Window, suite: Suite) -> None:
    window.open("/my-alerts")

    assert suite.env["VOLSPIKE_API_KEY"] not in window.driver.page_source
