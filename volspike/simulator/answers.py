"""The REST answers: from a path, a query and a second to a document or an error of the exchange. Pure."""

from collections.abc import Callable, Mapping

from volspike.simulator import candles, catalogue
from volspike.simulator.instruments import Instrument
from volspike.simulator.market import Market, Quote
from volspike.simulator.tickers import DAY, Ticker, Tickers

Query = Mapping[str, str]
Document = object
TIME = "/fapi/v1/time"
TRADFI_DELAY_MS = 1061
MOST_DIGITS = 20
MONTH = 30 * DAY
PERIODS = {
    "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "2h": 7200, "4h": 14_400, "6h": 21_600, "12h": 43_200, "1d": 86_400,
}  # fmt: skip
SETTLING = "Symbol is on delivering or delivered or settling or closed or pre-trading."


class ApiError(Exception):
    """The exchange refuses: HTTP status, its code and its message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        """Keep the three parts."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class Answers:
    """Answers requests from the market."""

    def __init__(self, market: Market, tickers: Tickers) -> None:
        """Map paths to methods."""
        self._market = market
        self._tickers = tickers
        self._endpoints: dict[str, Callable[[Query, int], Document]] = {
            "/fapi/v1/ping": lambda _query, _second: {},
            "/fapi/v1/exchangeInfo": lambda _query, second: catalogue.exchange_info(market.contracts, second),
            "/fapi/v1/premiumIndex": self._premium_index,
            "/fapi/v1/fundingInfo": lambda _query, _second: catalogue.funding_info(market.recording.fundings),
            "/fapi/v1/fundingRate": self._funding_rate,
            "/fapi/v1/klines": self._klines,
            "/fapi/v1/openInterest": self._open_interest,
            "/fapi/v1/ticker/24hr": self._ticker,
            "/fapi/v1/ticker/price": self._price,
            "/fapi/v2/ticker/price": self._price,
            "/futures/data/openInterestHist": self._open_interest_history,
        }

    def knows(self, path: str) -> bool:
        """Return whether `path` is an endpoint."""
        return path == TIME or path in self._endpoints

    def answer(self, path: str, query: Query, now: float) -> Document:
        """Return the document that `path` answers at `now` (epoch seconds); raises ApiError."""
        if path == TIME:
            return {"serverTime": int(now * 1000)}
        return self._endpoints[path](query, int(now))

    def _instrument(self, query: Query) -> Instrument:
        symbol = _mandatory(query, "symbol")
        found = self._market.by_symbol.get(symbol)
        if found is None:
            raise ApiError(400, -1121, "Invalid symbol.")
        return found

    def _premium_index(self, query: Query, second: int) -> Document:
        if query.get("symbol"):
            return _premium(self._market.quote(self._instrument(query), second), second)
        return [_premium(self._market.quote(instrument, second), second) for instrument in self._market.instruments]

    def _funding_rate(self, query: Query, second: int) -> Document:
        instrument = self._instrument(query)
        limit = _limit(query, default=100, most=1000)
        if instrument.interval == 0:
            return []
        first, last = _span(query, 0, second * 1000)
        interval = instrument.interval
        newest = min(last // 1000, second) // interval
        oldest = max(-(-first // 1000 // interval), 0) if query.get("startTime") else newest - limit + 1
        settled = range(oldest, newest + 1)[:limit]
        return [
            {
                "symbol": instrument.symbol,
                "fundingTime": number * interval * 1000 + 1 + number % 7,
                "fundingRate": self._market.rate(instrument, number * interval),
                "markPrice": f"{self._market.price(instrument, number * interval):.8f}",
                "rateType": "Regular",
            }
            for number in settled
        ]

    def _klines(self, query: Query, second: int) -> Document:
        instrument = self._instrument(query)
        interval = candles.SECONDS.get(_mandatory(query, "interval"))
        if interval is None:
            raise ApiError(400, -1120, "Invalid interval.")
        limit = _limit(query, default=500, most=1500)
        first, last = _span(query, 0, second * 1000)
        newest = min(last // 1000, second) // interval * interval
        oldest = newest - (limit - 1) * interval
        if query.get("startTime"):
            oldest = -(-first // 1000 // interval) * interval
        if instrument.contract:
            oldest = max(oldest, instrument.contract.onboard_ms // 1000 // interval * interval)
        opens = range(oldest, newest + 1, interval)[:limit]
        return candles.rows(self._market, instrument, interval, opens, second)

    def _open_interest(self, query: Query, second: int) -> Document:
        instrument = self._instrument(query)
        if not instrument.trading:
            raise ApiError(400, -4108, SETTLING)
        return {
            "symbol": instrument.symbol,
            "openInterest": f"{self._market.open_interest(instrument, second):.3f}",
            "time": second * 1000,
        }

    def _open_interest_history(self, query: Query, second: int) -> Document:
        instrument = self._instrument(query)
        period = PERIODS.get(_mandatory(query, "period"))
        if period is None:
            raise ApiError(400, -1130, "Data sent for parameter 'period' is not valid.")
        limit = _limit(query, default=30, most=500)
        first, last = _span(query, (second - MONTH) * 1000, second * 1000)
        newest = min(last // 1000, second) // period
        oldest = -(-first // 1000 // period)
        if not query.get("startTime"):
            oldest = max(oldest, newest - limit + 1)
        stamps = [number * period for number in range(oldest, newest + 1)[:limit]]
        return [self._interest_row(instrument, stamp) for stamp in stamps if instrument.trading]

    def _interest_row(self, instrument: Instrument, stamp: int) -> Document:
        amount = self._market.open_interest(instrument, stamp)
        return {
            "symbol": instrument.symbol,
            "sumOpenInterest": f"{amount:.8f}",
            "sumOpenInterestValue": f"{amount * self._market.price(instrument, stamp):.8f}",
            "timestamp": stamp * 1000,
        }

    def _ticker(self, query: Query, second: int) -> Document:
        if query.get("symbol"):
            return _day(self._tickers.at(self._instrument(query), second))
        return [_day(self._tickers.at(instrument, second)) for instrument in self._tickers.trading]

    def _price(self, query: Query, second: int) -> Document:
        if query.get("symbol"):
            return self._price_row(self._instrument(query), second)
        return [self._price_row(instrument, second) for instrument in self._tickers.trading]

    def _price_row(self, instrument: Instrument, second: int) -> Document:
        return {
            "symbol": instrument.symbol,
            "price": f"{self._market.last(instrument, second):.{instrument.decimals}f}",
            "time": second * 1000,
        }


def _mandatory(query: Query, name: str) -> str:
    value = query.get(name)
    if not value:
        raise ApiError(400, -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
    return value


def _number(query: Query, name: str) -> int | None:
    text = query.get(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > MOST_DIGITS:
        raise ApiError(400, -1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.")
    return int(text)


def _limit(query: Query, *, default: int, most: int) -> int:
    limit = _number(query, "limit")
    if limit is None:
        return default
    if not 1 <= limit <= most:
        raise ApiError(400, -1130, "Data sent for parameter 'limit' is not valid.")
    return limit


def _span(query: Query, first: int, last: int) -> tuple[int, int]:
    """Return startTime and endTime in ms."""
    start, end = _number(query, "startTime"), _number(query, "endTime")
    if start is not None and end is not None and start > end:
        raise ApiError(400, -1023, "Start time is greater than end time.")
    return (first if start is None else start), (last if end is None else end)


def _premium(quote: Quote, second: int) -> Document:
    instrument = quote.instrument
    return {
        "symbol": instrument.symbol,
        "markPrice": f"{quote.mark:.8f}",
        "indexPrice": f"{quote.index:.8f}",
        "estimatedSettlePrice": f"{quote.settle:.8f}",
        "lastFundingRate": quote.rate,
        "interestRate": instrument.interest,
        "nextFundingTime": quote.next_funding_ms,
        "time": second * 1000 - (TRADFI_DELAY_MS if instrument.tradfi else 0),
    }


def _day(ticker: Ticker) -> Document:
    digits = ticker.decimals
    return {
        "symbol": ticker.symbol,
        "priceChange": f"{ticker.change:.{digits}f}",
        "priceChangePercent": f"{ticker.change_percent:.3f}",
        "weightedAvgPrice": f"{ticker.average:.{digits}f}",
        "lastPrice": f"{ticker.last:.{digits}f}",
        "lastQty": "1",
        "openPrice": f"{ticker.open:.{digits}f}",
        "highPrice": f"{ticker.high:.{digits}f}",
        "lowPrice": f"{ticker.low:.{digits}f}",
        "volume": f"{ticker.volume:.3f}",
        "quoteVolume": f"{ticker.quote:.2f}",
        "openTime": (ticker.second - DAY) * 1000,
        "closeTime": ticker.second * 1000,
        "firstId": 1,
        "lastId": ticker.trades,
        "count": ticker.trades,
    }
