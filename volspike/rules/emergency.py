"""An emergency stop in words."""

from datetime import UTC, datetime

from volspike.model.documents import EmergencyStop

BEGINS = "emergency stop since"
"""What every such sentence begins with, so that a status tells whether its daemon rests."""
RESUME = "volspike emergency-stop --resume"


def sentence(stop: EmergencyStop) -> str:
    """Return what holds and since when, as a daemon's status and the health report say it."""
    reason = f" ({stop.reason})" if stop.reason else ""
    since = f"{datetime.fromtimestamp(stop.since, UTC):%Y-%m-%d %H:%M:%S}"
    return f"{BEGINS} {since} UTC{reason}: nothing is asked, nothing is sent"
