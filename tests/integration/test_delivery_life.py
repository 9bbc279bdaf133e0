"""Delivery as a whole, when the courier is killed, stopped or paused, or what it works on is old or damaged."""

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.backends import HANG, OK, BackendServer, Reply
from tests.integration.deliveries import (
    CHAT,
    DEV,
    DEV_KEY,
    KEY,
    TOKEN,
    Delivery,
    by_symbol,
    names,
    script,
)
from tests.processes import DaemonProcess, ends_promptly, until
from volspike.clients.errors import Transient
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import BACKEND, Kind, Message
from volspike.model.health import Finding, Report, Severity
from volspike.rules.delivery import WIDTH
from volspike.state import documents, file, sqlite

MOST_OF_A_LIFE = 60
"""What a courier may deliver before it is killed."""


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
    taken = delivery.backend.taken
    expected = {f"S{symbol}USDT": list(range(20)) for symbol in range(20)}
    delivery.put(*[f"{symbol} {number}" for number in range(20) for symbol in expected])

    for most in range(MOST_OF_A_LIFE, 6 * MOST_OF_A_LIFE, MOST_OF_A_LIFE):
        # should this test be held up, there is nonetheless something left for the next courier
        delivery.backend.answer = lambda _, most=most: Reply(after=0.02) if len(taken) < most else HANG  # type: ignore[misc]
        end_at = len(taken) + random.randrange(MOST_OF_A_LIFE // 2)  # noqa: S311 - it hides no secret
        courier = delivery.courier()
        until(lambda end_at=end_at: len(taken) >= end_at, what="some deliveries")  # type: ignore[misc]
        courier.end(signal.SIGKILL)
    assert 0 < len(taken) < 400
    delivery.backend.answer = lambda _: Reply(after=0.02)
    delivery.courier()
    delivery.delivered(400)

    assert by_symbol(delivery.backend.taken) == expected


def test_told_to_stop_while_a_backend_hangs_it_ends_within_five_seconds(delivery: Delivery) -> None:
    delivery.backend.answer = lambda _: HANG
    delivery.put("BTCUSDT 0", "ETHUSDT 0")

    def hanging() -> DaemonProcess:
        asked = len(delivery.backend.requests)
        courier = delivery.courier()
        until(lambda: len(delivery.backend.requests) == asked + 2, what="two requests")
        return courier

    ends_promptly(hanging)
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
    until(lambda: len(delivery.backend.requests) >= WIDTH, what="all that were on their way together")
    delivery.put("LATER 0")
    time.sleep(1)

    assert delivery.states() == ["waiting"] * 21
    assert len(delivery.backend.requests) == WIDTH
    assert courier.log.count("destination paused") == 1
    assert "401" in delivery.stand()["reason"]
    courier.end()
    still = delivery.courier()
    still.end()
    assert "destination is still paused" in still.log
    assert len(delivery.backend.requests) == WIDTH

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


@pytest.mark.timeout(240)
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
    until(lambda: len(delivery.backend.taken) == len(dev.taken) == 1000, 60, "all alerts at both backends")
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
    delivery = Delivery(tmp_path, backend, stack, rate=300)
    delivery.courier()
    delivery.put("BTCUSDT 0")
    delivery.put("ETHUSDT 0", kind=Kind.TRIGGER)

    until(lambda: delivery.states() == ["expired", "waiting"], 60, "the end of an hour")
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


def test_an_outbox_or_directory_that_is_removed_under_courier_and_writer_is_made_anew(delivery: Delivery) -> None:
    courier = delivery.courier()
    delivery.put("BTCUSDT 0")
    delivery.delivered(1)
    state_dir = delivery.suite.state_dir

    for path in state_dir.glob(f"{documents.OUTBOX}*"):
        path.unlink()
    delivery.put("BTCUSDT 1")
    until(lambda: len(delivery.backend.taken) == 2, what="the alert after the file was removed")
    shutil.rmtree(state_dir)
    delivery.put("BTCUSDT 2")
    until(lambda: len(delivery.backend.taken) == 3, what="the alert after the directory was removed")

    assert names(delivery.backend.taken) == ["BTCUSDT 0", "BTCUSDT 1", "BTCUSDT 2"]
    assert str(state_dir / documents.OUTBOX) in courier.log
    assert "removed or replaced while it was open" in courier.log
    assert delivery.ledger.listing(limit=1)[0].state == "delivered"


@pytest.mark.parametrize("suffixes", [[""], sqlite.SIDE_FILES])
def test_an_outbox_of_which_a_part_is_removed_ends_the_courier_and_the_next_one_goes_on(
    delivery: Delivery, suffixes: Sequence[str]
) -> None:
    courier = delivery.courier()
    delivery.put("BTCUSDT 0")
    delivery.delivered(1)
    for suffix in suffixes:
        (delivery.suite.state_dir / f"{documents.OUTBOX}{suffix}").unlink()
    delivery.ledger.close()  # a writer has the file open once

    with pytest.raises(Transient):
        delivery.put("BTCUSDT 1")
    assert courier.wait() == 1
    delivery.courier()
    delivery.put("BTCUSDT 1")  # what could not be put is not remembered, and so put again

    until(lambda: names(delivery.backend.taken)[-1] == "BTCUSDT 1", what="the next alert")
    assert documents.OUTBOX in courier.log


def test_people_hear_of_a_changed_verdict_in_the_chat(delivery: Delivery, stack: ExitStack) -> None:
    chat = stack.enter_context(BackendServer(lambda _: Reply(body=b'{"ok":true,"result":{}}')))
    delivery.courier(TELEGRAM_TOKEN=TOKEN, CHAT_ID="4711", TELEGRAM_API_URL=chat.url)
    report = delivery.suite.directory / "run-health" / documents.HEALTH_REPORT
    report.parent.mkdir(exist_ok=True)

    for errors in (["Disk is full"], []):
        findings = [Finding("disk", Severity.ERROR, error) for error in errors]
        told = len(chat.requests)
        file.write(report, documents.encode(Report(1, time.time(), not errors, findings, [])))
        until(lambda: len(chat.requests) > told, what="the chat")  # noqa: B023 - within the loop

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
