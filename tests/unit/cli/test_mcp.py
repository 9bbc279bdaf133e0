"""The command that opens the assistant's door."""

import socket

import pytest

from tests.unit.cli.conftest import Command
from volspike.cli import mcp


def test_where_no_suite_runs_it_says_so(volspike: Command) -> None:
    volspike.environment.clear()
    refused = volspike("mcp")

    assert refused.exit_code == 1
    assert refused.stderr.startswith("volspike: no suite runs for this user")


def test_a_port_that_is_taken_is_one_line(volspike: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = volspike("mcp", "--http", "--port", str(port))

    assert refused.exit_code == 1
    assert f"{port}" in refused.stderr
    assert refused.stderr.endswith("stop it or choose another one with --port\n")


def test_a_port_that_cannot_be_had_is_one_line(volspike: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp, "ADDRESS", "192.0.2.1")
    refused = volspike("mcp", "--http", "--port", "8502")

    assert refused.exit_code == 1
    assert refused.stderr == (
        "volspike: port 8502 cannot be used (Cannot assign requested address); choose another one with --port\n"
    )
