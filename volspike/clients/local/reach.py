"""Whether somebody answers at an address, whatever the answer."""

from urllib.parse import urlsplit

import requests

from volspike.clients import limits
from volspike.clients.reasons import reason

TIMEOUT_SECONDS = (3.05, 5.0)
_ASKED_AS = {"ws": "http", "wss": "https"}


def origin(url: str) -> str:
    """Return scheme and host of an address, which hold no secret; a stream is asked for over HTTP."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = f":{parts.port}" if parts.port else ""
    return f"{_ASKED_AS.get(parts.scheme, parts.scheme)}://{host}{port}"


def problem(url: str) -> str:
    """Return why nobody answers where this address leads; nothing when somebody does. Only the host is asked."""
    asked = origin(url)
    try:
        with limits.session(asked) as session:
            session.get(asked, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True).close()
    except requests.RequestException as error:
        return reason(error)
    return ""
