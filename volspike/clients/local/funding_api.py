"""The suite's own funding API, asked how it is."""

import requests
from msgspec import MsgspecError, Struct, json

from volspike.clients import limits
from volspike.clients.errors import Transient
from volspike.clients.reasons import reason
from volspike.model.health import ApiAnswer
from volspike.model.market import FundingRow
from volspike.rules.funding import Quote

TIMEOUT_SECONDS = 5.0
ALL_TIMEOUT_SECONDS = 2.0
"""Who wants funding does without rather than wait."""
HTTP_OK = 200


class _Health(Struct, rename="camel"):
    status: str
    symbol_count: int | None = None
    error: str = ""


class _All(Struct):
    data: list[Quote]


def ask_all(url: str) -> dict[str, FundingRow]:
    """Return the rows that `/funding/all` holds for fresh, by symbol. Raises Transient."""
    try:
        with requests.Session() as session:
            session.trust_env = False  # no proxy leads to the suite's own machines
            answer = session.get(f"{url}/funding/all", timeout=ALL_TIMEOUT_SECONDS)
    except requests.RequestException as error:
        raise Transient(f"{url} cannot be reached: {reason(error)}") from None
    if answer.status_code != HTTP_OK:
        raise Transient(f"{url} answered HTTP {answer.status_code}")
    try:
        quotes = json.decode(answer.content, type=_All).data
    except (MsgspecError, ValueError, RecursionError):
        raise Transient(f"{url} answered with something else than funding") from None
    return {quote.symbol: _row(quote) for quote in quotes}


def _row(quote: Quote) -> FundingRow:
    due = quote.next_funding_time or 0
    return FundingRow(quote.funding_rate, quote.mark_price, quote.index_price, due, quote.updated_at)


def ask_health(url: str) -> ApiAnswer:
    """Return what `/funding/health` says; no answer is an answer too."""
    try:
        with requests.Session() as session:
            session.trust_env = False  # no proxy leads to this machine
            answer = session.get(f"{url}/funding/health", timeout=TIMEOUT_SECONDS)
    except requests.Timeout:
        return ApiAnswer(None, problem=f"nothing within {TIMEOUT_SECONDS:.0f} s")
    except requests.ConnectionError:
        return ApiAnswer(None, problem=f"no connection to {url}")
    except requests.RequestException as error:
        return ApiAnswer(None, problem=type(error).__name__)
    try:
        health = json.decode(answer.content, type=_Health)
    except (MsgspecError, ValueError, RecursionError):
        return ApiAnswer(answer.status_code, problem="the answer is not that of a funding API")
    healthy = answer.status_code == HTTP_OK and health.status == "healthy"
    return ApiAnswer(answer.status_code, healthy, health.symbol_count, health.error or health.status)


def ping(url: str) -> None:
    """Fetch a dead man's switch. Raises Transient without naming the address, which is a secret."""
    try:
        with limits.session(url) as session, session.get(url, timeout=TIMEOUT_SECONDS, stream=True) as answer:
            problem = "" if answer.ok else f"HTTP {answer.status_code}"
    except requests.RequestException as error:
        problem = reason(error)
    if problem:
        raise Transient(f"HEALTHCHECK_PING_URL cannot be fetched: {problem}")
