"""Starting the simulator with what it cannot understand."""

import pytest

from tests.unit.cli.conftest import Command
from volspike.runtime import sockets

pytestmark = pytest.mark.usefixtures("root_logger")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--shutdown-event", "loud"), "--shutdown-event loud: not one of bare, event, wrapped"),
        (("--fault", "earthquake"), "--fault: "),
        (("--port", "70000"), "--port"),
        (("--start-hour", "48"), "--start-hour"),
    ],
)
def test_a_bad_option_is_a_usage_error_that_names_it(volspike: Command, arguments: tuple[str, ...], words: str) -> None:
    result = volspike("simulate", "--port", "0", *arguments)

    assert result.exit_code == 2
    assert words in result.stderr


def test_a_bad_clock_names_its_variable(volspike: Command) -> None:
    volspike.environment["VOLSPIKE_CLOCK_RATE"] = "fast"

    result = volspike("simulate")

    assert result.exit_code == 2
    assert result.stderr.startswith("VOLSPIKE_CLOCK_RATE=fast: ")


def test_a_port_in_use_is_one_line(volspike: Command) -> None:
    with sockets.listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])

        result = volspike("simulate", "--port", port)

    assert result.exit_code == 1
    assert f"port {port} on 127.0.0.1 is in use" in result.stderr
    assert "Traceback" not in result.stderr
