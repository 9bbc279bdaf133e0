"""Keeps other sites' pages away from the dashboard: it has no login, and every page in the same browser reaches it.

A page of another site could open the dashboard's socket, which browsers allow across sites, or show it in a frame and
have a person click there. And a name that its owner points at 127.0.0.1 (DNS rebinding) makes a foreign page one of the
same site. So a request must name this machine, must come from a page of the dashboard itself if from any, and no answer
may be framed. What a page may load is limited to the dashboard too, in case a foreign text ever got into one.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from volspike.rules.loopback import is_loopback

FORBIDDEN = 403
POLICY_VIOLATION = 1008
_REFUSAL = "The dashboard is asked as 127.0.0.1 or localhost, and by its own pages only.\n"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),  # NiceGUI writes its scripts into the page and compiles its templates there
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def is_admitted(host: str, origin: str | None) -> bool:
    """Tell whether a request that was sent to this `Host` may be answered; `origin` is of which page it is, if any."""
    try:
        name = urlsplit(f"//{host}").hostname
        page = urlsplit(origin).netloc if origin is not None else host
    except ValueError:
        return False
    return is_loopback(name) and page.lower() == host.lower()


class Guard:
    """The application behind the guard."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not is_admitted(headers.get("host", ""), headers.get("origin")):
            await _refuse(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, told)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
    else:
        await PlainTextResponse(_REFUSAL, FORBIDDEN)(scope, receive, send)
