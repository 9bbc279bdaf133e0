"""The old API: `uvicorn bench.old_way.api:app --loop asyncio --http h11`, with its file in OLD_WAY_STATE."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException

RELOAD_SECONDS = 1.0
MAX_AGE_SECONDS = 180

cache: dict[str, Any] = {}


async def reload_for_ever(path: Path) -> None:
    """Read the whole file again each second."""
    while True:
        if path.exists():
            cache.update(json.loads(path.read_text()))
        await asyncio.sleep(RELOAD_SECONDS)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Keep the cache filled for as long as the application serves."""
    task = asyncio.create_task(reload_for_ever(Path(os.environ["OLD_WAY_STATE"])))
    yield
    task.cancel()


app = FastAPI(lifespan=lifespan)


@app.get("/funding/health")
async def health() -> Any:
    """Work out the staleness of every symbol, for each request."""
    now = time.time()
    oldest, newest, stale = 0.0, float("inf"), []
    for symbol, row in cache.get("funding_state", {}).items():
        age = now - row["updatedAt"]
        oldest = max(oldest, age)
        newest = min(newest, age)
        if age > MAX_AGE_SECONDS:
            stale.append(symbol)
    if newest == float("inf"):
        raise HTTPException(503, {"error": "No data yet"})
    status, count = cache["connection_status"], len(cache["funding_state"])
    return {
        "status": "healthy" if status["connected"] and not stale else "unhealthy",
        "websocketConnected": status["connected"],
        "symbolCount": count,
        "messagesReceived": status["messages_received"],
        "reconnectAttempts": status["reconnect_attempts"],
        "oldestDataAgeSeconds": round(oldest, 2),
        "newestDataAgeSeconds": round(newest, 2),
        "freshSymbolCount": count - len(stale),
    }


@app.get("/funding/{symbol}")
async def funding(symbol: str) -> Any:
    """Return one symbol's row as a dict, which FastAPI turns into JSON."""
    name = symbol.upper()
    row = cache.get("funding_state", {}).get(name)
    if row is None:
        raise HTTPException(404, {"error": "Symbol not found", "symbol": name})
    age = time.time() - row["updatedAt"]
    if age > MAX_AGE_SECONDS:
        raise HTTPException(503, {"error": "Data stale", "symbol": name, "ageSeconds": round(age, 2)})
    return {
        "symbol": name,
        "markPrice": row["markPrice"],
        "fundingRate": row["fundingRate"],
        "nextFundingTime": row["nextFundingTime"],
        "indexPrice": row["indexPrice"],
        "updatedAt": row["updatedAt"],
        "ageSeconds": round(age, 2),
    }
