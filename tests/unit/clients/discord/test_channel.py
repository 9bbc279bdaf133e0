"""A channel against a real HTTP server that refuses in all of Discord's ways."""

import json
import logging
import traceback
from collections.abc import Iterator

import pytest

from tests.unit.answers import Answer, AnsweringServer
from volspike.clients.discord import channel as module
from volspike.clients.discord.channel import Channel
from volspike.clients.errors import Faulted, Misdirected, Permanent, Transient, Unanswered

TOKEN = "MTA.secret-token"  # noqa: S105 - stands for one
HOOK = "/api/webhooks/123/secret_Hook"
MESSAGES = "/api/v10/channels/77/messages"
SENT = Answer(body=b'{"id": "1"}')


@pytest.fixture
def hook(server: AnsweringServer) -> Iterator[Channel]:
    with module.by_hook(server.url + HOOK) as made:
        yield made


@pytest.fixture
def bot(server: AnsweringServer) -> Iterator[Channel]:
    with module.by_bot(f"{server.url}/api/v10", TOKEN, "77") as made:
        yield made


def refusal(status: int, message: str, **more: object) -> Answer:
    return Answer(status, json.dumps({"message": message, **more}).encode())


def test_a_webhook_is_asked_to_answer_when_the_message_is_there(hook: Channel, server: AnsweringServer) -> None:
    server.answers[HOOK] = SENT

    hook.send("BTC ▲ 5.02%")

    (asked,) = server.requests
    assert (asked.method, asked.path) == ("POST", f"{HOOK}?wait=true")
    assert json.loads(asked.body)["content"] == "BTC ▲ 5.02%"
    assert "authorization" not in asked.headers


def test_the_thread_of_a_webhook_is_kept(server: AnsweringServer) -> None:
    server.answers[HOOK] = SENT

    with module.by_hook(f"{server.url}{HOOK}?thread_id=7") as hook:
        hook.send("text")

    assert server.asked == [f"{HOOK}?thread_id=7&wait=true"]


def test_a_bot_shows_its_token_and_names_the_channel(bot: Channel, server: AnsweringServer) -> None:
    server.answers[MESSAGES] = SENT

    bot.send("text")

    assert (server.requests[0].path, server.requests[0].headers["authorization"]) == (MESSAGES, f"Bot {TOKEN}")


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (
            refusal(400, "Cannot send an empty message", code=50006),
            Permanent,
            "HTTP 400: Cannot send an empty message$",
        ),
        (refusal(401, "401: Unauthorized"), Misdirected, r"401: 401: Unauthorized; is DISCORD_TOKEN right\?$"),
        (refusal(403, "Missing Access"), Misdirected, "may the bot write into the channel of DISCORD_CHANNEL_ID"),
        (refusal(404, "Unknown Channel"), Misdirected, "is DISCORD_CHANNEL_ID right, and is the bot on that server"),
        (refusal(429, "You are being rate limited."), Transient, "HTTP 429: You are being rate limited.$"),
        (refusal(500, ""), Faulted, "HTTP 500: no reason given$"),
        (refusal(503, "Service Unavailable"), Transient, "HTTP 503: Service Unavailable$"),
        (Answer(302, b"", {"Location": "/elsewhere"}), Misdirected, "HTTP 302: not an answer of Discord's$"),
        (Answer(400, b"<html>"), Misdirected, "HTTP 400: not an answer of Discord's$"),
        (Answer(429, b"error code: 1015"), Transient, "HTTP 429: not an answer of Discord's$"),
        (Answer(200, b"<html>"), Unanswered, "HTTP 200 with something that is not Discord's$"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_to_look_at(
    bot: Channel, server: AnsweringServer, answer: Answer, kind: type[Exception], words: str
) -> None:
    server.answers[MESSAGES] = answer

    with pytest.raises(kind, match=words) as caught:
        bot.send("text")

    assert type(caught.value) is kind
    assert len(server.requests) == 1


def test_a_webhook_that_is_gone_is_named_as_the_setting(hook: Channel, server: AnsweringServer) -> None:
    server.answers[HOOK] = refusal(404, "Unknown Webhook", code=10015)

    with pytest.raises(Misdirected, match="Unknown Webhook; is DISCORD_WEBHOOK_URL right"):
        hook.send("text")


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (refusal(429, "", retry_after=0.75), 0.75),
        (refusal(429, "", retry_after=86_400), 900.0),
        (refusal(429, "", retry_after=-1), 0.0),
        (Answer(429, b"error code: 1015", {"Retry-After": "12"}), 12.0),
        (refusal(429, ""), None),
    ],
)
def test_the_pause_that_is_asked_for_is_told(
    hook: Channel, server: AnsweringServer, answer: Answer, seconds: float | None
) -> None:
    server.answers[HOOK] = answer

    with pytest.raises(Transient) as caught:
        hook.send("text")

    assert caught.value.retry_after == seconds


def test_an_answer_that_does_not_come_may_mean_that_it_has_arrived(server: AnsweringServer) -> None:
    server.answers[HOOK] = Answer(after=30.0)

    with (
        Channel(server.url + HOOK, remedies={}, timeout=(5.0, 0.2)) as hook,
        pytest.raises(Unanswered, match=r"cannot be reached at 127\.0\.0\.1:.*: no answer in time"),
    ):
        hook.send("text")


def test_no_secret_appears_in_an_error_or_a_log(server: AnsweringServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "volspike")
    server.answers[HOOK] = refusal(404, f"no {HOOK}")
    server.answers[MESSAGES] = refusal(401, f"bad {TOKEN}")
    url = server.url
    told = []
    for channel in (
        module.by_hook(url + HOOK),
        module.by_bot(f"{url}/api/v10", TOKEN, "77"),
        module.by_hook(f"http://127.0.0.1:1{HOOK}"),
    ):
        with channel, pytest.raises((Transient, Permanent)) as caught:
            channel.send("text")
        told += traceback.format_exception(caught.value)

    assert "secret" not in "".join(told).replace("(secret)", "").replace("test_no_secret", "").replace("_secrets", "")
    assert "secret" not in caplog.text
