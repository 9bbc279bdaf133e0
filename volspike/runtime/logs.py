"""Logs for people (console) or machines (json), on standard error, where journald collects them.

An event is a short constant sentence; what varies goes into `extra` and comes out as fields. Log a change of
condition, not a condition; never log a secret.
"""

import logging
import os
import sys
from datetime import UTC, datetime

import msgspec

STDERR = 2
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_JOURNAL_PRIORITY = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}


def set_up(daemon: str, level: str, form: str) -> None:
    """Send all logs to standard error, in the form `console` or `json`, from `level` upward."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(daemon) if form == "json" else ConsoleFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("urllib3", "websocket", "uvicorn", "asyncio", "aiohttp"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))
    # It tells each of its attempts to connect, as an error; what comes of them is told by whoever asked.
    logging.getLogger("pyrogram").setLevel(logging.CRITICAL)
    # This one's warning of strange headers quotes the whole address, and the address of some requests holds a key.
    logging.getLogger("urllib3.connection").setLevel(logging.ERROR)


def plain(handler: logging.Handler | None = logging.lastResort) -> None:
    """Let what is logged beside a command's own output, which is not set up as a daemon's, say all of its fields."""
    if handler is not None:
        handler.setFormatter(PlainFormatter())


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in record.__dict__.items() if key not in _STANDARD}


def _goes_to_journal() -> bool:
    """Tell whether standard error is the journal's own stream (systemd.exec(5)): the variable alone is inherited."""
    status = os.fstat(STDERR)
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


class ConsoleFormatter(logging.Formatter):
    """`message key=value`: under journald with its priority in front, else with the time of day (UTC)."""

    def __init__(self) -> None:
        super().__init__()
        self._journal = _goes_to_journal()

    def format(self, record: logging.LogRecord) -> str:
        text = _text(record)
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        if self._journal:
            priority = _JOURNAL_PRIORITY.get(record.levelname, 6)
            return "\n".join(f"<{priority}>{line}" for line in text.splitlines())
        at = datetime.fromtimestamp(record.created, UTC)
        return f"{at:%H:%M:%S} {record.levelname.lower():<7} {text}"


class PlainFormatter(logging.Formatter):
    """`level: message key=value`, for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{record.levelname.lower()}: {_text(record)}"


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def __init__(self, daemon: str) -> None:
        super().__init__()
        self._daemon = daemon

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        head = {"at": at, "level": record.levelname.lower(), "daemon": self._daemon, "event": record.getMessage()}
        if record.exc_info:
            head["traceback"] = self.formatException(record.exc_info)
        return msgspec.json.encode({**head, **_fields(record)}, enc_hook=str).decode()


def _text(record: logging.LogRecord) -> str:
    return record.getMessage() + "".join(f" {key}={_shown(value)}" for key, value in _fields(record).items())


def _shown(value: object) -> str:
    text = str(value)
    return f'"{text}"' if " " in text or not text else text
