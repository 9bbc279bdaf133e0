"""The daemons of the suite, once: the name of each, the systemd unit operators know it by, and how it lives."""

from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """How a daemon lives: all the time, or once whenever its timer fires."""

    ALWAYS_ON = "always on"
    TIMER = "timer"


class DaemonInfo(Struct, frozen=True):
    """One daemon: `name` is its command, log field and metric label; the module has the same name with `_`."""

    name: str
    unit: str
    kind: Kind
    every_seconds: int
    does: str

    @property
    def module(self) -> str:
        """Return the dotted name of the module that runs it."""
        return f"volspike.daemons.{self.name.replace('-', '_')}"


DAEMONS = (
    DaemonInfo(
        "funding-ws",
        "binance-funding-ws.service",
        Kind.ALWAYS_ON,
        0,
        "streams mark prices, funding rates and tickers into state files",
    ),
    DaemonInfo(
        "funding-api",
        "binance-funding-api.service",
        Kind.ALWAYS_ON,
        0,
        "serves funding over HTTP on 127.0.0.1:8888",
    ),
    DaemonInfo(
        "health-monitor",
        "funding-health-check.service",
        Kind.TIMER,
        60,
        "judges the suite every minute, restarts what fails, reports",
    ),
)


def daemon_named(name: str) -> DaemonInfo:
    """Return the daemon of this name. Raises KeyError when there is none."""
    return {daemon.name: daemon for daemon in DAEMONS}[name]
