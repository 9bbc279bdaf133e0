"""The dashboard in a real browser: how soon there is something to see, how soon a tick is seen, and what it weighs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench import browser, suites
from bench.processes import Daemon, free_port
from bench.promise import Outcome, Result, Skipped, percentile
from bench.writers import SYMBOL, Writer
from volspike.model.documents import VERSION, OpenInterestDocument
from volspike.model.market import OpenInterestRow
from volspike.state import documents, file

PAINT_SECONDS, TICK_SECONDS, MEMORY_MB, GROWTH_MB = 1.5, 1.0, 130.0, 5.0
VISITS, TICKS, LIVE_SECONDS = 7, 60, 3600
QUICK_VISITS, QUICK_TICKS, QUICK_LIVE_SECONDS = 3, 10, 60
PAGES = ("/", f"/symbol/{SYMBOL}", "/alerts")
FIRST_PRICE = 50_000
WATCH = """
    window.useful = null;
    window.seen = {};
    const look = () => {
      const cell = document.querySelector('.ag-row[row-id="BTCUSDT"] [col-id="m"]');
      if (cell && cell.innerText && window.useful === null) window.useful = performance.now();
      if (cell && cell.innerText) window.seen[cell.innerText] ??= Date.now() / 1000;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
"""
"""Notes when the price of BTCUSDT was painted for the first time, and each of its texts."""


def measure(workspace: Path, *, quick: bool) -> list[Result]:
    """Look at 820 symbols in Chromium."""
    promises = ("first useful paint", "a tick reaches the eye", "memory (RSS) of the dashboard")
    if not browser.is_there():
        return [Skipped(promise, "apt-get install chromium chromium-driver") for promise in promises]
    writer = Writer(workspace)
    writer.suite(FIRST_PRICE)
    with _dashboard(workspace) as (daemon, url), browser.chromium() as driver:
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        paints = [_paint(driver, url, writer) for _ in range(QUICK_VISITS if quick else VISITS)]
        delays = list(_delays(driver, writer, QUICK_TICKS if quick else TICKS))
        return [
            _outcome("dashboard: first useful paint, 820 symbols", "s", PAINT_SECONDS, median(paints),
                     f"median of {len(paints)} visits, slowest {max(paints):.2f} s"),
            _outcome("dashboard: state file changed → the eye sees it, p99", "s", TICK_SECONDS,
                     percentile(delays, 99), f"{len(delays)} ticks, p50 {percentile(delays, 50):.2f} s"),
            *_weighed(workspace, daemon, driver, url, QUICK_LIVE_SECONDS if quick else LIVE_SECONDS),
        ]  # fmt: skip


def _outcome(promise: str, unit: str, must: float, measured: float, note: str) -> Outcome:
    """Return an outcome beside which there is no old way."""
    return Outcome(promise, unit, must, measured, None, note=note)


@contextmanager
def _dashboard(workspace: Path) -> Iterator[tuple[Daemon, str]]:
    port = free_port()
    (workspace / "state").mkdir()
    now = time.time()
    interest = OpenInterestDocument(VERSION, {SYMBOL: OpenInterestRow(1e9, now)}, now)  # the largest stands on top
    file.write(workspace / documents.OPEN_INTEREST, documents.encode(interest))
    with Daemon("dashboard", workspace, {"DASHBOARD_PORT": str(port)}) as daemon:
        yield daemon, f"http://127.0.0.1:{port}"


def _paint(driver: Any, url: str, writer: Writer) -> float:
    """Visit the Market page; return the seconds until its first price was painted, the browser's cache full or not."""
    writer.suite(FIRST_PRICE)
    driver.get(url)
    milliseconds: float = browser.await_script(driver, "return window.useful", "a price on the page")
    return milliseconds / 1000


def _delays(driver: Any, writer: Writer, ticks: int) -> Iterator[float]:
    """Change the price, and yield how long it took until that was painted."""
    for stamp in range(FIRST_PRICE + 1, FIRST_PRICE + 1 + ticks):
        time.sleep(1.03)  # so that the ticks fall on every moment between two looks
        writer.suite(stamp)
        changed_at = time.time()
        seen: float = browser.await_script(driver, f'return window.seen["{stamp:,.2f}"]', "the new price")
        yield max(0.0, seen - changed_at)


def _weighed(workspace: Path, daemon: Daemon, driver: Any, url: str, seconds: int) -> list[Result]:
    """Weigh the dashboard with three open pages on the real stream."""
    with suites.feeder(workspace) as feeder, suites.funding_ws(workspace, feeder.first_line()):
        driver.get(url + PAGES[0])
        for page in PAGES[1:]:
            driver.switch_to.new_window("tab")
            driver.get(url + page)
        time.sleep(min(60, seconds / 2))
        before, cpu, began = daemon.memory_mb(), daemon.cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        after = daemon.memory_mb()
        share = (daemon.cpu_seconds() - cpu) / (time.monotonic() - began)
    how = f"after {seconds / 60:g} min, peak {daemon.memory_mb('VmHWM'):.1f} MB, {share:.1%} of a CPU"
    return [
        _outcome("dashboard: memory (RSS) with three open pages", "MB", MEMORY_MB, after, how),
        _outcome(
            "dashboard: growth of that", "MB", GROWTH_MB, max(0.0, after - before), f"within {seconds / 60:g} min"
        ),
    ]
