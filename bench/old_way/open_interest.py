"""The old poller of open interest: `python -m bench.old_way.open_interest REST_URL SYMBOLS_FILE SAMPLES SWEEPS`.

It begins with so many samples of every symbol, prints seconds and CPU seconds of each sweep, and then stays.
"""

import json
import sys
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

THREADS = 20
EVERY_SECONDS = 10

Histories = dict[str, deque[tuple[float, float]]]


def fetch(url: str, symbol: str) -> tuple[str, float]:
    """Ask for one symbol."""
    answer = requests.get(f"{url}/fapi/v1/openInterest", params={"symbol": symbol}, timeout=10)
    return symbol, float(answer.json()["openInterest"])


def sweep(url: str, histories: Histories, pool: ThreadPoolExecutor) -> None:
    """Ask for every symbol and remember what it is."""
    now = time.time()
    for symbol, open_interest in pool.map(lambda symbol: fetch(url, symbol), histories):
        histories[symbol].append((now, open_interest))


def filled(symbols: list[str], samples: int) -> Histories:
    """Return a history of so many samples for each symbol, as a deque of pairs."""
    now = time.time()
    return {
        symbol: deque(((now - EVERY_SECONDS * age, 1e6 + age) for age in range(samples, 0, -1)), maxlen=max(samples, 1))
        for symbol in symbols
    }


def main() -> None:
    """Sweep, tell, and stay."""
    url, symbols, samples = sys.argv[1], json.loads(Path(sys.argv[2]).read_text()), int(sys.argv[3])
    histories = filled(symbols, samples)
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(int(sys.argv[4])):
            started, cpu = time.monotonic(), time.process_time()
            sweep(url, histories, pool)
            print(time.monotonic() - started, time.process_time() - cpu, flush=True)
        print("done", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
