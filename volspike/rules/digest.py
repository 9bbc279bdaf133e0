"""Many alerts in few messages to a chat, none of them left out.

Telegram takes 4096 characters a message (https://core.telegram.org/bots/api#sendmessage). An ntfy takes 4096 bytes;
people get what is longer as a file (https://docs.ntfy.sh/publish/#limitations).
"""

from collections.abc import Sequence
from enum import Enum

from msgspec import Struct

LONGEST = 4096
ELLIPSIS = "…"


class Measure(Enum):
    """What a service counts in a text, as an encoding and how many bytes of it are one."""

    CHARACTER = ("utf-16-le", 2)
    """A UTF-16 code unit: an emoji is two."""
    BYTE = ("utf-8", 1)

    def length(self, text: str) -> int:
        """Return how many of them a text has."""
        encoding, size = self.value
        return len(text.encode(encoding, "surrogatepass")) // size

    def cut(self, text: str, most: int) -> str:
        """Return the text, or so much of its beginning that it and an ellipsis have at most so many.

        They have fewer where a character would be split.
        """
        if self.length(text) <= most:
            return text
        encoding, size = self.value
        kept = text.encode(encoding, "surrogatepass")[: size * (most - self.length(ELLIPSIS))]
        return kept.decode(encoding, "ignore") + ELLIPSIS


class Part(Struct, frozen=True):
    """One message, and how many of the texts it carries; the parts of a digest carry them in their order."""

    text: str
    count: int


def parts(texts: Sequence[str], most: int = LONGEST, measure: Measure = Measure.CHARACTER) -> list[Part]:
    """Return the messages that name every text, a line each, under a heading that tells how many there are.

    None is longer than `most` by this measure, a hundred at least. One text goes without a heading. One that is too
    long for a message is cut.
    """
    if len(texts) == 1:
        return [Part(measure.cut(texts[0], most), 1)]
    heading = f"{len(texts)} alerts:"
    found: list[Part] = []
    lines: list[str] = []
    room = 0
    for text in texts:
        needed = measure.length(text) + 1
        if lines and needed > room:
            found.append(_part(heading, lines))
            heading, lines = f"{len(texts)} alerts, continued:", []
        if not lines:
            room = most - measure.length(heading)
        line = measure.cut(text, room - 1)
        lines.append(line)
        room -= measure.length(line) + 1
    return [*found, _part(heading, lines)] if lines else found


def _part(heading: str, lines: Sequence[str]) -> Part:
    return Part("\n".join((heading, *lines)), len(lines))
