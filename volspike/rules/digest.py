"""Many alerts in few messages to a chat, none of them left out.

Telegram takes 4096 characters a message (https://core.telegram.org/bots/api#sendmessage) and counts them as UTF-16
code units: an emoji is two.
"""

from collections.abc import Sequence

from msgspec import Struct

LONGEST = 4096
ELLIPSIS = "…"


class Part(Struct, frozen=True):
    """One message, and how many of the texts it carries; the parts of a digest carry them in their order."""

    text: str
    count: int


def length(text: str) -> int:
    """Return how many characters Telegram counts."""
    return len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, most: int = LONGEST) -> str:
    """Return the text, or so much of its beginning that it and an ellipsis are `most` characters long.

    One less where a character of two would be split.
    """
    if length(text) <= most:
        return text
    units = text.encode("utf-16-le", "surrogatepass")[: 2 * (most - length(ELLIPSIS))]
    return units.decode("utf-16-le", "ignore") + ELLIPSIS


def parts(texts: Sequence[str], most: int = LONGEST) -> list[Part]:
    """Return the messages that name every text, a line each, under a heading that tells how many there are.

    None is longer than `most`, which is a hundred at least. One text goes without a heading. One that is too long for
    a message is cut.
    """
    if len(texts) == 1:
        return [Part(cut(texts[0], most), 1)]
    heading = f"{len(texts)} alerts:"
    found: list[Part] = []
    lines: list[str] = []
    room = 0
    for text in texts:
        needed = length(text) + 1
        if lines and needed > room:
            found.append(_part(heading, lines))
            heading, lines = f"{len(texts)} alerts, continued:", []
        if not lines:
            room = most - length(heading)
        line = cut(text, room - 1)
        lines.append(line)
        room -= length(line) + 1
    return [*found, _part(heading, lines)] if lines else found


def _part(heading: str, lines: Sequence[str]) -> Part:
    return Part("\n".join((heading, *lines)), len(lines))
