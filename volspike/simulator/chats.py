"""A Telegram bot and the chats it may write into: what it has written, and how much of that Telegram bears. Pure.

One message a second to a chat, with some forbearance, and twenty a minute to a group
(https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this). What is refused does not count.
"""

import math
from collections import Counter, deque
from dataclasses import dataclass, field

from volspike.rules import digest

TOKEN = "1:demo"  # noqa: S105 - known to everybody
GROUP = -1001
PRIVATE = 1001
BURST = 3
PER_MINUTE = 20
MINUTE = 60.0
KEPT = 1000
BOT = {"id": 1, "is_bot": True, "first_name": "VolSpike demo", "username": "volspike_demo_bot"}

Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class Message:
    """A message that has arrived; `at` is epoch seconds."""

    message_id: int
    chat: int
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and the document that goes with it."""

    status: int
    document: Document


@dataclass(slots=True)
class Chat:
    """One chat: when it was last written into, and how many messages beyond one a second it still bears."""

    number: int
    spare: float = BURST
    spare_at: float = 0.0
    arrivals: deque[float] = field(default_factory=lambda: deque(maxlen=PER_MINUTE))

    def describe(self) -> Document:
        """Return the chat as Telegram describes it."""
        if self.number > 0:
            return {"id": self.number, "first_name": "Demo", "type": "private"}
        return {"id": self.number, "title": "VolSpike demo", "type": "supergroup"}

    def wait(self, now: float) -> float:
        """Return the seconds after which the next message is taken; 0 when one is taken now."""
        spare = min(BURST, self.spare + now - self.spare_at)
        seconds = max(0.0, 1 - spare)
        if self.number < 0 and len(self.arrivals) == PER_MINUTE:
            seconds = max(seconds, self.arrivals[0] + MINUTE - now)
        return seconds

    def take(self, now: float) -> None:
        """Count a message."""
        self.spare = min(BURST, self.spare + now - self.spare_at) - 1
        self.spare_at = now
        self.arrivals.append(now)


class Chats:
    """All chats of the bot: a group and a private one."""

    def __init__(self) -> None:
        """Begin with nothing written."""
        self.messages: deque[Message] = deque(maxlen=KEPT)
        self.sent = 0
        self.statuses: Counter[int] = Counter()
        """How often each HTTP status was answered."""
        self._chats = {str(number): Chat(number) for number in (GROUP, PRIVATE)}

    def answer(self, token: str, method: str, arguments: dict[str, str], now: float, moved_to: int | None) -> Answer:
        """Take a message, or say why not; `moved_to` is the number of the supergroup that the group has become."""
        if token != TOKEN:
            return refusal(401, "Unauthorized")
        if method.lower() != "sendmessage":
            return refusal(404, "Not Found")
        name = arguments.get("chat_id", "")
        if moved_to is not None:
            if name == str(GROUP):
                what = "Bad Request: group chat was upgraded to a supergroup chat"
                return refusal(400, what, migrate_to_chat_id=moved_to)
            self._chats.setdefault(str(moved_to), Chat(moved_to))
        chat = self._chats.get(name)
        if chat is None:
            return refusal(400, "Bad Request: chat not found" if name else "Bad Request: chat_id is empty")
        return self._written(chat, arguments.get("text", "").strip(), now)

    def _written(self, chat: Chat, text: str, now: float) -> Answer:
        if not text:
            return refusal(400, "Bad Request: message text is empty")
        if digest.Measure.CHARACTER.length(text) > digest.LONGEST:
            return refusal(400, "Bad Request: message is too long")
        wait = chat.wait(now)
        if wait > 0:
            return limited(wait)
        chat.take(now)
        self.sent += 1
        message = Message(self.sent, chat.number, now, text)
        self.messages.append(message)
        result = {
            "message_id": message.message_id,
            "from": BOT,
            "chat": chat.describe(),
            "date": int(now),
            "text": text,
        }
        return Answer(200, {"ok": True, "result": result})


def limited(seconds: float) -> Answer:
    """Return the refusal of a message that comes too soon."""
    whole = math.ceil(seconds)
    return refusal(429, f"Too Many Requests: retry after {whole}", retry_after=whole)


def refusal(status: int, description: str, **parameters: int) -> Answer:
    """Return a refusal as Telegram words it."""
    document: Document = {"ok": False, "error_code": status, "description": description}
    return Answer(status, {**document, "parameters": parameters} if parameters else document)
