"""A service by way of Apprise, against real servers on loopback."""

import json
import logging
import traceback
from collections.abc import Callable, Iterator
from logging.handlers import BufferingHandler

import pytest

from tests.mail import MailServer
from tests.unit.answers import Answer, AnsweringServer
from volspike.clients.apprise.service import Service
from volspike.clients.errors import Faulted, Misdirected, Permanent, Transient, Unanswered
from volspike.rules.digest import Measure

TEXT = "2 alerts:\nBTC open interest ▲ 5.02%\n<b>ETH</b> & *SOL*"
HOOK = "/hooks/secret-hook"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def desk(server: AnsweringServer) -> Service:
    """A Mattermost, whose hooks are like Slack's."""
    return Service("desk", f"mmost://{server.url.removeprefix('http://')}/secret-hook")


@pytest.fixture
def email(mail: MailServer) -> Service:
    return Service("email", mail_address(mail.port))


def mail_address(port: int) -> str:
    return (
        f"mailto://user:secret-password@example.org?smtp=127.0.0.1&port={port}&mode=insecure"
        "&to=desk@example.org&from=me@example.org"
    )


def test_a_text_arrives_as_it_is(desk: Service, server: AnsweringServer) -> None:
    server.answers[HOOK] = Answer()

    desk.send(TEXT)

    (asked,) = server.requests
    assert json.loads(asked.body) == {"text": TEXT, "username": "VolSpike"}


def test_a_push_to_a_topic_arrives_as_it_is(server: AnsweringServer) -> None:
    server.answers["/"] = Answer()

    Service("ntfy", f"ntfy://{server.url.removeprefix('http://')}/secret-topic").send(TEXT)

    assert json.loads(server.requests[0].body) == {"topic": "secret-topic", "message": TEXT}


def test_a_mail_has_the_first_line_as_its_subject(email: Service, mail: MailServer) -> None:
    email.send(TEXT)

    (arrived,) = mail.mails
    assert (arrived["To"], arrived["Subject"]) == ("desk@example.org", "2 alerts:")
    assert arrived.get_content().splitlines() == TEXT.splitlines()


@pytest.mark.parametrize("url", ["slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "gotify://host/token"])
def test_a_message_is_as_long_as_people_read_and_the_service_takes(url: str, desk: Service) -> None:
    assert (Service("other", url).longest, desk.longest) == (4096, 4000)


@pytest.mark.parametrize("url", ["ntfy://topic", "ntfys://host/topic", "https://ntfy.sh/topic"])
def test_an_ntfy_counts_bytes_and_the_others_characters(url: str, desk: Service) -> None:
    ntfy = Service("ntfy", url)

    assert (ntfy.longest, ntfy.measure, desk.measure) == (4096, Measure.BYTE, Measure.CHARACTER)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Answer(400, b"invalid_payload"), Permanent, "desk answered HTTP 400: invalid_payload$"),
        (Answer(403, b"action_prohibited"), Misdirected, r"HTTP 403: action_prohibited; is its address in NOTIFY_URLS"),
        (Answer(404, b"no secret-hook"), Misdirected, r"HTTP 404: no \(…\); is its address in NOTIFY_URLS right\?$"),
        (Answer(302, b"", {"Location": "/x"}), Misdirected, "HTTP 302: no reason given; is its address"),
        (Answer(429, b"slow", {"Retry-After": "7"}), Transient, "HTTP 429: slow$"),
        (Answer(500, b"\x00\x1b[1m oops\n" + b"x" * 999), Faulted, r"HTTP 500: \[1m oops x{10,}$"),
        (Answer(503), Transient, "HTTP 503"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_to_look_at(
    desk: Service, server: AnsweringServer, answer: Answer, kind: type[Exception], words: str
) -> None:
    server.answers[HOOK] = answer

    with pytest.raises(kind, match=words) as caught:
        desk.send(TEXT)

    assert type(caught.value) is kind
    assert len(str(caught.value)) < 300
    assert [asked.path for asked in server.requests] == [HOOK]


def test_the_pause_that_is_asked_for_is_told(desk: Service, server: AnsweringServer) -> None:
    server.answers[HOOK] = Answer(429, b"", {"Retry-After": "7"})

    with pytest.raises(Transient) as caught:
        desk.send(TEXT)

    assert caught.value.retry_after == 7.0


def test_what_cannot_be_reached_may_be_later() -> None:
    with pytest.raises(Transient, match="desk cannot be reached: connection refused"):
        Service("desk", "json://127.0.0.1:1/x").send(TEXT)


def test_an_address_to_which_no_request_can_be_made_is_misdirected() -> None:
    with pytest.raises(Misdirected) as failed:
        Service("ntfy", "ntfy://127.0.0.1:99999/secret-topic").send(TEXT)

    assert str(failed.value) == "ntfy: no request can be made to such an address; is its address in NOTIFY_URLS right?"


def test_an_answer_that_does_not_come_may_mean_that_it_has_arrived(server: AnsweringServer) -> None:
    server.answers["/x"] = Answer(after=30.0)

    with pytest.raises(Unanswered, match="desk cannot be reached: no answer in time"):
        Service("desk", f"json://{server.url.removeprefix('http://')}/x?rto=0.2").send(TEXT)


def test_a_success_that_the_service_denies_is_tried_again(server: AnsweringServer) -> None:
    host = server.url.removeprefix("http://")
    server.answers["/chat.postMessage"] = Answer(200, b'{"ok": false, "error": "not_now"}')
    service = Service("desk", "slack://xoxb-1234-1234-abc124/#general")
    service._plugin.api_url = f"http://{host}/{{}}"  # type: ignore[attr-defined]

    with pytest.raises(Transient, match=r"desk answered HTTP 200: .*not_now"):
        service.send(TEXT)


@pytest.mark.parametrize(
    ("command", "reply", "kind"),
    [
        ("AUTH", "535 5.7.8 secret-password is wrong", Misdirected),
        ("MAIL", "452 4.3.1 Insufficient system storage", Transient),
        ("MAIL", "553 5.1.8 Sender unknown", Misdirected),
        ("RCPT", "550 5.1.1 No such user desk@example.org", Misdirected),
        ("RCPT", "451 4.7.1 Greylisted", Transient),
        ("DATA", "554 5.7.1 Looks like spam", Permanent),
    ],
)
def test_a_mail_server_refuses_with_codes_of_its_own(
    email: Service, mail: MailServer, command: str, reply: str, kind: type[Exception]
) -> None:
    mail.replies[command] = reply

    with pytest.raises(kind, match=f"^email: the mail server answered {reply[:3]}") as caught:
        email.send(TEXT)

    assert type(caught.value) is kind
    assert mail.mails == []


def test_a_mail_server_that_is_away_may_be_back() -> None:
    with pytest.raises(Transient, match="email has not taken it: connection refused"):
        Service("email", mail_address(1)).send(TEXT)


def test_a_mail_server_that_does_not_encrypt_is_told_apart(mail: MailServer) -> None:
    address = mail_address(mail.port).replace("insecure", "starttls")

    with pytest.raises(Transient, match="email has not taken it: it does not encrypt"):
        Service("email", address).send(TEXT)


def test_what_apprise_cannot_explain_is_said_to_be_so(desk: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk._plugin, "notify", lambda **_: False)

    with pytest.raises(Transient, match="desk has not taken it: Apprise does not say why"):
        desk.send(TEXT)


@pytest.mark.parametrize("url", ["pigeon://host/secret", "mmost://"])
def test_an_address_that_apprise_does_not_know_is_misdirected(url: str) -> None:
    with pytest.raises(Misdirected, match="desk: Apprise knows no such address; is its address in NOTIFY_URLS right"):
        Service("desk", url)


def test_no_secret_appears_in_an_error_or_a_log(
    desk: Service, email: Service, server: AnsweringServer, mail: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    handler = BufferingHandler(10_000)
    logging.getLogger().addHandler(handler)
    caplog.set_level(logging.DEBUG, "volspike")
    server.answers[HOOK] = Answer(404, f"no {HOOK} user".encode())
    mail.replies["AUTH"] = "535 secret-password"
    sends: list[Callable[[], None]] = [
        lambda: desk.send("text"),
        lambda: email.send("text"),
        lambda: Service("x", "json://127.0.0.1:1/secret").send("text"),
        lambda: Service("x", "pigeon://secret").send("text"),
    ]
    told = ""
    for send in sends:
        with pytest.raises((Transient, Permanent)) as caught:
            send()
        told += "".join(traceback.format_exception_only(caught.value))

    assert "secret" not in told
    logging.getLogger().removeHandler(handler)
    assert [record for record in handler.buffer if record.name.startswith("apprise")] == []
