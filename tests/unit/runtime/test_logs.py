"""Logs for people and for machines."""

import json
import logging
import os
import socket
import sys
import threading

import pytest
import requests

from volspike.runtime import logs
from volspike.runtime.logs import ConsoleFormatter, JsonFormatter

AT = 1_764_724_344.25  # 01:12:24 UTC


def record(message: str = "stream lost", level: int = logging.WARNING, **fields: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"msg": message, "levelno": level, "levelname": logging.getLevelName(level)})
    made.created = AT
    made.__dict__.update(fields)
    return made


def with_traceback() -> logging.LogRecord:
    try:
        raise ZeroDivisionError("by zero")
    except ZeroDivisionError:
        return record("broke", logging.ERROR, exc_info=sys.exc_info())


@pytest.fixture(autouse=True)
def no_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)


def test_what_is_logged_beside_the_output_of_a_command_says_which_file_it_means() -> None:
    handler = logging.StreamHandler()

    logs.plain(handler)

    written = handler.format(record("state file unreadable", logging.ERROR, problem="mutes.json is broken"))
    assert written == 'error: state file unreadable problem="mutes.json is broken"'


def test_people_read_the_time_the_level_and_the_fields() -> None:
    text = ConsoleFormatter().format(record(reason="silent for 15 s", attempts=3, empty=""))

    assert text == '01:12:24 warning stream lost reason="silent for 15 s" attempts=3 empty=""'


def test_people_see_a_traceback() -> None:
    assert "ZeroDivisionError: by zero" in ConsoleFormatter().format(with_traceback())


def test_the_journal_gets_a_priority_on_every_line(monkeypatch: pytest.MonkeyPatch) -> None:
    own = os.fstat(2)
    monkeypatch.setenv("JOURNAL_STREAM", f"{own.st_dev}:{own.st_ino}")

    assert ConsoleFormatter().format(record(attempts=3)) == "<4>stream lost attempts=3"
    assert all(line.startswith("<3>") for line in ConsoleFormatter().format(with_traceback()).splitlines())


def test_a_child_of_a_unit_that_logs_elsewhere_gets_no_priorities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1234")

    assert ConsoleFormatter().format(record()) == "01:12:24 warning stream lost"


def test_machines_read_one_object_a_line() -> None:
    line = JsonFormatter("funding-ws").format(record(reason="two\nlines", attempts=3, path=OSError("odd")))

    assert "\n" not in line
    assert json.loads(line) == {
        "at": "2025-12-03T01:12:24.250+00:00",
        "level": "warning",
        "daemon": "funding-ws",
        "event": "stream lost",
        "reason": "two\nlines",
        "attempts": 3,
        "path": "odd",
    }


def test_machines_get_a_traceback_as_a_field() -> None:
    assert "by zero" in json.loads(JsonFormatter("funding-ws").format(with_traceback()))["traceback"]


@pytest.mark.parametrize(
    ("form", "kind"), [("json", JsonFormatter), ("console", ConsoleFormatter)], ids=["json", "console"]
)
def test_all_logs_go_to_standard_error_from_the_level_upward(
    form: str, kind: type[logging.Formatter], root_logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up("funding-ws", "WARNING", form)

    logging.getLogger("volspike.test").info("too quiet")
    logging.getLogger("volspike.test").warning("loud enough")

    (handler,) = root_logger.handlers
    assert type(handler.formatter) is kind
    assert capsys.readouterr().err.count("loud enough") == 1


def test_chatty_libraries_are_quiet_even_when_everything_is_wanted(root_logger: logging.Logger) -> None:
    logs.set_up("funding-ws", "DEBUG", "console")

    assert not logging.getLogger("urllib3").isEnabledFor(logging.INFO)
    assert not logging.getLogger("pyrogram.connection").isEnabledFor(logging.ERROR)
    assert logging.getLogger("volspike").isEnabledFor(logging.DEBUG)


@pytest.mark.usefixtures("root_logger")
def test_an_address_in_which_a_key_stands_is_not_quoted_because_a_server_s_headers_are_strange(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.set_up("user-alerts", "DEBUG", "console")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answer = threading.Thread(target=answer_strangely, args=(listener,))
        answer.start()
        requests.get(f"http://127.0.0.1:{listener.getsockname()[1]}/?apiKey=secret", timeout=30)
        answer.join()

    assert "secret" not in capsys.readouterr().err


def answer_strangely(listener: socket.socket) -> None:
    client, _ = listener.accept()
    with client:
        client.recv(65_536)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno header\r\n\r\n{}")
