"""An emergency stop in words."""

from datetime import UTC, datetime

from volspike.model.documents import EmergencyStop

BEGINS = "emergency stop since"
"""What every such sentence begins with, so that a status tells whether its daemon rests."""
RESUME = "volspike emergency-stop --resume"
MINUTE_SECONDS = 60.0


def sentence(stop: EmergencyStop) -> str:
    """Return what holds and since when, as a daemon's status and the health report say it."""
    return f"{BEGINS} {_since(stop)}{_reason(stop)}: nothing is asked, nothing is sent"


def undone(stop: EmergencyStop) -> str:
    """Return what a job says that was left undone: it stays its status until its next time, long after the stop."""
    return f"did nothing because of the {BEGINS} {_since(stop)}{_reason(stop)}"


def end(stop: EmergencyStop, now: float) -> str:
    """Return what people hear once it is over: the silence that they could not tell from a quiet market."""
    seconds = max(0.0, now - stop.since)
    lasted = f"{seconds:.0f} s" if seconds < MINUTE_SECONDS else f"{seconds / MINUTE_SECONDS:.0f} min"
    said = f"▶️ VolSpike goes on after an emergency stop of {lasted}{_reason(stop)}"
    return f"{said}: from {_since(stop)} on nothing was asked or sent"


def _since(stop: EmergencyStop) -> str:
    return f"{datetime.fromtimestamp(stop.since, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _reason(stop: EmergencyStop) -> str:
    return f" ({stop.reason})" if stop.reason else ""
