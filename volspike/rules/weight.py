"""The request weight that Binance grants to this machine, per UTC clock minute and address.

Source: 2,400 a minute, one budget shared by all futures endpoints, reported in `X-MBX-USED-WEIGHT-1M`; refused
requests still cost. The account keeps 200 in reserve for what does not ask it (an operator's curl, the health
monitor) and 800 for alerts when they scan, in minutes divisible by five.
"""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

LIMIT = 2400
RESERVE = 200
CEILING = LIMIT - RESERVE
ALERT_RESERVE_SCAN_MINUTE = 800
ALERT_RESERVE = 300
SCAN_EVERY_MINUTES = 5
SECONDS_PER_MINUTE = 60

FIRST_CLOSURE_SECONDS = 60.0
LONGEST_CLOSURE_SECONDS = 3600.0
LONGEST_BAN_SECONDS = 4 * 86_400.0
"""Binance bans for three days at most."""


class WeightClass(StrEnum):
    """Who asks: an alert may use all of the account, a sweep leaves the alerts their share."""

    ALERT = "alert"
    SWEEP = "sweep"


class Account(Struct, frozen=True):
    """The machine's account: the UTC minute it counts, what is used, and until when everyone is shut out."""

    minute: int = 0
    used: int = 0
    closed_until: float = 0.0
    closures: int = 0
    """Closures since the last answer that was no refusal; each makes the next one longer."""


def share(weight_class: WeightClass, minute: int) -> int:
    """Return how far this class may fill the account in this UTC minute."""
    if weight_class is WeightClass.ALERT:
        return CEILING
    in_scan = minute % SCAN_EVERY_MINUTES == 0
    return CEILING - (ALERT_RESERVE_SCAN_MINUTE if in_scan else ALERT_RESERVE)


def reserve(account: Account, weight_class: WeightClass, weight: int, now: float) -> tuple[Account, float]:
    """Take `weight` out of the account; return it with the seconds to wait before asking again, 0 if granted.

    What does not fit waits for the next minute; while the account is closed everybody waits for its end.
    A weight that no minute can ever hold raises ValueError.
    """
    if weight > CEILING - ALERT_RESERVE_SCAN_MINUTE:
        raise ValueError(f"a request of weight {weight} fits into no minute")
    account = _roll(account, now)
    if now < account.closed_until:
        return account, account.closed_until - now
    if account.used + weight > share(weight_class, account.minute):
        return account, (account.minute + 1) * SECONDS_PER_MINUTE - now
    return replace(account, used=account.used + weight), 0.0


def correct(account: Account, used: int, asked_at: float, now: float) -> Account:
    """Raise the account to what the server says it has counted; never lower it: answers arrive out of order.

    What it had counted for a request of an earlier minute says nothing of this one.
    """
    account = _roll(account, now)
    if int(asked_at // SECONDS_PER_MINUTE) != account.minute:
        return account
    return replace(account, used=max(account.used, used))


def forgive(account: Account) -> Account:
    """Forget earlier closures after an answer that was not a refusal."""
    return replace(account, closures=0)


def close(account: Account, until: float | None, now: float) -> Account:
    """Shut everyone out until `until`, or for a growing pause when the server did not say.

    An end that is past already (this machine's clock is ahead) says nothing either. Refusals of requests that were
    under way when the account closed only extend the closure.
    """
    account = _roll(account, now)
    again = account.closures if now < account.closed_until else account.closures + 1
    pause = min(FIRST_CLOSURE_SECONDS * 2.0 ** min(again - 1, 10), LONGEST_CLOSURE_SECONDS)
    end = now + pause if until is None or until <= now else until
    end = min(end, now + LONGEST_BAN_SECONDS)
    return replace(account, closed_until=max(account.closed_until, end), closures=again)


def _roll(account: Account, now: float) -> Account:
    """Return the account for this minute; a clock that was set back grants nothing anew."""
    minute = int(now // SECONDS_PER_MINUTE)
    if minute == account.minute:
        return account
    return replace(account, minute=minute, used=0 if minute > account.minute else account.used)
