"""Faults on demand: which exist, what they mean, and which are active.

A fault is asked for by its kind, parameters and optionally a duration (`for_seconds`, simulated). Asking again
replaces it. What a fault does is done where it belongs, in the streams or in REST; here is only the book.
"""

from dataclasses import dataclass, field
from math import inf

Value = float | str


class FaultError(Exception):
    """A fault was asked for that does not exist; one line names the thing, the value and what is allowed."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: a number between bounds, a choice of words, a traded symbol, or any text."""

    default: Value
    choices: tuple[str, ...] = ()
    minimum: float = 0.0
    maximum: float = 86_400.0
    symbol: bool = False

    def allowed(self) -> str:
        """Say what is allowed, for people."""
        if self.choices:
            return " or ".join(self.choices)
        if self.symbol:
            return "a listed symbol"
        if isinstance(self.default, str):
            return "text"
        return f"a number from {self.minimum:g} to {self.maximum:g}"

    def read(self, value: object, symbols: frozenset[str]) -> Value | None:
        """Return the value as the fault needs it, None when it is not allowed."""
        if isinstance(self.default, str):
            if not isinstance(value, str) or (self.choices and value not in self.choices):
                return None
            return None if self.symbol and value not in symbols else value
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            return None
        try:
            read = float(value)
        except ValueError:
            return None
        return read if self.minimum <= read <= self.maximum else None


@dataclass(frozen=True, slots=True)
class Kind:
    """A fault that can be asked for."""

    name: str
    explanation: str
    parameters: dict[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """An active fault; `connections` is how many connections had ever been opened when it began."""

    kind: str
    parameters: dict[str, Value]
    since: float
    until: float
    connections: int

    def number(self, name: str) -> float:
        """Return a numeric parameter."""
        return float(self.parameters[name])

    def text(self, name: str) -> str:
        """Return a textual parameter."""
        return str(self.parameters[name])

    def concerns(self, connection: int) -> bool:
        """Whether it covers the connection with this number: with scope `current` only those open at its start."""
        return self.parameters.get("scope") != "current" or connection <= self.connections


SCOPE = {"scope": Parameter("all", ("all", "current"))}
SERVICE = {"service": Parameter("all", ("all", "discord", "ntfy", "desk"))}
FACE = {"scope": Parameter("all", ("all", "rest", "ws")), "path": Parameter("")}

KINDS = {
    kind.name: kind
    for kind in (
        Kind("silent", "open sockets, no data; scope=current spares connections opened later", SCOPE),
        Kind("half_open", "no data, no pings, no answer to pings or to a close; scope as for silent", SCOPE),
        Kind("drop_after_accept", "WebSocket handshakes succeed and the connection closes at once"),
        Kind("refuse", "the exchange is down: every connection is cut, REST and WebSocket, open ones too"),
        Kind(
            "garbage_frame",
            "`count` frames that are no JSON instead of the next tick, then all is well",
            {"count": Parameter(1.0, minimum=1, maximum=1000)},
        ),
        Kind("broken_row", "one row of each mark-price frame has a wrong type or lacks a key"),
        Kind("frozen", "frames go on, but their values and event times stand still"),
        Kind("http_451", "blocked country: 451 with a JSON body", FACE),
        Kind("http_403", "firewall: 403 with an HTML body", FACE),
        Kind("http_503", "overloaded: 503", FACE),
        Kind("html", "REST answers 200 with an HTML page", {"path": Parameter("")}),
        Kind("slow", "answers, handshakes and frames come `seconds` late", {"seconds": Parameter(2.0), **FACE}),
        Kind("ban", "418, banned until `seconds` from now", {"seconds": Parameter(120.0, maximum=259_200)}),
        Kind("limit", "every REST request is answered 429"),
        Kind(
            "clock_skew",
            "server time and event times are off by `seconds`",
            {"seconds": Parameter(10.0, minimum=-86_400)},
        ),
        Kind(
            "wrong_funding",
            "REST premiumIndex of `symbol` differs from the stream: rate + `rate`, mark x (1 + `mark`)",
            {
                "symbol": Parameter("BTCUSDT", symbol=True),
                "rate": Parameter(0.0005, minimum=-1, maximum=1),
                "mark": Parameter(0.01, minimum=-0.9, maximum=10),
            },
        ),
        Kind(
            "null_symbol",
            "the row of `symbol` is sent without a funding rate",
            {"symbol": Parameter("ADAUSDT", symbol=True)},
        ),
        Kind("legacy_delivery", 'delivery contracts are sent with "r":"" as until 2025'),
        Kind("telegram_down", "Telegram is down: every connection to the Bot API is cut"),
        Kind(
            "telegram_error",
            "Telegram answers `status` with `description`, or with its usual words",
            {"status": Parameter(500.0, minimum=400, maximum=599), "description": Parameter("")},
        ),
        Kind("telegram_limit", "Telegram answers 429 with retry_after `seconds`", {"seconds": Parameter(5.0)}),
        Kind(
            "telegram_slow",
            "Telegram takes a message and answers `seconds` late",
            {"seconds": Parameter(15.0)},
        ),
        Kind(
            "telegram_moved",
            "the group has become the supergroup `to` and is refused by its old number",
            {"to": Parameter(-1_001_234_567_890.0, minimum=-1e13, maximum=-1)},
        ),
        Kind("service_down", "Discord, ntfy, the desk or all of them are down: every connection is cut", SERVICE),
        Kind(
            "service_error",
            "they answer `status`",
            {"status": Parameter(500.0, minimum=400, maximum=599), **SERVICE},
        ),
        Kind("service_limit", "they answer 429 with a pause of `seconds`", {"seconds": Parameter(5.0), **SERVICE}),
        Kind("channels_down", "Telegram's public web is down: every connection to the pages of channels is cut"),
        Kind("channels_changed", "the pages of channels have another shape: no class has its usual name"),
        Kind("channel_gone", "the channel `name` shows no page any more", {"name": Parameter("marketfeed")}),
        Kind(
            "channel_renamed",
            "the channel `name` has become `to`",
            {"name": Parameter("marketfeed"), "to": Parameter("marketfeed2")},
        ),
    )
}


class Board:
    """The active faults, at most one of each kind."""

    def __init__(self, symbols: frozenset[str]) -> None:
        """Start with none; `symbols` are those that a parameter may name."""
        self._symbols = symbols
        self._active: dict[str, Fault] = {}

    def put(self, wanted: dict[str, object], now: float, connections: int = 0) -> Fault:
        """Activate `{"kind": …, "for_seconds": …, parameters}` and return it; raises FaultError."""
        kind = _kind(wanted.get("kind"))
        for_seconds = wanted.get("for_seconds")
        duration = Parameter(inf, maximum=inf)
        accepted = inf if for_seconds is None else duration.read(for_seconds, frozenset())
        if accepted is None:
            raise FaultError(f"fault {kind.name}: for_seconds={for_seconds}: not a number of seconds")
        given = {name: value for name, value in wanted.items() if name not in {"kind", "for_seconds"}}
        parameters = self._parameters(kind, given)
        lasting = float(accepted)
        if kind.name == "ban":
            lasting = min(lasting, float(parameters["seconds"]))
        fault = Fault(kind.name, parameters, now, now + lasting, connections)
        self._active[kind.name] = fault
        return fault

    def _parameters(self, kind: Kind, given: dict[str, object]) -> dict[str, Value]:
        read = {name: parameter.default for name, parameter in kind.parameters.items()}
        for name, value in given.items():
            parameter = kind.parameters.get(name)
            if parameter is None:
                allowed = ", ".join((*kind.parameters, "for_seconds"))
                raise FaultError(f"fault {kind.name}: unknown parameter {name!r}; allowed: {allowed}")
            accepted = parameter.read(value, self._symbols)
            if accepted is None:
                raise FaultError(f"fault {kind.name}: {name}={value}: not {parameter.allowed()}")
            read[name] = accepted
        return read

    def find(self, kind: str, now: float) -> Fault | None:
        """Return the fault of this kind if it is active."""
        fault = self._active.get(kind)
        if fault is None or now < fault.until:
            return fault
        del self._active[kind]
        return None

    def active(self, now: float) -> list[Fault]:
        """Return all active faults."""
        return [fault for kind in list(self._active) if (fault := self.find(kind, now))]

    def clear(self, kind: str | None = None) -> None:
        """End one fault, or all; ending one that is not active is no error."""
        if kind is None:
            self._active.clear()
        else:
            self._active.pop(_kind(kind).name, None)


def _kind(name: object) -> Kind:
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise FaultError(f"unknown fault {name!r}; allowed: {', '.join(KINDS)}")
    return kind


def parse(text: str) -> dict[str, object]:
    """Read `KIND[:name=value,…]`, as on the command line, into what `Board.put` takes; raises FaultError."""
    name, _, rest = text.partition(":")
    wanted: dict[str, object] = {"kind": name}
    for part in filter(None, rest.split(",")):
        parameter, equals, value = part.partition("=")
        if not equals:
            raise FaultError(f"fault {name}: {part!r} is not name=value")
        wanted[parameter] = value
    return wanted
