"""HTTP to one backend: what its answers mean, and its key, which leaves in a request and appears nowhere else.

408, 425, 429, 5xx, time-outs, broken connections and answers cut off are Transient, and Unanswered where the request
has gone out; 500 is Faulted, for the request may be its cause. So is a web page with status 200 Transient: that of
somebody who mends the backend. 401, 403, 404 and redirects are Misdirected; every other 4xx is Permanent.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar
from urllib.parse import quote

import requests
from msgspec.json import encode

from volspike.clients import limits, refusals
from volspike.clients.backend import wire
from volspike.clients.errors import Permanent, Transient, Unanswered
from volspike.clients.reasons import reason, was_sent

Parsed = TypeVar("Parsed")
HTTP_SUCCESS = range(200, 300)
WRONG_DESTINATION = (401, 403, 404)


class Answer(NamedTuple):
    """An answer of the backend, whatever its status."""

    path: str
    status: int
    content: bytes
    retry_after: float | None


class Connection:
    """The way to one backend, for any number of threads.

    A proxy of the environment is used, except to this machine.
    """

    def __init__(self, url: str, key: str, timeout: tuple[float, float], connections: int) -> None:
        """Prepare to ask `url`; `timeout` is for connecting and between two packets, in seconds; see `limits`."""
        self._url = url
        self._key = key
        self._secrets = tuple(form.encode() for form in {key, quote(key, safe=""), encode(key)[1:-1].decode()} if form)
        self._timeout = timeout
        self._session = limits.session(url, pool_connections=1, pool_maxsize=connections)
        self._session.headers.update({"X-API-Key": key, "User-Agent": "volspike"})

    def close(self) -> None:
        """Close what is open and not in use."""
        self._session.close()

    def get(self, path: str, parameters: Mapping[str, str]) -> Answer:
        """Return the answer to a question. Raises Transient when there is none."""
        return self._ask("GET", path, parameters=parameters, most_bytes=limits.LARGEST_LIST)

    def post(self, path: str, payload: bytes, idempotency_key: str = "") -> Answer:
        """Return the answer to a payload. Raises Transient when there is none, and it may have been taken."""
        headers = {"Content-Type": "application/json"}
        if idempotency_key:
            headers["Idempotency-Key"] = quote(idempotency_key, safe=": ")  # a header is ASCII, a symbol need not be
        return self._ask("POST", path, payload=payload, headers=headers)

    def delete(self, path: str) -> Answer:
        """Return the answer to a removal. Raises Transient when there is none."""
        return self._ask("DELETE", path)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        payload: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        most_bytes: int = limits.LARGEST,
    ) -> Answer:
        try:
            answer = self._session.request(
                method,
                self._url + path,
                params=parameters,
                data=payload,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            )
            content = limits.content(answer, most_bytes)
        except requests.RequestException as error:
            problem = reason(error)
            kind = Unanswered if was_sent(error) else Transient
        else:
            return Answer(path, answer.status_code, content, refusals.seconds(answer.headers.get("Retry-After", "")))
        # Outside the handler: the library's error quotes the address, and must not even be this one's context.
        raise kind(f"the backend cannot be reached at {self._url}: {problem}")

    def parsed(self, parse: Callable[[bytes], Parsed], answer: Answer) -> Parsed:
        """Return what a successful answer tells. Raises Transient or Permanent for any other."""
        if answer.status not in HTTP_SUCCESS:
            raise self.refusal(answer)
        try:
            return parse(answer.content)
        except wire.Malformed:
            foreign = self._foreign(answer)
        raise foreign

    def refusal(self, answer: Answer) -> Transient | Permanent:
        """Return what an answer other than success means."""
        said = f"{answer.path} answered HTTP {answer.status}: {self._failure(answer)}"
        return refusals.refusal(said, answer.status, answer.retry_after, WRONG_DESTINATION)

    def _failure(self, answer: Answer) -> str:
        """Return the reason in a refusal without the key, which decoding may have spelled out."""
        return self.without_key(wire.parse_failure(self._without_key(answer.content)))

    def without_key(self, told: str) -> str:
        """Return what an answer told, without the key as it may be quoted there."""
        for secret in self._secrets:
            told = told.replace(secret.decode(), "(key)")
        return told

    def _foreign(self, answer: Answer) -> Transient:
        """Return what an answer of 200 means that is none of the backend's: a web page, or one that was cut off."""
        begins = self._without_key(answer.content)[:60]
        said = f"{answer.path} answered HTTP {answer.status} with something that is not the backend's: {begins!r}"
        return Transient(said) if begins.lstrip().startswith(b"<") else Unanswered(said)

    def _without_key(self, content: bytes) -> bytes:
        """Return what was said without the key, which an answer may quote, as it is or as JSON or an address has it."""
        for secret in self._secrets:
            content = content.replace(secret, b"(key)")
        return content
