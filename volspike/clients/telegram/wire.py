"""Telegram's Bot API: a message to its JSON, and what it answers; pure.

https://core.telegram.org/bots/api#making-requests
"""

import msgspec
from msgspec import MsgspecError, Struct

_CHAT_PROBLEMS = (
    "chat not found",
    "chat_id",
    "peer_id_invalid",
    "upgraded to a supergroup",
    "rights",
    "chat_write_forbidden",
    "chat_admin_required",
    "chat_send_",
    "deactivated",
    "chat_restricted",
    "topic",
)
"""What a 400 says, in some letter case, when the fault is the chat's or the bot's place in it."""


class Parameters(Struct, frozen=True):
    """What helps to go on after a refusal: the seconds to wait, or the chat that a group has become."""

    retry_after: float | None = None
    migrate_to_chat_id: int | None = None


class Answer(Struct, frozen=True):
    """What Telegram answers, whatever the status; `description` tells why something is refused."""

    ok: bool
    description: str = ""
    parameters: Parameters = Parameters()


def message(chat: str, text: str) -> bytes:
    """Return a message to a chat as it is, without formatting and without the preview of a link."""
    return msgspec.json.encode({"chat_id": chat, "text": text, "link_preview_options": {"is_disabled": True}})


def parse_answer(content: bytes) -> Answer | None:
    """Return what Telegram answers; None when somebody else has answered, such as a proxy."""
    try:
        return msgspec.json.decode(content, type=Answer)
    except (MsgspecError, ValueError, RecursionError):
        return None


def concerns_chat(description: str) -> bool:
    """Tell whether a 400 (Bad Request) concerns the chat and thus every message to it, not this message alone."""
    return any(problem in description.lower() for problem in _CHAT_PROBLEMS)
