"""From the text of a variable to Telegram's channels; every parser raises ValueError for what it does not take."""

import re
from collections.abc import Mapping

NONE = "-"
"""No channel at all; an empty value counts as not set."""
GENERAL = "general"
CATEGORIES = {"marketfeed": "macro", "watcherguru": "crypto"}
"""Of the channels that are read by default; others are general, unless the settings say more."""
_ADDRESS = re.compile(r"(?:https?://)?(?:www\.)?(?:t|telegram)\.me/(?:s/)?([^/?#]+)/?", re.IGNORECASE)
_NAME = re.compile(r"[a-z][a-z0-9_]{3,31}")
_CATEGORY = re.compile(r"[\w-]{1,40}")


def channel(text: str) -> str:
    """Return the name of a public channel: given as such, as @name, or as its address at t.me.

    Telegram takes names in any letter case; here they are in lower case.
    """
    address = _ADDRESS.fullmatch(text)
    name = (address[1] if address else text).removeprefix("@").lower()
    if not _NAME.fullmatch(name):
        raise ValueError(text)
    return name


def channels(text: str) -> tuple[str, ...]:
    """Take the names of public channels, parted by commas, each kept once."""
    if text == NONE:
        return ()
    names = tuple(dict.fromkeys(channel(part.strip()) for part in text.split(",") if part.strip()))
    if not names:
        raise ValueError(text)
    return names


def categories(text: str) -> Mapping[str, str]:
    """Take `name:category,…`; return the category of each channel that has one of its own."""
    found = dict(CATEGORIES)
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, category = part.rpartition(":")
        if not _CATEGORY.fullmatch(category.strip()):
            raise ValueError(text)
        found[channel(name.strip())] = category.strip()
    return found


def api_id(text: str) -> int | None:
    """Take the number of an application at Telegram, or nothing."""
    if not text:
        return None
    number = int(text)
    if not 0 < number < 2**31:
        raise ValueError(text)
    return number


def api_hash(text: str) -> str:
    """Take the hash that belongs to it, or nothing."""
    if text and not re.fullmatch(r"[0-9a-fA-F]{32}", text):
        raise ValueError(text)
    return text
