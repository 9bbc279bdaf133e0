"""Delivery as a whole: a courier as a real process between an outbox and backends that behave badly."""

import random
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.backends import CUT, HANG, OK, BackendServer, Reply
from tests.integration.deliveries import (
    DEV_KEY,
    KEY,
    MINUTE,
    Delivery,
    by_symbol,
    failing,
    names,
    script,
)
from tests.processes import until
from volspike.model.delivery import Kind

ROUNDS = 3
"""A machine that is busy with something else is so for one of them, perhaps."""


def test_a_new_row_is_on_its_way_within_a_quarter_of_a_second(delivery: Delivery) -> None:
    delivery.courier()

    def waits() -> list[float]:
        """Return how long ten rows took, one after the other."""
        return sorted(wait(len(delivery.backend.requests)) for _ in range(10))

    def wait(number: int) -> float:
        time.sleep(random.uniform(0, 0.1))  # noqa: S311 - it hides no secret
        delivery.put(f"BTCUSDT {number}")
        put_at = time.monotonic()
        delivery.delivered(number + 1)
        return delivery.backend.requests[number].at - put_at

    rounds = [waits()]
    while rounds[-1][5] >= 0.25 and len(rounds) < ROUNDS:
        rounds.append(waits())
    assert rounds[-1][5] < 0.25, rounds


def test_a_backend_that_is_down_for_ten_minutes_gets_every_alert_once_and_in_order(
    tmp_path: Path, stack: ExitStack
) -> None:
    delivery = Delivery(tmp_path, BackendServer(), stack, rate=120)
    courier = delivery.courier()

    down_until = delivery.clock.now() + 10 * MINUTE
    number = 0
    while delivery.clock.now() < down_until:
        delivery.put(*[f"{symbol} {number}" for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT")])
        number += 1
        time.sleep(0.3)
    waiting = len(delivery.states())
    with delivery.backend as back:
        delivery.delivered(waiting)

        assert len(back.requests) == len(back.taken) == waiting
        assert by_symbol(back.taken) == {symbol: list(range(number)) for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT")}
    assert courier.log.count("destination lost") == 1
    assert courier.log.count("destination recovered") == 1


@pytest.mark.parametrize(
    "bad",
    [
        Reply(500, b'{"error":"Failed to process alert"}'),
        Reply(503),
        Reply(502, b"<html>bad gateway</html>"),
        Reply(429, headers={"Retry-After": "1"}),
        Reply(408),
        CUT,
        Reply(200, b"{"),
    ],
    ids=["500", "503", "502", "429", "408", "cut", "half a body"],
)
def test_an_answer_that_is_none_is_asked_for_again(delivery: Delivery, bad: Reply) -> None:
    delivery.backend.answer = script(bad, bad)
    delivery.courier()

    delivery.put("BTCUSDT 0", "BTCUSDT 1", "ETHUSDT 0")
    delivery.delivered(3)

    assert by_symbol(delivery.backend.taken) == {"BTCUSDT": [0, 1], "ETHUSDT": [0]}
    assert len(delivery.backend.taken) == 3
    assert len(delivery.backend.requests) == 5


def test_a_wait_that_is_asked_for_is_kept(delivery: Delivery) -> None:
    delivery.backend.answer = script(Reply(429, headers={"Retry-After": "2"}))
    delivery.courier()

    delivery.put("BTCUSDT 0")
    delivery.delivered(1)

    first, second = delivery.backend.requests
    assert 2.0 <= second.at - first.at < 20, "of its own accord it would wait for anything up to a second"


def test_a_backend_that_hangs_is_asked_again_and_the_doubt_is_counted(delivery: Delivery) -> None:
    delivery.backend.answer = script(HANG)
    delivery.courier()

    delivery.put("BTCUSDT 0", "BTCUSDT 1")
    delivery.delivered(2)

    assert by_symbol(delivery.backend.taken) == {"BTCUSDT": [0, 1]}
    until(lambda: delivery.stand()["resent"] == 1, what="the count of what was sent again")


def test_what_is_refused_is_kept_with_the_answer_and_holds_up_nothing(delivery: Delivery) -> None:
    refusal = Reply(400, b'{"error":"Invalid alert data","details":["symbol"]}')
    delivery.backend.answer = failing(lambda request: request.body["name"] == "BTCUSDT 0", refusal)
    courier = delivery.courier()

    delivery.put("BTCUSDT 0", "BTCUSDT 1")
    delivery.delivered(1)

    assert delivery.states() == ["refused", "delivered"]
    entry = delivery.ledger.entry(1)
    assert entry is not None
    assert "Invalid alert data" in entry.problem
    assert courier.log.count("delivery refused") == 1


def test_a_row_that_is_answered_500_for_ever_holds_up_nobody(tmp_path: Path, stack: ExitStack) -> None:
    fault = Reply(500, b'{"error":"Failed to process alert"}')
    backend = stack.enter_context(BackendServer(failing(lambda request: request.body["name"] == "BAD 0", fault)))
    delivery = Delivery(tmp_path, backend, stack, rate=5)
    delivery.courier()

    delivery.put("BAD 0", "BAD 1", *[f"GOOD{number} 0" for number in range(20)])
    until(lambda: len(backend.taken) == 20, 20, "the others")
    delivery.put("LATER 0")
    until(lambda: "LATER 0" in names(backend.taken), 20, "one that came later")
    delivery.delivered(22)

    assert delivery.states()[0] == "refused"
    assert "BAD 1" in names(backend.taken)


def test_a_backend_that_is_down_does_not_delay_the_other_and_the_reverse(delivery: Delivery, stack: ExitStack) -> None:
    dev = stack.enter_context(BackendServer())
    delivery.courier(VOLSPIKE_API_URL_DEV=dev.url, VOLSPIKE_API_KEY_DEV=DEV_KEY)

    roles = [(delivery.backend, dev, Reply(503)), (dev, delivery.backend, HANG)]
    for number, (bad, good, reply) in enumerate(roles):
        good.answer, bad.answer = (lambda _: OK), (lambda _: reply)  # noqa: B023 - within the loop
        bad_before, good_before = len(bad.taken), len(good.taken)
        delivery.put(*[f"S{symbol}USDT {number}" for symbol in range(50)], kind=Kind.OPEN_INTEREST)
        until(lambda: len(good.taken) == good_before + 50, 20, "the good one")  # noqa: B023 - within the loop
        assert len(bad.taken) == bad_before
        bad.answer = lambda _: OK
        until(lambda: len(bad.taken) == bad_before + 50, 60, "the bad one")  # noqa: B023 - within the loop

    assert {request.headers["X-API-Key"] for request in dev.requests} == {DEV_KEY}
    assert {request.headers["X-API-Key"] for request in delivery.backend.requests} == {KEY}
