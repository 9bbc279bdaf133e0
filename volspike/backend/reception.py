"""What every route begins and ends with: is the key right, does the body decode, was this request answered before."""

import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from sqlite3 import Connection
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
from msgspec import DecodeError, Struct, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from volspike.backend.store import Job, Store

MAX_BODY_BYTES = 1024 * 1024
MAX_KEY = 500

OK = 200
BAD_REQUEST = 400
UNAUTHORIZED = 401
NOT_FOUND = 404
CONFLICT = 409
FAULT = 500
UNAVAILABLE = 503

Body = TypeVar("Body", bound=Struct)
encode = msgspec.json.Encoder().encode


class Answer(NamedTuple):
    """A status and a body, JSON."""

    status: int
    body: bytes


class RefusedError(Exception):
    """A request that is not done; `answer` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


def answered(body: object, status: int = OK) -> Answer:
    """Return an answer."""
    return Answer(status, encode(body))


def refused(status: int, error: str, details: object = None) -> Answer:
    """Return an answer that says why not."""
    return answered({"error": error} if details is None else {"error": error, "details": details}, status)


def response(answer: Answer) -> Response:
    """Return an answer as the server sends it."""
    return Response(answer.body, answer.status, media_type="application/json")


class Decoder(Generic[Body]):
    """Bodies of one kind; `status` and `error` are those of a body that is JSON and not of that kind."""

    def __init__(self, kind: type[Body], status: int, error: str) -> None:
        self._decode: Callable[[bytes], Body] = msgspec.json.Decoder(kind).decode
        self._status = status
        self._error = error

    def __call__(self, body: bytes) -> Body:
        """Return the body's content. Raises RefusedError; what is no JSON at all is a fault, as the contract has it."""
        try:
            return self._decode(body)
        except (DecodeError, UnicodeDecodeError, RecursionError) as error:
            problem = str(error) if isinstance(error, ValidationError) and _is_json(body) else ""
        if not problem:
            raise RefusedError(refused(FAULT, "Internal server error", ["the body is not JSON"]))
        raise RefusedError(refused(self._status, self._error, [problem]))


def _is_json(body: bytes) -> bool:
    """Tell whether a body is JSON to its end: a wrong type may stand before what is none at all, such as NaN."""
    try:
        msgspec.json.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        return isinstance(error, ValidationError)
    return True


class Desk:
    """Where the routes meet: the store, and the key that a client must know."""

    def __init__(self, store: Store, key: str) -> None:
        self.store = store
        self.taken = 0
        """How many alerts were taken since the start."""
        self._key = key.encode()

    def admit(self, request: Request) -> None:
        """Go on only with the key in the header. Raises RefusedError."""
        self.check(request.headers.get("x-api-key", ""))

    def check(self, key: str) -> None:
        """Go on only with the right key; how long it takes says nothing about it. Raises RefusedError."""
        if not hmac.compare_digest(key.encode(), self._key):
            raise RefusedError(refused(UNAUTHORIZED, "Invalid API key"))

    async def once(self, request: Request, job: Job[Answer]) -> Response:
        """Do a job whose request may be repeated: with an Idempotency-Key the second time answers like the first.

        Only success is remembered: what was refused may be tried again.
        """
        key = request.headers.get("idempotency-key", "")
        if len(key) > MAX_KEY:
            raise RefusedError(refused(BAD_REQUEST, f"Idempotency-Key is longer than {MAX_KEY} characters"))
        if key:
            job = _remembered(request.url.path, key, self.store.now(), job)
        return response(await self.store.write(job))

    async def read(self, job: Job[Answer]) -> Response:
        """Answer from what the store has."""
        return response(await self.store.read(job))


def _remembered(route: str, key: str, now: int, job: Job[Answer]) -> Job[Answer]:
    def run(database: Connection) -> Answer:
        asked = (route, key)
        known = database.execute("SELECT body FROM answers WHERE route = ? AND key = ?", asked).fetchone()
        if known is not None:
            return Answer(OK, known[0])
        answer = job(database)
        if answer.status == OK:
            database.execute(
                "INSERT INTO answers (route, key, at, body) VALUES (?, ?, ?, ?)", (*asked, now, answer.body)
            )
        return answer

    return run


def query(request: Request, kind: type[Body]) -> Body:
    """Return the parameters of an address. Raises RefusedError."""
    given: Mapping[str, Any] = {name: text for name, text in request.query_params.items() if text}
    try:
        return msgspec.convert(given, kind, strict=False)
    except ValidationError as error:
        problem = str(error)
    raise RefusedError(refused(BAD_REQUEST, "Invalid query", [problem]))


def instant(text: str) -> int:
    """Return an ISO time as epoch ms; without a zone it is UTC. Raises ValueError or OverflowError."""
    moment = datetime.fromisoformat(text)
    return int((moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def iso(at: int) -> str:
    """Return epoch ms as the backend tells times."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
