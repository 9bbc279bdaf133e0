"""Binance over REST: every request pays from the weight account first, every refusal closes it for everyone.

Errors: 429 and 418 are Transient with the end of the ban; 3xx, 403 and 5xx, time-outs, broken connections and
answers that are no JSON are Transient; 451 and the exchange's own 4xx answers are Permanent.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlencode

from urllib3 import BaseHTTPResponse

from volspike.clients.binance import answers
from volspike.clients.binance.transport import Transport
from volspike.clients.binance.weight import WeightAccount
from volspike.clients.binance.wire import Malformed
from volspike.clients.errors import Permanent, ShutOut, Transient
from volspike.model.market import Candle, Contract, PremiumIndex
from volspike.rules.weight import WeightClass
from volspike.runtime.clock import Clock

TIMEOUT_SECONDS = (5.0, 10.0)
"""To connect, and between two packets of the answer."""
CONNECTIONS = 8
DEFAULT_PAUSE_SECONDS = 60.0
RESTRICTED = "HTTP 451: Binance refuses requests from this country or network"

HTTP_OK = 200
HTTP_BAD_REQUEST = 400
HTTP_FORBIDDEN = 403
HTTP_LIMITED = 429
HTTP_BANNED = 418
HTTP_RESTRICTED = 451
HTTP_SERVER_ERROR = 500
CANDLE_WEIGHTS = ((100, 1), (500, 2), (1001, 5))
"""What candles cost below so many of them; beyond the last step 10."""
MOST_CANDLES_WEIGHT = 10
EXCHANGE_INFO = "/fapi/v1/exchangeInfo"
LAST_PRICES = "/fapi/v2/ticker/price"
Parsed = TypeVar("Parsed")
Values = TypeVar("Values", dict[str, float], list[PremiumIndex])
_BANNED_UNTIL = re.compile(r"banned until (\d{13})")


class Rest:
    """Binance's market data, for any number of threads; `connections` is how many requests are under way at once.

    Without an account it asks freely (the caller lives in the reserve).
    """

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
        connections: int = CONNECTIONS,
    ) -> None:
        """Prepare to ask; raises Permanent for a proxy that cannot be used."""
        self._clock = clock
        self._account = account
        self._weight_class = weight_class
        self._patience_seconds = patience_seconds
        self._pause = pause or clock.sleep
        self._transport = Transport(url, timeout, connections)

    def server_time(self) -> float:
        """Return the exchange's time, epoch seconds."""
        return self._parse(answers.parse_server_time, self._get("/fapi/v1/time", {}, 1))

    def premium_index(self, symbol: str) -> PremiumIndex:
        """Return one symbol's mark price and funding rate. Raises Permanent for an unknown symbol."""
        rows = self._parse(answers.parse_premium_index, self._get("/fapi/v1/premiumIndex", {"symbol": symbol}, 1))
        if not rows:
            raise Transient(f"premiumIndex of {symbol} does not decode")
        return rows[0]

    def premium_indexes(self) -> list[PremiumIndex]:
        """Return mark price and funding rate of all symbols, delisted ones among them."""
        return self._all("/fapi/v1/premiumIndex", 10, answers.parse_premium_index)

    def contracts(self, path: str = EXCHANGE_INFO) -> list[Contract]:
        """Return everything that is listed; `path` is where a proxy in the place of Binance has it."""
        return self._parse(answers.parse_exchange_info, self._get(path, {}, 1))

    def funding_intervals(self) -> dict[str, int]:
        """Return how many hours lie between two fundings, by symbol; one that is missing is not known to have 8."""
        return self._parse(answers.parse_funding_intervals, self._get("/fapi/v1/fundingInfo", {}, 0))

    def candles(self, symbol: str, limit: int = 3, interval: str = "1h") -> list[Candle]:
        """Return the latest hours of a symbol, or other intervals, oldest first, the last one still open.

        A symbol that has just been listed has fewer than `limit`. Raises Permanent for an unknown symbol.
        """
        parameters = {"symbol": symbol, "interval": interval, "limit": str(limit)}
        weight = next((cost for below, cost in CANDLE_WEIGHTS if limit < below), MOST_CANDLES_WEIGHT)
        return self._parse(answers.parse_candles, self._get("/fapi/v1/klines", parameters, weight))

    def open_interest(self, symbol: str) -> float:
        """Return a symbol's open interest in contracts. Raises Permanent, with code -4108 for one that is settling."""
        return self._parse(answers.parse_open_interest, self._get("/fapi/v1/openInterest", {"symbol": symbol}, 1))

    def quote_volumes_24h(self) -> dict[str, float]:
        """Return every symbol's volume of the last 24 hours, in the quote asset."""
        return self._all("/fapi/v1/ticker/24hr", 40, answers.parse_quote_volumes)

    def last_prices(self) -> dict[str, float]:
        """Return the price of every symbol's last trade."""
        return self._all(LAST_PRICES, 2, answers.parse_last_prices)

    def _all(self, path: str, weight: int, parse: Callable[[bytes], Values]) -> Values:
        rows = self._parse(parse, self._get(path, {}, weight))
        if not rows:
            raise Transient(f"{path} of all symbols does not decode")
        return rows

    @staticmethod
    def _parse(parse: Callable[[bytes], Parsed], content: bytes) -> Parsed:
        try:
            return parse(content)
        except Malformed as error:
            raise Transient(f"Binance answered 200 with something else: {error}") from None

    def _get(self, path: str, parameters: Mapping[str, str], weight: int) -> bytes:
        if self._account is not None:
            self._account.reserve(
                weight, self._weight_class, patience_seconds=self._patience_seconds, pause=self._pause
            )
        asked_at = self._clock.now()
        target = f"{path}?{urlencode(parameters)}" if parameters else path
        answer = self._transport.get(target, compressed="symbol" not in parameters)
        self._note(path, answer, asked_at)
        if answer.status != HTTP_OK:
            raise self._refused(path, answer)
        return answer.data

    def _note(self, path: str, answer: BaseHTTPResponse, asked_at: float) -> None:
        if self._account is None:
            return
        used = _count(answer.headers.get("X-MBX-USED-WEIGHT-1M", ""))
        if used is not None and path != LAST_PRICES:  # whose count, says the documentation, is not accurate
            self._account.correct(used, asked_at)
        if answer.status == HTTP_OK:
            self._account.forgive()

    def _refused(self, path: str, answer: BaseHTTPResponse) -> Transient | Permanent:
        status = answer.status
        error = answers.parse_error(answer.data)
        said = f"{error.code} {error.msg}" if error else "no reason given"
        if status in (HTTP_LIMITED, HTTP_BANNED):
            return self._shut_out(status, said, _count(answer.headers.get("Retry-After", "")))
        if status == HTTP_RESTRICTED:
            return Permanent(RESTRICTED)
        if status >= HTTP_SERVER_ERROR or status == HTTP_FORBIDDEN or status < HTTP_BAD_REQUEST:
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
