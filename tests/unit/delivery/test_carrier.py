"""The hands of a destination: what an error means, and a destination that hangs."""

import threading
import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue

import pytest

from volspike.clients.errors import Faulted, Misdirected, Permanent, Transient, Unanswered
from volspike.delivery.carrier import Carrier, Load, Returns
from volspike.model.delivery import BACKEND
from volspike.rules.delivery import Result

SECONDS = 30.0


@pytest.fixture
def returns() -> Returns:
    return SimpleQueue()


@pytest.fixture
def carrier(returns: Returns) -> Iterator[Carrier]:
    opened = Carrier(BACKEND, returns, time.monotonic, 2)
    yield opened
    opened.close()


def raising(error: Exception) -> Callable[[], None]:
    def send() -> None:
        raise error

    return send


@pytest.mark.parametrize(
    ("error", "result", "retry_after"),
    [
        (Transient("HTTP 503"), Result.LATER, None),
        (Transient("HTTP 429", 7.0), Result.LATER, 7.0),
        (Unanswered("no answer in time"), Result.UNANSWERED, None),
        (Faulted("HTTP 500", 3.0), Result.FAULTED, 3.0),
        (Misdirected("HTTP 401"), Result.MISDIRECTED, None),
        (Permanent("HTTP 400"), Result.REFUSED, None),
    ],
)
def test_each_kind_of_error_is_a_result(
    carrier: Carrier, returns: Returns, error: Exception, result: Result, retry_after: float | None
) -> None:
    carrier.carry(Load((7,), raising(error)))

    returned = returns.get(timeout=SECONDS)

    assert (returned.destination, returned.load.ids, returned.problem) == (BACKEND, (7,), str(error))
    assert (returned.answer.result, returned.answer.retry_after) == (result, retry_after)


def test_what_was_taken_says_when_it_was_sent_and_when_it_came_back(carrier: Carrier, returns: Returns) -> None:
    before = time.monotonic()
    carrier.carry(Load((7,), lambda: time.sleep(0.02)))

    told = returns.get(timeout=SECONDS).answer

    assert told.result is Result.TAKEN
    assert before <= told.sent_at <= told.at - 0.02
    assert 0 <= told.jitter < 1


def test_one_that_hangs_leaves_the_other_hand_free(carrier: Carrier, returns: Returns) -> None:
    freed = threading.Event()

    def hang() -> None:
        freed.wait(2 * SECONDS)

    carrier.carry(Load((1,), hang))
    carrier.carry(Load((2,), lambda: None))

    assert returns.get(timeout=SECONDS).load.ids == (2,)
    freed.set()
    assert returns.get(timeout=SECONDS).load.ids == (1,)


def test_a_bug_is_told_with_its_traceback_and_costs_no_hand(returns: Returns, caplog: pytest.LogCaptureFixture) -> None:
    carrier = Carrier(BACKEND, returns, time.monotonic, 1)
    carrier.carry(Load((1,), raising(ValueError("a bug"))))
    carrier.carry(Load((2,), lambda: None))

    broken, sound = returns.get(timeout=SECONDS), returns.get(timeout=SECONDS)
    carrier.close()

    assert (broken.answer.result, broken.problem) == (Result.UNSENDABLE, "cannot be sent: ValueError: a bug")
    assert sound.answer.result is Result.TAKEN
    (record,) = caplog.records
    assert (record.levelname, record.__dict__["ids"]) == ("ERROR", (1,))
    assert record.exc_info is not None
