"""Thresholds as people write them: what may be watched, and which texts are a value of it."""

import math
import re
from enum import StrEnum

from volspike.model.alerts import UserAlertType

MAX_FUNDING_RATE = 0.1
"""Beyond what any exchange has ever charged: somebody meant percent."""
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)


class Watched(StrEnum):
    """What an alert watches, in a word."""

    PRICE = "price"
    FUNDING = "funding"
    OPEN_INTEREST = "oi"


TYPES = {
    Watched.PRICE: UserAlertType.PRICE_CROSS,
    Watched.FUNDING: UserAlertType.FUNDING_CROSS,
    Watched.OPEN_INTEREST: UserAlertType.OI_CROSS,
}
WORDS = {alert_type: watched for watched, alert_type in TYPES.items()}


def parse(watched: Watched, text: str) -> float | None:
    """Return the threshold in the unit of what is watched; None for anything that cannot be one."""
    percent = watched is Watched.FUNDING and text.endswith("%")
    if _has_stray_comma(text):
        return None
    try:
        value = float(text.removesuffix("%") if percent else text.replace(",", ""))
    except ValueError:
        return None
    value = value / 100 if percent else value
    if watched is Watched.FUNDING:
        return value if abs(value) <= MAX_FUNDING_RATE else None
    return value if value > 0 and math.isfinite(value) else None


def allowed(watched: Watched, text: str) -> str:
    """Return what would be a threshold in the place of a text that is none."""
    if _has_stray_comma(text):
        return "a comma may only part thousands, as in 65,000.5; decimals begin with a point, as in 0.05"
    if watched is Watched.FUNDING:
        return "a funding rate is given as 0.01% or 0.0001, and at most 10% either way"
    return "must be a number above 0, in USDT" if watched is Watched.PRICE else "must be a number above 0, in USD"


def _has_stray_comma(text: str) -> bool:
    """Tell whether a comma does anything but part thousands; in half of the world it begins the decimals."""
    return "," in text and not _THOUSANDS.fullmatch(text)
