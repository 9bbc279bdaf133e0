"""A process that sees when a stamp becomes visible in a state file: `python -m bench.watcher DIRECTORY…`.

It prints `watching`, and after SIGTERM a line `STAMP NANOSECONDS` for each stamp: the monotonic time at which the
file that holds it had been opened. Contents are only kept while it watches, so that reading delays nothing.
"""

import ctypes
import os
import signal
import struct
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec

from bench.frames import STAMPED

IN_MOVED_TO = 0x80
EVENT = struct.Struct("iIII")

Sighting = tuple[int, bytes]
"""When a file had been opened, and what it held."""


class Stop(Exception):  # noqa: N818 - an event, not an error
    """SIGTERM came."""


def watch(directories: list[str]) -> list[Sighting]:
    """Return every version of every file that was moved into the directories, until SIGTERM."""
    library = ctypes.CDLL(None, use_errno=True)
    notices = library.inotify_init()
    places = {library.inotify_add_watch(notices, path.encode(), IN_MOVED_TO): path for path in directories}
    if min(places) < 0:
        raise OSError(ctypes.get_errno(), "inotify_add_watch")
    seen: list[Sighting] = []
    print("watching", flush=True)
    try:
        while True:
            events = os.read(notices, 65536)
            for path in dict.fromkeys(_paths(events, places)):
                with Path(path).open("rb", buffering=0) as file:
                    at = time.monotonic_ns()
                    seen.append((at, file.read()))
    except Stop:
        return seen


def _paths(events: bytes, places: dict[int, str]) -> list[str]:
    paths, offset = [], 0
    while offset < len(events):
        place, _, _, length = EVENT.unpack_from(events, offset)
        offset += EVENT.size
        name = events[offset : offset + length].rstrip(b"\0").decode()
        offset += length
        if name.endswith(".json"):
            paths.append(f"{places[place]}/{name}")
    return paths


def stamps(content: bytes) -> list[int]:
    """Return the stamps in a state file, of the suite or of the old way."""
    document: dict[str, Any] = msgspec.json.decode(content)
    rows = document.get("funding_state") or document.get("tickers") or {}
    found = [rows[symbol] for symbol in STAMPED if symbol in rows]
    return [int(row.get("markPrice", row.get("lastPrice"))) for row in found]


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stop


def main() -> None:
    """Watch until SIGTERM, then tell."""
    signal.signal(signal.SIGTERM, _stop)
    seen = watch(sys.argv[1:])
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    first: dict[int, int] = {}
    for at, content in seen:
        for stamp in stamps(content):
            first.setdefault(stamp, at)
    sys.stdout.writelines(f"{stamp} {at}\n" for stamp, at in first.items())


if __name__ == "__main__":
    main()
