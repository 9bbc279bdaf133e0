"""Delivery under test: an outbox, a backend that behaves as it is told, and couriers between them."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec

from tests.backends import OK, BackendServer, Reply, Request
from tests.processes import DaemonProcess, Suite, until
from volspike.delivery.ledger import Ledger
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import BACKEND, BACKEND_DEV, TELEGRAM, Destination, Kind, Message
from volspike.runtime import clock as clocks
from volspike.runtime.clock import Clock
from volspike.state import documents

KEY, DEV_KEY = "prod-5ecret-9f3c", "dev-5ecret-77aa"
TOKEN = "123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ-5ecret_xyz"  # noqa: S105 - an example
DEV, CHAT = BACKEND_DEV, TELEGRAM
ROUTES = {
    Kind.VOLUME: (BACKEND,),
    Kind.OPEN_INTEREST: (BACKEND, DEV),
    Kind.TRIGGER: (BACKEND,),
    Kind.HEALTH: (CHAT,),
}
MINUTE = 60.0


class Delivery:
    """A place with an outbox, a backend, and couriers that are started there."""

    def __init__(self, directory: Path, backend: BackendServer, stack: ExitStack, rate: float = 1.0) -> None:
        self.clock = clocks.parse(f"{rate}@{time.time()}") if rate != 1.0 else Clock()
        self.backend = backend
        self.suite = stack.enter_context(
            Suite(
                directory,
                VOLSPIKE_API_URL=backend.url,
                VOLSPIKE_API_KEY=KEY,
                VOLSPIKE_CLOCK_RATE=str(self.clock),
            )
        )
        path = self.suite.state_dir / documents.OUTBOX
        self.outbox = stack.enter_context(Outbox(path, self.clock, ROUTES))
        self.ledger = stack.enter_context(Ledger(path, self.clock))

    def courier(self, **variables: str) -> DaemonProcess:
        """Start a courier and wait until it is ready."""
        return self.suite.ready("courier", **variables)

    def put(self, *names: str, kind: Kind = Kind.VOLUME) -> None:
        """Put alerts whose names are `SYMBOL number`."""
        now = self.clock.now()
        self.outbox.put(
            [
                Message(f"{kind}:{name}", kind, name.split()[0], now, msgspec.json.encode({"name": name}), f"{name} up")
                for name in names
            ]
        )

    def states(self, destination: Destination = BACKEND) -> list[str]:
        """Return what became of the rows of a destination, in their order."""
        return [str(e.state) for e in reversed(self.ledger.listing(destinations=[destination], limit=5000))]

    def delivered(self, count: int, seconds: float = 60.0) -> None:
        """Wait until so many rows are delivered."""
        until(lambda: self.states().count("delivered") == count, seconds, f"{count} deliveries")

    def stand(self) -> dict[str, Any]:
        """Return what the courier's file says of the backend."""
        stand: dict[str, Any] = self.suite.document(documents.OUTBOX_STATE)["destinations"]["backend"]
        return stand


def names(requests: list[Request]) -> list[str]:
    return [request.body["name"] for request in requests]


def by_symbol(requests: list[Request]) -> Mapping[str, list[int]]:
    """Return the numbers of the alerts of each symbol, in the order in which they were taken."""
    found: dict[str, list[int]] = {}
    for name in names(requests):
        symbol, number = name.split()
        found.setdefault(symbol, []).append(int(number))
    return found


def script(*replies: Reply) -> Callable[[Request], Reply]:
    """Return what answers each request with the next reply, and all further ones with OK."""
    left = iter(replies)
    return lambda _: next(left, OK)  # for several threads: a request takes one, or none


def failing(test: Callable[[Request], bool], reply: Reply) -> Callable[[Request], Reply]:
    """Return what answers some requests with this reply, and the others with OK."""
    return lambda request: reply if test(request) else OK
