"""What becomes of deliveries: retries, refusals, and the pace of a chat."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.model.delivery import Kind
from volspike.rules import delivery
from volspike.rules.delivery import NEVER, Answer, Condition, Result, Trouble, Verdict

T = 1000.0
FAILURES = [Result.LATER, Result.UNANSWERED]


def answer(
    result: Result,
    at: float = T,
    *,
    sent_at: float | None = None,
    jitter: float = 0.5,
    retry_after: float | None = None,
) -> Answer:
    return Answer(result, at - 0.05 if sent_at is None else sent_at, at, jitter, retry_after)


@pytest.mark.parametrize(
    ("failures", "jitter", "seconds"),
    [
        (0, 0.5, 0.5),
        (1, 0.5, 0.5),
        (2, 0.5, 1.0),
        (3, 0.99, 3.96),
        (6, 0.5, 16),
        (7, 0.5, 30),
        (9999, 0.5, 30),
        (5, 0, 0),
    ],
)
def test_pauses_grow_up_to_a_minute_and_are_full_of_luck(failures: int, jitter: float, seconds: float) -> None:
    assert delivery.backoff(failures, jitter, 60) == pytest.approx(seconds)


@pytest.mark.parametrize("result", FAILURES)
def test_a_destination_that_cannot_be_reached_is_tried_again_after_growing_pauses(result: Result) -> None:
    first = delivery.step(Condition(), answer(result))
    second = delivery.step(first, answer(result, T + 10))

    assert (first.failures, first.failing_since, first.open_at) == (1, T, T + 0.5)
    assert (second.failures, second.failing_since, second.open_at) == (2, T, T + 11)
    assert delivery.room(first, T + 0.4, 0) == 0
    assert delivery.room(first, T + 0.5, 0) == 1
    assert delivery.room(first, T + 0.5, 1) == 0


def test_no_pause_is_longer_than_half_a_minute() -> None:
    condition = Condition()
    for number in range(20):
        condition = delivery.step(condition, answer(Result.LATER, T + 60 * number, jitter=0.999))

    assert condition.open_at - condition.failed_at == pytest.approx(30, abs=0.1)


def test_what_failed_together_counts_as_one_failure() -> None:
    condition = Condition()
    for number in range(8):
        condition = delivery.step(condition, answer(Result.LATER, T + number / 100, sent_at=T - 10, jitter=0.99))

    assert condition.failures == 1
    assert condition.open_at == pytest.approx(T + 0.99)


@pytest.mark.parametrize("result", FAILURES)
def test_one_that_fails_while_others_pass_says_nothing_of_its_destination(result: Result) -> None:
    passing = delivery.step(Condition(), answer(Result.TAKEN, T))

    assert delivery.step(passing, answer(result, T + 9, sent_at=T - 1)) == passing
    assert delivery.step(passing, answer(result, T + 9, sent_at=T - 1, retry_after=30.0)).open_at == T + 39
    assert delivery.step(passing, answer(result, T + 10, sent_at=T)).failures == 1


@pytest.mark.parametrize("together", [False, True])
def test_a_destination_that_says_when_to_come_back_is_believed(together: bool) -> None:
    before = Condition(failures=1, failing_since=T, failed_at=T, open_at=T + 0.5) if together else Condition()

    condition = delivery.step(before, answer(Result.LATER, T + 1, sent_at=T - 1, retry_after=37.0))

    assert condition.open_at == T + 38
    assert delivery.step(before, answer(Result.LATER, T + 1, sent_at=T - 1, retry_after=-5.0)).open_at == T + 1


@pytest.mark.parametrize("result", [Result.TAKEN, Result.REFUSED])
def test_an_answer_of_any_sense_shows_that_a_destination_is_back(result: Result) -> None:
    failing = Condition(failures=4, failing_since=T - 60, failed_at=T - 1, open_at=T + 9, passed_at=T - 70)

    condition = delivery.step(failing, answer(result, T))

    assert (condition.failures, condition.failing_since) == (0, None)
    assert condition.passed_at == (T - 0.05 if result is Result.TAKEN else T - 70)
    assert delivery.room(condition, T, 0) == delivery.WIDTH
    assert delivery.room(condition, T, 5) == 3
    assert delivery.room(condition, T, 9) == 0


@pytest.mark.parametrize("result", [Result.TAKEN, Result.REFUSED])
def test_what_was_sent_before_a_failure_ends_no_pause(result: Result) -> None:
    asked = delivery.step(Condition(), answer(Result.LATER, T, retry_after=30.0))

    condition = delivery.step(asked, answer(result, T + 1, sent_at=T - 2))

    assert (condition.failures, condition.open_at) == (1, T + 30)
    assert condition.passed_at == (T - 2 if result is Result.TAKEN else NEVER)
    assert delivery.room(delivery.step(condition, answer(result, T + 31)), T + 31, 0) == delivery.WIDTH


@pytest.mark.parametrize("result", [Result.FAULTED, Result.MISDIRECTED, Result.UNSENDABLE])
def test_a_fault_a_wrong_address_and_a_bug_are_no_silence(result: Result) -> None:
    condition = Condition(failures=2, failing_since=T, failed_at=T, open_at=T)

    assert delivery.step(condition, answer(result, T + 5)) == condition


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        (Result.TAKEN, Verdict.DELIVERED),
        (Result.REFUSED, Verdict.REFUSE),
        (Result.UNSENDABLE, Verdict.REFUSE),
        (Result.MISDIRECTED, Verdict.PAUSE),
        (Result.LATER, Verdict.RETRY),
        (Result.UNANSWERED, Verdict.RETRY),
        (Result.FAULTED, Verdict.RETRY),
    ],
)
def test_each_result_has_its_verdict(result: Result, verdict: Verdict) -> None:
    trouble, decided = delivery.decide(Trouble(), Condition(), answer(result))

    assert decided is verdict
    assert (trouble.attempts, trouble.retry_at) == ((1, T + 0.5) if verdict is Verdict.RETRY else (0, NEVER))


@pytest.mark.parametrize(("result", "seconds"), [(Result.LATER, 30), (Result.UNANSWERED, 30), (Result.FAULTED, 60)])
def test_a_row_that_found_nobody_waits_no_longer_than_its_destination(result: Result, seconds: float) -> None:
    trouble = Trouble()
    for number in range(20):
        trouble, _ = delivery.decide(trouble, Condition(), answer(result, T + 60 * number, jitter=0.999))

    assert trouble.retry_at - (T + 60 * 19) == pytest.approx(seconds, abs=0.1)


def test_what_may_have_been_taken_is_remembered_through_other_failures() -> None:
    trouble, _ = delivery.decide(Trouble(), Condition(), answer(Result.UNANSWERED))
    trouble, _ = delivery.decide(trouble, Condition(), answer(Result.LATER))

    assert trouble.unanswered
    assert not delivery.decide(Trouble(), Condition(), answer(Result.LATER))[0].unanswered


def faults(condition: Condition, count: int, gap: float = 10.0) -> tuple[Trouble, Verdict]:
    """Return what becomes of a row after so many faults, the first of them at T."""
    trouble, verdict = Trouble(), Verdict.RETRY
    for number in range(count):
        trouble, verdict = delivery.decide(trouble, condition, answer(Result.FAULTED, T + gap * number))
    return trouble, verdict


def test_five_faults_refuse_a_row_while_others_pass() -> None:
    others = Condition(passed_at=T + 1)

    assert faults(others, 4)[1] is Verdict.RETRY
    assert faults(others, 5)[1] is Verdict.REFUSE


@pytest.mark.parametrize(
    "others",
    [Condition(), Condition(passed_at=T - 1), Condition(passed_at=T), Condition(failures=3, passed_at=T - 1)],
)
def test_faults_of_a_common_outage_refuse_nothing(others: Condition) -> None:
    trouble, verdict = faults(others, 60)

    assert verdict is Verdict.RETRY
    assert trouble.faults == 1


def test_one_that_passed_long_ago_shows_nothing() -> None:
    assert faults(Condition(passed_at=T + 1), 60, gap=121)[1] is Verdict.RETRY


def test_after_a_common_outage_the_faults_begin_to_count() -> None:
    trouble, _ = faults(Condition(), 60)
    back = Condition(passed_at=T + 600)

    for number in range(4):
        trouble, verdict = delivery.decide(trouble, back, answer(Result.FAULTED, T + 601 + number))

    assert verdict is Verdict.REFUSE


def test_a_fault_that_says_when_to_come_back_is_believed() -> None:
    trouble, _ = delivery.decide(Trouble(), Condition(), answer(Result.FAULTED, retry_after=20.0))

    assert trouble.retry_at == T + 20
    assert delivery.decide(Trouble(), Condition(), answer(Result.LATER, retry_after=20.0))[0].retry_at == T + 0.5


def test_every_kind_expires_but_a_trigger() -> None:
    assert {kind: delivery.expires_after(kind) for kind in Kind} == {
        Kind.VOLUME: 3600.0,
        Kind.OPEN_INTEREST: 3600.0,
        Kind.TRIGGER: None,
        Kind.HEALTH: 3600.0,
    }


@pytest.mark.parametrize(
    ("resting", "ready"),
    [([], [1, 2, 3, 4]), ([1], [2, 4]), ([3], [1, 2, 4]), ([2], [1, 3]), ([1, 2], []), ([9], [1, 2, 3, 4])],
)
def test_what_comes_after_a_resting_row_of_its_symbol_rests_too(resting: list[int], ready: list[int]) -> None:
    rows = [(1, "BTCUSDT"), (2, "ETHUSDT"), (3, "BTCUSDT"), (4, "ETHUSDT")]

    assert delivery.unhindered(rows, resting) == ready


@pytest.mark.parametrize(("chat", "group"), [("-1001234567890", True), ("@volspike", True), ("4711", False)])
def test_groups_and_channels_have_a_pace_of_their_own(chat: str, group: bool) -> None:
    assert delivery.is_group(chat) is group


@given(st.lists(st.floats(0, 10), max_size=100), st.booleans())
def test_no_chat_gets_more_than_one_a_second_nor_a_group_more_than_twenty_a_minute(
    gaps: list[float], group: bool
) -> None:
    now, times = T, list[float]()
    sent: tuple[float, ...] = ()
    for gap in gaps:
        now += gap
        delay = delivery.chat_delay(sent, now, group=group)
        assert delay >= 0
        now += delay
        sent = delivery.note_sent(sent, now)
        times.append(now)

    assert all(later - earlier >= 1 - 1e-6 for earlier, later in pairwise(times))
    if group:
        assert all(later - earlier >= 60 - 1e-6 for earlier, later in zip(times, times[20:], strict=False))


def test_a_person_may_be_told_once_a_second_all_day() -> None:
    sent = tuple(T + number for number in range(20))

    assert delivery.chat_delay(sent, T + 20, group=False) == 0.0
    assert delivery.chat_delay(sent, T + 20, group=True) == 40.0
    assert delivery.chat_delay((), T, group=True) == 0.0
    assert len(delivery.note_sent(sent, T + 20)) == 20


results = st.sampled_from([Result.TAKEN, Result.LATER, Result.UNANSWERED, Result.FAULTED, Result.REFUSED])


@given(st.lists(st.tuples(results, st.floats(0, 100), st.floats(0, 0.99), st.none() | st.floats(0, 100))))
def test_a_destination_opens_again_whatever_it_answers(
    history: list[tuple[Result, float, float, float | None]],
) -> None:
    condition, now = Condition(), T
    for result, gap, jitter, retry_after in history:
        now += gap
        condition = delivery.step(condition, answer(result, now, jitter=jitter, retry_after=retry_after))
        assert condition.open_at <= now + max(30.0, retry_after or 0.0, 100.0)
        assert (condition.failures == 0) == (condition.failing_since is None)
