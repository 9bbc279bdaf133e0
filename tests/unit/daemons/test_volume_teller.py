"""Alerts into the outbox: enriched in time or as they are, and remembered only afterwards."""

from collections.abc import Callable, Iterator

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clocks import MovedClock
from tests.unit.daemons.scans import OPEN_HOUR, SNAPSHOT, spike, tools_of
from volspike.daemons.volume_enrichment import Enrichment
from volspike.daemons.volume_scan import Tools
from volspike.daemons.volume_teller import ENRICHING_SECONDS, Inbox, Teller
from volspike.model.alerts import VolumeEpisode, VolumeMemory
from volspike.model.delivery import Kind
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings
from volspike.state import documents

Made = Callable[..., Settings]
MEMORY = VolumeMemory(episode=VolumeEpisode(OPEN_HOUR, 0))


@pytest.fixture
def tools(daemon: Daemon, settings: Made, server: AnsweringServer) -> Iterator[Tools]:
    with tools_of(daemon, settings(binance_rest_url=server.url)) as made:
        yield made


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def teller(tools: Tools, inbox: Inbox) -> Iterator[Teller]:
    made = Teller(tools.outbox, tools.memories, Enrichment(tools.sources), tools.daemon.clock, inbox)
    yield made
    made.dismiss()


def test_an_alert_waits_for_what_else_is_known_and_is_remembered_once_it_is_told(
    tools: Tools, teller: Teller, inbox: Inbox
) -> None:
    teller.find("BTCUSDT", MEMORY, [spike()])
    teller.put()
    assert (teller.waiting, teller.told) == (True, [])

    inbox.get(timeout=30).result()()
    assert tools.memories.of("BTCUSDT") == VolumeMemory()
    teller.put()

    assert (teller.waiting, teller.told) == (False, [spike()])
    assert tools.memories.of("BTCUSDT") == MEMORY
    assert [message.key for message in tools.outbox.messages(Kind.VOLUME, 0)] == [spike().key]


def test_an_alert_that_has_waited_for_too_long_goes_as_it_is_and_only_once(
    tools: Tools, inbox: Inbox, server: AnsweringServer
) -> None:
    clock = MovedClock()
    teller = Teller(tools.outbox, tools.memories, Enrichment(tools.sources), clock, inbox)
    server.answers[SNAPSHOT] = Answer(503, after=0.1)
    teller.find("BTCUSDT", MEMORY, [spike()])

    teller.hurry()
    assert teller.waiting
    clock.move(ENRICHING_SECONDS)
    teller.hurry()
    teller.put()
    inbox.get(timeout=30).result()()  # the answer comes too late
    teller.put()
    teller.dismiss()

    assert teller.told == [spike()]
    assert tools.memories.of("BTCUSDT") == MEMORY


def test_an_alert_that_cannot_be_put_is_not_remembered(
    tools: Tools, teller: Teller, inbox: Inbox, settings: Made
) -> None:
    tools.outbox.__exit__(None, None, None)
    for file in settings().state_dir.glob("outbox.db*"):
        file.unlink()
    (settings().state_dir / documents.OUTBOX).mkdir()

    teller.find("BTCUSDT", MEMORY, [spike()])
    inbox.get(timeout=30).result()()
    teller.put()

    assert teller.unkept
    assert teller.told == []
    assert tools.memories.of("BTCUSDT") == VolumeMemory()
