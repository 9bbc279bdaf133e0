"""Where samples go: into the file that other daemons read, and to the backend, which may hang as long as it likes."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.clients.backend.client import Backend
from volspike.daemons.oi_samples import Book, Sender
from volspike.model.market import OpenInterestSample
from volspike.runtime.daemon import Daemon
from volspike.state import documents

INGEST = "/api/market/open-interest/ingest"


def sample(symbol: str = "BTCUSDT", at: float = NOW, open_interest: float = 93551.298) -> OpenInterestSample:
    return OpenInterestSample(symbol, at, open_interest, 65000.5)


@pytest.fixture
def path(runtime_dir: Path) -> Path:
    return runtime_dir / documents.OPEN_INTEREST


@pytest.fixture
def book(path: Path, clock: MovedClock) -> Book:
    return Book(path, clock)


@pytest.fixture
def sender(server: AnsweringServer, daemon: Daemon) -> Iterator[Sender]:
    with Backend(server.url, "secret-key") as backend:
        yield Sender(backend, daemon)


@pytest.fixture
def takes(server: AnsweringServer) -> Callable[..., None]:
    """How many samples of a post the backend takes."""

    def answer(inserted: int, after: float = 0.0) -> None:
        body = {"success": True, "inserted": inserted, "cached": inserted}
        server.answers[INGEST] = Answer(body=json.dumps(body).encode(), after=after)

    return answer


def written(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_bytes())
    return content


def metrics(daemon: Daemon) -> dict[str, float]:
    lines = [line for line in daemon.metrics.text().splitlines() if line.startswith("volspike_open_interest")]
    return {line.partition("{")[0].removeprefix("volspike_open_interest_"): float(line.split()[-1]) for line in lines}


def test_the_file_has_each_symbol_with_the_time_of_its_own_answer(book: Book, path: Path) -> None:
    book.take([sample(at=NOW - 1.5), sample("币安人生USDT", NOW - 0.5, 12.5)])

    assert written(path) == {
        "version": 1,
        "open_interest": {
            "BTCUSDT": {"openInterest": 93551.298, "updatedAt": NOW - 1.5},
            "币安人生USDT": {"openInterest": 12.5, "updatedAt": NOW - 0.5},
        },
        "updated_at": NOW,
    }


def test_the_file_tells_how_far_a_symbol_has_moved_in_each_timeframe(book: Book, path: Path) -> None:
    book.take([sample()], {"BTCUSDT": (0.03, None, -0.01)})

    row = written(path)["open_interest"]["BTCUSDT"]
    assert (row["change5min"], row["change1h"]) == (0.03, -0.01)
    assert "change15min" not in row


def test_a_symbol_that_was_not_answered_keeps_its_row_for_an_hour(book: Book, path: Path, clock: MovedClock) -> None:
    book.take([sample("OLDUSDT")])

    clock.move(3599)
    book.take([sample(at=NOW + 3599)])
    assert set(written(path)["open_interest"]) == {"OLDUSDT", "BTCUSDT"}

    clock.move(1)
    book.take([sample(at=NOW + 3600)])
    assert set(written(path)["open_interest"]) == {"BTCUSDT"}


def test_a_restart_makes_no_row_vanish(book: Book, path: Path, clock: MovedClock) -> None:
    book.take([sample("OLDUSDT")])

    Book(path, clock).take([sample()])

    assert set(written(path)["open_interest"]) == {"OLDUSDT", "BTCUSDT"}


def test_its_own_broken_file_is_moved_aside(path: Path, clock: MovedClock) -> None:
    path.write_bytes(b'{"version":1,"open_in')

    Book(path, clock)

    assert [entry.name for entry in path.parent.glob(".open*")] == [f"{documents.OPEN_INTEREST}.corrupt-{int(NOW)}"]


def test_samples_are_posted_with_the_time_at_which_their_sweep_began(
    sender: Sender, server: AnsweringServer, takes: Callable[..., None], daemon: Daemon
) -> None:
    takes(1)

    sender.send([sample(at=NOW + 1.5)], NOW)

    (asked,) = server.requests
    assert json.loads(asked.body)["timestamp"] == "2026-10-01T12:02:03Z"
    assert metrics(daemon) == {"samples_sent_total": 1, "samples_dropped_total": 0}


def test_what_the_backend_does_not_take_is_gone_and_counted(
    sender: Sender, server: AnsweringServer, daemon: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers[INGEST] = Answer(503)

    sender.send([sample()], NOW)
    sender.send([sample()], NOW + 18)

    assert metrics(daemon) == {"samples_sent_total": 0, "samples_dropped_total": 2}
    assert [record.getMessage() for record in caplog.records] == ["lost: the backend for open-interest samples"]


def test_a_backend_that_takes_only_some_is_a_loss_too(
    sender: Sender, takes: Callable[..., None], daemon: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    takes(1)

    sender.send([sample(), sample("ETHUSDT")], NOW)

    assert metrics(daemon) == {"samples_sent_total": 1, "samples_dropped_total": 1}
    assert caplog.records[0].__dict__["problem"] == "1 of 2 samples were taken"


@pytest.mark.parametrize("answer", [Answer(503), Answer(body=b'{"success":true,"inserted":1,"cached":1}')])
def test_what_is_not_taken_any_more_while_the_daemon_ends_is_no_loss_of_the_backend(
    sender: Sender, server: AnsweringServer, daemon: Daemon, caplog: pytest.LogCaptureFixture, answer: Answer
) -> None:
    server.answers[INGEST] = answer
    daemon.stop()

    sender.send([sample(), sample("ETHUSDT")], NOW)

    assert metrics(daemon)["samples_dropped_total"] > 0
    assert caplog.records == []


def test_a_backend_that_counts_more_than_was_sent_is_not_believed(
    sender: Sender, takes: Callable[..., None], daemon: Daemon
) -> None:
    takes(100)

    sender.send([sample()], NOW)

    assert metrics(daemon) == {"samples_sent_total": 1, "samples_dropped_total": 0}


def test_offering_never_waits_and_the_newest_sweep_wins(
    sender: Sender, server: AnsweringServer, takes: Callable[..., None], daemon: Daemon
) -> None:
    takes(1, after=60)
    sender.start()
    sender.offer([sample()], NOW)
    while not server.requests:
        time.sleep(0.001)

    started = time.monotonic()
    sender.offer([sample()], NOW + 18)
    sender.offer([sample()], NOW + 36)
    assert time.monotonic() - started < 20
    takes(1)
    server.closing.set()  # the first ones are answered at last
    sender.settle(30)

    assert [json.loads(asked.body)["timestamp"] for asked in server.requests] == [
        "2026-10-01T12:02:03Z",
        "2026-10-01T12:02:39Z",
    ]
    assert metrics(daemon) == {"samples_sent_total": 2, "samples_dropped_total": 1}


def test_who_waits_for_the_last_samples_waits_no_longer_than_said(sender: Sender) -> None:
    sender.offer([sample()], NOW)  # and nobody carries them

    started = time.monotonic()
    sender.settle(0.02)

    assert 0.02 <= time.monotonic() - started < 30
