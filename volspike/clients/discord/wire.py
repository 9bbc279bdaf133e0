"""Discord's API: a message to its JSON, and what it answers; pure.

https://docs.discord.com/developers/resources/message#create-message
"""

import msgspec
from msgspec import MsgspecError, Struct

LONGEST = 2000
"""Characters that a message may have."""
SUPPRESS_EMBEDS = 1 << 2
"""The flag of a message without previews of its links."""


class Answer(Struct, frozen=True):
    """What Discord answers to what it refuses: why, and after how many seconds to come again."""

    message: str = ""
    code: int = 0
    retry_after: float | None = None


def message(text: str) -> bytes:
    """Return a message that calls nobody by name, whatever it says, and without previews."""
    return msgspec.json.encode({"content": text, "allowed_mentions": {"parse": []}, "flags": SUPPRESS_EMBEDS})


def parse_answer(content: bytes) -> Answer | None:
    """Return what Discord answers; None when somebody else has answered, such as a proxy."""
    try:
        return msgspec.json.decode(content, type=Answer)
    except (MsgspecError, ValueError, RecursionError):
        return None
