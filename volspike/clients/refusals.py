"""What an HTTP status other than success means for a message, whoever answers it."""

import re
from collections.abc import Collection

from volspike.clients.errors import Faulted, Misdirected, Permanent, Transient

REDIRECTS = range(300, 400)
WRONG_DESTINATION = (401, 403, 404, 410)
LATER = (408, 425, 429)
FAULT = 500
MOST_RETRY_AFTER_SECONDS = 900.0
"""Nobody has reason to ask for more, and after an hour the alerts that wait expire."""


def refusal(
    told: str, status: int, retry_after: float | None = None, wrong: Collection[int] = WRONG_DESTINATION
) -> Transient | Permanent:
    """Return the error that a status is.

    408, 425, 429 and what is above 500 may pass; 500 may be the message's fault. What is `wrong` and redirects speak of
    the destination, every other status of the one message.
    """
    if status in LATER or status > FAULT:
        return Transient(told, retry_after)
    if status == FAULT:
        return Faulted(told, retry_after)
    if status in wrong or status in REDIRECTS:
        return Misdirected(told, status)
    return Permanent(told, status)


def seconds(header: str) -> float | None:
    """Return the seconds in a Retry-After, a quarter of an hour at most; None for anything else, such as a date."""
    if not re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]{1,6})?", header):
        return None
    return min(float(header), MOST_RETRY_AFTER_SECONDS)
