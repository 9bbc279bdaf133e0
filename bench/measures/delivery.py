"""A storm of a thousand alerts: onto the disk, to both backends, and into the chat."""

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from bench.processes import READY_SECONDS, Daemon, Process, python
from bench.promise import BenchError, Outcome, Result, percentile
from volspike.delivery import messages
from volspike.delivery.outbox import Outbox
from volspike.model.alerts import AlertType, CandleDirection, VolumeAlert
from volspike.model.delivery import BACKEND, BACKEND_DEV, TELEGRAM, Kind, Message
from volspike.runtime.clock import Clock
from volspike.state import documents

ALERTS, SYMBOLS = 1000, 700
ROUNDS, QUICK_ROUNDS = 3, 1
DURABLE_SECONDS, ARRIVED_SECONDS, CHAT_MESSAGES = 0.5, 10.0, 20.0
OLD_SAMPLE, QUICK_SAMPLE = 50, 25
"""So many alerts go the old way: all of them take minutes."""
PATIENCE_SECONDS = 90.0
POLL_SECONDS = 0.2
ROUTES = {Kind.VOLUME: (BACKEND, BACKEND_DEV, TELEGRAM)}


def measure(workspace: Path, *, quick: bool) -> list[Result]:
    """Put a thousand alerts at once and watch them arrive; the outbox lies on a disk, not in memory."""
    rounds = range(QUICK_ROUNDS if quick else ROUNDS)
    sample = QUICK_SAMPLE if quick else OLD_SAMPLE
    storms = [_storm(workspace, number) for number in rounds]
    old = _old_way(workspace, sample) * ALERTS / sample
    durable = percentile([storm["durable"] for storm in storms], 50)
    arrived = percentile([storm["arrived"] for storm in storms], 50)
    told = percentile([storm["chat"] for storm in storms], 50)
    posts = max(storm["posts"] for storm in storms)
    gap = min(storm["gap"] for storm in storms)
    how = f"old way: {sample} alerts, one after the other, times {ALERTS // sample}"
    what = f"{ALERTS:,} alerts at once"
    return [
        Outcome(f"{what} → on the disk", "s", DURABLE_SECONDS, durable, old, note=f"median of {len(storms)}; {how}"),
        Outcome(f"{what} → at both backends, 50 ms each", "s", ARRIVED_SECONDS, arrived, old, note=f"{how}, chat too"),
        Outcome(
            f"{what} → messages in the chat",
            "",
            CHAT_MESSAGES,
            posts,
            ALERTS,
            note=f"all told after {told:.0f} s, at least {gap:.2f} s between two",
        ),
    ]


def _storm(workspace: Path, number: int) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="volspike-bench-") as disk,
        Process(f"receiver-{number}", python("-m", "bench.receiver"), workspace) as receiver,
    ):
        url = f"http://127.0.0.1:{receiver.first_line()}"
        env = {
            "VOLSPIKE_STATE_DIR": disk,
            "VOLSPIKE_API_URL": f"{url}/prod",
            "VOLSPIKE_API_KEY": "bench",
            "VOLSPIKE_API_URL_DEV": f"{url}/dev",
            "VOLSPIKE_API_KEY_DEV": "bench",
            "TELEGRAM_API_URL": f"{url}/chat",
            "TELEGRAM_TOKEN": "1:bench",
            "CHAT_ID": "-1001",
        }
        with Daemon("courier", workspace, env), Outbox(Path(disk, documents.OUTBOX), Clock(), ROUTES) as outbox:
            alerts = [_alert(index) for index in range(ALERTS)]
            started = time.monotonic()
            outbox.put(alerts)
            durable = time.monotonic() - started
            counts = _await(receiver, url)
    backends = max(counts[name]["last_at"] for name in ("prod", "dev"))
    chat = counts["chat"]
    return {
        "durable": durable,
        "arrived": backends - started,
        "chat": chat["last_at"] - started,
        "posts": chat["posts"],
        "gap": chat["least_gap"],
    }


def _await(receiver: Process, url: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        receiver.check()
        counts: dict[str, Any] = requests.get(f"{url}/counts", timeout=READY_SECONDS).json()
        if counts["prod"]["posts"] == counts["dev"]["posts"] == counts["chat"]["lines"] == ALERTS:
            return counts
        if time.monotonic() > deadline:
            raise BenchError(f"not everything has arrived within {PATIENCE_SECONDS:.0f} s: {counts}")
        time.sleep(POLL_SECONDS)


def _alert(number: int) -> Message:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=number // SYMBOLS)
    alert = VolumeAlert(
        symbol=f"S{number % SYMBOLS}USDT",
        asset=f"S{number % SYMBOLS}",
        message=f"S{number % SYMBOLS} hourly volume 150.00M (3.33× prev) — VOLUME SPIKE!",
        alert_type=AlertType.SPIKE,
        is_update=False,
        current_volume=150e6,
        previous_volume=45e6,
        volume_ratio=150 / 45,
        price=65000.0,
        candle_direction=CandleDirection.BULLISH,
        hour_timestamp=hour,
        detection_time=hour,
        timestamp=datetime.now(UTC),
        funding_rate=0.0001,
    )
    return messages.of_volume_alert(alert)


def _old_way(workspace: Path, sample: int) -> float:
    with Process("receiver-old", python("-m", "bench.receiver"), workspace) as receiver:
        url = f"http://127.0.0.1:{receiver.first_line()}"
        command = python("-m", "bench.old_way.delivery", url, str(sample))
        with Process("old-delivery", command, workspace) as old:
            return float(old.first_line())
