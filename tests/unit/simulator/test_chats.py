"""A bot's chats and how much Telegram bears of them."""

import pytest

from volspike.simulator import chats
from volspike.simulator.chats import GROUP, PRIVATE, TOKEN, Chats

NOW = 1_790_856_015.0
MOVED_TO = -1_001_234_567_890


def write(
    written: Chats, now: float, text: str = "text", *, to: object = GROUP, moved_to: int | None = None
) -> tuple[int, chats.Document]:
    answer = written.answer(TOKEN, "sendMessage", {"chat_id": str(to), "text": text}, now, moved_to)
    return answer.status, answer.document


def test_a_message_is_answered_as_telegram_does_and_kept() -> None:
    written = Chats()

    status, document = write(written, NOW, " BTC 🚀 ")

    assert status == 200
    assert document == {
        "ok": True,
        "result": {
            "message_id": 1,
            "from": {"id": 1, "is_bot": True, "first_name": "VolSpike demo", "username": "volspike_demo_bot"},
            "chat": {"id": -1001, "title": "VolSpike demo", "type": "supergroup"},
            "date": int(NOW),
            "text": "BTC 🚀",
        },
    }
    assert list(written.messages) == [chats.Message(1, -1001, NOW, "BTC 🚀")]


def test_a_private_chat_is_one() -> None:
    _, document = write(Chats(), NOW, to=PRIVATE)

    assert document["result"]["chat"] == {"id": 1001, "first_name": "Demo", "type": "private"}  # type: ignore[index]


@pytest.mark.parametrize(
    ("token", "method", "arguments", "status", "description"),
    [
        ("2:other", "sendMessage", {}, 401, "Unauthorized"),
        (TOKEN, "sendPhoto", {}, 404, "Not Found"),
        (TOKEN, "sendMessage", {"text": "x"}, 400, "Bad Request: chat_id is empty"),
        (TOKEN, "sendMessage", {"text": "x", "chat_id": "-7"}, 400, "Bad Request: chat not found"),
        (TOKEN, "sendMessage", {"chat_id": "-1001"}, 400, "Bad Request: message text is empty"),
        (TOKEN, "sendMessage", {"chat_id": "-1001", "text": " \n"}, 400, "Bad Request: message text is empty"),
        (TOKEN, "sendMessage", {"chat_id": "-1001", "text": "🚀" * 2049}, 400, "Bad Request: message is too long"),
    ],
)
def test_what_telegram_refuses(
    token: str, method: str, arguments: dict[str, str], status: int, description: str
) -> None:
    written = Chats()

    answer = written.answer(token, method, arguments, NOW, None)

    assert answer.status == status
    assert answer.document == {"ok": False, "error_code": status, "description": description}
    assert not written.messages


def test_a_message_may_be_as_long_as_telegram_allows() -> None:
    assert write(Chats(), NOW, "🚀" * 2048)[0] == 200


def test_a_few_at_once_are_borne_and_then_one_a_second() -> None:
    written = Chats()

    assert [write(written, NOW, to=PRIVATE)[0] for _ in range(4)] == [200, 200, 200, 429]
    status, refused = write(written, NOW + 0.25, to=PRIVATE)

    assert (status, refused) == (
        429,
        {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 1",
            "parameters": {"retry_after": 1},
        },
    )
    assert [write(written, NOW + second, to=PRIVATE)[0] for second in range(1, 60)] == [200] * 59


def test_a_group_bears_twenty_a_minute() -> None:
    written = Chats()

    assert [write(written, NOW + second)[0] for second in range(21)] == [200] * 20 + [429]
    assert write(written, NOW + 20)[1]["parameters"] == {"retry_after": 40}
    assert write(written, NOW + 59.9)[0] == 429
    assert write(written, NOW + 60)[0] == 200


def test_a_second_chat_has_a_pace_of_its_own() -> None:
    written = Chats()
    for _ in range(4):
        write(written, NOW)

    assert write(written, NOW, to=PRIVATE)[0] == 200


def test_a_group_that_has_moved_is_known_by_its_new_number_alone() -> None:
    written = Chats()

    status, refused = write(written, NOW, moved_to=MOVED_TO)

    assert status == 400
    assert refused["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert refused["parameters"] == {"migrate_to_chat_id": MOVED_TO}
    assert write(written, NOW, to=MOVED_TO, moved_to=MOVED_TO)[0] == 200
    assert write(written, NOW, to=PRIVATE, moved_to=MOVED_TO)[0] == 200
