"""Channels and a backend for the Telegram poller's tests: a reader and a backend that do what a test says."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.backends import BackendServer, Reply, Request
from volspike.clients.errors import Permanent, Transient
from volspike.model.news import Channel, Page, Post

INGEST = "/api/telegram/ingest"
TAKEN = Reply(body=b'{"success":true,"inserted":1,"duplicates":0,"errors":0}')
NUMBER = -1_001_000_000_000


def post(number: int, text: str = "news") -> Post:
    return Post(number, text, 1_790_856_000.0, None, 12, None, has_media=False, media_type=None, links=())


def page(*numbers: int, last_id: int = 0, unreadable: int = 0, title: str = "") -> Page:
    return Page(tuple(map(post, numbers)), last_id or max(numbers), unreadable, title)


@dataclass
class ScriptedReader:
    """A reader whose channels hold these pages, or raise; it remembers what it was asked."""

    channels: dict[str, list[Page | Transient | Permanent]] = field(default_factory=dict)
    broken: dict[str, Transient | Permanent] = field(default_factory=dict)
    resolved: list[str] = field(default_factory=list)
    asked: list[tuple[str, int | None]] = field(default_factory=list)
    closed: bool = False

    def resolve(self, name: str) -> Channel:
        self.resolved.append(name)
        if name in self.broken:
            raise self.broken[name]
        return Channel(NUMBER - len(name), name, name.title())

    def pages(self, channel: Channel, after: int | None) -> Iterator[Page]:
        self.asked.append((channel.username, after))
        for found in self.channels.get(channel.username, []):
            if not isinstance(found, Page):
                raise found
            if after is None or found.last_id > after:
                yield found

    def close(self) -> None:
        self.closed = True


@contextmanager
def taking(meet: Callable[[list[int]], Reply] = lambda _: TAKEN) -> Iterator[BackendServer]:
    """Run a backend that answers a post by the numbers of its messages."""

    def answer(request: Request) -> Reply:
        return meet(numbers(request.body))

    with BackendServer(answer) as backend:
        yield backend


def numbers(body: dict[str, Any]) -> list[int]:
    return [message["id"] for message in body["messages"]]


def taken(backend: BackendServer) -> list[int]:
    """Return the numbers of all messages that were taken, in their order."""
    return [number for request in backend.taken for number in numbers(request.body)]


def refuses(*poison: int, status: int = 400) -> Callable[[list[int]], Reply]:
    """Return the answer of a backend that refuses whatever has one of these messages in it."""

    def meet(found: list[int]) -> Reply:
        if not set(poison) & set(found):
            return TAKEN
        return Reply(status, json.dumps({"error": "Invalid request"}).encode())

    return meet
