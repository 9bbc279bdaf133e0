"""What is looked for stands in the address: a reload, the way back and a link find it again."""

from tests.browser.window import Window

ADDRESS = "return location.pathname + location.search"
SCROLLED = "return document.querySelector('.ag-body-viewport').scrollTop"
SOUGHT = "return document.querySelector('.vs-search input').value"
FIRST = '.ag-row[row-index="0"] [col-id="s"]'


def address(window: Window) -> str:
    """Return where the window is, without the machine."""
    found: str = window.script(ADDRESS)
    return found


def test_the_way_back_from_a_symbol_leads_to_what_was_found(window: Window) -> None:
    window.open("/")
    window.until(lambda: window.texts(".vs-count") == ["820 symbols"], "all rows")
    window.type(".vs-search input", "pepe")
    window.until(lambda: window.texts(".vs-count") == ["2 of 820 symbols"], "those that fit")
    window.click('.ag-row[row-id="1000PEPEUSDT"] a')
    window.until(lambda: "1000PEPEUSDT" in window.texts(".vs-title"), "the page of the symbol")

    window.driver.back()

    window.until(lambda: window.texts(".vs-count") == ["2 of 820 symbols"], "those that fit again")
    assert window.script(SOUGHT) == "pepe"


def test_order_filter_and_place_are_found_again(window: Window) -> None:
    window.open("/?filter=%7B%22f%22:%7B%22filterType%22:%22number%22,%22type%22:%22lessThan%22,%22filter%22:0%7D%7D")
    window.until(lambda: " of 820 symbols" in "".join(window.texts(".vs-count")), "the symbols with negative funding")
    window.click('.ag-header-cell[col-id="s"] .ag-header-cell-label')
    window.until(lambda: "&sort=s" in address(window), "the order in the address")
    window.script("document.querySelector('.ag-body-viewport').scrollTop = 400")
    window.until(lambda: window.script("return history.state?.top") == 400, "the place")
    count = window.texts(".vs-count")

    window.reload()

    window.until(lambda: window.texts(".vs-count") == count, "the same rows")
    window.until(lambda: window.script(SCROLLED) == 400, "at the same place")
    window.until(lambda: window.all('.ag-header-cell[col-id="s"][aria-sort="ascending"]'), "in the same order")


def test_what_an_address_cannot_mean_does_no_harm(window: Window) -> None:
    window.open("/?filter=nonsense&sort=nosuch&search=BTC/USDT")

    window.until(lambda: " of 820 symbols" in "".join(window.texts(".vs-count")), "what is understood of it")
    window.until(lambda: "filter" not in address(window), "what is not is gone")


def test_what_is_looked_for_among_the_alerts_is_found_again(window: Window) -> None:
    window.open("/alerts?kind=health&hours=x")
    window.until(lambda: window.texts(".vs-kinds [aria-pressed=true]") == ["Health"], "the kind of the address")

    window.press(".vs-kinds button", "Open interest")
    window.type(".vs-search input", "nosuch")

    window.until(lambda: address(window) == "/alerts?kind=open-interest&symbol=nosuch", "what is looked for")
