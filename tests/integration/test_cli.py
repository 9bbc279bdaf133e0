"""The commands as an operator types them."""

import json
from pathlib import Path

import pytest
import typer

from tests.processes import Suite
from tests.simulation import SimulatorProcess
from volspike.cli.app import app

TRIES = 5


@pytest.fixture
def place(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def test_the_help_lists_every_command(place: Suite) -> None:
    commands = typer.main.get_command(app).commands.values()  # type: ignore[attr-defined]
    listed = place.volspike("--help").stdout

    assert [command.name for command in commands if not command.hidden and f"  {command.name} " not in listed] == []
    assert "volspike doctor" in place.volspike("doctor", "--help").stdout


def test_the_version_is_told(place: Suite) -> None:
    assert place.volspike("--version").stdout.startswith("volspike 0.")


def test_status_without_a_suite_says_how_to_start_one(place: Suite) -> None:
    done = place.volspike("status")

    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert "volspike up" in done.stderr


def test_check_config_names_all_that_is_wrong_and_warns_of_trailing_comments(place: Suite) -> None:
    env_file = place.directory / "volspike.env"
    env_file.write_text("LOG_LEVEL=LOUD # very loud\nexport FUNDING_API_PORT=x\nOI_MAX_REQ_PER_MIN=2000\n")

    done = place.volspike("config", "check", "--file", str(env_file))

    assert done.returncode == 78
    assert "warning: LOG_LEVEL: systemd takes a trailing comment" in done.stderr
    assert "very loud" not in done.stdout + done.stderr
    assert "error: FUNDING_API_PORT='x'" in done.stderr
    assert "error: LOG_LEVEL='LOUD'" in done.stderr


def test_check_config_is_content_with_the_example(place: Suite) -> None:
    done = place.volspike("config", "check", "--file", ".env.example")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("settings in .env.example are good")


def test_compare_tells_a_difference_from_an_agreement(suite: Suite, exchange: SimulatorProcess) -> None:
    suite.streaming()

    # a mark may move by more than it tolerates before a machine that is busy has asked for it: then it looks again
    agreeing = next((done for _ in range(TRIES) if (done := suite.volspike("compare")).returncode == 0), None)
    exchange.fault("wrong_funding")

    def differing() -> list[str]:
        done = suite.volspike("compare", "--json")
        assert done.returncode == 1
        return [row["symbol"] for row in json.loads(done.stdout)["differences"]]

    assert agreeing is not None
    assert "820 of 820 symbols agree with REST" in agreeing.stdout
    assert ["BTCUSDT"] in (differing() for _ in range(TRIES))


def test_compare_without_data_or_exchange_says_which(place: Suite) -> None:
    done = place.volspike("compare")

    assert done.returncode == 2
    assert "no funding data yet" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("duration", ["", "30", "0m", "soon", "-5m", "31d"])
def test_a_strange_duration_is_refused_with_what_is_allowed(place: Suite, duration: str) -> None:
    done = place.volspike("maintenance", "--", duration)

    assert done.returncode == 2
    assert f"duration {duration!r}: must be a whole number above 0 with s, m, h or d" in done.stderr


def test_a_directory_that_cannot_be_made_is_named_with_the_remedy(place: Suite) -> None:
    blocked = place.directory / "file"
    blocked.write_text("")

    done = place.volspike("run", "funding-ws", VOLSPIKE_RUNTIME_DIR=str(blocked / "run"))

    assert done.returncode == 73
    assert str(blocked / "run") in done.stderr
    assert "VOLSPIKE_RUNTIME_DIR" in done.stderr
    assert "Traceback" not in done.stderr
