"""An exchange of 600 perpetuals, 50 ms away: `python -m bench.candles` prints its port.

Ten of them spike in the hour that is open. `GET /weight` tells what has been spent in all.
"""

import asyncio
import time

from aiohttp import web

from bench.serving import serve

SYMBOLS, SPIKING = 600, 10
LATENCY_SECONDS = 0.05
HOUR_MS = 3_600_000
PERPETUAL = {"contractType": "PERPETUAL", "status": "TRADING", "quoteAsset": "USDT"}


def names() -> list[str]:
    """Return all symbols; those that spike are the last of each sixtieth part, the very last one among them."""
    every = SYMBOLS // SPIKING
    return [f"{'SPIKE' if number % every == every - 1 else 'QUIET'}{number}USDT" for number in range(SYMBOLS)]


def candles(symbol: str) -> list[list[object]]:
    """Return three hours of a symbol, the last one open."""
    opened = int(time.time() * 1000) // HOUR_MS * HOUR_MS
    volumes = ("1000000.0", "1000000.0", "4000000.0" if symbol.startswith("SPIKE") else "1000000.0")
    return [
        [
            opened - back * HOUR_MS, "1.0", "1.1", "0.9", "1.05", "1", opened - back * HOUR_MS + HOUR_MS - 1, volume,
            1, "1", "1", "0",
        ]
        for back, volume in zip((2, 1, 0), volumes, strict=True)
    ]  # fmt: skip


async def main() -> None:
    """Serve until a signal ends it."""
    spent = 0

    async def answer(document: object, cost: int = 1) -> web.Response:
        nonlocal spent
        spent += cost
        await asyncio.sleep(LATENCY_SECONDS)
        return web.json_response(document, headers={"X-MBX-USED-WEIGHT-1M": str(spent)})

    async def listing(_: web.Request) -> web.Response:
        return await answer({"symbols": [{"symbol": name, **PERPETUAL} for name in names()]})

    async def klines(request: web.Request) -> web.Response:
        return await answer(candles(request.query["symbol"]))

    async def open_interest(request: web.Request) -> web.Response:
        return await answer({"symbol": request.query["symbol"], "openInterest": "100.0", "time": 1})

    async def premium_index(_: web.Request) -> web.Response:
        rows = [
            {"symbol": name, "markPrice": "1.05", "lastFundingRate": "0.0001", "nextFundingTime": 1} for name in names()
        ]
        return await answer(rows, 10)

    async def weight(_: web.Request) -> web.Response:
        return web.json_response(spent)

    await serve(
        [
            web.get("/fapi/v1/exchangeInfo", listing),
            web.get("/fapi/v1/klines", klines),
            web.get("/fapi/v1/openInterest", open_interest),
            web.get("/fapi/v1/premiumIndex", premium_index),
            web.get("/weight", weight),
        ]
    )


if __name__ == "__main__":
    asyncio.run(main())
