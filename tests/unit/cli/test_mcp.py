"""The command that opens the assistant's door."""

import socket

from tests.unit.cli.conftest import Command


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
