"""The weight account: shares, waits, corrections and closures, under any sequence of users."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.rules import weight
from volspike.rules.weight import Account, WeightClass

ALERT, SWEEP = WeightClass.ALERT, WeightClass.SWEEP
MINUTE = 29_847_602
NOW = MINUTE * 60 + 15.0
DAY = 86_400.0
SCAN_MINUTE = MINUTE - MINUTE % 5


@pytest.mark.parametrize(
    ("weight_class", "minute", "expected"),
    [
        (ALERT, SCAN_MINUTE, 2200),
        (ALERT, SCAN_MINUTE + 1, 2200),
        (SWEEP, SCAN_MINUTE, 1400),
        (SWEEP, SCAN_MINUTE + 1, 1900),
        (SWEEP, SCAN_MINUTE + 4, 1900),
        (SWEEP, SCAN_MINUTE + 5, 1400),
    ],
)
def test_sweeps_leave_the_alerts_their_share(weight_class: WeightClass, minute: int, expected: int) -> None:
    assert weight.share(weight_class, minute) == expected


def test_what_fits_is_granted_at_once() -> None:
    account, wait = weight.reserve(Account(), ALERT, 40, NOW)

    assert (account.minute, account.used, wait) == (MINUTE, 40, 0.0)


def test_what_does_not_fit_waits_for_the_next_minute_and_takes_nothing() -> None:
    full = Account(minute=MINUTE, used=2200)

    account, wait = weight.reserve(full, ALERT, 1, NOW)

    assert (account, wait) == (full, 45.0)
    assert weight.reserve(account, ALERT, 1, NOW + wait)[1] == 0.0


def test_a_sweep_waits_while_an_alert_still_passes() -> None:
    account = Account(minute=MINUTE, used=1900)

    assert weight.reserve(account, SWEEP, 1, NOW)[1] == 45.0
    assert weight.reserve(account, ALERT, 300, NOW)[1] == 0.0


@pytest.mark.parametrize(("amount", "fits"), [(1400, True), (1401, False), (2400, False)])
def test_a_request_that_no_minute_can_hold_is_a_mistake_of_the_program(amount: int, fits: bool) -> None:
    if fits:
        assert weight.reserve(Account(), SWEEP, amount, SCAN_MINUTE * 60.0)[1] == 0.0
    else:
        with pytest.raises(ValueError, match=f"weight {amount} fits into no minute"):
            weight.reserve(Account(), SWEEP, amount, SCAN_MINUTE * 60.0)


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_the_server_corrects_upward_only(counted: int, said: int) -> None:
    account = weight.correct(Account(minute=MINUTE, used=counted), said, NOW - 1, NOW)

    assert account.used == max(counted, said)


def test_a_new_minute_starts_from_nothing() -> None:
    account = weight.correct(Account(minute=MINUTE - 1, used=2200), 7, NOW, NOW)

    assert (account.minute, account.used) == (MINUTE, 7)


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_what_was_counted_for_a_request_of_an_earlier_minute_says_nothing_of_this_one(counted: int, said: int) -> None:
    account = weight.correct(Account(minute=MINUTE, used=counted), said, MINUTE * 60 - 0.01, NOW)

    assert (account.minute, account.used) == (MINUTE, counted)


def test_an_answer_that_comes_in_the_next_minute_leaves_that_minute_empty() -> None:
    account = weight.correct(Account(minute=MINUTE, used=2200), 2300, NOW, NOW + 60)

    assert (account.minute, account.used) == (MINUTE + 1, 0)


def test_an_unexplained_refusal_closes_for_a_pause_that_grows_to_an_hour() -> None:
    account, now, pauses = Account(), NOW, []

    for _ in range(9):
        account = weight.close(account, None, now)
        pauses.append(account.closed_until - now)
        now = account.closed_until

    assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_refusals_of_requests_under_way_do_not_make_the_pause_grow() -> None:
    account = weight.close(Account(), None, NOW)

    account = weight.close(account, None, NOW + 1)

    assert (account.closures, account.closed_until) == (1, NOW + 61)


def test_an_answer_forgives_earlier_closures() -> None:
    account = weight.close(Account(), None, NOW)

    account = weight.close(weight.forgive(account), None, NOW + 100)

    assert account.closed_until == NOW + 160


def test_a_named_end_is_kept_and_never_shortened() -> None:
    account = weight.close(Account(), NOW + 7200, NOW)

    assert account.closed_until == NOW + 7200
    assert weight.close(account, NOW + 60, NOW + 1).closed_until == NOW + 7200


@pytest.mark.parametrize(
    ("named", "kept"), [(4 * DAY - 1, 4 * DAY - 1), (4 * DAY, 4 * DAY), (4 * DAY + 1, 4 * DAY), (9999 * DAY, 4 * DAY)]
)
def test_no_ban_is_believed_to_last_longer_than_four_days(named: float, kept: float) -> None:
    assert weight.close(Account(), NOW + named, NOW).closed_until == NOW + kept


def test_while_closed_everybody_waits_for_the_end() -> None:
    account = weight.close(Account(), NOW + 100, NOW)

    for weight_class in WeightClass:
        after, wait = weight.reserve(account, weight_class, 1, NOW + 30)
        assert (after.used, wait) == (0, 70.0)
    after, wait = weight.reserve(account, ALERT, 1, NOW + 100)
    assert (after.used, wait) == (1, 0.0)


steps = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.5, 7.0, 20.0, 61.0]),
        st.one_of(
            st.tuples(st.just("reserve"), st.sampled_from(list(WeightClass)), st.integers(1, 1400)),
            st.tuples(st.just("correct"), st.just(ALERT), st.integers(0, 2400)),
            st.tuples(st.just("correct late"), st.just(ALERT), st.integers(0, 2400)),
            st.tuples(st.just("close"), st.just(ALERT), st.integers(-30, 90)),
            st.tuples(st.just("forgive"), st.just(ALERT), st.just(0)),
        ),
    ),
    max_size=40,
)


@given(steps)
def test_no_sequence_of_users_exceeds_a_minute_or_passes_a_closed_account(
    sequence: list[tuple[float, tuple[str, WeightClass, int]]],
) -> None:
    account, now, closed_until = Account(), NOW, 0.0
    granted: dict[int, int] = {}
    for gap, (verb, weight_class, amount) in sequence:
        now += gap
        minute = int(now // 60)
        before = account.used if account.minute == minute else 0
        if verb == "reserve":
            account, wait = weight.reserve(account, weight_class, amount, now)
            if wait:
                assert account.used == before
                assert now + wait in (closed_until, (minute + 1) * 60)
            else:
                granted[minute] = granted.get(minute, 0) + amount
                assert now >= closed_until
                assert account.used == before + amount <= weight.share(weight_class, minute)
        elif verb == "correct":
            account = weight.correct(account, amount, now, now)
            assert account.used == max(before, amount)
        elif verb == "correct late":
            account = weight.correct(account, amount, now - 60, now)
            assert account.used == before
        elif verb == "close":
            account = weight.close(account, now + amount, now)
            assert account.closed_until >= max(closed_until, now + amount)
            assert account.closed_until > now
            closed_until = account.closed_until
        else:
            account = weight.forgive(account)
    assert all(total <= weight.CEILING for total in granted.values())


def test_an_end_of_a_ban_that_is_past_already_is_no_end_at_all() -> None:
    account = weight.close(Account(), NOW - 1, NOW)

    assert account.closed_until == NOW + weight.FIRST_CLOSURE_SECONDS


def test_a_clock_that_is_set_back_grants_nothing_anew() -> None:
    account, _ = weight.reserve(Account(), ALERT, 1400, NOW)

    account, wait = weight.reserve(account, ALERT, 1400, NOW - 3600)
    after, granted = weight.reserve(account, ALERT, 1400, NOW - 3600 + 60)

    assert wait > 0
    assert granted == 0.0
    assert after.used == 1400
