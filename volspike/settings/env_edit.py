"""Changing an env file: comments and order stay, a value is written so that systemd and python-dotenv agree on it."""

import os
import re
import tempfile
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from volspike.settings.variables import VARIABLES

SPACE = "Zs"
"""Unicode's category of spaces, which Python counts as unprintable but for the usual one."""
NEW_FILE_MODE = 0o600
"""It may come to hold secrets."""
_PLAIN = re.compile(r"[\w.:/@,;+%=-]*(?: [\w.:/@,;+%=-]+)*", re.ASCII)
_ALIASES = {variable.name: variable.alias for variable in VARIABLES if variable.alias}


class UnwritableError(ValueError):
    """A value that an env file cannot hold; the message says why."""


def edited(text: str, changes: Mapping[str, str | None]) -> str:
    """Return the text of an env file with these values in it; None takes a variable out.

    A variable that is there is changed where it last is; a new one goes behind its commented example, or else to the
    end. Its repeats go, and so does an older name of the same setting. Raises UnwritableError.
    """
    lines = text.removesuffix("\n").split("\n") if text else []  # the other line breaks of Unicode are none here
    for name, value in changes.items():
        lines = _with(lines, name, value)
    return "".join(f"{line}\n" for line in lines)


def _with(lines: list[str], name: str, value: str | None) -> list[str]:
    names = {name, _ALIASES.get(name, name)}
    present = [index for index, line in enumerate(lines) if _name_in(line) in names]
    if value is None:
        return [line for index, line in enumerate(lines) if index not in present]
    line = f"{name}={quoted(value)}"
    if present:
        kept = [old for index, old in enumerate(lines) if index not in present]
        at = present[-1] - (len(present) - 1)
        return [*kept[:at], line, *kept[at:]]
    examples = [index + 1 for index, old in enumerate(lines) if re.match(rf"#\s*{re.escape(name)}\s*=", old)]
    at = examples[-1] if examples else len(lines)
    return [*lines[:at], line, *lines[at:]]


def _name_in(line: str) -> str:
    """Return the variable that a line sets; nothing for any other line."""
    name, equals, _ = line.partition("=")
    name = name.strip().removeprefix("export ").strip()
    return name if equals and not name.startswith(("#", ";")) else ""


def quoted(value: str) -> str:
    """Return a value as it stands behind the `=`. Raises UnwritableError for what the two readers would not agree on.

    Both take single quotes as they are, as long as there is neither another one nor a backslash between them.
    """
    if not all(character.isprintable() or unicodedata.category(character) == SPACE for character in value):
        raise UnwritableError("a line break or a control character cannot be kept in an env file")
    if _PLAIN.fullmatch(value):
        return value
    if "'" not in value and "\\" not in value:
        return f"'{value}'"
    if re.search(r"['\"`$]", value.replace("'", "")) or "\\" in value:
        raise UnwritableError("a backslash, or a ' together with a \", ` or $, cannot be kept in an env file")
    return f'"{value}"'


def replace(path: Path, text: str) -> None:
    """Replace an env file, whole or not at all, with its owner, group and mode; what it was is kept as `<name>.bak`.

    Raises OSError when that is not possible; the file is then as it was.
    """
    target = path.resolve()
    if target.exists():
        _write(target.with_name(f"{target.name}.bak"), target.read_bytes(), target.stat())
        _write(target, text.encode(), target.stat())
    else:
        _write(target, text.encode(), None)


def _write(path: Path, content: bytes, like: os.stat_result | None) -> None:
    descriptor, scratch = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if like is not None and (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, like.st_uid, like.st_gid)
            os.fchmod(descriptor, like.st_mode & 0o777 if like is not None else NEW_FILE_MODE)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        Path(scratch).replace(path)
    finally:
        Path(scratch).unlink(missing_ok=True)  # it is there no more where it has taken the place of the file
