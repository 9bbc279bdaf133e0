"""Messages and answers of Telegram's Bot API."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.clients.telegram import wire
from volspike.clients.telegram.wire import Answer, Parameters


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_message_goes_as_it_is_without_formatting_and_preview(text: str) -> None:
    assert json.loads(wire.message("-1001", text)) == {
        "chat_id": "-1001",
        "text": text,
        "link_preview_options": {"is_disabled": True},
    }


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (b'{"ok":true,"result":{"message_id":7}}', Answer(True)),
        (
            b'{"ok":false,"error_code":401,"description":"Unauthorized"}',
            Answer(False, "Unauthorized"),
        ),
        (
            b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 35",'
            b'"parameters":{"retry_after":35}}',
            Answer(False, "Too Many Requests: retry after 35", Parameters(retry_after=35)),
        ),
        (
            b'{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat",'
            b'"parameters":{"migrate_to_chat_id":-1001557912345}}',
            Answer(
                False,
                "Bad Request: group chat was upgraded to a supergroup chat",
                Parameters(migrate_to_chat_id=-1_001_557_912_345),
            ),
        ),
    ],
)
def test_answers_of_telegram(content: bytes, answer: Answer) -> None:
    assert wire.parse_answer(content) == answer


@pytest.mark.parametrize(
    "content", [b"", b"<html>Bad Gateway</html>", b"{}", b"[]", b'{"ok":"yes"}', b"\xff", b"[" * 100_000]
)
def test_an_answer_of_somebody_else_is_none(content: bytes) -> None:
    assert wire.parse_answer(content) is None


@given(st.binary())
def test_whatever_is_answered_nothing_is_raised(content: bytes) -> None:
    wire.parse_answer(content)


@pytest.mark.parametrize(
    ("description", "chat"),
    [
        ("Bad Request: chat not found", True),
        ("Bad Request: chat_id is empty", True),
        ("Bad Request: PEER_ID_INVALID", True),
        ("Bad Request: group chat was upgraded to a supergroup chat", True),
        ("Bad Request: not enough rights to send text messages to the chat", True),
        ("Bad Request: need administrator rights in the channel chat", True),
        ("Bad Request: CHAT_WRITE_FORBIDDEN", True),
        ("Bad Request: CHAT_ADMIN_REQUIRED", True),
        ("Bad Request: CHAT_SEND_PLAIN_FORBIDDEN", True),
        ("Bad Request: user is deactivated", True),
        ("Bad Request: TOPIC_CLOSED", True),
        ("Bad Request: message text is empty", False),
        ("Bad Request: message is too long", False),
        ("Bad Request: strings must be encoded in UTF-8", False),
        ("", False),
    ],
)
def test_a_bad_request_is_the_message_s_fault_or_the_chat_s(description: str, chat: bool) -> None:
    assert wire.concerns_chat(description) is chat
