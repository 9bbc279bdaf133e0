"""Judging the suite: what is found in an observation."""

from collections.abc import Iterator

from volspike.model.documents import VERSION
from volspike.model.health import Finding, Observation, Report, Severity, UnitState
from volspike.model.suite import EX_CONFIG, FUNDING_API, FUNDING_WS, HEALTH_MONITOR, TELEGRAM_POLLER, Kind, daemon_named
from volspike.rules import backup_health, channel_health, emergency, funding, limits, liveness, outbox_health
from volspike.rules.comparison import MARK_TOLERANCE, RATE_TOLERANCE
from volspike.rules.liveness import STALE_SECONDS

QUIET_SECONDS = 30
"""A live feed delivers every second and drops a silent connection after 15: so long a quiet is a stopped daemon."""
MIN_SYMBOLS = 500
SKEW_WARNING_SECONDS, SKEW_ERROR_SECONDS = 1.0, 5.0
REFERENCE = "BTCUSDT"
SHOWN_NAMES = 5

TITLES = {
    FUNDING_WS: "WebSocket daemon",
    FUNDING_API: "API server",
    "backend": "Embedded backend",
    "liquid-universe": "Liquid universe",
    "oi-poller": "Open-interest poller",
    "volume-alerts": "Volume alerts",
    "user-alerts": "User alerts",
    TELEGRAM_POLLER: "Telegram poller",
    "courier": "Courier",
    "dashboard": "Dashboard",
    "backup": "Backup",
    HEALTH_MONITOR: "Health monitor",
}


def judge(seen: Observation, repaired: list[str]) -> Report:
    """Return the report of an observation; one error makes the suite unhealthy.

    During an emergency stop the market is not judged, for that nothing comes from there is what was asked for; nor at
    the first look after it, for it may have ended a moment ago.
    """
    market = liveness.is_market_awaited(seen)
    findings = [
        *_emergency(seen),
        *_units(seen),
        *(_feed(seen) if market else ()),
        *(_api(seen) if market else ()),
        *(_quality(seen) if market else ()),
        *_heartbeats(seen),
        *limits.step(seen)[1],
        *_exchange(seen),
        *_outbox(seen),
        *_channels(seen),
        *backup_health.findings(seen.newest_backup_at, seen.units, seen.now),
        *_maintenance(seen),
    ]
    healthy = all(finding.severity is not Severity.ERROR for finding in findings)
    return Report(VERSION, seen.now, healthy, findings, repaired, seen.emergency)


def _emergency(seen: Observation) -> Iterator[Finding]:
    if seen.emergency is not None:
        said = emergency.sentence(seen.emergency)
        yield _error("emergency", f"{said[0].upper()}{said[1:]} ({emergency.RESUME} ends it)")


def _info(check: str, text: str) -> Finding:
    return Finding(check, Severity.INFO, text)


def _warning(check: str, text: str) -> Finding:
    return Finding(check, Severity.WARNING, text)


def _error(check: str, text: str) -> Finding:
    return Finding(check, Severity.ERROR, text)


def _units(seen: Observation) -> Iterator[Finding]:
    if seen.units_problem:
        yield _error("units", f"The units cannot be seen: {seen.units_problem}")
    elif not seen.units:
        yield _warning("units", "No units of the suite are installed or running here")
    for unit in liveness.watched(seen):
        title = TITLES.get(unit.daemon, unit.daemon)
        if is_failing_job(unit):
            yield _warning("units", f"{title} has failed when it ran last: {_cause(unit)}")
        elif unit.active_state in ("active", "reloading"):
            yield _info("units", f"{title} service is running")
        elif unit.sub_state == "auto-restart":
            yield _error("units", f"{title} service has failed and is being started again: {_cause(unit)}")
        elif unit.active_state == "activating":
            yield _warning("units", f"{title} service is starting ({unit.sub_state})")
        elif stopped_by_operator(unit):
            yield _warning("units", f"{title} service was stopped by an operator: systemctl start {unit.unit}")
        else:
            yield _error("units", f"{title} service is {unit.active_state}: {_cause(unit)}")


def _cause(unit: UnitState) -> str:
    if unit.exit_status == EX_CONFIG and unit.daemon == TELEGRAM_POLLER:
        return f"not logged in, or bad configuration, see volspike logs {unit.daemon} -n 20 and volspike telegram-login"
    if unit.exit_status == EX_CONFIG:
        return f"bad configuration, see volspike logs {unit.daemon} -n 20 and volspike config check"
    return f"{ending(unit)}, see volspike logs {unit.daemon} -n 50"


def ending(unit: UnitState) -> str:
    """Return how the process of a unit has ended."""
    if unit.result == "signal":
        return f"killed by signal {unit.exit_status}"
    if unit.result == "oom-kill":
        return "killed for lack of memory"
    return f"{unit.result}, exit status {unit.exit_status}"


def is_failing_job(unit: UnitState) -> bool:
    """Tell whether what a timer starts, and will start again, has failed; the monitor's exit code is its verdict."""
    is_job = daemon_named(unit.daemon).kind is Kind.TIMER and unit.daemon != HEALTH_MONITOR
    return is_job and unit.active_state == "active" and unit.result not in ("", "success")


def stopped_by_operator(unit: UnitState) -> bool:
    """Tell whether a unit rests because somebody stopped it cleanly."""
    return unit.active_state in ("inactive", "deactivating") and unit.result == "success"


def _feed(seen: Observation) -> Iterator[Finding]:
    if seen.feed_problem:
        yield _error("feed", f"Funding state file: {seen.feed_problem}")
    if seen.feed is None:
        yield _error("feed", "No funding data yet: the state file does not exist")
        return
    status = seen.feed.connection_status
    health = funding.feed_health(funding.view(seen.feed), liveness.now_of(seen.feed, seen))
    newest = health.newest_data_age_seconds
    if not status.connected:
        attempts = "1 attempt" if status.reconnect_attempts == 1 else f"{status.reconnect_attempts} attempts"
        yield _error("websocket", f"WebSocket is not connected ({attempts} to reconnect)")
    elif newest is not None and newest >= QUIET_SECONDS:
        yield _warning("websocket", f"WebSocket counts as connected, but nothing has come for {newest:.0f}s")
    else:
        yield _info("websocket", "WebSocket is connected to Binance")
    yield from _coverage(health.symbol_count, health.fresh_symbol_count)
    yield _info("feed", f"{status.messages_received} messages processed")
    if newest is not None and newest < STALE_SECONDS:
        yield _info("freshness", f"Last message {newest:.0f}s ago")
    else:
        age = "never" if newest is None else f"{newest:.0f}s ago"
        yield _error("freshness", f"Last message {age}, at most {STALE_SECONDS}s allowed")
    yield from _nulls(seen)


def _coverage(symbols: int, fresh: int) -> Iterator[Finding]:
    if symbols < MIN_SYMBOLS:
        yield _error("coverage", f"Only {symbols} symbols tracked, at least {MIN_SYMBOLS} expected")
    elif fresh < funding.MIN_FRESH_SHARE * symbols:
        yield _error("coverage", f"Only {fresh} of {symbols} symbols are fresh, at least 90% expected")
    else:
        yield _info("coverage", f"{symbols} symbols tracked")


def _nulls(seen: Observation) -> Iterator[Finding]:
    tradable = seen.exchange.tradable_symbols
    if tradable is None or seen.feed is None:
        return
    rows = seen.feed.funding_state
    empty = sorted(symbol for symbol in tradable & rows.keys() if rows[symbol].funding_rate is None)
    if empty:
        yield _error("nulls", f"{len(empty)} trading perpetuals have no funding rate: {_names(empty)}")
    missing = sorted(tradable - rows.keys())
    if missing:
        yield _warning("nulls", f"{len(missing)} trading perpetuals are missing from the feed: {_names(missing)}")


def _names(symbols: list[str]) -> str:
    more = f" and {len(symbols) - SHOWN_NAMES} more" if len(symbols) > SHOWN_NAMES else ""
    return ", ".join(symbols[:SHOWN_NAMES]) + more


def _api(seen: Observation) -> Iterator[Finding]:
    api = seen.api
    if api.status is None:
        yield _error("api", f"API health check: no answer ({api.problem})")
    elif not api.healthy:
        yield _error("api", f"API health check: HTTP {api.status}, {api.problem}")
    else:
        yield _info("api", "API health check: healthy")
        yield _info("api", f"API reports {api.symbol_count} symbols")


def _quality(seen: Observation) -> Iterator[Finding]:
    reference = seen.exchange.premium_index
    row = seen.feed.funding_state.get(REFERENCE) if seen.feed is not None else None
    if reference is None or seen.feed is None or row is None:
        return
    if liveness.now_of(seen.feed, seen) - row.updated_at > STALE_SECONDS:
        return
    if row.funding_rate is None or reference.funding_rate is None:
        yield _warning("quality", f"Data quality check: {REFERENCE} has no funding rate to compare")
    elif abs(row.funding_rate - reference.funding_rate) <= RATE_TOLERANCE:
        yield _info("quality", f"Data quality check: {REFERENCE} funding rate matches REST API")
    else:
        yield _warning(
            "quality",
            f"Data quality check: {REFERENCE} funding rate {row.funding_rate:.8f} differs from REST API "
            f"{reference.funding_rate:.8f}",
        )
    difference = abs(row.mark_price - reference.mark_price)
    share = difference / reference.mark_price if reference.mark_price else 0.0
    text = f"Data quality check: {REFERENCE} price diff ${difference:.2f} ({share:.3%})"
    yield _info("quality", text) if share <= MARK_TOLERANCE else _warning("quality", text)


def _heartbeats(seen: Observation) -> Iterator[Finding]:
    for unit in liveness.watched(seen):
        if liveness.is_hung(unit, seen):
            beat = seen.heartbeats.get(unit.daemon)
            title = TITLES.get(unit.daemon, unit.daemon)
            last = f"for {seen.now - beat.at:.0f}s (last: {beat.status})" if beat else "since it was started"
            yield _error("heartbeat", f"{title} has given no sign of life {last}")


def _exchange(seen: Observation) -> Iterator[Finding]:
    closed_until = seen.weight_closed_until
    if closed_until is not None and closed_until > seen.now:
        yield _error("weight", f"Binance has shut this machine out for another {closed_until - seen.now:.0f}s")
    if seen.exchange.problem:
        idle = "; nothing is restarted meanwhile" if liveness.is_stale(seen) and not seen.exchange.reachable else ""
        yield _warning("exchange", f"Binance over REST: {seen.exchange.problem}{idle}")
    skew = seen.exchange.clock_skew_seconds
    if skew is None or abs(skew) < SKEW_WARNING_SECONDS:
        return
    text = f"The clock of this machine is {abs(skew):.1f}s {'behind' if skew > 0 else 'ahead of'} Binance's"
    yield _error("clock", text) if abs(skew) >= SKEW_ERROR_SECONDS else _warning("clock", text)


def _outbox(seen: Observation) -> Iterator[Finding]:
    if seen.outbox_problem:
        yield _warning("outbox", f"Outbox state file: {seen.outbox_problem}")
    if seen.outbox is not None:
        yield from outbox_health.findings(seen.outbox, seen.now, seen.limits.outbox_age_seconds)


def _channels(seen: Observation) -> Iterator[Finding]:
    if seen.channels_problem:
        yield _warning("channels", f"State file of the Telegram channels: {seen.channels_problem}")
    if seen.channels is not None:
        yield from channel_health.findings(seen.channels, seen.now)


def _maintenance(seen: Observation) -> Iterator[Finding]:
    if liveness.in_maintenance(seen):
        left = (seen.maintenance_until or 0) - seen.now
        yield _warning(
            "maintenance", f"Maintenance: no repairs for another {left / 60:.0f} min (volspike maintenance off)"
        )
