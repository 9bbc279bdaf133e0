"""What the health monitor looks at: units, files, API, exchange and machine; whatever cannot be seen is unknown."""

import logging
from pathlib import Path

from msgspec import MsgspecError

from volspike.archive import making
from volspike.clients.binance import weight
from volspike.clients.binance.rest import Rest
from volspike.clients.errors import Permanent, ShutOut, Transient
from volspike.clients.local import funding_api, machine
from volspike.clients.supervision import Supervisor
from volspike.model.documents import (
    VERSION,
    Ban,
    ChannelsDocument,
    FundingDocument,
    Heartbeat,
    Maintenance,
    OutboxDocument,
)
from volspike.model.health import ApiAnswer, ExchangeAnswer, Listing, Observation, Report, UnitState
from volspike.model.limits import LimitsMemory
from volspike.model.market import is_tradable_perpetual
from volspike.model.suite import DAEMONS
from volspike.rules.health import REFERENCE
from volspike.settings import Settings
from volspike.state import documents, emergency, file
from volspike.state.documents import Document

log = logging.getLogger(__name__)

LISTING_SECONDS = 3600
TIMEOUT_SECONDS = (2.0, 5.0)
"""The whole look has to end within the unit's 50 s, whatever hangs."""


def observe(settings: Settings, supervisor: Supervisor) -> Observation:
    """Return everything the monitor judges, as of now."""
    runtime_dir, now = settings.runtime_dir, settings.clock.now()
    closed_until = _shut_out_until(settings)
    stop = emergency.read(settings.state_dir)
    before, _ = _read(_own(runtime_dir, documents.HEALTH_REPORT), Report)
    backups_directory = documents.backups_directory(settings.state_dir)
    newest_backup = making.newest(backups_directory, now)
    units, units_problem = _units(supervisor)
    exchange = _ask_exchange(settings, banned=closed_until > now) if stop is None else ExchangeAnswer()
    if exchange.shut_out_seconds is not None:
        closed_until = now + exchange.shut_out_seconds
        _keep(_own(settings.state_dir, documents.BAN), Ban(VERSION, closed_until))
    feed, feed_problem = _read(runtime_dir / documents.FUNDING, FundingDocument)
    maintenance, _ = _read(runtime_dir / documents.MAINTENANCE, Maintenance)
    outbox, outbox_problem = _read(runtime_dir / documents.OUTBOX_STATE, OutboxDocument)
    channels, channels_problem = _read(runtime_dir / documents.TELEGRAM_CHANNELS, ChannelsDocument)
    return Observation(
        now=now,
        monotonic=settings.clock.monotonic(),
        funding_enabled=settings.ws_funding_enabled,
        units=units,
        units_problem=units_problem,
        heartbeats=_heartbeats(runtime_dir),
        feed=feed,
        feed_problem=feed_problem,
        api=_ask_api(settings),
        exchange=exchange,
        machine=machine.look((settings.state_dir, runtime_dir, backups_directory), now),
        weight_closed_until=closed_until,
        maintenance_until=maintenance.until if maintenance else None,
        outbox=outbox,
        outbox_problem=outbox_problem,
        channels=channels,
        channels_problem=channels_problem,
        limits=settings.limits,
        limits_memory=_limits_memory(runtime_dir),
        emergency=stop,
        resumed=stop is None and before is not None and before.emergency is not None,
        newest_backup_at=newest_backup.made_at if newest_backup else None,
    )


def _shut_out_until(settings: Settings) -> float:
    """Return the end of a ban: the machine's account knows it, or this monitor, which may not write there."""
    account = weight.peek(settings.runtime_dir)
    own, _ = _read(_own(settings.state_dir, documents.BAN), Ban)
    return max(account.closed_until if account else 0.0, own.until if own else 0.0)


def _limits_memory(runtime_dir: Path) -> LimitsMemory:
    """Return what the monitor remembers of the minutes before; a file of another release is as good as none."""
    return _read(_own(runtime_dir, documents.LIMITS), LimitsMemory)[0] or LimitsMemory()


def _units(supervisor: Supervisor) -> tuple[list[UnitState], str | None]:
    try:
        return supervisor.states(), None
    except Transient as error:
        return [], str(error)


def _own(directory: Path, name: str) -> Path:
    return documents.health_directory(directory) / name


def _keep(path: Path, document: Ban | Listing) -> None:
    try:
        file.write(path, documents.encode(document))
    except OSError as error:
        log.debug("not kept", extra={"path": str(path), "problem": error.strerror})


def _read(path: Path, kind: type[Document]) -> tuple[Document | None, str | None]:
    try:
        return documents.decode(path.read_bytes(), kind), None
    except FileNotFoundError:
        return None, None
    except OSError as error:
        return None, f"{path} cannot be read ({error.strerror})"
    except (MsgspecError, ValueError) as error:
        return None, f"{path} is broken ({error})"


def _heartbeats(runtime_dir: Path) -> dict[str, Heartbeat]:
    beats = {daemon.name: _read(documents.heartbeat_path(runtime_dir, daemon.name), Heartbeat)[0] for daemon in DAEMONS}
    return {name: beat for name, beat in beats.items() if beat is not None}


def _ask_api(settings: Settings) -> ApiAnswer:
    if not settings.ws_funding_enabled:
        return ApiAnswer(None, problem="not asked")
    return funding_api.ask_health(settings.funding_api_url)


def _ask_exchange(settings: Settings, *, banned: bool) -> ExchangeAnswer:
    """Ask Binance three small things, in the reserve that the weight account leaves; nothing while shut out."""
    if banned:
        return ExchangeAnswer(problem="not asked while this machine is shut out")
    try:
        rest = Rest(settings.binance_rest_url, settings.clock, account=None, timeout=TIMEOUT_SECONDS)
        before = settings.clock.now()
        server_time = rest.server_time()
        after = settings.clock.now()
        return ExchangeAnswer(
            premium_index=rest.premium_index(REFERENCE),
            clock_skew_seconds=_skew(server_time, before, after),
            tradable_symbols=_tradable(settings, rest),
        )
    except ShutOut as error:
        return ExchangeAnswer(problem=str(error), shut_out_seconds=error.seconds)
    except (Transient, Permanent) as error:
        return ExchangeAnswer(problem=str(error))


def _skew(server_time: float, before: float, after: float) -> float:
    """Return by how much this machine's clock is behind at least: what the round trip may explain is no skew."""
    return max(0.0, server_time - after) or min(0.0, server_time - before)


def _tradable(settings: Settings, rest: Rest) -> frozenset[str]:
    """Return what trades, asked at most once an hour."""
    path = _own(settings.state_dir, documents.LISTING)
    now = settings.clock.now()
    listing, _ = _read(path, Listing)
    if listing is not None and 0 <= now - listing.at < LISTING_SECONDS:
        return listing.tradable_symbols
    tradable = frozenset(contract.symbol for contract in rest.contracts() if is_tradable_perpetual(contract))
    _keep(path, Listing(VERSION, now, tradable))
    return tradable
