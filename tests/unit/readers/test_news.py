"""The Telegram posts of the suite."""

from collections.abc import Callable
from urllib.parse import urlsplit

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clients.backend.test_posts import content, listed
from volspike.clients.backend.posts import PATH
from volspike.readers.news import News, NewsReader
from volspike.settings import Settings

Made = Callable[..., Settings]


def reader_at(settings: Made, server: AnsweringServer) -> NewsReader:
    port = urlsplit(server.url).port
    return NewsReader(settings(backend_url=server.url, backend_port=port, backend_key="secret"))


def test_what_was_read_stays_while_the_backend_does_not_answer(settings: Made, server: AnsweringServer) -> None:
    reader = reader_at(settings, server)
    server.answers[PATH] = Answer(body=content(listed()))
    assert [post.id for post in reader.read().posts] == [7]
    server.answers[PATH] = Answer(503)

    seen = reader.read()

    assert [post.id for post in seen.posts] == [7]
    assert "503" in seen.problem
    assert "secret" not in seen.problem


def test_a_backend_that_answers_again_has_no_problem(settings: Made, server: AnsweringServer) -> None:
    reader = reader_at(settings, server)
    assert "404" in reader.read().problem
    server.answers[PATH] = Answer(body=content())

    assert reader.read() == News()


def test_a_hosted_backend_is_named_and_not_asked(settings: Made) -> None:
    reader = NewsReader(settings(backend_url="https://api.example.org"))

    assert reader.read() == News(elsewhere="https://api.example.org")
