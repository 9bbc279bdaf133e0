"""The old check of user alerts: `python -m bench.old_way.user_alerts REST_URL ALERTS_FILE` prints how long it took."""

import json
import sys
import time
from pathlib import Path

import requests


def value(url: str, alert: dict[str, str]) -> float:
    """Ask for the value of one alert."""
    symbol = {"symbol": alert["symbol"]}
    if alert["type"] == "FUNDING_CROSS":
        return float(requests.get(f"{url}/fapi/v1/premiumIndex", params=symbol, timeout=10).json()["lastFundingRate"])
    price = float(requests.get(f"{url}/fapi/v2/ticker/price", params=symbol, timeout=10).json()["price"])
    if alert["type"] == "PRICE_CROSS":
        return price
    contracts = requests.get(f"{url}/fapi/v1/openInterest", params=symbol, timeout=10).json()["openInterest"]
    return float(contracts) * price


def main() -> None:
    """Check one alert after the other."""
    url, alerts = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
    started = time.monotonic()
    for alert in alerts:
        value(url, alert)
    print(time.monotonic() - started)


if __name__ == "__main__":
    main()
