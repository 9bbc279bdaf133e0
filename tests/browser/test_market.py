"""The Market page in a real browser: every symbol, live, filtered, and with favourites that the browser keeps."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from selenium.webdriver.common.action_chains import ActionChains

from tests.browser.window import Window
from tests.processes import Suite

HEADERS = 1
"""The grid tells its rows to screen readers, the header among them."""

UNSEEN_PIXELS = """
    const columns = document.querySelector(".ag-center-cols-viewport");
    return columns.scrollWidth - columns.clientWidth;
"""
CUT_OFF = """
    const parts = document.querySelectorAll(".ag-cell, .ag-header-cell-text");
    return [...parts].filter((part) => part.scrollWidth > part.clientWidth + 1).map((part) => part.innerText);
"""
SPARE = """
    const span = document.createRange();
    return [...document.querySelectorAll('.ag-row [col-id="f"]')].map((cell) => {
        span.selectNodeContents(cell);
        const { paddingLeft, paddingRight } = getComputedStyle(cell);
        const room = cell.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
        return room - span.getBoundingClientRect().width;
    });
"""
SPARE_PIXELS = 6
BOTTOM = "return document.querySelector('.vs-nav').getBoundingClientRect().bottom"
HEAD = '.ag-header-cell[col-id="{column}"]'
DARK = {"name": "prefers-color-scheme", "value": "dark"}
THEME = """
    const shown = [...document.querySelectorAll(".vs-theme .q-icon")].filter((icon) => icon.checkVisibility());
    return [shown.map((icon) => icon.title).join(), document.body.classList.contains("body--dark")];
"""
CHANGE = """
    const { change, signed } = volspike.cells, cell = { value: arguments[0] };
    return [change(cell), signed["vs-good"](cell), signed["vs-bad"](cell)];
"""
SCHEME = "return getComputedStyle(document.documentElement).colorScheme"


def rows(window: Window) -> int:
    """Return how many rows pass the filters."""
    counted: str | None = window.script("return document.querySelector('.ag-root')?.ariaRowCount")
    return int(counted) - HEADERS if counted else -HEADERS


def theme(window: Window) -> list[object]:
    """Return what the button of the theme shows, and whether the page is dark."""
    found: list[object] = window.script(THEME)
    return found


def cell(window: Window, symbol: str, column: str) -> str:
    """Return the text of a cell that is on the screen; empty when it is not."""
    selector = f'.ag-row[row-id="{symbol}"] [col-id="{column}"]'
    return next(iter(window.texts(selector)), "")


def test_every_symbol_of_the_feed_is_in_the_table(window: Window, suite: Suite) -> None:
    window.open("/")

    window.until(lambda: rows(window) >= len(suite.rows()), "a row for each symbol")
    window.until(lambda: window.texts(".vs-count") == ["820 symbols"], "how many there are")
    window.until(lambda: window.texts(".vs-feed") == ["live"], "a live feed")


def test_a_price_changes_before_the_eyes(window: Window) -> None:
    window.open("/")
    before = window.value(lambda: cell(window, "BTCUSDT", "m"), "a mark price of BTCUSDT")

    window.until(lambda: cell(window, "BTCUSDT", "m") not in ("", before), "another mark price")


def test_the_search_leaves_what_fits_also_beyond_ascii(window: Window) -> None:
    window.open("/")
    window.until(lambda: rows(window) > 800, "all rows")

    window.type(".vs-search input", "币安")

    window.until(lambda: rows(window) == 1, "one row")
    window.until(lambda: cell(window, "币安人生USDT", "s") == "币安人生USDT", "the one")
    window.until(lambda: window.texts(".vs-count") == ["1 of 820 symbols"], "how many of them are shown")


def test_a_search_that_fits_nothing_is_told_so_until_it_is_over(window: Window) -> None:
    window.open("/")
    window.until(lambda: rows(window) > 800, "all rows")
    assert window.texts(".vs-nothing") == [""]

    window.type(".vs-search input", "no such")

    window.until(lambda: window.texts(".vs-nothing") == ["No symbol fits"], "that nothing fits")
    window.until(lambda: window.texts(".vs-count") == ["0 of 820 symbols"], "that none of them is shown")
    window.click(".vs-search .q-field__focusable-action")
    window.until(lambda: window.texts(".vs-count") == ["820 symbols"], "all again")
    window.until(lambda: window.texts(".vs-nothing") == [""], "no word of nothing")


def test_favourites_survive_a_reload_and_can_be_all_that_is_shown(window: Window) -> None:
    window.open("/")
    star = '.ag-row[row-id="BTCUSDT"] .vs-star'
    window.click(star)
    window.until(lambda: window.texts(star) == ["★"], "the star")

    window.reload()

    window.until(lambda: window.texts(star) == ["★"], "the star again")
    window.click(".vs-favourites")
    window.until(lambda: rows(window) == 1, "favourites only")
    window.click(star)
    window.until(lambda: rows(window) == 0, "none left")
    window.until(lambda: window.texts(".vs-nothing") == ["No favourites yet: a star makes one"], "what to do")


def test_a_click_on_a_row_opens_its_symbol(window: Window) -> None:
    window.open("/")

    window.click('.ag-row[row-id="ETHUSDT"] [col-id="m"]')

    window.until(lambda: window.driver.current_url.endswith("/symbol/ETHUSDT"), "the page of the symbol")
    window.until(lambda: "ETHUSDT" in window.texts(".vs-title"), "its name")


def test_a_header_sorts(window: Window) -> None:
    window.open("/")
    window.until(lambda: rows(window) > 800, "all rows")

    window.click('.ag-header-cell[col-id="s"] .ag-header-cell-label')

    window.until(lambda: window.texts('.ag-row[row-index="0"] [col-id="s"]') == ["0GUSDT"], "the first by name")


def test_the_lowest_funding_comes_first_and_not_what_is_unknown(window: Window) -> None:
    window.open("/?sort=f")

    window.until(lambda: "".join(window.texts('.ag-row[row-index="0"] [col-id="f"]')).startswith("-"), "a low rate")


def lowest(window: Window, column: str) -> float:
    """Return the lowest percentage that a column shows."""
    shown = window.texts(f'.ag-row [col-id="{column}"]')
    return min((float(text.rstrip("%")) for text in shown), default=float("-inf"))


def test_a_filter_takes_a_share_in_percent_and_an_amount_with_its_unit(window: Window) -> None:
    window.open("/")
    window.until(lambda: rows(window) > 800, "all rows")

    for column, typed in (("f", "0.009"), ("o", "100M")):
        ActionChains(window.driver).move_to_element(window.all(HEAD.format(column=column))[0]).perform()
        window.click(f"{HEAD.format(column=column)} .ag-header-cell-filter-button")
        window.type(".ag-filter input[aria-label='Filter Value']", typed)
        window.until(lambda column=column: f"{column}%22" in window.driver.current_url, "the filter")  # type: ignore[misc]

    asked = json.loads(parse_qs(urlsplit(window.driver.current_url).query)["filter"][0])
    assert {column: model["filter"] for column, model in asked.items()} == {"f": 0.009, "o": 100e6}
    window.until(lambda: 0 < rows(window) < 20, "few rows")
    window.until(lambda: lowest(window, "f") >= 0.009, "none of a lower rate")


def test_a_change_that_is_told_as_none_has_no_sign_and_no_colour(window: Window) -> None:
    window.open("/")

    said = [window.script(CHANGE, value) for value in (-0.00004, 0.00004, -0.00006, 0.00006)]

    nothing, fall, rise = ["0.00%", False, False], ["-0.01%", False, True], ["+0.01%", True, False]
    assert said == [nothing, nothing, fall, rise]


def test_each_click_on_the_theme_has_its_own_picture_and_the_first_is_seen_in_the_dark_too(window: Window) -> None:
    window.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [DARK]})
    try:
        window.open("/")
        pictures = [theme(window)]
        for _ in range(3):
            window.click(".vs-theme")
            window.until(lambda: theme(window) != pictures[-1], "another picture")
            pictures.append(theme(window))
    finally:
        window.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

    assert pictures == [
        ["Theme: as the system", True], ["Theme: light", False], ["Theme: dark", True], ["Theme: as the system", True],
    ]  # fmt: skip


def test_a_theme_that_was_chosen_stays(window: Window) -> None:
    window.open("/")
    window.click(".vs-theme")
    window.until(lambda: "body--dark" in window.script("return document.body.className"), "the dark theme")
    window.until(lambda: window.script(SCHEME) == "dark", "dark scrollbars")

    window.reload()

    window.until(lambda: "body--dark" in window.script("return document.body.className"), "the dark theme again")


def test_with_little_room_no_number_and_no_heading_is_cut_off(window: Window) -> None:
    window.be_as_wide_as(1024)
    window.open("/")
    window.until(lambda: rows(window) > 800, "all rows")

    window.until(lambda: window.script(CUT_OFF) == [], "every number and heading whole")


@pytest.mark.parametrize("pixels", [360, 390])
def test_a_negative_funding_is_whole_on_a_phone(window: Window, pixels: int) -> None:
    window.be_as_wide_as(pixels)
    window.open("/?sort=f")

    window.until(lambda: lowest(window, "f") < 0, "a rate below zero")
    window.until(lambda: all(room >= SPARE_PIXELS for room in window.script(SPARE)), "room to spare for other fonts")
    window.until(lambda: window.script(UNSEEN_PIXELS) == 0, "no column cut off")


def test_a_phone_shows_what_matters_and_the_ways_to_the_other_pages_at_its_lower_edge(window: Window) -> None:
    window.be_a_phone()
    window.open("/")
    window.until(lambda: rows(window) > 800, "all rows")

    window.until(lambda: not window.all('.ag-header-cell[col-id="v"]'), "the lesser columns gone")
    window.until(lambda: window.all('.ag-header-cell[col-id="f"]'), "the funding rate")
    window.until(lambda: window.all('.ag-header-cell[col-id="r"][aria-sort="descending"]'), "an order that is seen")
    window.until(lambda: window.script(UNSEEN_PIXELS) == 0, "no column cut off")
    window.until(lambda: window.script("return document.documentElement.scrollWidth") == 390, "no wider than the phone")
    window.until(lambda: window.script(BOTTOM) == 844, "the ways to the other pages at its lower edge")
