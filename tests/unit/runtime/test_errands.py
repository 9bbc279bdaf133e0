"""Errands: a bounded number at once, results in order or as they come, and a stop that waits for none of them."""

import sys
import threading
import time
from concurrent.futures import Future
from queue import SimpleQueue

import pytest

from volspike.runtime import errands
from volspike.runtime.daemon import Daemon
from volspike.runtime.errands import Abandoned, Crew


def never() -> bool:
    return False


def test_results_come_in_the_order_of_the_calls() -> None:
    def slow() -> int:
        time.sleep(0.02)
        return 1

    crew = Crew(3)
    ended: list[bool] = []
    assert crew.run([slow, lambda: 2, lambda: 3], never, lambda: ended.append(True)) == [1, 2, 3]
    assert len(ended) == 3
    assert crew.run([], never) == []
    crew.dismiss()


def test_or_as_they_come() -> None:
    inbox: SimpleQueue[Future[str]] = SimpleQueue()
    crew = Crew(2)
    hurried = threading.Event()

    def slow() -> str:
        hurried.wait(60)
        return "slow"

    for call in (slow, lambda: "quick"):
        crew.begin(call).add_done_callback(inbox.put)

    assert inbox.get(timeout=30).result() == "quick"
    hurried.set()
    assert inbox.get(timeout=30).result() == "slow"
    crew.dismiss()


def test_no_more_calls_than_hands_are_under_way_at_once() -> None:
    under_way = threading.Semaphore(2)
    most_exceeded = []

    def call() -> None:
        if not under_way.acquire(blocking=False):
            most_exceeded.append(True)
        time.sleep(0.002)
        under_way.release()

    crew = Crew(2)
    crew.run([call] * 20, never)
    crew.dismiss()

    assert not most_exceeded


def test_what_a_call_raises_is_raised_to_whoever_waits() -> None:
    crew = Crew(1)

    with pytest.raises(ZeroDivisionError):
        crew.run([lambda: 1.0, lambda: 1 / 0], never)

    assert crew.run([lambda: 1.0], never) == [1.0]
    crew.dismiss()


def test_a_crew_makes_all_its_calls_with_the_same_threads_until_it_is_dismissed() -> None:
    crew = Crew(1)

    (first,), (second,) = crew.run([threading.current_thread], never), crew.run([threading.current_thread], never)
    crew.dismiss()
    first.join(30)

    assert first is second
    assert not first.is_alive()


def test_those_who_are_dismissed_begin_nothing_more_and_go() -> None:
    crew = Crew(1)
    begun, released = threading.Event(), threading.Event()

    def hang() -> threading.Thread:
        begun.set()
        released.wait(60)
        return threading.current_thread()

    under_way, waiting = crew.begin(hang), crew.begin(lambda: "never begun")
    begun.wait(60)
    crew.dismiss()
    released.set()
    under_way.result(30).join(30)

    assert not under_way.result().is_alive()
    assert not waiting.done()


def test_a_stop_waits_for_no_call_and_begins_none() -> None:
    begun, stopping, release = threading.Event(), threading.Event(), threading.Event()
    late = []

    def hang() -> None:
        begun.set()
        release.wait(60)

    def stop_soon() -> None:
        begun.wait(60)
        stopping.set()

    threading.Thread(target=stop_soon).start()
    started = time.monotonic()
    with pytest.raises(Abandoned):
        Crew(1).run([hang, lambda: late.append(True)], stopping.is_set)

    assert time.monotonic() - started < 30
    release.set()
    time.sleep(0.01)
    assert not late


def test_a_single_call_has_a_thread_of_its_own_which_goes_with_it() -> None:
    thread = errands.run(threading.current_thread, never)
    thread.join(30)

    assert thread is not threading.current_thread()
    assert not thread.is_alive()
    with pytest.raises(ZeroDivisionError):
        errands.run(lambda: 1 / 0, never)


def test_a_call_that_waits_for_its_turn_gives_up_when_a_signal_comes(daemon: Daemon) -> None:
    errands.pause(daemon, 0.1)
    daemon.stopping = True

    with pytest.raises(Abandoned):
        errands.pause(daemon, 1000.0)


def test_an_attempt_hands_over_what_was_raised_and_nothing_when_all_is_well() -> None:
    def fail() -> None:
        raise ValueError("a bug")

    assert errands.attempt(lambda: None) is None
    assert repr(errands.attempt(fail)) == "ValueError('a bug')"


def test_a_call_that_wants_to_end_the_process_ends_neither_its_thread_nor_the_wait_for_it() -> None:
    crew = Crew(1)
    with pytest.raises(SystemExit):
        crew.begin(sys.exit).result(30)

    assert crew.begin(lambda: "the same hand goes on").result(30) == "the same hand goes on"
    crew.dismiss()


def test_the_key_that_interrupts_the_process_interrupts_an_attempt_too() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        errands.attempt(interrupted)
