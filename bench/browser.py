"""Debian's Chromium without a screen, and what a page in it tells of itself."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

from bench.promise import BenchError

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
)  # fmt: skip
PHONE = {"width": 390, "height": 844, "pixelRatio": 2, "mobile": True}
WAIT_SECONDS = 30.0
POLL_SECONDS = 0.02


def is_there() -> bool:
    """Tell whether this machine has the browser."""
    return which("chromium") is not None and which("chromedriver") is not None


@contextmanager
def chromium(*, phone: bool = False) -> Iterator[Any]:
    """Give a browser with a profile of its own, of the size of a desk's screen or a phone's."""
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    with tempfile.TemporaryDirectory(prefix="volspike-chromium-") as profile:
        options = Options()
        for flag in (*FLAGS, "--window-size=1440,1040", "--hide-scrollbars", f"--user-data-dir={Path(profile)}"):
            options.add_argument(flag)
        if phone:
            options.add_experimental_option("mobileEmulation", {"deviceMetrics": PHONE})
        driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        try:
            yield driver
        finally:
            driver.quit()


def await_script(driver: Any, code: str, what: str) -> Any:
    """Wait until a script of the page returns something, and return it. Raises BenchError."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not (value := driver.execute_script(code)):
        if time.monotonic() > deadline:
            raise BenchError(f"{what} did not come within {WAIT_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)
    return value
