"""The machine-wide account, with real processes and threads at it, some of them killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.unit.clocks import FROZEN, MovedClock
from volspike.clients.binance import weight
from volspike.clients.binance.weight import WeightAccount
from volspike.clients.errors import Transient
from volspike.rules.weight import Account, WeightClass
from volspike.runtime.clock import Clock
from volspike.state import documents

NOW = 1_790_856_015.0
ALERT, SWEEP = WeightClass.ALERT, WeightClass.SWEEP
SLOT_BYTES = 44


def reserve(account: WeightAccount, amount: int = 1, weight_class: WeightClass = ALERT) -> None:
    account.reserve(amount, weight_class, patience_seconds=0, pause=lambda _: None)


def test_what_one_process_reserves_another_one_sees(account: WeightAccount, tmp_path: Path, clock: Clock) -> None:
    reserve(account, 40)

    with WeightAccount(tmp_path, clock) as other:
        reserve(other, 2)

    assert account.read().used == 42


def test_a_request_waits_for_the_next_minute_as_long_as_its_patience_lasts(
    account: WeightAccount, clock: MovedClock
) -> None:
    account.correct(2200, NOW)
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        clock.move(seconds)

    account.reserve(1, ALERT, patience_seconds=46, pause=pause)

    assert waited == [45]
    assert account.read().used == 1


def test_a_pause_that_returns_early_is_continued(account: WeightAccount, clock: MovedClock) -> None:
    account.correct(2200, NOW)

    account.reserve(1, ALERT, patience_seconds=46, pause=lambda seconds: clock.move(min(seconds, 10)))

    assert clock.moves == [10, 10, 10, 10, 5]


def test_beyond_its_patience_a_request_is_told_when_to_come_back(account: WeightAccount) -> None:
    account.correct(2200, NOW)

    with pytest.raises(Transient, match="used up for this minute") as refused:
        account.reserve(1, ALERT, patience_seconds=44, pause=lambda _: None)

    assert refused.value.retry_after == 45


def test_a_closed_account_says_until_when(account: WeightAccount) -> None:
    assert account.close_until(NOW + 120) == NOW + 120

    for weight_class in WeightClass:
        with pytest.raises(Transient, match="shut this machine out until 2026-10-01 12:02:15 UTC") as refused:
            reserve(account, 1, weight_class)
        assert refused.value.retry_after == 120


def test_everybody_is_shut_out_by_a_refusal_of_one(account: WeightAccount, tmp_path: Path, clock: Clock) -> None:
    with WeightAccount(tmp_path, clock) as other:
        other.close_until(None)

    with pytest.raises(Transient):
        reserve(account)


def test_an_answer_forgives_for_everybody(account: WeightAccount, clock: MovedClock) -> None:
    account.close_until(None)
    clock.move(60)
    account.close_until(None)
    clock.move(120)
    account.forgive()

    assert account.close_until(None) == clock.now() + 60


def test_an_answer_does_not_forgive_a_closure_that_came_while_it_was_under_way(
    account: WeightAccount, tmp_path: Path, clock: Clock
) -> None:
    reserve(account)
    with WeightAccount(tmp_path, clock) as other:
        other.close_until(NOW + 30)

    account.forgive()

    assert account.read().closures == 1


def test_a_correction_is_upward_only(account: WeightAccount) -> None:
    reserve(account, 100)

    account.correct(50, NOW)
    assert account.read().used == 100
    account.correct(150, NOW)
    assert account.read().used == 150


def test_a_correction_that_another_process_has_overtaken_is_not_taken_back(
    account: WeightAccount, tmp_path: Path, clock: Clock
) -> None:
    reserve(account, 100)
    with WeightAccount(tmp_path, clock) as other:
        reserve(other, 50)

    account.correct(120, NOW)

    assert account.read().used == 150


def test_a_count_of_the_new_minute_is_taken_however_small(account: WeightAccount, clock: MovedClock) -> None:
    reserve(account, 100)
    clock.move(60)

    account.correct(30, clock.now())

    assert account.read().used == 30


def test_what_was_counted_in_an_earlier_minute_is_ignored(account: WeightAccount) -> None:
    reserve(account, 100)

    account.correct(2200, NOW - 16)

    assert account.read().used == 100


def test_a_closure_of_weeks_is_cut_to_four_days(account: WeightAccount) -> None:
    assert account.close_until(NOW + 30 * 86_400) == NOW + 4 * 86_400


def test_the_file_is_for_the_suite_s_group(account: WeightAccount, tmp_path: Path) -> None:
    assert (tmp_path / documents.WEIGHT).stat().st_mode & 0o007 == 0


def test_threads_add_up_exactly(account: WeightAccount) -> None:
    def work() -> None:
        for _ in range(100):
            reserve(account)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert account.read().used == 600


WORKER = """
import os, sys, time
from pathlib import Path
from volspike.clients.binance.weight import WeightAccount
from volspike.rules.weight import WeightClass
from volspike.runtime import clock
with WeightAccount(Path(sys.argv[1]), clock.parse(sys.argv[2])) as account:
    os.read(0, 1)
    for _ in range(int(sys.argv[3])):
        account.reserve(1, WeightClass.ALERT, patience_seconds=0, pause=lambda _: None)
        os.write(1, b".")
        time.sleep(float(sys.argv[4]))
    time.sleep(float(sys.argv[5]))
"""


def workers(
    tmp_path: Path, count: int, reservations: int, rest: float, linger: float = 0.0
) -> list[subprocess.Popen[bytes]]:
    """Start processes that reserve at once, with a rest after each; they tell each grant with a dot."""
    command = [sys.executable, "-c", WORKER, str(tmp_path), str(FROZEN), str(reservations), str(rest), str(linger)]
    gate, opened = os.pipe()
    running = [subprocess.Popen(command, stdin=gate, stdout=subprocess.PIPE, bufsize=0) for _ in range(count)]
    os.write(opened, b"!" * count)
    os.close(gate)
    os.close(opened)
    return running


def test_processes_that_reserve_at_once_add_up_exactly(tmp_path: Path) -> None:
    running = workers(tmp_path, 3, 200, rest=0.0)

    told = [process.communicate()[0] for process in running]

    granted = sum(map(len, told))
    seen = weight.peek(tmp_path)
    assert seen is not None
    assert seen.used == granted == 600


def test_killed_processes_leave_the_account_intact(tmp_path: Path) -> None:
    running = workers(tmp_path, 3, 700, rest=0.001, linger=60.0)
    told = [len(process.stdout.read(20)) if process.stdout else 0 for process in running]  # each is at work

    for process in running:
        process.send_signal(signal.SIGKILL)
    told += [len(process.communicate()[0]) for process in running]

    assert {process.returncode for process in running} == {-signal.SIGKILL}
    seen = weight.peek(tmp_path)
    assert seen is not None
    granted = sum(told)
    assert granted <= seen.used <= granted + len(running)  # a grant may have died before it was told
    with WeightAccount(tmp_path, FROZEN) as account:
        started = time.monotonic()
        reserve(account)
        assert time.monotonic() - started < 10  # nobody holds the lock
        assert account.read().used == seen.used + 1


@pytest.mark.parametrize("place", [0, 20, SLOT_BYTES - 1])
def test_a_torn_slot_costs_its_own_reservation_and_nothing_else(
    account: WeightAccount, tmp_path: Path, place: int
) -> None:
    reserve(account, 5)  # sequence 1, slot 1
    reserve(account, 7)  # sequence 2, slot 0

    with (tmp_path / documents.WEIGHT).open("r+b") as torn:
        torn.seek(place)
        byte = torn.read(1)
        torn.seek(place)
        torn.write(bytes([byte[0] ^ 0xFF]))

    assert account.read().used == 5
    reserve(account, 1)
    assert account.read().used == 6


def test_two_torn_slots_are_an_empty_account(account: WeightAccount, tmp_path: Path) -> None:
    reserve(account, 5)

    (tmp_path / documents.WEIGHT).write_bytes(os.urandom(2 * SLOT_BYTES))

    assert account.read() == Account()


def test_a_file_that_is_too_short_is_made_whole(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / documents.WEIGHT).write_bytes(b"short")
    assert weight.peek(tmp_path) is None

    with WeightAccount(tmp_path, clock) as account:
        reserve(account, 3)

    assert weight.peek(tmp_path) == Account(minute=int(NOW // 60), used=3)


def test_peeking_takes_no_part(tmp_path: Path) -> None:
    assert weight.peek(tmp_path) is None
    assert os.listdir(tmp_path) == []


def test_peeking_at_what_cannot_be_read_is_peeking_at_nothing(tmp_path: Path) -> None:
    (tmp_path / documents.WEIGHT).mkdir()
    assert weight.peek(tmp_path) is None

    (tmp_path / "file").write_bytes(b"where the directory should be")
    assert weight.peek(tmp_path / "file") is None


def test_a_request_that_fits_into_no_minute_is_a_mistake_of_the_program(account: WeightAccount) -> None:
    with pytest.raises(ValueError, match="fits into no minute"):
        reserve(account, 1401)
