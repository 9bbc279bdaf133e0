"""The embedded backend as an application: its routes by subject, what it says of itself, and what it counts."""

from time import perf_counter

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from volspike import __version__
from volspike.backend import alerts, open_interest, telegram, universe, user_alerts
from volspike.backend.documentation import Documented, described, page
from volspike.backend.reception import (
    FAULT,
    MAX_BODY_BYTES,
    UNAVAILABLE,
    Desk,
    RefusedError,
    answered,
    refused,
    response,
)
from volspike.backend.schemas import Health
from volspike.backend.store import UnavailableError
from volspike.rules.hysteresis import Thresholds
from volspike.rules.polling import Pace
from volspike.runtime.metrics import Metrics

RETRY_SECONDS = "5"
DESCRIPTION = "Takes the alerts of the suite and keeps what its users have asked to be told of, on this machine."


def build_app(desk: Desk, metrics: Metrics, thresholds: Thresholds, pace: Pace) -> Documented:
    """Return the application; `thresholds` and `pace` are told with the liquid universe."""
    app = Documented(
        title="VolSpike backend",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,  # FastAPI's page loads its scripts from elsewhere
        redoc_url=None,
        max_body_size=MAX_BODY_BYTES,
    )
    for router in (
        alerts.router(desk),
        user_alerts.trigger_router(desk),
        user_alerts.owner_router(desk),
        open_interest.router(desk),
        universe.router(desk, thresholds, pace),
        telegram.router(desk),
    ):
        app.include_router(router)
    _add_own_pages(app)
    _add_refusals(app)
    app.add_middleware(_Counted, metrics=metrics)
    return app


def _add_own_pages(app: Documented) -> None:
    @app.get("/health", tags=["Backend"], **described("Tell that the backend is there", Health, key="nowhere"))
    async def health(_: Request) -> Response:
        return response(answered(Health("alive", __version__)))

    @app.get("/docs", include_in_schema=False)
    @app.get("/", include_in_schema=False)
    async def documentation(_: Request) -> Response:
        return HTMLResponse(page(app.openapi()))


def _add_refusals(app: Documented) -> None:
    @app.exception_handler(RefusedError)
    async def refuse(_: Request, error: RefusedError) -> Response:
        return response(error.answer)

    @app.exception_handler(UnavailableError)
    async def put_off(_: Request, __: UnavailableError) -> Response:
        answer = response(refused(UNAVAILABLE, "The database cannot be used now"))
        answer.headers["Retry-After"] = RETRY_SECONDS
        return answer

    @app.exception_handler(Exception)
    async def fail(_: Request, __: Exception) -> Response:
        return response(refused(FAULT, "Internal server error"))


class _Counted:
    """Counts requests and the time they take, by route."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        try:
            await self._app(scope, receive, send)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self._metrics.counter("http_requests", "Requests answered.", route=route).inc()
            self._metrics.counter("http_request_seconds", "Time spent answering.", route=route).inc(
                perf_counter() - started
            )
