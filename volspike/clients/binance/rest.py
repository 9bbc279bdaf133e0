"""Binance over REST: every request pays from the weight account first, every refusal closes it for everyone.

Errors: 429 and 418 are Transient with the end of the ban; 403 and 5xx, time-outs, broken connections and answers
that are no JSON are Transient; 451 and the exchange's own 4xx answers are Permanent.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

import requests

from volspike.clients.binance import wire
from volspike.clients.binance.weight import WeightAccount
from volspike.clients.errors import Permanent, ShutOut, Transient
from volspike.model.market import Contract, PremiumIndex
from volspike.rules.weight import WeightClass
from volspike.runtime.clock import Clock

TIMEOUT_SECONDS = (5.0, 10.0)
"""To connect, and between two packets of the answer."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
DEFAULT_PAUSE_SECONDS = 60.0
RESTRICTED = "HTTP 451: Binance refuses requests from this country or network"

HTTP_OK = 200
HTTP_FORBIDDEN = 403
HTTP_LIMITED = 429
HTTP_BANNED = 418
HTTP_RESTRICTED = 451
HTTP_SERVER_ERROR = 500
Parsed = TypeVar("Parsed")
_BANNED_UNTIL = re.compile(r"banned until (\d{13})")


class Rest:
    """Binance's market data; without an account it asks freely (the caller lives in the reserve)."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        account: WeightAccount | None,
        weight_class: WeightClass = WeightClass.ALERT,
        *,
        patience_seconds: float = 70.0,
        pause: Callable[[float], None] | None = None,
        timeout: tuple[float, float] = TIMEOUT_SECONDS,
    ) -> None:
        self._url = url
        self._clock = clock
        self._account = account
        self._weight_class = weight_class
        self._patience_seconds = patience_seconds
        self._pause = pause or clock.sleep
        self._timeout = timeout
        self._session = requests.Session()
        self._session.trust_env = urlsplit(url).hostname not in LOOPBACK  # no proxy leads to this machine

    def server_time(self) -> float:
        """Return the exchange's time, epoch seconds."""
        return self._parse(wire.parse_server_time, self._get("/fapi/v1/time", {}, 1))

    def premium_index(self, symbol: str) -> PremiumIndex:
        """Return one symbol's mark price and funding rate. Raises Permanent for an unknown symbol."""
        rows = self._parse(wire.parse_premium_index, self._get("/fapi/v1/premiumIndex", {"symbol": symbol}, 1))
        if not rows:
            raise Transient(f"premiumIndex of {symbol} does not decode")
        return rows[0]

    def premium_indexes(self) -> list[PremiumIndex]:
        """Return mark price and funding rate of all symbols, delisted ones among them."""
        rows = self._parse(wire.parse_premium_index, self._get("/fapi/v1/premiumIndex", {}, 10))
        if not rows:
            raise Transient("premiumIndex of all symbols does not decode")
        return rows

    def contracts(self) -> list[Contract]:
        """Return everything that is listed."""
        return self._parse(wire.parse_exchange_info, self._get("/fapi/v1/exchangeInfo", {}, 1))

    @staticmethod
    def _parse(parse: Callable[[bytes], Parsed], content: bytes) -> Parsed:
        try:
            return parse(content)
        except wire.Malformed as error:
            raise Transient(f"Binance answered 200 with something else: {error}") from None

    def _get(self, path: str, parameters: Mapping[str, str], weight: int) -> bytes:
        if self._account is not None:
            self._account.reserve(
                weight, self._weight_class, patience_seconds=self._patience_seconds, pause=self._pause
            )
        asked_at = self._clock.now()
        try:
            answer = self._session.get(self._url + path, params=parameters, timeout=self._timeout)
        except requests.RequestException as error:
            raise Transient(f"Binance cannot be reached at {self._url}: {reason(error)}") from None
        self._note(answer, asked_at)
        if answer.status_code != HTTP_OK:
            raise self._refused(path, answer)
        return answer.content

    def _note(self, answer: requests.Response, asked_at: float) -> None:
        if self._account is None:
            return
        used = _count(answer.headers.get("X-MBX-USED-WEIGHT-1M", ""))
        if used is not None:
            self._account.correct(used, asked_at)
        if answer.status_code == HTTP_OK:
            self._account.forgive()

    def _refused(self, path: str, answer: requests.Response) -> Transient | Permanent:
        status = answer.status_code
        error = wire.parse_error(answer.content)
        said = f"{error.code} {error.msg}" if error else "no reason given"
        if status in (HTTP_LIMITED, HTTP_BANNED):
            return self._shut_out(status, said, _count(answer.headers.get("Retry-After", "")))
        if status == HTTP_RESTRICTED:
            return Permanent(RESTRICTED)
        if status >= HTTP_SERVER_ERROR or status == HTTP_FORBIDDEN:
            return Transient(f"{path} answered HTTP {status}: {said}")
        return Permanent(f"{path} answered HTTP {status}: {said}", error.code if error else None)

    def _shut_out(self, status: int, said: str, retry_after: int | None) -> Transient:
        now = self._clock.now()
        named = _BANNED_UNTIL.search(said)
        until = int(named[1]) / 1000 if named else None if retry_after is None else now + retry_after
        end = self._account.close_until(until) if self._account is not None else until
        return ShutOut(f"HTTP {status}: {said}", DEFAULT_PAUSE_SECONDS if end is None else max(0.0, end - now))


def _count(header: str) -> int | None:
    """Return the number in a header; None for anything else, such as a date or what no counter ever reaches."""
    return int(header) if re.fullmatch(r"[0-9]{1,9}", header) else None


def reason(error: requests.RequestException) -> str:
    """Return why a request failed in a few words, without the library's nesting of classes and addresses."""
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    text = str(error)
    for known, words in _REASONS.items():
        if known in text:
            return words
    return type(error).__name__


_REASONS = {
    "Connection refused": "connection refused",
    "Name or service not known": "its name cannot be resolved",
    "Temporary failure in name resolution": "its name cannot be resolved",
    "No address associated": "its name cannot be resolved",
    "Failed to resolve": "its name cannot be resolved",
    "Network is unreachable": "the network is unreachable",
    "CERTIFICATE_VERIFY_FAILED": "its certificate cannot be verified",
    "Connection aborted": "the connection was cut off",
    "Connection reset": "the connection was cut off",
}
