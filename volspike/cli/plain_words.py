"""What typer and pydantic say, in words that people use."""

import re

_TYPES = {"str": "TEXT", "int": "NUMBER", "float": "NUMBER", "path": "PATH"}
_TYPE = re.compile(r"^(?P<name>.*?) <(?:list\[)?(?P<type>[^\]>]*?)(?: range)?\]?>$")
_BOUNDS = (
    (re.compile(r"\b([\d.]+)<=x<=([\d.]+)"), r"\1 to \2"),
    (re.compile(r"\bx>=([\d.]+)"), r"\1 or more"),
    (re.compile(r"\bx<=([\d.]+)"), r"\1 or less"),
)
_REFUSALS = (
    (re.compile(r"^Value error, "), ""),
    (re.compile(r"^Input should be greater than or equal to "), "must be at least "),
    (re.compile(r"^Input should be less than or equal to "), "must be at most "),
    (re.compile(r"^Input should be a valid integer\b.*"), "must be a whole number"),
    (re.compile(r"^Input should be a valid number\b.*"), "must be a number"),
)


def name(shown: str) -> str:
    """Return an argument or an option of a help page with what it takes; of an argument its name says that."""
    found = _TYPE.match(shown)
    if found is None:
        return shown
    option, takes = found["name"], _TYPES.get(found["type"], found["type"])
    return option if takes in _TYPES.values() and not option.startswith("-") else f"{option} {takes}"


def bounds(text: str) -> str:
    """Return the text of a help page with its bounds in words."""
    for pattern, words in _BOUNDS:
        text = pattern.sub(words, text)
    return text


def refusal(message: str) -> str:
    """Return why a value is not allowed."""
    for pattern, words in _REFUSALS:
        message = pattern.sub(words, message)
    return message
