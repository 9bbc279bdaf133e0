"""Two backends and a chat that take everything, 50 ms later: `python -m bench.receiver` prints its port.

What is posted under `/prod`, `/dev` and `/chat` is counted apart; `GET /counts` tells how many there were of each and
when the last of them came (the machine's monotonic seconds). Whatever else is asked for is answered as a snapshot of
open interest.
"""

import asyncio
import json
import time
from dataclasses import asdict, dataclass

from aiohttp import web

from bench.serving import serve

LATENCY_SECONDS = 0.05
ANSWER = json.dumps({"success": True, "alertId": "1", "ok": True, "result": {}}).encode()


@dataclass
class Count:
    """What one destination has taken: posts, the lines of text in them, and the least time between two."""

    posts: int = 0
    lines: int = 0
    last_at: float = 0.0
    least_gap: float = float("inf")

    def take(self, lines: int) -> None:
        """Count a post with so many lines of text."""
        now = time.monotonic()
        if self.posts:
            self.least_gap = min(self.least_gap, now - self.last_at)
        self.posts += 1
        self.lines += lines
        self.last_at = now


async def main() -> None:
    """Serve until a signal ends it."""
    counts = {name: Count() for name in ("prod", "dev", "chat")}

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        await asyncio.sleep(LATENCY_SECONDS)
        counts[request.match_info["name"]].take(body.count(rb"\n"))
        return web.Response(body=ANSWER, content_type="application/json")

    async def find(request: web.Request) -> web.Response:
        await asyncio.sleep(LATENCY_SECONDS)
        return web.json_response({"found": True, "openInterest": 80.0, "ts": request.query.get("ts")})

    async def tell(_: web.Request) -> web.Response:
        return web.json_response({name: asdict(count) for name, count in counts.items()})

    await serve([web.post("/{name}/{path:.*}", take), web.get("/counts", tell), web.get("/{path:.*}", find)])


if __name__ == "__main__":
    asyncio.run(main())
