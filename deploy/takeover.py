"""Take over what an installation of the old scripts has learned: its settings, session, cooldowns and cursors.

    takeover.py check DIR              name what is there, one line each; exit 1 with one line when nothing is
    takeover.py settings DIR           print its settings in the form that systemd and python-dotenv both read
    takeover.py data DIR STATE_DIR     copy its data; nothing newer that is already there is overwritten

Runs as root before a release exists, so it needs nothing but Python's own library.
"""

import json
import os
import pwd
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TextIO

ENV_FILES = (".env", "volspike.env")
OWNER = "volspike"
SETTING = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


class NothingToTakeError(Exception):
    """There is nothing to take over; the message is for the operator."""


class Kind(NamedTuple):
    """A file of the old scripts: its meaning for people, its mode here, and what is wrong with a content, if any."""

    meaning: str
    mode: int
    problem: Callable[[bytes], str]


def _cooldowns(content: bytes) -> str:
    document = _object(content)
    if isinstance(document, str):
        return document
    wrong = [key for key, value in document.items() if isinstance(value, bool) or not isinstance(value, int | float)]
    return f"{wrong[0]!r} is not a number of seconds" if wrong else ""


def _cursors(content: bytes) -> str:
    document = _object(content)
    if isinstance(document, str):
        return document
    cursors = document.get("last_message_ids")
    if not isinstance(cursors, dict):
        return 'it has no "last_message_ids"'
    wrong = [name for name, value in cursors.items() if isinstance(value, bool) or not isinstance(value, int)]
    return f"the cursor of {wrong[0]!r} is not a number" if wrong else ""


def _object(content: bytes) -> dict[str, object] | str:
    try:
        document = json.loads(content)
    except ValueError as error:
        return f"it is not JSON ({error})"
    return document if isinstance(document, dict) else "it is not a JSON object"


def _session(content: bytes) -> str:
    return "" if content.startswith(b"SQLite format 3\0") else "it is not an SQLite database"


DATA = {
    "volspike_telegram.session": Kind("Telegram session", 0o600, _session),
    ".oi_alert_cooldowns.json": Kind("cooldowns of open-interest alerts", 0o640, _cooldowns),
    ".telegram_poller_state.json": Kind("cursors of the Telegram channels", 0o640, _cursors),
}


def check(directory: Path) -> None:
    """Say what is there. Raises NothingToTakeError when that is nothing."""
    if not directory.is_dir():
        raise NothingToTakeError(f"--import {directory}: there is no such directory")
    wanted = (*ENV_FILES, *DATA)
    if not any((directory / name).is_file() for name in wanted):
        raise NothingToTakeError(f"--import {directory}: none of the old scripts' files is in it ({', '.join(wanted)})")


def settings(directory: Path) -> str:
    """Return the settings as `KEY=VALUE` lines, unknown keys and comments kept; nothing when there is no env file.

    The old scripts read them with python-dotenv: `export` and a trailing comment are no part of a value.
    """
    path = next((directory / name for name in ENV_FILES if (directory / name).is_file()), None)
    if path is None:
        return ""
    lines = []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            lines.append(text)
            continue
        found = SETTING.fullmatch(text)
        if found:
            lines.append(f"{found[1]}={_value(found[2])}")
        else:
            _say("left", f"{path.name} line {number}: not KEY=VALUE", sys.stderr)
    return "\n".join(lines) + "\n"


def _value(text: str) -> str:
    quote = text[:1]
    if quote in ("'", '"'):
        end = text.find(quote, 1)
        return text[: end + 1] if end > 0 else text
    if text.startswith("#"):
        return ""
    return text.partition(" #")[0].rstrip()


def data(directory: Path, state_dir: Path) -> None:
    """Copy the data files, saying of each whether it was taken or left, and why."""
    for name, kind in DATA.items():
        source, destination = directory / name, state_dir / name
        if not source.is_file():
            _say("left", f"{name} ({kind.meaning}): not there")
            continue
        content = source.read_bytes()
        if problem := kind.problem(content):
            _say("left", f"{name} ({kind.meaning}): {problem}")
        elif destination.exists() and destination.read_bytes() == content:
            _say("left", f"{name} ({kind.meaning}): the same is in {state_dir} already")
        elif destination.exists() and destination.stat().st_mtime >= source.stat().st_mtime:
            _say("left", f"{name} ({kind.meaning}): the one in {state_dir} is newer")
        else:
            _copy(content, source.stat(), destination, kind.mode)
            _say("took", f"{name} ({kind.meaning}) into {state_dir}")


def _copy(content: bytes, origin: os.stat_result, destination: Path, mode: int) -> None:
    """Write whole or not at all. The directory is the service user's, so only a file of our own making is written."""
    owner = pwd.getpwnam(OWNER)
    handle, name = tempfile.mkstemp(dir=destination.parent, prefix=f"{destination.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(handle, mode)
            os.fchown(handle, owner.pw_uid, owner.pw_gid)
            os.utime(handle, ns=(origin.st_atime_ns, origin.st_mtime_ns))
            os.fsync(handle)
        Path(name).rename(destination)
    except BaseException:
        Path(name).unlink()
        raise


def _say(verb: str, what: str, stream: TextIO = sys.stdout) -> None:
    stream.write(f"{verb:<13}{what}\n")


def main(arguments: list[str]) -> int:
    """Run one of the three commands; return the exit code."""
    match arguments:
        case ["check", directory]:
            try:
                check(Path(directory))
            except NothingToTakeError as error:
                sys.stderr.write(f"error: {error}\n")
                return 1
        case ["settings", directory]:
            sys.stdout.write(settings(Path(directory)))
        case ["data", directory, state_dir]:
            data(Path(directory), Path(state_dir))
        case _:
            sys.stderr.write(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
