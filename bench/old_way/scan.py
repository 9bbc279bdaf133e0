"""The old scan, one symbol after the other: `python -m bench.old_way.scan URL SYMBOLS_FILE` prints how long it took."""

import json
import sys
import time
from pathlib import Path

import requests


def main() -> None:
    """Ask for the candles of each symbol and compare."""
    url, symbols = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
    started = time.monotonic()
    for symbol in symbols:
        parameters = {"symbol": symbol, "interval": "1h", "limit": "3"}
        rows = requests.get(f"{url}/fapi/v1/klines", params=parameters, timeout=10).json()
        previous, current = float(rows[-2][7]), float(rows[-1][7])
        _ = current >= 3 * previous and current >= 3e6
    print(time.monotonic() - started)


if __name__ == "__main__":
    main()
