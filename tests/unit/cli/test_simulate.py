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


@pytest.mark.parametrize(
    ("name", "bad"), [("VOLSPIKE_CLOCK_RATE", "fast"), ("LOG_LEVEL", "LOUD"), ("LOG_FORMAT", "yaml")]
)
def test_a_bad_setting_is_told_as_every_command_tells_it(volspike: Command, name: str, bad: str) -> None:
    volspike.environment[name] = bad

    result = volspike("simulate")

    assert result.exit_code == 78
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"volspike: bad setting: {name}='{bad}': must be ")


def test_settings_that_are_not_the_simulator_s_do_not_matter_to_it(volspike: Command) -> None:
    volspike.environment["FUNDING_API_PORT"] = "x"

    result = volspike("simulate", "--port", "0", "--fault", "earthquake")

    assert result.exit_code == 2
    assert "FUNDING_API_PORT" not in result.stderr


def test_a_port_in_use_is_one_line(volspike: Command) -> None:
    with sockets.listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])

        result = volspike("simulate", "--port", port)

    assert result.exit_code == 1
    assert f"port {port} on 127.0.0.1 is in use" in result.stderr
    assert "Traceback" not in result.stderr
