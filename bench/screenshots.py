"""`python -m bench.screenshots [DIRECTORY]`: the pictures of the dashboard in the README, taken anew of a demo.

The demo runs for six minutes first, so that open interest has something to be compared with.
"""

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bench import browser
from bench.processes import ROOT, Process, free_port, interrupt_on_sigterm, workspace
from bench.promise import BenchError

WARM_UP_SECONDS = 360
SETTLE_SECONDS = 4.0
DIRECTORY = ROOT / "docs" / "screenshots"
SYMBOL = "BTCUSDT"
OF_THE_SUITE_ALONE = {"CPU_WARNING": "off", "CPU_CRITICAL": "off"}
"""How busy the machine is that takes the pictures is not what they show."""


class Picture(NamedTuple):
    """A picture: its file's name, the page (`{symbol}` is one that has alerts), and how it is looked at."""

    name: str
    path: str
    theme: str
    phone: bool = False


PICTURES = (
    Picture("market", "/", "dark"),
    Picture("symbol", "/symbol/{symbol}", "light"),
    Picture("alerts", "/alerts", "dark"),
    Picture("my-alerts", "/my-alerts", "light"),
    Picture("health", "/health", "dark"),
    Picture("news", "/news", "light"),
    Picture("market-phone", "/", "dark", phone=True),
    Picture("symbol-phone", "/symbol/{symbol}", "light", phone=True),
)


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(prog="python -m bench.screenshots", description=__doc__)
    parser.add_argument(
        "directory", nargs="?", type=Path, default=DIRECTORY, help="where to (default: docs/screenshots)"
    )
    parser.add_argument(
        "--warm-up", type=int, default=WARM_UP_SECONDS, metavar="SECONDS", help="how long the demo runs"
    )
    parser.add_argument("--url", help="of a dashboard that runs already")
    options = parser.parse_args()
    interrupt_on_sigterm()
    options.directory.mkdir(parents=True, exist_ok=True)
    if options.url:
        _take(options.directory, options.url, SYMBOL)
        return
    with workspace() as place, _demo(place) as (demo, url):
        time.sleep(options.warm_up)
        demo.volspike("alerts", "add", "BTCUSDT", "price", "65000")
        demo.volspike("alerts", "add", "ETHUSDT", "funding", "0.01%")
        demo.volspike("alerts", "add", "SOLUSDT", "oi", "1.5e9")
        _take(options.directory, url, demo.symbol())


class _Demo(Process):
    """`volspike up --simulate` on ports and in directories of its own."""

    def __init__(self, place: Path) -> None:
        self.dashboard_port = free_port()
        ports = {name: str(free_port()) for name in ("FUNDING_API_PORT", "BACKEND_PORT")}
        places = {"XDG_STATE_HOME": str(place / "state"), "XDG_RUNTIME_DIR": str(place / "run")}
        self._variables = {**ports, **places, **OF_THE_SUITE_ALONE, "DASHBOARD_PORT": str(self.dashboard_port)}
        for name in ("state", "run"):
            (place / name).mkdir()
        command = [sys.executable, "-m", "volspike", "up", "--simulate", "--simulator-port", str(free_port())]
        super().__init__("demo", command, place, self._variables)

    def volspike(self, *words: str) -> str:
        """Run a command of the suite in the demo's place and return what it prints."""
        command = [sys.executable, "-m", "volspike", *words]
        done = subprocess.run(command, cwd=self._workspace, env=self._env, capture_output=True, text=True, check=False)
        return done.stdout

    def symbol(self) -> str:
        """Return a symbol that has alerts of both kinds, or else one that everybody knows."""
        told: dict[str, set[str]] = {"volume": set(), "open-interest": set()}
        for line in self.volspike("tail", "--once", "--json", "-n", "1000").splitlines():
            alert = json.loads(line)
            told.setdefault(alert["kind"], set()).add(alert["symbol"])
        return min(told["volume"] & told["open-interest"], default=SYMBOL)


@contextmanager
def _demo(place: Path) -> Iterator[tuple[_Demo, str]]:
    with _Demo(place) as demo:
        deadline = time.monotonic() + browser.WAIT_SECONDS
        while "Everything runs" not in demo.output:
            demo.check()
            if time.monotonic() > deadline:
                raise BenchError("the demo does not run")
            time.sleep(browser.POLL_SECONDS)
        yield demo, f"http://127.0.0.1:{demo.dashboard_port}"


def _take(directory: Path, url: str, symbol: str) -> None:
    for phone in (False, True):
        with browser.chromium(phone=phone) as driver:
            for picture in PICTURES:
                if picture.phone == phone:
                    _shoot(driver, url, picture, symbol, directory / f"{picture.name}.png")


def _shoot(driver: Any, url: str, picture: Picture, symbol: str, path: Path) -> None:
    address = url + picture.path.format(symbol=symbol)
    driver.get(address)
    driver.execute_script("localStorage.setItem('volspike-theme', arguments[0])", picture.theme)
    favourites = json.dumps(["BTCUSDT", "ETHUSDT", symbol])
    driver.execute_script("localStorage.setItem('volspike-favourites', arguments[0])", favourites)
    driver.get(address)
    browser.await_script(driver, "return Boolean(window.did_handshake)", f"{address} connected")
    time.sleep(SETTLE_SECONDS)
    driver.save_screenshot(str(path))
    print(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        main()
    except BenchError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("interrupted")
