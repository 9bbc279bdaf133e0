"""A courier's office whose destinations do what a test says; everything between is real."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue

from volspike.clients.errors import Transient
from volspike.daemons.courier_desk import Desk
from volspike.daemons.courier_news import News
from volspike.daemons.courier_office import Office
from volspike.daemons.courier_peace import Peace
from volspike.daemons.courier_report import Report
from volspike.delivery.carrier import Carrier, Returns
from volspike.delivery.ledger import Ledger
from volspike.delivery.mutes import Mutes
from volspike.delivery.outbox import Outbox
from volspike.delivery.road import Road
from volspike.delivery.route import BackendRoute, ChatRoute, Route
from volspike.model.delivery import BACKEND, BACKEND_DEV, TELEGRAM, Destination, Kind, Message
from volspike.rules.quiet import QuietHours
from volspike.runtime.clock import Clock
from volspike.runtime.metrics import Metrics
from volspike.state import documents

DEV, CHAT = BACKEND_DEV, TELEGRAM
ROUTES = {Kind.VOLUME: (BACKEND, CHAT), Kind.TRIGGER: (BACKEND,), Kind.HEALTH: (CHAT,)}
TURNS = 1000


class World:
    """The office, the outbox before it and what came to the destinations behind it."""

    def __init__(self, runtime_dir: Path, clock: Clock, stack: ExitStack, hours: QuietHours | None) -> None:
        self.runtime_dir = runtime_dir
        self.path = runtime_dir.with_name("state") / documents.OUTBOX
        self.clock = clock
        self.came: dict[Destination, list[str]] = {BACKEND: [], CHAT: []}
        self.errors: dict[Destination, Exception] = {}
        self.bugs: dict[str, Exception] = {}
        """What sending the messages of these keys to the backend raises."""
        self.metrics = Metrics("courier")
        self.returns: Returns = SimpleQueue()
        self.outbox = stack.enter_context(Outbox(self.path, clock, ROUTES))
        self.ledger = stack.enter_context(Ledger(self.path, clock))
        self.road = stack.enter_context(Road(self.path))
        self.routes: dict[Destination, Route] = {
            BACKEND: BackendRoute(
                Carrier(BACKEND, self.returns, clock.monotonic, 8), "ab12", lambda _kind, _payload, key: self.meet(key)
            ),
            CHAT: ChatRoute(Carrier(CHAT, self.returns, clock.monotonic, 1), "cd34", self.told, group=False),
        }
        for route in self.routes.values():
            stack.callback(route.close)
        self.report = Report(self.metrics, list(self.routes.values()), runtime_dir, clock)
        self.desk = Desk(self.road, self.routes, self.returns, self.report, clock)
        news = News(self.outbox, self.path.parent, runtime_dir, clock)
        self.mutes = Mutes(self.path.parent, clock)
        people = [route for route in self.routes.values() if isinstance(route, ChatRoute)]
        peace = Peace(self.road, people, self.report, mutes=self.mutes, hours=hours, clock=clock)
        self.office = Office(self.road, self.routes, self.desk, news=news, peace=peace, report=self.report, clock=clock)

    def meet(self, key: str) -> None:
        """Be the backend."""
        self.came[BACKEND].append(key)
        if key in self.bugs:
            raise self.bugs[key]
        if BACKEND in self.errors:
            raise self.errors[BACKEND]

    def told(self, text: str) -> None:
        """Be the chat."""
        self.came[CHAT].append(text)
        if CHAT in self.errors:
            raise self.errors[CHAT]

    def put(self, *keys: str, kind: Kind = Kind.TRIGGER, at: float | None = None) -> None:
        """Put messages, each of a symbol of its own."""
        happened = self.clock.now() if at is None else at
        self.outbox.put([Message(key, kind, key, happened, b"{}", f"{key} happened") for key in keys])

    def work(self) -> None:
        """Do turns until nothing is left to be done now."""
        for _ in range(TURNS):
            self.office.turn()
            if self.office.idle:
                return
        raise Transient(f"still busy after {TURNS} turns")

    def states(self, destination: Destination = BACKEND) -> list[str]:
        """Return what became of the rows of a destination, in their order."""
        return [str(entry.state) for entry in reversed(self.ledger.listing(destinations=[destination]))]

    def metric(self, name: str, destination: Destination = BACKEND) -> float:
        """Return a metric of a destination."""
        wanted = f'volspike_{name}{{daemon="courier",destination="{destination}"}} '
        (value,) = [line.removeprefix(wanted) for line in self.metrics.text().splitlines() if line.startswith(wanted)]
        return float(value)


@contextmanager
def courier_world(runtime_dir: Path, clock: Clock, hours: QuietHours | None = None) -> Iterator[World]:
    """Give an office, and close it afterwards."""
    with ExitStack() as stack:
        yield World(runtime_dir, clock, stack, hours)
