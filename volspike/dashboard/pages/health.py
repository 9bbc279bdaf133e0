"""Health: the suite itself, from the verdict to each daemon."""

from nicegui import ui

from volspike.dashboard.frame import frame, route
from volspike.dashboard.navigation import HEALTH
from volspike.dashboard.pages.table import Table, tell
from volspike.dashboard.place import Place
from volspike.dashboard.views import health as view
from volspike.dashboard.views.health import Order, Tone, Words
from volspike.model.limits import Limit
from volspike.readers.health import HealthReader, SuiteHealth

LOOK_SECONDS = 2.0
ICONS = {Tone.GOOD: "check_circle", Tone.WARN: "warning", Tone.BAD: "error", Tone.QUIET: "help_outline"}


def add(place: Place) -> None:
    """Add the page."""
    suite = place.topic(HealthReader(place.settings).read, LOOK_SECONDS)

    @route(HEALTH)
    async def page() -> None:
        async with frame(place, HEALTH):
            orders, verdict, daemons = _Orders(), _Verdict(), _Daemons()
            with ui.element("div").classes("vs-columns"):
                destinations = _Destinations(place.settings.limits.outbox_age_seconds)
                weight = _Weight()

            def show(seen: SuiteHealth) -> None:
                for part in (orders, verdict, daemons, destinations, weight):
                    part.show(seen)

            await suite.follow(show)


class _Orders:
    """What operators have ordered: a card each, as long as it holds."""

    def __init__(self) -> None:
        self._place = ui.element("div").classes("vs-orders")
        self._cards: dict[str, tuple[ui.element, ui.label]] = {}

    def show(self, seen: SuiteHealth) -> None:
        """Show those that hold now."""
        ordered = {order.title: order for order in view.orders(seen)}
        for title in self._cards.keys() - ordered.keys():
            self._cards.pop(title)[0].delete()
        for title, order in ordered.items():
            if title not in self._cards:
                self._cards[title] = self._card(order)
            tell(self._cards[title][1], order.said)

    def _card(self, order: Order) -> tuple[ui.element, ui.label]:
        with self._place, ui.element("div").classes("vs-card vs-order") as card:
            card.classes("vs-grave" if order.is_grave else "")
            ui.label(order.title).classes("vs-heading")
            return card, ui.label()


class _Verdict:
    """What the health monitor has said last, and what it rests on; what is fine lies behind one line."""

    def __init__(self) -> None:
        with ui.element("div").classes("vs-card"):
            with ui.element("div").classes("vs-verdict"):
                self._icon = ui.icon("help_outline")
                with ui.element("div"):
                    self._title = ui.label().classes("vs-title vs-judged")
                    self._said = ui.label().classes("vs-quiet")
            self._wrong = _Findings()
            with ui.element("details").classes("vs-fine") as self._fold:
                with ui.element("summary"):
                    self._count = ui.label()
                self._fine = _Findings()

    def show(self, seen: SuiteHealth) -> None:
        """Show the verdict."""
        verdict = view.verdict(seen.report, seen.at)
        tell(self._title, verdict.title)
        tell(self._said, verdict.said)
        self._icon.set_name(ICONS[verdict.title.tone])
        self._icon.classes(remove=" ".join(Tone), add=verdict.title.tone)
        self._wrong.show(verdict.findings)
        self._fine.show(verdict.fine)
        self._fold.set_visibility(bool(verdict.fine))
        tell(self._count, view.fine(len(verdict.fine)))


class _Findings:
    """A list of findings; it is built anew when they are others, once a minute at most."""

    def __init__(self) -> None:
        self._place = ui.element("div").classes("vs-findings")
        self._found: tuple[Words, ...] = ()

    def show(self, found: tuple[Words, ...]) -> None:
        """Show these findings, and no others."""
        if found == self._found:
            return
        self._found = found
        self._place.clear()
        with self._place:
            for finding in found:
                with ui.element("div").classes("vs-finding"):
                    ui.icon(ICONS[finding.tone]).classes(finding.tone)
                    ui.label(finding.text)


class _Daemons:
    """Every daemon of the suite."""

    def __init__(self) -> None:
        with ui.element("div").classes("vs-card vs-daemons"):
            ui.label("Daemons").classes("vs-heading")
            self._problem = ui.label().classes("vs-warn vs-problem")
            self._table = Table(
                {"Daemon": "vs-name", "State": "vs-dot vs-nowrap", "Sign of life": "vs-nowrap", "Last did": "",
                 "Memory": "vs-number vs-wide", "Running for": "vs-number vs-wide"}
            )  # fmt: skip

    def show(self, seen: SuiteHealth) -> None:
        """Show how they are."""
        tell(self._problem, f"Their states are unknown: {seen.supervisor_problem}" if seen.supervisor_problem else "")
        rows = (view.daemon(daemon, seen.at) for daemon in seen.daemons)
        self._table.show({row.name: (row.name, row.state, row.beat, row.did, row.memory, row.uptime) for row in rows})


class _Destinations:
    """Where messages go, and how they get there."""

    def __init__(self, longest_wait: Limit) -> None:
        self._longest_wait = longest_wait
        with ui.element("div").classes("vs-card vs-outbox"):
            ui.label("Outbox").classes("vs-heading")
            self._said = ui.label().classes("vs-quiet vs-problem")
            self._table = Table(
                {"Destination": "vs-name", "State": "vs-dot vs-nowrap", "Waiting": "vs-number",
                 "Oldest": "vs-number vs-wide", "Delivered 24 h": "vs-number", "Refused": "vs-number",
                 "Expired": "vs-number", "Dropped": "vs-number"}
            )  # fmt: skip
            self._reasons = ui.label().classes("vs-bad vs-problem")

    def show(self, seen: SuiteHealth) -> None:
        """Show how deliveries stand."""
        found = seen.outbox.destinations if seen.outbox else {}
        tell(self._said, "" if found else "The courier has not told of any destination yet.")
        rows = [view.destination(name, state, seen.at, self._longest_wait) for name, state in found.items()]
        self._table.show({row.name: row[:-1] for row in rows})  # all but the reason
        tell(self._reasons, "; ".join(f"{row.name}: {row.reason}" for row in rows if row.reason))


class _Weight:
    """How much of what Binance grants is used."""

    def __init__(self) -> None:
        with ui.element("div").classes("vs-card vs-weight"):
            ui.label("Request weight at Binance").classes("vs-heading")
            self._text = ui.label()
            with ui.element("div").classes("vs-bar"):
                self._bar = ui.element("div")
            self._closed = ui.label().classes("vs-problem")

    def show(self, seen: SuiteHealth) -> None:
        """Show the account."""
        bar = view.weight(seen.weight, seen.at)
        tell(self._text, bar.text)
        tell(self._closed, bar.closed)
        self._bar.style(f"width: {bar.share:.1%}")
