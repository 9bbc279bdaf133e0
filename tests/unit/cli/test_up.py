"""Starting the whole suite where it cannot start."""

import os

import pytest

from tests.processes import free_port
from tests.unit.answers import Answer, AnsweringServer
from tests.unit.cli.conftest import Command
from volspike.model.supervision import Supervision
from volspike.runtime import sockets
from volspike.state import documents, file


@pytest.fixture
def up(volspike: Command) -> Command:
    volspike.environment |= {"FUNDING_API_PORT": str(free_port()), "BINANCE_REST_URL": "http://127.0.0.1:1"}
    return volspike


def test_an_unreachable_exchange_is_one_line_that_points_to_the_demo(up: Command) -> None:
    result = up("up")

    assert result.exit_code == 1
    assert result.stderr == (
        "volspike: Binance cannot be reached at http://127.0.0.1:1: connection refused; "
        "try the suite without Binance: make demo (volspike up --simulate)\n"
    )


def test_a_blocked_country_is_one_line_that_points_to_the_demo(up: Command) -> None:
    with AnsweringServer() as exchange:
        exchange.answers["/fapi/v1/time"] = Answer(451, b"<html>")
        up.environment["BINANCE_REST_URL"] = exchange.url

        result = up("up")

    assert result.exit_code == 1
    assert result.stderr.startswith("volspike: HTTP 451: Binance refuses requests from this country or network; ")
    assert "make demo" in result.stderr


def test_a_second_suite_in_the_same_place_is_refused(up: Command) -> None:
    content = Supervision(1, os.getpid(), False, {}, [])
    file.write(up.runtime_dir / documents.SUPERVISION, documents.encode(content))

    result = up("up")

    assert result.exit_code == 1
    assert result.stderr == f"volspike: a suite already runs in {up.runtime_dir}; see volspike status\n"


def test_a_port_in_use_names_the_setting(up: Command) -> None:
    with sockets.listen("127.0.0.1", 0) as taken:
        up.environment["FUNDING_API_PORT"] = str(taken.getsockname()[1])

        result = up("up")

    assert result.exit_code == 1
    assert result.stderr.endswith("; stop it or set FUNDING_API_PORT\n")


def test_bad_settings_are_told_before_anything_is_started(up: Command) -> None:
    up.environment["LOG_LEVEL"] = "LOUD"

    result = up("up", "--simulate")

    assert result.exit_code == 78
    assert "LOG_LEVEL='LOUD'" in result.stderr
