"""What Apprise has met on its way to a service; it tells only whether it succeeded.

It asks with the functions of `requests`, which make a session for each request. The session here takes the place of
theirs: it notes what was answered, goes to no proxy on this machine, follows no redirect with a message and its
secrets, and lets no answer take for ever. Where no exchange is being witnessed it is an ordinary one. What services
say that speak no HTTP, such as mail servers, is taken from Apprise's log, which holds addresses and so goes nowhere.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from volspike.clients import limits, refusals
from volspike.clients.reasons import reason, was_sent
from volspike.rules.loopback import is_loopback

_MAIL_CODE = re.compile(r"\((\d{3}), b|refused: (\d{3}) ")
_HTTP_SUCCESS = range(200, 300)


@dataclass
class Exchange:
    """What one notification has met: the latest answer that was no success, or why there was none."""

    status: int | None = None
    body: bytes = b""
    retry_after: float | None = None
    unreachable: str = ""
    unaddressable: bool = False
    """Whether there is no such address, so that there will be no request either."""
    was_sent: bool = False
    """Whether a request had gone out to which no answer came."""
    log: list[str] = field(default_factory=list)

    @property
    def mail_code(self) -> int | None:
        """Return what a mail server has answered, if one has refused."""
        found = [match for line in self.log if (match := _MAIL_CODE.search(line))]
        return int(found[-1][1] or found[-1][2]) if found else None

    def note(self, response: requests.Response) -> None:
        """Keep what an answer says, if it is no success or nothing worse has been met."""
        success = response.status_code in _HTTP_SUCCESS
        if success and (self.status is not None or self.unreachable):
            return
        self.status, self.body = response.status_code, response.content
        self.retry_after = refusals.seconds(response.headers.get("Retry-After", ""))


_witnessed: ContextVar[Exchange | None] = ContextVar("volspike_exchange", default=None)


class _Session(requests.Session):
    def request(self, method: Any, url: Any, *arguments: Any, **options: Any) -> requests.Response:
        exchange = _witnessed.get()
        if exchange is None:
            return super().request(method, url, *arguments, **options)
        self.trust_env = not is_loopback(urlsplit(url).hostname)
        for scheme in ("http://", "https://"):
            self.mount(scheme, limits.Limited())
        try:
            response = super().request(method, url, *arguments, **{**options, "allow_redirects": False})
        except requests.RequestException as error:
            exchange.unreachable, exchange.was_sent = reason(error), exchange.was_sent or was_sent(error)
            exchange.unaddressable = isinstance(error, ValueError)  # InvalidURL, MissingSchema and their like
            raise
        exchange.note(response)
        return response


class _Listener(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        exchange = _witnessed.get()
        if exchange is not None:
            exchange.log.append(record.getMessage())


def prepare() -> None:
    """Take the place of the session of `requests`' functions, and Apprise's log away from the suite's."""
    requests.sessions.Session = _Session  # type: ignore[misc]
    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    logger.handlers = [_Listener()]


@contextmanager
def witnessed() -> Iterator[Exchange]:
    """Note what is met within the block, in this thread."""
    exchange = Exchange()
    token = _witnessed.set(exchange)
    try:
        yield exchange
    finally:
        _witnessed.reset(token)
