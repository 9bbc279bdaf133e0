"""The HTTP face of the funding feed: routes, status codes and JSON; every answer comes out of memory."""

from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from urllib.parse import parse_qs

import msgspec
from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from volspike import __version__
from volspike.daemons.funding_metrics import scrape
from volspike.model.documents import FundingDocument
from volspike.rules import funding
from volspike.rules.funding import Disconnected, FundingView, Quote, Stale, SymbolNotFound
from volspike.runtime.clock import Clock
from volspike.runtime.metrics import Metrics
from volspike.state import documents
from volspike.state.file import Reader

encode = msgspec.json.Encoder().encode

MAX_BATCH = 1000
MAX_NAME = 64
NO_DATA = {"error": "No data yet"}
STATUS = {Quote: 200, SymbolNotFound: 404, Disconnected: 503, Stale: 503}
SYMBOL_PATH = "/funding/{symbol}"
ENDPOINTS = (
    SYMBOL_PATH,
    "/funding/batch?symbols=A,B",
    "/funding/all",
    "/funding/health",
    "/health",
    "/ready",
    "/metrics",
)


class FundingSource:
    """The funding state file as the API sees it: read again when it has changed, judged by the clock."""

    def __init__(self, runtime_dir: Path, clock: Clock) -> None:
        self.clock = clock
        self._reader = Reader(
            runtime_dir / documents.FUNDING,
            lambda content: funding.view(documents.decode(content, FundingDocument)),
        )

    def feed(self) -> FundingView | None:
        """Return the newest good content of the file; None as long as it has told of no symbol."""
        feed = self._reader.read()
        return feed if feed is not None and feed.update_times else None

    def summary(self) -> str:
        """Return what is served, in a sentence."""
        feed = self.feed()
        if feed is None:
            return "no data yet"
        now = self.clock.now()
        lost = funding.disconnection(feed, now)
        if lost is not None:
            return f"serving nobody: {lost.error} for {lost.disconnected_for_seconds:.0f} s"
        health = funding.feed_health(feed, now)
        symbols = "1 symbol" if health.symbol_count == 1 else f"{health.symbol_count} symbols"
        return f"serving {symbols}, {health.error or 'all well'}"


Answer = tuple[int, bytes]
"""A status code and a body."""


def build_app(source: FundingSource, registry: Metrics, runtime_dir: Path) -> FastAPI:
    """Return the application over a source; `/metrics` merges the metrics files of the runtime directory."""
    answers = Answers(source)
    routes: tuple[tuple[str, str, Callable[[Scope], Answer]], ...] = (
        ("/", "root", lambda _: answers.root()),
        ("/funding/batch", "batch", lambda scope: answers.batch(_query(scope, "symbols"))),
        ("/funding/all", "all", lambda _: answers.all()),
        ("/funding/health", "funding-health", lambda _: answers.health()),
        ("/health", "health", lambda _: (200, encode({"status": "alive"}))),
        ("/ready", "ready", lambda _: answers.ready()),
        ("/metrics", "metrics", lambda _: (200, scrape(registry, runtime_dir, source.clock.now()))),
        # A path parameter matches anything: it comes last, or it would swallow its siblings.
        (SYMBOL_PATH, "symbol", lambda scope: answers.symbol(scope["path_params"]["symbol"])),
    )
    endpoints = {path: _Endpoint(name, answer, registry) for path, name, answer in routes}
    return _App(endpoints)


class _App(FastAPI):
    """A FastAPI application that answers its known paths before FastAPI's own machinery is entered.

    Six middlewares, a look for telemetry in the environment and a search through the routes cost more than uvicorn
    and the answer together. Everything that is not one of the paths goes the usual way.
    """

    def __init__(self, endpoints: Mapping[str, "_Endpoint"]) -> None:
        super().__init__(
            title="VolSpike funding API", version=__version__, openapi_url=None, docs_url=None, redoc_url=None
        )
        for path, endpoint in endpoints.items():
            self.router.routes.append(Route(path, endpoint=endpoint, name=endpoint.name))
        self._fixed = {path: endpoint for path, endpoint in endpoints.items() if path != SYMBOL_PATH}
        self._symbol = endpoints[SYMBOL_PATH]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        endpoint = self._fixed.get(path)
        if endpoint is None:
            parent, _, symbol = path.rpartition("/")
            if parent != "/funding" or not symbol:
                await super().__call__(scope, receive, send)
                return
            scope["path_params"] = {"symbol": symbol}
            endpoint = self._symbol
        await endpoint(scope, receive, send)


class Answers:
    """What each route answers, as a status and a body."""

    def __init__(self, source: FundingSource) -> None:
        self._source = source

    def root(self) -> Answer:
        """Say what this is and where to go."""
        return 200, encode({"service": "volspike-funding-api", "version": __version__, "endpoints": ENDPOINTS})

    def symbol(self, name: str) -> Answer:
        """Answer for one symbol."""
        feed = self._source.feed()
        if feed is None:
            return 503, _detail(NO_DATA)
        answer = funding.quote(feed, name[:MAX_NAME], self._source.clock.now())
        if type(answer) is Quote:
            return 200, encode(answer)
        return STATUS[type(answer)], _detail(answer)

    def batch(self, lists: list[str]) -> Answer:
        """Answer for the named symbols in the order of the request, each with its own error if it has one."""
        names = [name for text in lists for name in map(str.strip, text.split(",")) if name]
        if not names:
            return 400, _detail({"error": "No symbols provided"})
        if len(names) > MAX_BATCH:
            return 400, _detail({"error": "Too many symbols", "maximum": MAX_BATCH, "got": len(names)})
        feed = self._source.feed()
        if feed is None:
            return 503, _detail(NO_DATA)
        now = self._source.clock.now()
        data = [_item(name[:MAX_NAME], funding.quote(feed, name[:MAX_NAME], now)) for name in names]
        found = sum(type(answer) is Quote for answer in data)
        return 200, encode({"data": data, "found": found, "missing": len(data) - found, "total": len(data)})

    def all(self) -> Answer:
        """Answer with every fresh symbol."""
        feed = self._source.feed()
        if feed is None:
            return 503, _detail(NO_DATA)
        now = self._source.clock.now()
        rows = feed.document.funding_state
        data = [answer for name in rows if type(answer := funding.quote(feed, name, now)) is Quote]
        return 200, encode({"data": data, "found": len(data), "missing": len(rows) - len(data), "total": len(rows)})

    def health(self) -> Answer:
        """Tell how the feed is; 503 with the reason when it is not well."""
        feed = self._source.feed()
        if feed is None:
            return 503, encode({"status": "unhealthy", **NO_DATA})
        health = funding.feed_health(feed, self._source.clock.now())
        return 503 if health.error else 200, encode(health)

    def ready(self) -> Answer:
        """Tell whether there is something to answer with."""
        if self._source.feed() is None:
            return 503, encode({"status": "waiting", **NO_DATA})
        return 200, encode({"status": "ready"})


class _Endpoint:
    """A plain ASGI application around a function that answers from memory, with its metrics.

    FastAPI's own handling of a path function costs several times the answer itself.
    """

    def __init__(self, name: str, answer: Callable[[Scope], Answer], registry: Metrics) -> None:
        self.name = name
        self._answer = answer
        text = b"text/plain; version=0.0.4; charset=utf-8" if name == "metrics" else b"application/json"
        self._content_type = (b"content-type", text)
        self._count = registry.counter("http_requests", "Requests answered.", route=name).inc
        self._spend = registry.counter("http_request_seconds", "Time spent answering.", route=name).inc

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        started = perf_counter()
        headers = [self._content_type]
        if scope["method"] in ("GET", "HEAD"):
            status, body = self._answer(scope)
        else:
            status, body = 405, encode({"detail": "Method Not Allowed"})
            headers.append((b"allow", b"GET, HEAD"))
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        self._count()
        self._spend(perf_counter() - started)


def _query(scope: Scope, name: str) -> list[str]:
    return parse_qs(scope["query_string"].decode("utf-8", "replace")).get(name, [])


def _item(name: str, answer: Quote | funding.Refusal) -> Quote | dict[str, object]:
    return answer if isinstance(answer, Quote) else {"symbol": name.upper(), **msgspec.to_builtins(answer)}


def _detail(reason: object) -> bytes:
    return encode({"detail": reason})
