"""The ways to destinations under test, with the courier's part done by hand."""

from collections.abc import Callable
from queue import SimpleQueue

from tests.unit.clocks import MovedClock
from volspike.clients.errors import Transient
from volspike.delivery.carrier import Carrier, Returns
from volspike.delivery.ledger import Ledger
from volspike.delivery.road import Road
from volspike.delivery.route import BackendRoute, ChatRoute, Route
from volspike.model.delivery import BACKEND, TELEGRAM, Destination, Kind

Put = Callable[..., int]
SECONDS = 30.0


class World:
    """A destination that does what the test says, and the courier's part done by hand."""

    def __init__(self, road: Road, clock: MovedClock) -> None:
        self.road = road
        self.clock = clock
        self.returns: Returns = SimpleQueue()
        self.came: list[str] = []
        self.errors: dict[str, Exception] = {}
        self.broken = False

    def deliver(self, _kind: Kind, _payload: bytes, key: str) -> None:
        self.send(key)

    def send(self, text: str) -> None:
        self.came.append(text)
        if self.broken:
            raise Transient("HTTP 502")
        if text in self.errors:
            raise self.errors[text]

    def backend(self) -> BackendRoute:
        carrier = Carrier(BACKEND, self.returns, self.clock.monotonic, 1)
        return BackendRoute(carrier, "ab12", self.deliver)

    def chat(self, *, group: bool = False) -> ChatRoute:
        carrier = Carrier(TELEGRAM, self.returns, self.clock.monotonic, 1)
        return ChatRoute(carrier, "ab12", self.send, group=group)

    def dispatch(self, route: Route) -> None:
        route.dispatch(self.road, self.clock.monotonic(), self.clock.now())

    def collect(self, route: Route) -> int:
        """Take what is under way; return how much of it may have been taken before."""
        again = 0
        while route.loads:
            returned = self.returns.get(timeout=SECONDS)
            ruling = route.take(returned, returned.answer)
            self.road.settle(ruling.outcomes, self.clock.now())
            route.release(returned.load.ids)
            again += ruling.again
        return again

    def round(self, route: Route) -> list[str]:
        """Send what may leave, take what comes of it, and return what came to the destination."""
        self.came.clear()
        self.dispatch(route)
        self.collect(route)
        return list(self.came)


def states(ledger: Ledger, destination: Destination = BACKEND) -> list[str]:
    return [entry.state for entry in reversed(ledger.listing(destinations=[destination]))]
