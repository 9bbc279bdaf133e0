"""The muted symbols on the disk."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.clients.errors import Transient
from volspike.delivery import mutes as module
from volspike.delivery.mutes import Mutes
from volspike.model.documents import Mute
from volspike.runtime.clock import Clock
from volspike.state import documents, file


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    return tmp_path


def test_what_is_muted_survives_the_process_and_ends_by_itself(state_dir: Path, clock: MovedClock) -> None:
    assert Mutes(state_dir, clock).mute("BTCUSDT", 60.0) == Mute(NOW, NOW + 60)
    other = Mutes(state_dir, clock)

    assert other.in_force() == {"BTCUSDT": Mute(NOW, NOW + 60)}
    clock.move(60.0)
    assert other.in_force() == {}


def test_unmuting_tells_whether_there_was_something_to_do(state_dir: Path, clock: MovedClock) -> None:
    mutes = Mutes(state_dir, clock)
    mutes.mute("BTCUSDT", 60.0)

    assert mutes.unmute("BTCUSDT")
    assert not mutes.unmute("BTCUSDT")
    assert mutes.in_force() == {}


def test_a_reader_notices_what_another_process_has_changed(state_dir: Path, clock: MovedClock) -> None:
    reader = Mutes(state_dir, clock)
    assert reader.in_force() == {}

    Mutes(state_dir, clock).mute("ETHUSDT", 60.0)

    assert list(reader.in_force()) == ["ETHUSDT"]


def test_commands_at_the_same_moment_lose_nothing_of_each_other(state_dir: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from volspike.delivery.mutes import Mutes; from volspike.runtime.clock import Clock\n"
        "mutes = Mutes(Path(sys.argv[1]), Clock())\n"
        "for n in range(5): mutes.mute(f'{sys.argv[2]}{n}USDT', 3600.0)\n"
    )
    commands = [subprocess.Popen([sys.executable, "-c", script, str(state_dir), name]) for name in ("A", "B", "C")]

    assert [command.wait(30) for command in commands] == [0, 0, 0]
    assert len(Mutes(state_dir, Clock()).in_force()) == 15


def test_a_damaged_file_is_moved_aside_by_the_next_change(state_dir: Path, clock: MovedClock) -> None:
    (state_dir / documents.MUTES).write_bytes(b"{")
    mutes = Mutes(state_dir, clock)

    assert mutes.in_force() == {}
    mutes.mute("BTCUSDT", 60.0)

    assert list(Mutes(state_dir, clock).in_force()) == ["BTCUSDT"]
    assert (state_dir / f"{documents.MUTES}.corrupt-{int(NOW)}").read_bytes() == b"{"


def test_what_cannot_be_kept_is_said(state_dir: Path, clock: MovedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Transient, match="cannot be written"):
        Mutes(state_dir / "missing", clock).mute("BTCUSDT", 60.0)
    lock = file.hold(state_dir / documents.MUTES_LOCK)
    monkeypatch.setattr(module, "ATTEMPTS", 1)
    with pytest.raises(Transient, match="changed by another command"):
        Mutes(state_dir, clock).mute("BTCUSDT", 60.0)
    assert lock is not None
