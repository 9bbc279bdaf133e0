"""Posts to the backend: one that it cannot take costs only itself, and a backend that takes nothing costs nothing."""

from collections.abc import Sequence
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.backends import Reply
from tests.unit.daemons.channel_world import TAKEN, post, refuses, taken, taking
from volspike.clients.backend.client import Backend
from volspike.clients.errors import Permanent
from volspike.daemons.telegram_sender import FAULTS_IN_A_ROW, Attempt, PostSender
from volspike.model.news import Channel, Post
from volspike.runtime.daemon import Daemon

CHANNEL = Channel(-1_001_000_000_001, "marketfeed", "Market Feed")
POSTS = [post(number) for number in range(1, 51)]


def counted(daemon: Daemon) -> tuple[float, float]:
    """Return how many posts were taken, and how many refused."""
    lines = daemon.metrics.text().splitlines()
    values = {line.partition("{")[0]: float(line.split()[-1]) for line in lines if line.startswith("volspike_telegram")}
    return values["volspike_telegram_posts_total"], values["volspike_telegram_posts_refused_total"]


def test_posts_that_are_taken_are_counted(daemon: Daemon) -> None:
    with taking() as backend, Backend(backend.url, "k") as client:
        assert PostSender(client, daemon).deliver(CHANNEL, "macro", POSTS)

    assert taken(backend) == list(range(1, 51))
    assert len(backend.requests) == 1
    assert counted(daemon) == (50, 0)


def test_nothing_is_sent_of_a_page_without_posts(daemon: Daemon) -> None:
    with Backend("http://127.0.0.1:9", "k") as client:
        assert PostSender(client, daemon).deliver(CHANNEL, "macro", [])


def test_a_poison_message_costs_only_itself(daemon: Daemon, caplog: pytest.LogCaptureFixture) -> None:
    with taking(refuses(17)) as backend, Backend(backend.url, "k") as client:
        assert PostSender(client, daemon).deliver(CHANNEL, "macro", POSTS)

    assert taken(backend) == [number for number in range(1, 51) if number != 17]
    assert len(backend.requests) < 15
    assert counted(daemon) == (49, 1)
    assert [(record.getMessage(), record.__dict__["post"]) for record in caplog.records] == [
        ("post left out: the backend does not take it", 17)
    ]


@given(st.sets(st.integers(1, 50)))
def test_everything_but_the_poison_is_taken_once_and_in_order(poison: set[int]) -> None:
    judge = Judge(poison)
    signs: list[None] = []
    attempt = Attempt(cast("Backend", judge), CHANNEL, "macro", looks_for_cause=False, alive=lambda: signs.append(None))

    attempt.send(POSTS)

    assert len(signs) == judge.asked

    assert judge.taken == [number for number in range(1, 51) if number not in poison]
    assert sorted(post.id for post, _ in attempt.refused) == sorted(poison)


class Judge:
    """A backend in the place of the real one, for many examples."""

    def __init__(self, poison: set[int]) -> None:
        self.poison = poison
        self.taken: list[int] = []
        self.asked = 0

    def send_posts(self, _channel: Channel, _category: str, posts: Sequence[Post]) -> int:
        self.asked += 1
        if self.poison & {post.id for post in posts}:
            raise Permanent("refused", 400)
        self.taken += [post.id for post in posts]
        return 0


@pytest.mark.parametrize("status", [401, 403, 404, 429, 502, 503])
def test_a_backend_that_takes_nothing_is_a_loss_told_once(
    daemon: Daemon, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with taking(lambda _: Reply(status)) as backend, Backend(backend.url, "k") as client:
        sender = PostSender(client, daemon)
        assert not sender.deliver(CHANNEL, "macro", POSTS)
        assert not sender.deliver(CHANNEL, "macro", POSTS)
        assert f"HTTP {status}" in sender.problem
        backend.answer = lambda _: TAKEN
        assert sender.deliver(CHANNEL, "macro", POSTS)

    assert sender.problem == ""
    assert len(backend.requests) == 3
    assert [record.getMessage() for record in caplog.records] == [
        "lost: the backend for posts of channels",
        "recovered: the backend for posts of channels",
    ]
    assert counted(daemon) == (50, 0)


def test_a_post_at_which_the_backend_fails_again_and_again_is_left_out_once_others_pass(daemon: Daemon) -> None:
    with taking(refuses(17, status=500)) as backend, Backend(backend.url, "k") as client:
        sender = PostSender(client, daemon)
        tries = [sender.deliver(CHANNEL, "macro", POSTS) for _ in range(FAULTS_IN_A_ROW)]
        assert not any(tries)
        assert len(backend.requests) == FAULTS_IN_A_ROW

        assert sender.deliver(CHANNEL, "macro", POSTS)

    assert taken(backend) == [number for number in range(1, 51) if number != 17]
    assert counted(daemon) == (49, 1)


def test_a_backend_that_fails_at_everything_is_not_the_fault_of_a_post(daemon: Daemon) -> None:
    with taking(lambda _: Reply(500)) as backend, Backend(backend.url, "k") as client:
        sender = PostSender(client, daemon)

        assert not any(sender.deliver(CHANNEL, "macro", POSTS[:3]) for _ in range(FAULTS_IN_A_ROW + 2))

    assert counted(daemon) == (0, 0)


def test_faults_of_other_posts_do_not_add_up(daemon: Daemon) -> None:
    with taking(refuses(17, 30, status=500)) as backend, Backend(backend.url, "k") as client:
        sender = PostSender(client, daemon)
        for _ in range(FAULTS_IN_A_ROW - 1):
            assert not sender.deliver(CHANNEL, "macro", POSTS[10:20])
        assert not sender.deliver(CHANNEL, "macro", POSTS[25:35])
        assert not sender.deliver(CHANNEL, "macro", POSTS[10:20])

    assert counted(daemon) == (0, 0)


def test_a_channel_that_goes_well_does_not_hide_the_poison_of_another(
    daemon: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    other = Channel(-1_001_000_000_002, "watcherguru", "Watcher Guru")
    with taking(refuses(17, status=500)) as backend, Backend(backend.url, "k") as client:
        sender = PostSender(client, daemon)
        for number in range(FAULTS_IN_A_ROW):
            assert not sender.deliver(CHANNEL, "macro", POSTS)
            assert sender.deliver(other, "crypto", [post(100 + number)])
            assert "HTTP 500" in sender.problem
        assert [record.getMessage() for record in caplog.records] == ["lost: the backend for posts of channels"]

        assert sender.deliver(CHANNEL, "macro", POSTS)

    assert sender.problem == ""
    assert [number for number in taken(backend) if number < 100] == [n for n in range(1, 51) if n != 17]


@pytest.mark.parametrize(
    "unsendable",
    [replace(POSTS[16], text="\ud83d"), replace(POSTS[16], date=float("nan")), replace(POSTS[16], date=1e18)],
)
def test_a_post_that_cannot_even_be_written_costs_only_itself(daemon: Daemon, unsendable: Post) -> None:
    with taking() as backend, Backend(backend.url, "k") as client:
        assert PostSender(client, daemon).deliver(CHANNEL, "macro", [*POSTS[:16], unsendable, *POSTS[17:]])

    assert taken(backend) == [number for number in range(1, 51) if number != 17]
    assert counted(daemon) == (49, 1)


def test_what_the_backend_could_not_keep_is_counted(daemon: Daemon, caplog: pytest.LogCaptureFixture) -> None:
    body = b'{"success":true,"inserted":47,"duplicates":0,"errors":3}'
    with taking(lambda _: Reply(body=body)) as backend, Backend(backend.url, "k") as client:
        assert PostSender(client, daemon).deliver(CHANNEL, "macro", POSTS)

    assert counted(daemon) == (47, 3)
    assert [record.getMessage() for record in caplog.records] == ["the backend could not keep some posts"]
