"""The daemons of the suite, once: the name of each, the systemd unit operators know it by, and how it lives."""

from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """How a daemon lives: all the time, or once whenever its timer fires."""

    ALWAYS_ON = "always on"
    TIMER = "timer"


class DaemonInfo(Struct, frozen=True):
    """One daemon: `name` is its command, log field and metric label; the module has the same name with `_`.

    `silence_seconds` is how long it may go without a sign of life: WatchdogSec of its unit, or TimeoutStartSec where a
    timer starts it. What a timer starts comes `first_after_seconds` after the suite, then on the marks of the clock
    that are multiples of `every_seconds`, and `retry_seconds` after a failure if that is not 0. One that `reaches_out`
    asks or tells others for the suite, and rests during an emergency stop; the rest of them look at this machine only.
    """

    name: str
    unit: str
    kind: Kind
    does: str
    silence_seconds: int = 60
    every_seconds: int = 0
    first_after_seconds: float = 0.0
    retry_seconds: int = 0
    reaches_out: bool = True

    @property
    def module(self) -> str:
        """Return the dotted name of the module that runs it."""
        return f"volspike.daemons.{self.name.replace('-', '_')}"


EX_CONFIG = 78
"""The exit status of a daemon whose configuration is bad (sysexits.h(3head)): nothing starts it again."""
BACKEND = "backend"
FUNDING_WS, FUNDING_API = "funding-ws", "funding-api"
TELEGRAM_POLLER = "telegram-poller"
HEALTH_MONITOR = "health-monitor"
DAEMONS = (
    DaemonInfo(
        BACKEND,
        "volspike-backend.service",
        Kind.ALWAYS_ON,
        "takes alerts and lists them over HTTP on 127.0.0.1:3001",
        reaches_out=False,
    ),
    DaemonInfo(
        FUNDING_WS,
        "binance-funding-ws.service",
        Kind.ALWAYS_ON,
        "streams mark prices, funding rates and tickers into state files",
        silence_seconds=30,
    ),
    DaemonInfo(
        FUNDING_API,
        "binance-funding-api.service",
        Kind.ALWAYS_ON,
        "serves funding over HTTP on 127.0.0.1:8888",
        reaches_out=False,
    ),
    DaemonInfo(
        "liquid-universe",
        "oi-liquid-universe.service",
        Kind.TIMER,
        "chooses the symbols whose open interest is polled",
        silence_seconds=120,
        every_seconds=300,
        first_after_seconds=5.0,
        retry_seconds=60,
    ),
    DaemonInfo(
        "oi-poller",
        "oi-realtime-poller.service",
        Kind.ALWAYS_ON,
        "samples open interest and tells when it jumps",
    ),
    DaemonInfo(
        "volume-alerts",
        "volspike.service",
        Kind.ALWAYS_ON,
        "scans hourly candles on each 5-minute mark and tells when volume spikes",
    ),
    DaemonInfo(
        "user-alerts",
        "user-alert-checker.service",
        Kind.ALWAYS_ON,
        "watches the thresholds that people have set",
    ),
    DaemonInfo(
        TELEGRAM_POLLER,
        "telegram-channel-poller.service",
        Kind.ALWAYS_ON,
        "reads Telegram channels and hands their posts to the backend",
        silence_seconds=120,
    ),
    DaemonInfo(
        "courier",
        "volspike-courier.service",
        Kind.ALWAYS_ON,
        "carries the outbox to backends and to where people read",
    ),
    DaemonInfo(
        "dashboard",
        "volspike-dashboard.service",
        Kind.ALWAYS_ON,
        "shows market, alerts and health in a browser on 127.0.0.1:8501",
        reaches_out=False,
    ),
    DaemonInfo(
        "backup",
        "volspike-backup.service",
        Kind.TIMER,
        "keeps a verified copy of the state directory, each day",
        silence_seconds=1800,
        every_seconds=86_400,
        first_after_seconds=120.0,
        retry_seconds=600,
        reaches_out=False,
    ),
    DaemonInfo(
        HEALTH_MONITOR,
        "funding-health-check.service",
        Kind.TIMER,
        "judges the suite every minute, restarts what fails, reports",
        silence_seconds=50,
        every_seconds=60,
        first_after_seconds=15.0,
        reaches_out=False,
    ),
)
"""In the order in which they start, each before those that read or deliver what it makes."""


def daemon_named(name: str) -> DaemonInfo:
    """Return the daemon of this name. Raises KeyError when there is none."""
    return {daemon.name: daemon for daemon in DAEMONS}[name]


def members(*, embedded_backend: bool) -> tuple[DaemonInfo, ...]:
    """Return the daemons of a suite: the embedded backend is one only where an address points at it."""
    return tuple(daemon for daemon in DAEMONS if embedded_backend or daemon.name != BACKEND)
