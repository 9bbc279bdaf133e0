"""What alerts say to people: the same words in the chat and at the backend."""

from decimal import Decimal

from volspike.model.alerts import AlertType, Cross, Direction, OpenInterestAlert, UserAlertType
from volspike.model.market import asset_of

_UNITS = ("", "K", "M", "B")
_LARGEST_UNIT = "T"
_STEP = 1000
_PREFIXES = {AlertType.SPIKE: "", AlertType.HALF_UPDATE: "HALF-UPDATE: ", AlertType.FULL_UPDATE: "UPDATE: "}
_ARROWS = {Direction.UP: "▲", Direction.DOWN: "▼"}
_WATCHED = {
    UserAlertType.PRICE_CROSS: "price",
    UserAlertType.FUNDING_CROSS: "funding",
    UserAlertType.OI_CROSS: "open interest",
}
_UNITS_WATCHED = {
    UserAlertType.PRICE_CROSS: " USDT",
    UserAlertType.FUNDING_CROSS: "",  # the percent sign stands in the value
    UserAlertType.OI_CROSS: " USD",
}


def compact(number: float) -> str:
    """Return a number with two decimals in the smallest unit that leaves less than 1000.00 of it: `150.00M`."""
    for unit in _UNITS:
        if round(number, 2) < _STEP:
            return f"{number:.2f}{unit}"
        number /= _STEP
    return f"{number:.2f}{_LARGEST_UNIT}"


def plain(number: float) -> str:
    """Return a number with the digits that it was given with, its thousands apart: `65,012.3`, `0.00001234`."""
    return _written(_digits(number))


def percent(fraction: float) -> str:
    """Return a fraction in percent, with the digits that it was given with: `0.00966%`."""
    return f"{_written(_digits(fraction) * 100)}%"


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


def crossed(cross: Cross) -> str:
    """Return the message of a user's threshold that was crossed, its value before and its value now."""
    trigger, kind = cross.trigger, cross.alert_type
    way = "above" if trigger.crossed_up else "below"
    values = f"{watched(kind, trigger.previous_value)} → {watched(kind, trigger.current_value)}"
    return f"{asset_of(trigger.symbol)} {_WATCHED[kind]} crossed {way} {with_unit(kind, cross.threshold)} ({values})"


def with_unit(alert_type: UserAlertType, value: float) -> str:
    """Return a threshold, or a value beside none, with its unit: `65,000 USDT`, `0.01%`, `5.00B USD`."""
    return f"{watched(alert_type, value)}{_UNITS_WATCHED[alert_type]}"


def watched(alert_type: UserAlertType, value: float) -> str:
    """Return a value that a user's alert watches, as it stands beside a threshold that tells the unit."""
    if alert_type is UserAlertType.FUNDING_CROSS:
        return percent(value)
    return plain(value) if alert_type is UserAlertType.PRICE_CROSS else compact(value)


def _digits(number: float) -> Decimal:
    """Return a number without what floating point has added to it behind the twelfth digit."""
    return Decimal(f"{number + 0.0:.12g}")


def _written(number: Decimal) -> str:
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
