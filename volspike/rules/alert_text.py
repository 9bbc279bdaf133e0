"""What alerts say to people: the same words in the chat and at the backend."""

from volspike.model.alerts import AlertType, Direction, OpenInterestAlert
from volspike.model.market import asset_of

_UNITS = ("", "K", "M", "B")
_LARGEST_UNIT = "T"
_STEP = 1000
_PREFIXES = {AlertType.SPIKE: "", AlertType.HALF_UPDATE: "HALF-UPDATE: ", AlertType.FULL_UPDATE: "UPDATE: "}
_ARROWS = {Direction.UP: "▲", Direction.DOWN: "▼"}


def compact(number: float) -> str:
    """Return a number with two decimals in the smallest unit that leaves less than 1000.00 of it: `150.00M`."""
    for unit in _UNITS:
        if round(number, 2) < _STEP:
            return f"{number:.2f}{unit}"
        number /= _STEP
    return f"{number:.2f}{_LARGEST_UNIT}"


def signed_percent(fraction: float) -> str:
    """Return a change with its sign, `+0.40%`; what rounds to nothing is `+0.00%`."""
    return f"{round(fraction, 4) + 0.0:+.2%}"


def volume(alert_type: AlertType, asset: str, current_volume: float, ratio: float) -> str:
    """Return the message of a volume alert; the volume is in USDT."""
    return f"{_PREFIXES[alert_type]}{asset} hourly volume {compact(current_volume)} ({ratio:.2f}× prev) — VOLUME SPIKE!"


def open_interest(alert: OpenInterestAlert) -> str:
    """Return the message of an open-interest alert; the price is told only when its change is known."""
    text = (
        f"{asset_of(alert.symbol)} open interest {_ARROWS[alert.direction]} {abs(alert.pct_change):.2%} "
        f"in {alert.timeframe} ({compact(alert.baseline)} → {compact(alert.current)})"
    )
    return text if alert.price_change is None else f"{text}, price {signed_percent(alert.price_change)}"
