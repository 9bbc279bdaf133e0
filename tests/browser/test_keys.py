"""Everything that a mouse can do in the tables, keys can do too."""

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.window import Window
from tests.processes import Suite
from volspike.clients.backend.owner import Owner
from volspike.model.alerts import UserAlertType

FOCUSED = "return document.activeElement.getAttribute('col-id') ?? document.activeElement.ariaLabel"


def press(window: Window, *keys: str) -> None:
    """Press keys wherever the focus is."""
    ActionChains(window.driver).send_keys(*keys).perform()


def enter(window: Window, column: str) -> None:
    """Go from the head of a column to its first cell."""
    window.until(lambda: window.all(f'.ag-row[row-index="0"] [col-id="{column}"]'), "the first row")
    window.script("document.querySelector(arguments[0]).focus()", f'.ag-header-cell[col-id="{column}"]')
    press(window, Keys.ARROW_DOWN)
    window.until(lambda: window.script(FOCUSED) == column, f"the focus on a cell of {column}")


@pytest.fixture
def alert(suite: Suite) -> Iterator[None]:
    """A user alert that never fires."""
    with Owner(f"http://127.0.0.1:{suite.backend_port}", suite.env["VOLSPIKE_API_KEY"]) as owner:
        made = owner.add("BTCUSDT", UserAlertType.PRICE_CROSS, 1.0)
        yield
        owner.remove(made.id)


def test_a_slash_goes_to_the_search_escape_empties_it_and_enter_opens_the_symbol(window: Window) -> None:
    window.open("/")
    window.until(lambda: window.texts(".vs-count") == ["820 symbols"], "all rows")

    press(window, "/")
    press(window, "nosuch")
    window.until(lambda: window.texts(".vs-count") == ["0 of 820 symbols"], "nothing")
    press(window, Keys.ESCAPE)
    window.until(lambda: window.texts(".vs-count") == ["820 symbols"], "all rows again")
    press(window, "eth/usdt", Keys.ENTER)

    window.until(lambda: "ETHUSDT" in window.texts(".vs-title"), "the page of the symbol")


@pytest.mark.parametrize(
    ("typed", "opened"),
    [("dogeusdt", "DOGEUSDT"), ("doge", "DOGEUSDT"), ("dog", "DOGEUSDC")],
    ids=["the symbol itself", "the asset", "the beginning"],
)
def test_enter_opens_what_fits_best_and_not_what_comes_first(window: Window, typed: str, opened: str) -> None:
    window.open(f"/?sort=s&search={typed}")
    window.until(lambda: window.texts('.ag-row[row-index="0"] [col-id="s"]') == ["1MBABYDOGEUSDT"], "another first")

    window.type(".vs-search input", Keys.ENTER)

    window.until(lambda: opened in window.texts(".vs-title"), f"the page of {opened}")


def test_a_row_is_starred_and_opened_by_keys(window: Window) -> None:
    window.open("/")
    enter(window, "star")

    press(window, Keys.SPACE)
    window.until(lambda: window.texts('.ag-row[row-index="0"] .vs-star') == ["★"], "the star")
    press(window, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ENTER)

    window.until(lambda: window.texts(".vs-title") not in ([], [""]), "the page of the symbol")


@pytest.mark.usefixtures("alert")
def test_a_user_alert_can_be_deleted_by_keys(window: Window) -> None:
    window.open("/my-alerts")
    enter(window, "remove")

    press(window, Keys.ENTER)
    window.until(lambda: any("Delete the alert on" in text for text in window.texts(".vs-confirm")), "the question")
    press(window, Keys.ESCAPE)

    window.until(lambda: not window.all(".vs-confirm"), "no answer is no")
