"""Delivery as a whole: a courier as a real process between an outbox and backends that behave badly."""

import json
import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.backends import CUT, HANG, OK, BackendServer, Reply, Request
from tests.processes import DaemonProcess, Suite, until
from volspike.delivery.ledger import Ledger
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import BACKEND, BACKEND_DEV, TELEGRAM, Destination, Kind, Message
from volspike.model.health import Finding, Report, Severity
from volspike.runtime import clock as clocks
from volspike.runtime.clock import Clock
from volspike.state import documents, file

KEY, DEV_KEY = "prod-5ecret-9f3c", "dev-5ecret-77aa"
TOKEN = "123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ-5ecret_xyz"  # noqa: S105 - an example
DEV, CHAT = BACKEND_DEV, TELEGRAM
ROUTES = {
    Kind.VOLUME: (BACKEND,),
    Kind.OPEN_INTEREST: (BACKEND, DEV),
    Kind.TRIGGER: (BACKEND,),
    Kind.HEALTH: (CHAT,),
}
MINUTE = 60.0


class Delivery:
    """A place with an outbox, a backend, and couriers that are started there."""

    def __init__(self, directory: Path, backend: BackendServer, stack: ExitStack, rate: float = 1.0) -> None:
        self.clock = clocks.parse(f"{rate}@{time.time()}") if rate != 1.0 else Clock()
        self.backend = backend
        self.suite = stack.enter_context(
            Suite(
                directory,
                VOLSPIKE_API_URL=backend.url,
                VOLSPIKE_API_KEY=KEY,
                VOLSPIKE_CLOCK_RATE=str(self.clock),
            )
        )
        path = self.suite.state_dir / documents.OUTBOX
        self.outbox = stack.enter_context(Outbox(path, self.clock, ROUTES))
        self.ledger = stack.enter_context(Ledger(path, self.clock))

    def courier(self, **variables: str) -> DaemonProcess:
        """Start a courier and wait until it is ready."""
        return self.suite.ready("courier", **variables)

    def put(self, *names: str, kind: Kind = Kind.VOLUME) -> None:
        """Put alerts whose names are `SYMBOL number`."""
        now = self.clock.now()
        self.outbox.put(
            [
                Message(f"{kind}:{name}", kind, name.split()[0], now, msgspec.json.encode({"name": name}), f"{name} up")
                for name in names
            ]
        )

    def states(self, destination: Destination = BACKEND) -> list[str]:
        """Return what became of the rows of a destination, in their order."""
        return [str(e.state) for e in reversed(self.ledger.listing(destinations=[destination], limit=5000))]

    def delivered(self, count: int, seconds: float = 30.0) -> None:
        """Wait until so many rows are delivered."""
        until(lambda: self.states().count("delivered") == count, seconds, f"{count} deliveries")

    def stand(self) -> dict[str, Any]:
        """Return what the courier's file says of the backend."""
        stand: dict[str, Any] = self.suite.document(documents.OUTBOX_STATE)["destinations"]["backend"]
        return stand


@pytest.fixture
def backend(stack: ExitStack) -> BackendServer:
    return stack.enter_context(BackendServer())


@pytest.fixture
def delivery(tmp_path: Path, backend: BackendServer, stack: ExitStack) -> Delivery:
    return Delivery(tmp_path, backend, stack)


def names(requests: list[Request]) -> list[str]:
    return [request.body["name"] for request in requests]


def by_symbol(requests: list[Request]) -> Mapping[str, list[int]]:
    """Return the numbers of the alerts of each symbol, in the order in which they were taken."""
    found: dict[str, list[int]] = {}
    for name in names(requests):
        symbol, number = name.split()
        found.setdefault(symbol, []).append(int(number))
    return found


def script(*replies: Reply) -> Callable[[Request], Reply]:
    """Return what answers each request with the next reply, and all further ones with OK."""
    left = list(replies)
    return lambda _: left.pop(0) if left else OK


def failing(test: Callable[[Request], bool], reply: Reply) -> Callable[[Request], Reply]:
    """Return what answers some requests with this reply, and the others with OK."""
    return lambda request: reply if test(request) else OK


def test_a_new_row_is_on_its_way_within_a_quarter_of_a_second(delivery: Delivery) -> None:
    delivery.courier()
    waits = []
    for number in range(10):
        time.sleep(random.uniform(0, 0.1))  # noqa: S311 - it hides no secret
        started = time.monotonic()
        delivery.put(f"BTCUSDT {number}")
        delivery.delivered(number + 1)
        waits.append(delivery.backend.requests[-1].at - started)

    assert sorted(waits)[5] < 0.25, waits


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
    assert 2.0 <= second.at - first.at < 5


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
    delivery = Delivery(tmp_path, backend, stack, rate=20)
    delivery.courier()

    delivery.put("BAD 0", "BAD 1", *[f"GOOD{number} 0" for number in range(20)])
    until(lambda: len(backend.taken) == 20, 5, "the others")
    delivery.put("LATER 0")
    until(lambda: "LATER 0" in names(backend.taken), 5, "one that came later")
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


def test_killed_between_sent_and_taken_it_sends_again_and_nothing_is_doubled(delivery: Delivery) -> None:
    delivery.backend.answer = lambda _: Reply(after=60)
    courier = delivery.courier()
    delivery.put("BTCUSDT 0", "BTCUSDT 1")
    until(lambda: delivery.backend.requests, what="a request")

    courier.end(signal.SIGKILL)
    delivery.backend.answer = lambda _: OK
    delivery.courier()
    delivery.delivered(2)

    assert [request.key for request in delivery.backend.requests] == ["volume:BTCUSDT 0"] * 2 + ["volume:BTCUSDT 1"]
    assert names(delivery.backend.taken) == ["BTCUSDT 0", "BTCUSDT 1"]


def test_killed_at_any_moment_it_loses_nothing_and_doubles_nothing(delivery: Delivery) -> None:
    delivery.backend.answer = lambda _: Reply(after=0.02)
    expected = {f"S{symbol}USDT": list(range(20)) for symbol in range(20)}
    delivery.put(*[f"{symbol} {number}" for number in range(20) for symbol in expected])

    for _ in range(5):
        courier = delivery.courier()
        time.sleep(random.uniform(0.02, 0.25))  # noqa: S311 - it hides no secret
        courier.end(signal.SIGKILL)
    assert 0 < len(delivery.backend.taken) < 400
    delivery.courier()
    delivery.delivered(400)

    assert by_symbol(delivery.backend.taken) == expected


def test_told_to_stop_while_a_backend_hangs_it_ends_within_five_seconds(delivery: Delivery) -> None:
    delivery.backend.answer = lambda _: HANG
    courier = delivery.courier()
    delivery.put("BTCUSDT 0", "ETHUSDT 0")
    until(lambda: len(delivery.backend.requests) == 2, what="two requests")

    started = time.monotonic()
    assert courier.end() == 0
    assert time.monotonic() - started < 5
    assert delivery.states() == ["waiting", "waiting"]
    delivery.backend.answer = lambda _: OK
    delivery.courier()
    delivery.delivered(2)


def test_a_rotated_key_pauses_the_destination_until_there_is_the_new_one(delivery: Delivery) -> None:
    rotated = "rotated-5ecret-1b2d"
    delivery.backend.answer = lambda request: (
        OK if request.headers["X-API-Key"] == rotated else Reply(401, b'{"error":"Unauthorized"}')
    )
    courier = delivery.courier()
    delivery.put(*[f"S{number}USDT 0" for number in range(20)])
    until(delivery.ledger.pauses, what="the pause")
    time.sleep(0.3)
    asked = len(delivery.backend.requests)
    delivery.put("LATER 0")
    time.sleep(1)

    assert delivery.states() == ["waiting"] * 21
    assert len(delivery.backend.requests) == asked <= 16
    assert courier.log.count("destination paused") == 1
    assert "401" in delivery.stand()["reason"]
    courier.end()
    still = delivery.courier()
    still.end()
    assert "destination is still paused" in still.log
    assert len(delivery.backend.requests) == asked

    delivery.courier(VOLSPIKE_API_KEY=rotated)
    delivery.delivered(21)
    assert len(delivery.backend.taken) == 21


def test_a_paused_destination_goes_on_when_operators_say_so(delivery: Delivery) -> None:
    delivery.backend.answer = lambda _: Reply(404, b"<html>no such page</html>")
    delivery.courier()
    delivery.put("BTCUSDT 0")
    until(delivery.ledger.pauses, what="the pause")

    delivery.backend.answer = lambda _: OK
    assert delivery.ledger.resume(BACKEND)

    delivery.delivered(1)


def test_a_thousand_alerts_at_once_reach_both_backends_and_the_chat(delivery: Delivery, stack: ExitStack) -> None:
    delivery.backend.answer = lambda _: Reply(after=0.05)
    dev = stack.enter_context(BackendServer(lambda _: Reply(after=0.05)))
    chat = stack.enter_context(BackendServer(lambda _: Reply(body=b'{"ok":true,"result":{}}')))
    delivery.courier(
        VOLSPIKE_API_URL_DEV=dev.url,
        VOLSPIKE_API_KEY_DEV=DEV_KEY,
        TELEGRAM_TOKEN=TOKEN,
        CHAT_ID="-100123",
        TELEGRAM_API_URL=chat.url,
    )
    everywhere = {Kind.VOLUME: (BACKEND, DEV, CHAT)}
    alerts = [f"S{number % 700}USDT {number // 700}" for number in range(1000)]
    messages = [
        Message(name, Kind.VOLUME, name.split()[0], delivery.clock.now(), json.dumps({"name": name}).encode(), name)
        for name in alerts
    ]

    with Outbox(delivery.suite.state_dir / documents.OUTBOX, delivery.clock, everywhere) as outbox:
        assert outbox.put(messages) == 3000
    until(lambda: len(delivery.backend.taken) == len(dev.taken) == 1000, 30, "all alerts at both backends")
    until(lambda: delivery.states(CHAT).count("delivered") == 1000, 60, "all alerts in the chat")

    told = [line for request in chat.requests for line in request.body["text"].splitlines()]
    assert [line for line in told if line in set(alerts)] == alerts
    assert len(chat.requests) <= 20
    gaps = [later.at - earlier.at for earlier, later in zip(chat.requests, chat.requests[1:], strict=False)]
    assert min(gaps) >= 1
    for server in (delivery.backend, dev):
        assert all(numbers == sorted(numbers) for numbers in by_symbol(server.taken).values())


def test_alerts_that_are_an_hour_old_expire_and_triggers_do_not(tmp_path: Path, stack: ExitStack) -> None:
    backend = stack.enter_context(BackendServer(lambda _: Reply(503)))
    delivery = Delivery(tmp_path, backend, stack, rate=600)
    delivery.courier()
    delivery.put("BTCUSDT 0")
    delivery.put("ETHUSDT 0", kind=Kind.TRIGGER)

    until(lambda: delivery.states() == ["expired", "waiting"], 30, "the end of an hour")
    backend.answer = lambda _: OK
    delivery.delivered(1)

    assert names(backend.taken) == ["ETHUSDT 0"]
    assert delivery.ledger.retry_all() == 1
    delivery.delivered(2)


def test_an_outbox_that_was_damaged_is_replaced_under_a_writer_that_has_it_open(delivery: Delivery) -> None:
    courier = delivery.courier()
    delivery.put("BTCUSDT 0")
    delivery.delivered(1)
    courier.end(signal.SIGKILL)
    path = delivery.suite.state_dir / documents.OUTBOX
    for damaged in (path, path.with_name(f"{path.name}-wal")):
        with damaged.open("r+b") as opened:
            opened.write(os.urandom(64))

    again = delivery.courier()
    delivery.put("BTCUSDT 1")
    until(lambda: len(delivery.backend.taken) == 2, what="the second alert")

    assert names(delivery.backend.taken) == ["BTCUSDT 0", "BTCUSDT 1"]
    assert "the outbox was damaged" in again.log
    assert list(delivery.suite.state_dir.glob("outbox.db.corrupt-*"))


def test_people_hear_of_a_changed_verdict_in_the_chat(delivery: Delivery, stack: ExitStack) -> None:
    chat = stack.enter_context(BackendServer(lambda _: Reply(body=b'{"ok":true,"result":{}}')))
    delivery.courier(TELEGRAM_TOKEN=TOKEN, CHAT_ID="4711", TELEGRAM_API_URL=chat.url)
    report = delivery.suite.directory / "run-health" / documents.HEALTH_REPORT
    report.parent.mkdir(exist_ok=True)

    for errors in (["Disk is full"], []):
        findings = [Finding("disk", Severity.ERROR, error) for error in errors]
        file.write(report, documents.encode(Report(1, time.time(), not errors, findings, [])))
        told = len(chat.requests)
        until(lambda: len(chat.requests) > told, 10, "the chat")  # noqa: B023 - within the loop

    assert [request.body["text"].split(":")[0] for request in chat.requests] == [
        "❌ VolSpike is unhealthy",
        "✅ VolSpike is healthy again after 0 min",
    ]


def test_once_it_delivers_what_is_due_and_ends(delivery: Delivery) -> None:
    delivery.put("BTCUSDT 0", "BTCUSDT 1")

    courier = delivery.suite.start("courier", "--once")

    assert courier.wait() == 0
    assert names(delivery.backend.taken) == ["BTCUSDT 0", "BTCUSDT 1"]


def test_no_secret_is_in_any_file(delivery: Delivery, stack: ExitStack) -> None:
    unauthorized = Reply(401, f'{{"error":"Unauthorized: {KEY}"}}'.encode())
    delivery.backend.answer = script(Reply(503), Reply(500), Reply(400), unauthorized)
    chat = stack.enter_context(BackendServer(lambda _: Reply(401, b'{"ok":false,"description":"Unauthorized"}')))
    courier = delivery.courier(TELEGRAM_TOKEN=TOKEN, CHAT_ID="4711", TELEGRAM_API_URL=chat.url, LOG_LEVEL="DEBUG")
    with Outbox(delivery.suite.state_dir / documents.OUTBOX, delivery.clock, {Kind.TRIGGER: (BACKEND, CHAT)}) as outbox:
        outbox.put([Message(f"k{n}", Kind.TRIGGER, f"S{n}", time.time(), b'{"name":"x 0"}', "x") for n in range(5)])
    until(lambda: len(delivery.ledger.pauses()) == 2, 30, "both pauses")
    courier.end()

    files = delivery.suite.all_files()
    assert b"Unauthorized" in files
    for secret in (KEY, TOKEN, TOKEN.split(":")[1]):
        assert secret.encode() not in files
