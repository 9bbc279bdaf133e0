"""From the text of a variable to its value; every parser raises ValueError for what it does not take."""

import math
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

MAX_PORT = 65_535


def url(*schemes: str, bare: bool = False, optional: bool = False) -> Callable[[str], str]:
    """Return a parser of base addresses; they appear in logs, so none carries a user or a password."""

    def parse(text: str) -> str:
        if optional and not text:
            return text
        parts = urlsplit(text)
        if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError(text)
        if bare and parts.path.strip("/"):
            raise ValueError(text)
        _ = parts.port
        return text.rstrip("/")

    return parse


def secret_url(text: str) -> str:
    """Take an address that is a secret as a whole, or nothing."""
    if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname):
        raise ValueError(text)
    return text


def one_of(*allowed: str) -> Callable[[str], str]:
    """Return a parser of a few words, in any letter case."""

    def parse(text: str) -> str:
        folded = {word.lower(): word for word in allowed}
        if text.lower() not in folded:
            raise ValueError(text)
        return folded[text.lower()]

    return parse


def boolean(text: str) -> bool:
    """Take the usual words for yes and no."""
    words = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    if text.lower() not in words:
        raise ValueError(text)
    return words[text.lower()]


def port(text: str) -> int:
    """Take a port number."""
    return whole(1, MAX_PORT)(text)


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return a parser of whole numbers from `least` to `most`."""

    def parse(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise ValueError(text)
        return number

    return parse


def number(*, above: float, most: float = 1e15) -> Callable[[str], float]:
    """Return a parser of numbers greater than `above`, and at most `most`."""

    def parse(text: str) -> float:
        value = float(text)
        if not math.isfinite(value) or not above < value <= most:
            raise ValueError(text)
        return value

    return parse


def not_negative(text: str) -> float:
    """Take a number that is zero or more."""
    value = float(text)
    if not math.isfinite(value) or value < 0:
        raise ValueError(text)
    return value


def directory(text: str) -> Path:
    """Take an absolute path."""
    path = Path(text)
    if not path.is_absolute() or not path.name or "\0" in text:
        raise ValueError(text)
    return path


def host(text: str) -> str:
    """Take a host name or an address."""
    if not text or any(character.isspace() or character == "/" for character in text):
        raise ValueError(text)
    return text


def header_safe(text: str) -> str:
    """Take a key that can be sent in an HTTP header, or nothing."""
    if not re.fullmatch(r"[\x21-\x7e]*", text):
        raise ValueError(text)
    return text


def bot_token(text: str) -> str:
    """Take a token as Telegram's BotFather gives it, or nothing; it becomes a part of an address."""
    if text and not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", text):
        raise ValueError(text)
    return text


def chat(text: str) -> str:
    """Take the number of a chat, negative for groups and channels, the @name of a public one, or nothing."""
    if text and not re.fullmatch(r"-?\d+|@\w+", text):
        raise ValueError(text)
    return text
