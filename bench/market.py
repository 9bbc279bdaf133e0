"""An exchange of 700 liquid perpetuals over REST, with Binance's weight: `python -m bench.market` prints its port.

It lives on the suite's clock (VOLSPIKE_CLOCK_RATE). `GET /told` tells the weight of every minute, how many requests
were refused, and for each 5-minute mark the seconds until the last candle was asked for.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Callable

import msgspec
from aiohttp import web

from bench.serving import serve
from volspike.runtime import clock
from volspike.simulator.weights import LIMIT, weight

SYMBOLS = tuple(f"COIN{number}USDT" for number in range(700))
PERPETUAL = {"contractType": "PERPETUAL", "status": "TRADING", "quoteAsset": "USDT"}
HOUR = 3600
SCAN = 300
CLOCK = clock.parse(os.environ.get("VOLSPIKE_CLOCK_RATE", "1"))


class Market:
    """Quiet hours, steady open interest, and a strict account."""

    def __init__(self) -> None:
        """Count from nothing."""
        self.minutes: Counter[int] = Counter()
        self.refused = 0
        self.candles_at: dict[int, float] = {}

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request, or refuse it when the minute is used up."""
        now = CLOCK.now()
        minute = int(now // 60)
        self.minutes[minute] += weight(request.path, request.query)
        headers = {"X-MBX-USED-WEIGHT-1M": str(self.minutes[minute])}
        if self.minutes[minute] > LIMIT:
            self.refused += 1
            return web.json_response({"code": -1003, "msg": "Too many requests."}, status=429, headers=headers)
        return web.json_response(self._document(request, now), headers=headers)

    def _document(self, request: web.Request, now: float) -> object:
        if request.path == "/fapi/v1/klines":
            mark = int(now // SCAN) * SCAN
            self.candles_at[mark] = now - mark
            return [_candle(int(now // HOUR) * HOUR - back * HOUR) for back in (2, 1, 0)]
        symbol = request.query.get("symbol")
        rows = [ROWS[request.path](name, now) for name in ([symbol] if symbol else SYMBOLS)]
        if request.path == "/fapi/v1/exchangeInfo":
            return {"symbols": rows}
        return rows[0] if symbol or request.path == "/fapi/v1/time" else rows

    async def tell(self, _: web.Request) -> web.Response:
        """Tell what was counted."""
        told = {"minutes": self.minutes, "refused": self.refused, "candles": self.candles_at}
        return web.Response(body=msgspec.json.encode(told), content_type="application/json")


def _premium(name: str, now: float) -> dict[str, object]:
    return {
        "symbol": name,
        "markPrice": "2.0",
        "indexPrice": "2.0",
        "lastFundingRate": "0.0001",
        "nextFundingTime": (int(now) // HOUR + 1) * HOUR * 1000,
        "time": int(now * 1000),
    }


def _candle(opened: int) -> list[object]:
    return [opened * 1000, "2", "2", "2", "2", "1", opened * 1000 + HOUR * 1000 - 1, "1000000", 1, "1", "1", "0"]


ROWS: dict[str, Callable[[str, float], dict[str, object]]] = {
    "/fapi/v1/time": lambda _, now: {"serverTime": int(now * 1000)},
    "/fapi/v1/exchangeInfo": lambda name, _: {"symbol": name, **PERPETUAL},
    "/fapi/v1/ticker/24hr": lambda name, _: {"symbol": name, "quoteVolume": "9000000.0"},
    "/fapi/v2/ticker/price": lambda name, now: {"symbol": name, "price": "2.0", "time": int(now * 1000)},
    "/fapi/v1/premiumIndex": _premium,
    "/fapi/v1/openInterest": lambda name, now: {"symbol": name, "openInterest": "100000.0", "time": int(now * 1000)},
}


async def main() -> None:
    """Serve until a signal ends it."""
    market = Market()
    await serve([web.get("/told", market.tell), web.get("/{path:.*}", market.answer)])


if __name__ == "__main__":
    asyncio.run(main())
