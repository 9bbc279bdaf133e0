"""The old delivery, everyone in turn: `python -m bench.old_way.delivery URL ALERTS` prints how long it took."""

import sys
import time

import requests

DESTINATIONS = ("prod/api/volume-alerts/ingest", "dev/api/volume-alerts/ingest", "chat/bot1:a/sendMessage")


def main() -> None:
    """Post one alert after the other, and each to one destination after the other."""
    url, alerts = sys.argv[1], int(sys.argv[2])
    started = time.monotonic()
    for number in range(alerts):
        payload = {"symbol": f"S{number}USDT", "message": "hourly volume 150.00M (3.33× prev) — VOLUME SPIKE!"}
        for destination in DESTINATIONS:
            requests.post(f"{url}/{destination}", json=payload, timeout=10).raise_for_status()
    print(time.monotonic() - started)


if __name__ == "__main__":
    main()
