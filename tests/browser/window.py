"""A browser's window on the dashboard, in the words of the tests."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.processes import until

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
WAIT_SECONDS = 60.0
NOT_YET = (
    ElementClickInterceptedException, ElementNotInteractableException, NoSuchElementException,
    StaleElementReferenceException,
)  # fmt: skip
KEEP_NOTICES = """
    window.testNotices = [];
    const look = () => document.querySelectorAll(".q-notification").forEach((notice) => {
        testNotices.push(notice.innerText);
    });
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
"""
Found = TypeVar("Found")


def chromium(profile: Path, *, width: int = 1440, height: int = 900, phone: bool = False) -> Any:
    """Start Debian's Chromium with a profile of its own; the caller quits it."""
    options = Options()
    for flag in (*FLAGS, f"--window-size={width},{height}", f"--user-data-dir={profile}"):
        options.add_argument(flag)
    if phone:
        metrics = {"width": width, "height": height, "pixelRatio": 2, "mobile": True}
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


class Window:
    """A page of the dashboard in a browser; what it waits for may take as long as a busy machine needs."""

    def __init__(self, driver: Any, url: str) -> None:
        self.driver = driver
        self.url = url
        self._complaints: list[str] = []
        self._addresses: set[str] = set()

    def start(self) -> None:
        """Forget what earlier tests have left in the browser."""
        self.driver.get(f"{self.url}/static/favicon.svg")
        self.driver.execute_script("localStorage.clear()")
        self.driver.get_log("browser")
        self.driver.get_log("performance")

    def open(self, path: str) -> "Window":
        """Go to a page, and wait until it is connected."""
        self.driver.get(self.url + path)
        self.until(lambda: self.script("return Boolean(window.did_handshake)"), f"{path} connected")
        return self

    def reload(self) -> None:
        """Load the page again."""
        self.driver.refresh()
        self.until(lambda: self.script("return Boolean(window.did_handshake)"), "the page connected again")

    def be_a_phone(self) -> None:
        """Be as narrow as a phone, until :meth:`be_a_desk`."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)

    def be_as_wide_as(self, pixels: int) -> None:
        """Be a window of this width, until :meth:`be_a_desk`."""
        size = {"width": pixels, "height": 768, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def be_a_desk(self) -> None:
        """Be as wide as a desk's screen again."""
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def script(self, code: str, *arguments: object) -> Any:
        """Run JavaScript in the page and return what it returns."""
        return self.driver.execute_script(code, *arguments)

    def all(self, selector: str) -> list[WebElement]:
        """Return the elements of a CSS selector."""
        found: list[WebElement] = self.driver.find_elements(By.CSS_SELECTOR, selector)
        return found

    def texts(self, selector: str) -> list[str]:
        """Return the texts of the elements of a CSS selector, as one look finds them."""
        found: list[str] = self.script(
            "return [...document.querySelectorAll(arguments[0])].map((element) => element.innerText)", selector
        )
        return found

    def click(self, selector: str) -> None:
        """Click an element as soon as it is there and nothing, such as a notice that fades, lies over it."""

        def done() -> bool:
            self.driver.find_element(By.CSS_SELECTOR, selector).click()
            return True

        self.until(done, f"a click on {selector}")

    def press(self, selector: str, text: str) -> None:
        """Click the button with this text as soon as it can be seen and clicked."""

        def done() -> bool:
            buttons = [button for button in self.all(selector) if button.text == text]
            for button in buttons[:1]:
                button.click()
            return bool(buttons)

        self.until(done, f"a click on {text}")

    def type(self, selector: str, *keys: str) -> None:
        """Type into a field as soon as it is there and takes it; one that does not has taken nothing of it."""

        def done() -> bool:
            self.driver.find_element(By.CSS_SELECTOR, selector).send_keys(*keys)
            return True

        self.until(done, f"typing into {selector}")

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for a condition; elements that the page replaces meanwhile are looked for again."""

        def holds() -> object:
            try:
                return condition()
            except NOT_YET:
                return False

        until(holds, WAIT_SECONDS, what)

    def value(self, look: Callable[[], Found], what: str) -> Found:
        """Wait until a look finds something, and return it."""
        found: list[Found] = []

        def holds() -> bool:
            found[:] = [look()]
            return bool(found[0])

        self.until(holds, what)
        return found[0]

    def keep_notices(self) -> None:
        """Remember from now on what notices say, for each is gone after some seconds; :meth:`notices` tells."""
        self.script(KEEP_NOTICES)

    def notices(self) -> list[str]:
        """Return what all notices have said since :meth:`keep_notices`, as often as they changed."""
        found: list[str] = self.script("return window.testNotices")
        return found

    def complaints(self) -> list[str]:
        """Return what the browser has written to its console as a warning or an error."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("WARNING", "SEVERE")]

    def foreign_addresses(self) -> list[str]:
        """Return the addresses outside this dashboard that were asked for."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ] + [message["params"]["url"] for message in messages if message["method"] == "Network.webSocketCreated"]
        own = (self.url, self.url.replace("http", "ws", 1), "data:", "blob:")
        return [url for url in asked if not url.startswith(own)]

    def screenshot(self, path: Path) -> None:
        """Keep what is seen as a PNG."""
        self.driver.save_screenshot(str(path))
