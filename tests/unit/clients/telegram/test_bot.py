"""The bot against a real HTTP server that refuses in all of Telegram's ways."""

import json
import logging
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.answers import Answer, AnsweringServer, saying
from volspike.clients.errors import Faulted, Misdirected, Permanent, Transient, Unanswered
from volspike.clients.telegram.bot import Bot

TOKEN = "123456:AAF-secret_token"  # noqa: S105 - stands for one
SEND = f"/bot{TOKEN}/sendMessage"
SENT = Answer(body=b'{"ok":true,"result":{"message_id":7}}')


def refusal(status: int, description: str, headers: dict[str, str] | None = None, **parameters: int) -> Answer:
    document = {"ok": False, "error_code": status, "description": description, "parameters": parameters}
    return Answer(status, json.dumps(document).encode(), headers or {})


@pytest.fixture
def bot(server: AnsweringServer) -> Iterator[Bot]:
    with Bot(server.url, TOKEN, "-4001") as made:
        yield made


def chats_asked(server: AnsweringServer) -> list[str]:
    return [json.loads(asked.body)["chat_id"] for asked in server.requests]


def test_a_message_is_posted_as_json(bot: Bot, server: AnsweringServer) -> None:
    server.answers[SEND] = SENT

    bot.send("BTC open interest ▲ 5.02%")

    (asked,) = server.requests
    assert (asked.method, asked.path, asked.headers["content-type"]) == ("POST", SEND, "application/json")
    assert json.loads(asked.body) == {
        "chat_id": "-4001",
        "text": "BTC open interest ▲ 5.02%",
        "link_preview_options": {"is_disabled": True},
    }


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (refusal(429, "Too Many Requests: retry after 35"), Transient, "HTTP 429: Too Many Requests: retry after 35$"),
        (refusal(500, "Internal Server Error"), Faulted, "HTTP 500: Internal Server Error$"),
        (Answer(502, b"<html>Bad Gateway</html>"), Transient, "HTTP 502: not an answer of Telegram's$"),
        (Answer(408, b""), Transient, "HTTP 408"),
        (Answer(200, b'{"ok":tr'), Unanswered, "HTTP 200: not an answer of Telegram's$"),
        (Answer(200, b'{"ok":false}'), Transient, "HTTP 200: no reason given$"),
    ],
)
def test_what_may_work_later_is_transient(
    bot: Bot, server: AnsweringServer, answer: Answer, kind: type[Transient], words: str
) -> None:
    server.answers[SEND] = answer

    with pytest.raises(Transient, match=words) as refused:
        bot.send("text")

    assert type(refused.value) is kind


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (refusal(429, "Too Many Requests: retry after 35", retry_after=35), 35),
        (refusal(429, "Too Many Requests", retry_after=-1), 0),
        (refusal(429, "Too Many Requests", {"Retry-After": "7"}), 7),
        (Answer(503, b"", {"Retry-After": "120"}), 120),
        (refusal(429, "Too Many Requests", {"Retry-After": "soon"}), None),
        (refusal(502, "Bad Gateway"), None),
    ],
)
def test_the_pause_that_is_asked_for_is_handed_on(
    bot: Bot, server: AnsweringServer, answer: Answer, seconds: float | None
) -> None:
    server.answers[SEND] = answer

    with pytest.raises(Transient) as refused:
        bot.send("text")

    assert refused.value.retry_after == seconds


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refusal(401, "Unauthorized"), r"HTTP 401: Unauthorized; is TELEGRAM_TOKEN right\?$"),
        (refusal(404, "Not Found"), "are TELEGRAM_TOKEN and TELEGRAM_API_URL right"),
        (refusal(403, "Forbidden: bot was kicked from the group chat"), r"may the bot write into CHAT_ID\?$"),
        (refusal(400, "Bad Request: chat not found"), r"HTTP 400: Bad Request: chat not found \(CHAT_ID=-4001\)$"),
        (Answer(404, b"<html>nginx</html>"), "HTTP 404: not an answer of Telegram's"),
        (Answer(301, b"", {"Location": "https://api.telegram.org/"}), "HTTP 301: not an answer of Telegram's"),
        (Answer(451, b""), "HTTP 451"),
    ],
)
def test_a_wrong_token_chat_or_address_is_misdirected(
    bot: Bot, server: AnsweringServer, answer: Answer, words: str
) -> None:
    server.answers[SEND] = answer

    with pytest.raises(Misdirected, match=words):
        bot.send("text")


def test_a_message_that_telegram_does_not_want_is_permanent_with_its_reason(bot: Bot, server: AnsweringServer) -> None:
    server.answers[SEND] = refusal(400, "Bad Request: message is too long")

    with pytest.raises(Permanent, match=r"HTTP 400: Bad Request: message is too long$") as refused:
        bot.send("x" * 5000)

    assert type(refused.value) is Permanent
    assert refused.value.code == 400


class Moved(dict[str, Answer]):
    """Answers that know the group by its new number only."""

    def __init__(self, server: AnsweringServer, becomes: int = -1_001_557_912_345) -> None:
        super().__init__()
        self._server, self._becomes = server, becomes

    def get(self, _path: str, _default: Any = None) -> Any:
        if chats_asked(self._server)[-1] == str(self._becomes):
            return SENT
        what = "Bad Request: group chat was upgraded to a supergroup chat"
        return refusal(400, what, migrate_to_chat_id=self._becomes)


def test_a_group_that_became_a_supergroup_is_followed_and_told_of_once(
    bot: Bot, server: AnsweringServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers = Moved(server)

    bot.send("one")
    bot.send("two")

    assert chats_asked(server) == ["-4001", "-1001557912345", "-1001557912345"]
    (told,) = caplog.records
    assert (told.levelname, told.getMessage()) == ("WARNING", "the chat has become a supergroup: set CHAT_ID")
    assert told.__dict__["now"] == -1_001_557_912_345


def test_a_group_that_goes_on_moving_is_misdirected(bot: Bot, server: AnsweringServer) -> None:
    what = "Bad Request: group chat was upgraded to a supergroup chat"
    server.answers[SEND] = refusal(400, what, migrate_to_chat_id=-1_009)

    for _ in range(2):
        with pytest.raises(Misdirected, match="CHAT_ID=-1009"):
            bot.send("text")

    assert chats_asked(server) == ["-4001", "-1009", "-1009"]


def test_an_answer_that_does_not_come_leaves_open_whether_it_was_taken(server: AnsweringServer) -> None:
    server.answers[SEND] = Answer(after=30)

    with (
        Bot(server.url, TOKEN, "-4001", timeout=(1.0, 0.05)) as bot,
        pytest.raises(Unanswered, match=f"cannot be reached at {server.url}: no answer in time$"),
    ):
        bot.send("text")


def test_one_who_drips_is_given_up() -> None:
    with (
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x") as url,
        Bot(url, TOKEN, "-4001", timeout=(1.0, 0.05)) as bot,
        pytest.raises(Unanswered, match=r"no answer in time$"),
    ):
        bot.send("text")


def test_where_nobody_listens_nothing_was_sent() -> None:
    with (
        Bot("http://127.0.0.1:1", TOKEN, "-4001") as bot,
        pytest.raises(Transient, match=r"connection refused$") as failed,
    ):
        bot.send("text")

    assert type(failed.value) is Transient


@pytest.mark.parametrize(
    "answer",
    [
        Answer(after=0.1),
        refusal(400, f"Bad Request: no method at /bot{TOKEN}/"),
        Answer(404, SEND.encode()),
        refusal(401, TOKEN),
    ],
)
def test_the_token_is_in_no_error_and_no_log(
    server: AnsweringServer, caplog: pytest.LogCaptureFixture, answer: Answer
) -> None:
    caplog.set_level(logging.INFO)
    server.answers[SEND] = answer

    with Bot(server.url, TOKEN, "-4001", timeout=(1.0, 0.05)) as bot, pytest.raises((Transient, Permanent)) as failed:
        bot.send("text")

    told = "".join(traceback.format_exception(failed.value)) + repr(failed.value) + repr(bot) + caplog.text
    assert "secret" not in told
    assert failed.value.__context__ is None


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    server: AnsweringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.answers[SEND] = SENT

    with Bot(server.url, TOKEN, "@channel") as bot:
        bot.send("text")

    assert chats_asked(server) == ["@channel"]
