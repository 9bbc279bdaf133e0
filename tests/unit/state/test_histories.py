"""The file of histories: what goes in comes out, and what is torn or somebody else's is told from it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.model.market import OpenInterestSample
from volspike.rules import history
from volspike.rules.history import RECORD_BYTES, History, Reach
from volspike.state import file, histories
from volspike.state.histories import Torn

NOW = 1_790_856_123.0


def history_of(samples: int) -> History:
    memory = History()
    for number in range(samples):
        sample = OpenInterestSample("BTCUSDT", NOW + 10 * number, 93551.298 + number, 65000.5)
        memory, _ = history.step(memory, Reach((300.0,)), sample)
    return memory


def written(path: Path, content: dict[str, History]) -> bytes:
    file.write(path, histories.pieces(content))
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".oi_history"


def test_what_was_written_is_read_again(path: Path) -> None:
    content = {"BTCUSDT": history_of(3), "币安人生USDT": history_of(1), "NEWUSDT": History()}
    written(path, content)

    assert histories.read(path) == content


def test_no_histories_are_a_file_too(path: Path) -> None:
    written(path, {})

    assert histories.read(path) == {}


def test_600_symbols_over_three_hours_take_sixteen_megabytes_in_pieces_of_some_kilobytes() -> None:
    one = history_of(1080)

    sizes = [len(piece) for piece in histories.pieces({f"S{number}USDT": one for number in range(600)})]

    assert sum(sizes) < 16 * 2**20
    assert max(sizes) < 27 * 2**10


@given(st.data())
def test_a_file_that_ends_too_early_is_torn(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("torn") / ".oi_history"
    content = written(path, {"BTCUSDT": history_of(2), "ETHUSDT": history_of(1)})
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])

    with pytest.raises(Torn):
        histories.read(path)


@given(st.data())
def test_a_byte_that_changed_is_noticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("flipped") / ".oi_history"
    content = bytearray(written(path, {"BTCUSDT": history_of(2), "ETHUSDT": history_of(1)}))
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)

    with pytest.raises(Torn):
        histories.read(path)


@pytest.mark.parametrize(
    "content",
    [b"", b'{"version":1}', b"x" * 100, b"volspike\x02\0\0\0" + b"\0" * 10],
    ids=["empty", "JSON", "anything", "another version"],
)
def test_a_file_of_somebody_else_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(Torn):
        histories.read(path)


def test_more_after_the_end_is_refused(path: Path) -> None:
    path.write_bytes(written(path, {"BTCUSDT": history_of(2)}) + b"\0")

    with pytest.raises(Torn, match="checksum"):
        histories.read(path)


def test_a_length_that_no_file_has_takes_no_memory(path: Path) -> None:
    path.write_bytes(
        b"volspike\x01\0\0\0" + b"\x07\0" + (0xFFFFFFFF // RECORD_BYTES * RECORD_BYTES).to_bytes(4, "little")
    )

    with pytest.raises(Torn, match="ends too early"):
        histories.read(path)


def test_a_missing_file_is_the_system_s_own_error(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        histories.read(path)


def test_one_symbol_is_read_past_all_others(tmp_path: Path) -> None:
    path = tmp_path / "history"
    kept = {
        name: history.add(History(), 1.0, value, 1.0, 10.0) for name, value in (("AUSDT", 1.0), ("币安人生USDT", 2.0))
    }
    path.write_bytes(b"".join(histories.pieces(kept)))

    assert histories.of_symbol(path, "币安人生USDT") == kept["币安人生USDT"]
    assert histories.of_symbol(path, "NOPEUSDT") == History()


@pytest.mark.parametrize("keep", [0, 5, 20, 40])
def test_a_part_of_a_file_is_told_apart_from_one_without_the_symbol(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "history"
    content = b"".join(histories.pieces({"AUSDT": history.add(History(), 1.0, 1.0, 1.0, 10.0)}))
    path.write_bytes(content[:keep])

    with pytest.raises(histories.Torn):
        histories.of_symbol(path, "NOPEUSDT")
