"""What the volume alerts remember, over the end of a process."""

import logging
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from tests.unit.clocks import MovedClock
from tests.unit.daemons.scans import OPEN_HOUR, spike
from volspike.daemons.volume_memory import Memories
from volspike.delivery.messages import of_volume_alert
from volspike.delivery.outbox import Outbox
from volspike.model.alerts import VolumeEpisode, VolumeMemory
from volspike.settings import Settings
from volspike.state import documents

Made = Callable[..., Settings]
FILE = documents.VOLUME_ALERTS
EVERYTHING = frozenset({"BTCUSDT"})


@pytest.fixture
def outbox(settings: Made, clock: MovedClock) -> Iterator[Outbox]:
    made = settings()
    with Outbox(made.state_dir / documents.OUTBOX, clock, made.routes) as opened:
        yield opened


def test_what_was_saved_is_there_after_the_end_of_the_process(
    settings: Made, clock: MovedClock, outbox: Outbox
) -> None:
    memory = VolumeMemory(OPEN_HOUR - 3600, VolumeEpisode(OPEN_HOUR, 0))
    first = Memories(settings(), clock, outbox)
    first.adopt("BTCUSDT", memory)
    first.save(EVERYTHING)

    second = Memories(settings(), clock, outbox)

    assert second.of("BTCUSDT") == memory
    assert second.of("ETHUSDT") == VolumeMemory()


def test_an_alert_in_the_outbox_is_remembered_although_the_file_does_not_know_of_it(
    settings: Made, clock: MovedClock, outbox: Outbox
) -> None:
    outbox.put([of_volume_alert(spike())])

    memories = Memories(settings(), clock, outbox)
    memories.save(EVERYTHING)

    assert memories.of("BTCUSDT") == VolumeMemory(episode=VolumeEpisode(OPEN_HOUR, 0))
    assert b'"initial_minute":0' in (settings().state_dir / FILE).read_bytes()


def test_alerts_of_long_ago_are_not_looked_at(settings: Made, clock: MovedClock, outbox: Outbox) -> None:
    outbox.put([of_volume_alert(spike(OPEN_HOUR - 4 * 3600))])

    assert Memories(settings(), clock, outbox).of("BTCUSDT") == VolumeMemory()


def test_an_alert_of_another_release_stops_nobody(settings: Made, clock: MovedClock, outbox: Outbox) -> None:
    outbox.put([replace(of_volume_alert(spike()), payload=b'{"symbol":"BTCUSDT"}')])

    assert Memories(settings(), clock, outbox).of("BTCUSDT") == VolumeMemory()


def test_a_file_that_is_broken_is_moved_aside(settings: Made, clock: MovedClock, outbox: Outbox) -> None:
    (settings().state_dir / FILE).write_bytes(b'{"version":1,"symb')

    assert Memories(settings(), clock, outbox).of("BTCUSDT") == VolumeMemory()
    assert len(list(settings().state_dir.glob(f"{FILE}.corrupt-*"))) == 1


def test_nothing_is_written_when_nothing_has_changed(settings: Made, clock: MovedClock, outbox: Outbox) -> None:
    memories = Memories(settings(), clock, outbox)
    memories.adopt("BTCUSDT", VolumeMemory(OPEN_HOUR))
    memories.save(EVERYTHING)
    (settings().state_dir / FILE).unlink()

    memories.adopt("BTCUSDT", VolumeMemory(OPEN_HOUR))
    memories.save(EVERYTHING)

    assert not (settings().state_dir / FILE).exists()


def test_a_symbol_that_is_gone_is_forgotten_once_it_owes_nothing(
    settings: Made, clock: MovedClock, outbox: Outbox
) -> None:
    memories = Memories(settings(), clock, outbox)
    memories.adopt("GONEUSDT", VolumeMemory(OPEN_HOUR - 5 * 3600))
    memories.adopt("LEAVINGUSDT", VolumeMemory(OPEN_HOUR - 3600))
    memories.save(EVERYTHING)

    assert memories.of("GONEUSDT") == VolumeMemory()
    assert memories.of("LEAVINGUSDT") == VolumeMemory(OPEN_HOUR - 3600)


def test_a_disk_that_fails_is_reported_and_the_memory_goes_on(
    settings: Made, clock: MovedClock, outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    memories = Memories(settings(), clock, outbox)
    (settings().state_dir / FILE).mkdir()
    memories.adopt("BTCUSDT", VolumeMemory(OPEN_HOUR))

    memories.save(EVERYTHING)

    assert memories.of("BTCUSDT") == VolumeMemory(OPEN_HOUR)
    assert len(caplog.messages) == 1
