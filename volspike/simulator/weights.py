"""Request weight as the exchange counts it: per address and UTC minute, refused requests included.

Over the limit: 429. Going on after that: 418 with an end that doubles at each repetition, from two minutes to three
days. Endpoints without weight share other limits, counted in windows of five minutes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

LIMIT = 2400
BAN_AFTER = 50
FIRST_BAN = 120.0
LONGEST_BAN = 259_200.0
MINUTE = 60
WINDOW = 300
KEPT_MINUTES = 180
FIXED = {
    "/fapi/v1/ping": 1,
    "/fapi/v1/time": 1,
    "/fapi/v1/exchangeInfo": 1,
    "/fapi/v1/openInterest": 1,
    "/fapi/v1/fundingInfo": 0,
    "/fapi/v1/fundingRate": 0,
    "/futures/data/openInterestHist": 0,
}
ONE_OR_ALL = {
    "/fapi/v1/premiumIndex": (1, 10),
    "/fapi/v1/ticker/24hr": (1, 40),
    "/fapi/v1/ticker/price": (1, 2),
    "/fapi/v2/ticker/price": (1, 2),
}
SHARES = {
    "/fapi/v1/fundingInfo": ("funding", 500),
    "/fapi/v1/fundingRate": ("funding", 500),
    "/futures/data/openInterestHist": ("data", 1000),
}
KLINES_DEFAULT_LIMIT = 500
KLINES_STEPS = ((100, 1), (500, 2), (1001, 5))
KLINES_MOST = 10


def weight(path: str, query: Mapping[str, str]) -> int:
    """Return what a request costs; an unknown path costs 1."""
    if path in ONE_OR_ALL:
        one, every = ONE_OR_ALL[path]
        return one if query.get("symbol") else every
    if path == "/fapi/v1/klines":
        text = query.get("limit", "")
        limit = int(text) if text.isascii() and text.isdigit() else KLINES_DEFAULT_LIMIT
        return next((cost for below, cost in KLINES_STEPS if limit < below), KLINES_MOST)
    return FIXED.get(path, 1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the account says about a request: 200, 429 or 418, and the weight used in this minute."""

    status: int
    used: int
    banned_until: float = 0.0


@dataclass(slots=True)
class Account:
    """What is counted for one address."""

    minutes: dict[int, int] = field(default_factory=dict)
    refusals: int = 0
    minute: int = 0
    bans: int = 0
    banned_until: float = 0.0
    shares: dict[tuple[str, int], int] = field(default_factory=dict)


class Weights:
    """The accounts of all addresses."""

    def __init__(self, *, limit: int = LIMIT, ban_after: int = BAN_AFTER) -> None:
        """Allow `limit` a minute; ban who is refused more than `ban_after` times in one."""
        self._limit = limit
        self._ban_after = ban_after
        self._accounts: dict[str, Account] = {}

    def spend(self, client: str, now: float, cost: int, share: tuple[str, int] | None = None) -> Verdict:
        """Charge a request at `now` (epoch seconds) and say whether it is answered."""
        account = self._accounts.setdefault(client, Account())
        minute = int(now // MINUTE)
        if minute != account.minute:
            account.minute, account.refusals = minute, 0
        used = account.minutes[minute] = account.minutes.get(minute, 0) + cost
        if len(account.minutes) > KEPT_MINUTES:
            del account.minutes[min(account.minutes)]
        if now < account.banned_until:
            return Verdict(418, used, account.banned_until)
        if used <= self._limit and not _exceeded(account, now, share):
            return Verdict(200, used)
        account.refusals += 1
        if account.refusals > self._ban_after:
            account.banned_until = now + min(FIRST_BAN * 2**account.bans, LONGEST_BAN)
            account.bans += 1
            return Verdict(418, used, account.banned_until)
        return Verdict(429, used)

    def used(self, client: str, now: float) -> int:
        """Return the weight that `client` has used in the current minute."""
        account = self._accounts.get(client)
        return account.minutes.get(int(now // MINUTE), 0) if account else 0

    def minutes(self, client: str) -> dict[int, int]:
        """Return the weight used by minute (counted from the epoch), the last three hours of activity."""
        account = self._accounts.get(client)
        return dict(account.minutes) if account else {}

    def clients(self) -> list[str]:
        """Return the addresses seen."""
        return list(self._accounts)


def _exceeded(account: Account, now: float, share: tuple[str, int] | None) -> bool:
    if share is None:
        return False
    name, most = share
    window = (name, int(now // WINDOW))
    for old in [key for key in account.shares if key[0] == name and key != window]:
        del account.shares[old]
    account.shares[window] = account.shares.get(window, 0) + 1
    return account.shares[window] > most
