"""A suite that is well as the monitor sees it, and what may be wrong with it."""

from typing import Any

from msgspec.structs import replace

from tests.unit.examples import DUE_MS, NOW, funding_document, funding_row, unit_state
from volspike.model.documents import (
    VERSION,
    EmergencyStop,
    FundingDocument,
    Heartbeat,
)
from volspike.model.health import (
    ApiAnswer,
    ExchangeAnswer,
    MachineState,
    Observation,
    UnitState,
)
from volspike.model.market import PremiumIndex

SYMBOLS = ("BTCUSDT", *[f"S{number}USDT" for number in range(647)])
WS, API, MONITOR = "binance-funding-ws.service", "binance-funding-api.service", "funding-health-check.service"
UPTIME = 86_400.0


def feed(*, age: float = 5.0, fresh: int = 648, symbols: int = 648, connected: bool = True) -> FundingDocument:
    rows = {
        name: funding_row(NOW - (age if number < fresh else 9999.0)) for number, name in enumerate(SYMBOLS[:symbols])
    }
    return funding_document(rows, connected=connected, attempts=0 if connected else 7)


def stamped(age_seconds: float, monotonic: float | None) -> FundingDocument:
    """Return a feed whose latest message came so long ago by the wall, and at this monotonic instant."""
    document = feed(age=age_seconds)
    status = replace(document.connection_status, last_message_time=NOW - age_seconds, last_message_monotonic=monotonic)
    return replace(document, connection_status=status)


def reference(mark: float = 91725.878, rate: float | None = 0.0001) -> ExchangeAnswer:
    return ExchangeAnswer(PremiumIndex("BTCUSDT", mark, rate, DUE_MS), 0.01, frozenset(SYMBOLS))


def heartbeat(daemon: str, *, next_due: float = NOW + 10, pid: int = 4711) -> Heartbeat:
    due_monotonic = UPTIME + next_due - NOW
    return Heartbeat(VERSION, daemon, pid, NOW - 3600, NOW - 2, "streaming 648 symbols", next_due, due_monotonic)


def ws(active_state: str = "active", **others: Any) -> UnitState:
    return unit_state("funding-ws", WS, active_state, **others)


def api(active_state: str = "active", **others: Any) -> UnitState:
    return unit_state("funding-api", API, active_state, **others)


WELL = Observation(
    now=NOW,
    monotonic=UPTIME,
    funding_enabled=True,
    units=[ws(), api(), unit_state("health-monitor", MONITOR, sub_state="waiting", main_pid=0)],
    units_problem=None,
    heartbeats={name: heartbeat(name) for name in ("funding-ws", "funding-api")},
    feed=feed(),
    feed_problem=None,
    api=ApiAnswer(200, True, 648),
    exchange=reference(),
    machine=MachineState({"/var/lib/volspike": 0.4}, 0.5),
    weight_closed_until=None,
    maintenance_until=None,
)


def beats(daemon: str, **others: Any) -> dict[str, Heartbeat]:
    return {**WELL.heartbeats, daemon: heartbeat(daemon, **others)}


def seen(**changes: Any) -> Observation:
    return replace(WELL, **changes)


STALE = feed(age=180)
SILENT_API = ApiAnswer(None, problem="no connection")
NO_BINANCE = ExchangeAnswer(problem="no network")
STOPPED = EmergencyStop(VERSION, NOW - 60, "why")
