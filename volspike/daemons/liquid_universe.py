"""Liquid universe: works out which symbols are liquid enough to be polled, hands them to the backend, and goes away."""

import logging
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

from volspike.clients.backend.client import Backend
from volspike.clients.binance.rest import Rest
from volspike.clients.binance.weight import WeightAccount
from volspike.clients.errors import Permanent, Transient
from volspike.daemons import funding_intervals
from volspike.daemons.launch import launch
from volspike.model.documents import VERSION, LiquidUniverseDocument
from volspike.model.market import Contract, is_tradable_perpetual
from volspike.rules import hysteresis
from volspike.rules.hysteresis import Memory, Observation, Refusal
from volspike.rules.weight import WeightClass
from volspike.runtime import errands
from volspike.runtime.daemon import Daemon
from volspike.runtime.errands import Abandoned
from volspike.settings import Settings, require_backend_key
from volspike.state import documents, keeper
from volspike.state.keeper import Keeper

log = logging.getLogger(__name__)

FORCE = "--force"
EVERY_SECONDS = 300.0
PATIENCE_SECONDS = 40.0
"""To wait for weight, twice at most: with the time-outs of both requests that is within the unit's two minutes."""
PROXY_PATH = "/api/binance/futures/info"


def run(daemon: Daemon, settings: Settings, _once: bool, *, forced: bool = False) -> int:
    """Work the universe out once; return 0 when the backend has taken it, 1 when not.

    `forced` is the operator's word that what looks incomplete is right; an empty universe is refused all the same.
    """
    require_backend_key(settings)
    daemon.ready("working out the liquid universe")
    try:
        outcome = errands.run(partial(refresh, daemon, settings, forced=forced), lambda: daemon.stopping)
    except (Transient, Permanent) as error:
        outcome = Refusal(str(error))
    except Abandoned:
        log.warning("stopped before the liquid universe was posted")
        return 0
    if isinstance(outcome, Refusal):
        log.error("liquid universe not posted", extra={"reason": outcome.reason})
        return _end(daemon, f"not posted: {outcome.reason}", posted=False)
    return _end(daemon, outcome, posted=True)


def _end(daemon: Daemon, status: str, *, posted: bool) -> int:
    daemon.metrics.gauge("liquid_universe_posted", "1 if the backend took the latest universe, else 0.").set(posted)
    daemon.announce(status, next_due_seconds=EVERY_SECONDS)
    return 0 if posted else 1


def refresh(daemon: Daemon, settings: Settings, *, forced: bool) -> str | Refusal:
    """Return what the new universe is, once the backend has taken it; or why it was not offered one.

    The new universe is kept before it is posted: when the backend is away, whoever polls goes by the file. Raises
    Transient or Permanent when Binance does not answer or the backend does not take it.
    """
    path = settings.state_dir / documents.LIQUID_UNIVERSE
    with Backend(settings.backend_url, settings.backend_key, connections=1) as backend:
        before = current(backend, path, daemon.clock.now())
        seen = observe(daemon, settings, forced=forced)
        after, decision = hysteresis.step(before, settings.liquidity_thresholds, seen)
        if isinstance(decision, Refusal):
            return decision
        keep(daemon, path, LiquidUniverseDocument(VERSION, after.members, seen.at))
        backend.send_liquid_universe(decision, seen.at)
    entered, left = after.members.keys() - before.members.keys(), before.members.keys() - after.members.keys()
    if entered or left:
        log.info("liquid universe changed", extra={"entered": sorted(entered), "left": sorted(left)})
    daemon.metrics.gauge("liquid_universe_symbols", "Symbols in the liquid universe.").set(len(after.members))
    return f"{len(after.members)} of {len(seen.tradable)} symbols are liquid; {len(entered)} entered, {len(left)} left"


def current(backend: Backend, path: Path, now: float) -> Memory:
    """Return the universe as it is: the backend's, or our own where the backend cannot tell it or has none."""
    own = keeper.recall(path, LiquidUniverseDocument, now)
    try:
        members = backend.liquid_universe()
    except (Transient, Permanent) as error:
        log.warning("the backend does not tell its universe; going by the file", extra={"problem": str(error)})
        members = {}
    return Memory(members or (own.symbols if own else {}))


def observe(daemon: Daemon, settings: Settings, *, forced: bool) -> Observation:
    """Return what trades and how much of it. Raises Transient or Permanent when Binance does not tell."""
    with WeightAccount(settings.runtime_dir, daemon.clock) as account:
        pause = partial(errands.pause, daemon)
        rest = Rest(
            settings.binance_rest_url,
            daemon.clock,
            account,
            WeightClass.SWEEP,
            patience_seconds=PATIENCE_SECONDS,
            pause=pause,
            connections=1,
        )
        funding_intervals.refresh(rest, settings.runtime_dir / documents.FUNDING_INTERVALS, daemon.clock)
        tradable = frozenset(row.symbol for row in _contracts(rest, settings) if is_tradable_perpetual(row))
        return Observation(daemon.clock.now(), tradable, rest.quote_volumes_24h(), forced)


def _contracts(rest: Rest, settings: Settings) -> list[Contract]:
    """Return the listing; a proxy's costs Binance's weight at the address of the proxy, none at ours."""
    if not settings.binance_proxy_url:
        return rest.contracts()
    return Rest(settings.binance_proxy_url, settings.clock, account=None, connections=1).contracts(PROXY_PATH)


def keep(daemon: Daemon, path: Path, document: LiquidUniverseDocument) -> None:
    """Write the state file; a disk that fails is reported, and does not keep the universe from the backend."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    keeping = Keeper(path, daemon.clock.monotonic, durable=True)
    keeping.touch()
    keeping.save(lambda: documents.encode(document), urgent=True)


if __name__ == "__main__":
    sys.exit(launch("liquid-universe", partial(run, forced=FORCE in sys.argv[1:])))
