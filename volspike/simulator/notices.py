"""Discord, an ntfy and a desk with a hook like Slack's: what people have read there, and how much of it is borne. Pure.

Discord takes five messages in two seconds (https://docs.discord.com/developers/topics/rate-limits) and 2000 characters
a message; what is refused does not count. An ntfy makes a file of what has more than 4096 bytes, and says so instead
(https://docs.ntfy.sh/publish/#limitations).
"""

from collections import Counter, deque
from dataclasses import dataclass

from volspike.simulator.chats import KEPT, Answer, Document

HOOK_ID, HOOK_TOKEN = "1", "demo"
BOT_TOKEN = "demo"  # noqa: S105 - known to everybody
CHANNEL = "1"
DESK_TOKEN = "demo"  # noqa: S105
DISCORD, NTFY, DESK = "discord", "ntfy", "desk"
LONGEST = 2000
NTFY_BYTES = 4096
BURST, BURST_SECONDS = 5, 2.0


@dataclass(frozen=True, slots=True)
class Notice:
    """A text that has arrived at a service; `at` is epoch seconds."""

    service: str
    at: float
    text: str


class Notices:
    """All services and what has arrived there."""

    def __init__(self) -> None:
        """Begin with nothing written."""
        self.notices: deque[Notice] = deque(maxlen=KEPT)
        self.statuses: Counter[str] = Counter()
        """How often each service has answered each HTTP status, as `discord 200`."""
        self._discord_arrivals: deque[float] = deque(maxlen=BURST)

    def take(self, service: str, text: object, now: float) -> Answer:
        """Take a text of a service whose caller is known to it, or say why not."""
        words = text.strip() if isinstance(text, str) else ""
        if not words:
            return refusal(400, "Cannot send an empty message", code=50006)
        if service == DISCORD:
            refused = self._discord_refusal(words, now)
            if refused:
                return refused
            self._discord_arrivals.append(now)
        if service == NTFY and len(words.encode("utf-8", "replace")) > NTFY_BYTES:
            words = "You received a file: attachment.txt"
        self.notices.append(Notice(service, now, words))
        return Answer(200, {"id": str(len(self.notices))})

    def _discord_refusal(self, text: str, now: float) -> Answer | None:
        if len(text) > LONGEST:
            return refusal(400, "Invalid Form Body", code=50035)
        arrivals = self._discord_arrivals
        wait = arrivals[0] + BURST_SECONDS - now if len(arrivals) == BURST else 0.0
        return limited(wait) if wait > 0 else None


def limited(seconds: float) -> Answer:
    """Return the refusal of a message that comes too soon."""
    return refusal(429, "You are being rate limited.", retry_after=round(seconds, 3))


def refusal(status: int, message: str, **more: float) -> Answer:
    """Return a refusal as Discord words it; the others have no words of their own."""
    document: Document = {"message": message, **more}
    return Answer(status, document)
