"""The old WebSocket script: `python -m bench.old_way.stream URL STATE_FILE`."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import websocket

state: dict[str, dict[str, Any]] = {}
status: dict[str, Any] = {"connected": False, "messages_received": 0, "reconnect_attempts": 0}


def save(path: Path) -> None:
    """Dump everything there is, through a temporary file."""
    scratch = path.with_suffix(".tmp")
    with scratch.open("w") as file:
        json.dump({"funding_state": state, "connection_status": status, "updated_at": time.time()}, file, indent=2)
    scratch.replace(path)


def take(row: dict[str, Any]) -> None:
    """Read a row by the keys it has, whatever its event type."""
    known = state.setdefault(row["s"], {"fundingRate": None, "indexPrice": None, "nextFundingTime": None})
    if row.get("p"):
        known["markPrice"] = float(row["p"])
    if row.get("i"):
        known["indexPrice"] = float(row["i"])
    if row.get("r"):
        known["fundingRate"] = float(row["r"])
    if "T" in row:
        known["nextFundingTime"] = int(row["T"])
    known["updatedAt"] = time.time()
    status["messages_received"] += 1


def main() -> None:
    """Stream until a signal ends it."""
    url, path = sys.argv[1], Path(sys.argv[2])

    def on_open(_socket: websocket.WebSocketApp) -> None:
        status.update(connected=True, last_connected_time=time.time(), pid=os.getpid())

    def on_message(_socket: websocket.WebSocketApp, message: str) -> None:
        for row in json.loads(message)["data"]:
            take(row)
        save(path)

    websocket.WebSocketApp(url, on_open=on_open, on_message=on_message).run_forever(skip_utf8_validation=True)


if __name__ == "__main__":
    main()
