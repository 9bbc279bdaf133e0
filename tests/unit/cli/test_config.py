"""`volspike config`: shown without secrets, changed only as a whole."""

import os
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command, Systemctl


@pytest.fixture
def env(volspike: Command) -> Path:
    """The env file of this folder."""
    path = volspike.place / ".env"
    path.write_text("# ours\nVOLUME_MULTIPLE=4\n")
    return path


@pytest.mark.usefixtures("env")
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("VOLUME_MULTIPLE", "4"),
        ("volume_multiple", "4"),
        ("LOG_LEVEL", "INFO"),
        ("VOLSPIKE_API_URL", "http://127.0.0.1:3001"),
        ("TELEGRAM_TOKEN", "not set"),
    ],
)
def test_a_setting_is_shown_as_it_holds(volspike: Command, name: str, shown: str) -> None:
    assert volspike("config", "get", name).stdout == f"{shown}\n"


def test_all_settings_are_lines_of_an_env_file_with_the_defaults_commented_out(volspike: Command, env: Path) -> None:
    lines = volspike("config", "get").stdout.splitlines()

    assert "VOLUME_MULTIPLE=4" in lines
    assert "#LOG_LEVEL=INFO" in lines


def test_what_is_nothing_by_default_is_shown_as_nothing_that_could_stand_in_the_file(volspike: Command) -> None:
    lines = volspike("config", "get").stdout.splitlines()

    assert {"#NOTIFY_RULES=", "#NOTIFY_QUIET_HOURS=", "#TELEGRAM_API_ID=", "#TELEGRAM_CHANNEL_CATEGORIES="} <= {*lines}


def test_a_secret_is_never_shown(volspike: Command, env: Path) -> None:
    env.write_text("TELEGRAM_BOT_TOKEN=1:hush\nCHAT_ID=7\n")

    assert volspike("config", "get", "TELEGRAM_TOKEN").stdout == "set (hidden)\n"
    everything = volspike("config", "get").stdout
    assert "TELEGRAM_TOKEN=(hidden)\n" in everything
    assert "hush" not in everything


@pytest.mark.parametrize("arguments", [("VOLUME_MULTIPLE", "5"), ("volume_multiple=5",)])
def test_a_value_is_changed_and_the_former_file_kept(volspike: Command, env: Path, arguments: tuple[str, ...]) -> None:
    result = volspike("config", "set", *arguments)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "VOLUME_MULTIPLE = 5\n.env is changed; what it was is in .env.bak\n"
    assert env.read_text() == "# ours\nVOLUME_MULTIPLE=5\n"
    assert env.with_name(".env.bak").read_text() == "# ours\nVOLUME_MULTIPLE=4\n"


def test_a_secret_is_read_from_standard_input_and_not_said(volspike: Command, env: Path) -> None:
    result = volspike("config", "set", "CHAT_ID=-1001", "TELEGRAM_TOKEN", typed="1:hush\n")

    assert result.exit_code == 0
    assert "hush" not in result.output
    assert env.read_text().endswith("CHAT_ID=-1001\nTELEGRAM_TOKEN=1:hush\n")


@pytest.mark.parametrize(
    "arguments", [("VOLSPIKE_API_KEY=hush",), ("VOLSPIKE_API_KEY", "hush"), ("VOLSPIKE_API_KEY", "hush==")]
)
def test_a_secret_is_not_taken_from_the_command_line(volspike: Command, env: Path, arguments: tuple[str, ...]) -> None:
    result = volspike("config", "set", *arguments)

    assert (result.exit_code, result.stderr) == (
        2,
        "volspike: VOLSPIKE_API_KEY is a secret: give its name alone, and its value when it is asked for\n",
    )


def test_a_secret_that_does_not_come_changes_nothing(volspike: Command, env: Path) -> None:
    result = volspike("config", "set", "VOLSPIKE_API_KEY")

    assert result.exit_code == 2
    assert env.read_text() == "# ours\nVOLUME_MULTIPLE=4\n"


def test_the_whole_file_must_be_good_with_the_change(volspike: Command, env: Path) -> None:
    result = volspike("config", "set", "VOLUME_MULTIPLE=-1", "LOG_LEVEL=LOUD")

    assert result.exit_code == 78
    assert result.stderr.splitlines() == [
        "error: VOLUME_MULTIPLE='-1': must be a number above 0 and at most 1000000",
        "error: LOG_LEVEL='LOUD': must be DEBUG, INFO, WARNING or ERROR",
        "volspike: .env would be wrong with that; nothing was changed",
    ]
    assert env.read_text() == "# ours\nVOLUME_MULTIPLE=4\n"


def test_a_file_that_is_wrong_already_is_not_blamed_on_the_change(volspike: Command, env: Path) -> None:
    env.write_text("VOLUME_MULTIPLE=banana\n")

    result = volspike("config", "set", "LOG_LEVEL=DEBUG")

    assert (result.exit_code, result.stderr.splitlines()) == (
        78,
        [
            "error: VOLUME_MULTIPLE='banana': must be a number above 0 and at most 1000000",
            "volspike: .env is wrong already: set all of these in one command (NAME= is the default), or edit it; "
            "nothing was changed",
        ],
    )
    assert volspike("config", "set", "VOLUME_MULTIPLE=", "LOG_LEVEL=DEBUG").exit_code == 0


def test_what_depends_on_each_other_is_changed_together(volspike: Command, env: Path) -> None:
    assert volspike("config", "set", "OI_LIQUID_ENTER_QUOTE_24H=1000").exit_code == 78
    assert volspike("config", "set", "OI_LIQUID_ENTER_QUOTE_24H=1000", "OI_LIQUID_EXIT_QUOTE_24H=900").exit_code == 0


def test_a_setting_is_taken_out_again(volspike: Command, env: Path) -> None:
    assert volspike("config", "unset", "VOLUME_MULTIPLE").stdout.startswith("VOLUME_MULTIPLE is at its default\n")
    assert env.read_text() == "# ours\n"
    assert volspike("config", "unset", "VOLUME_MULTIPLE").stdout == ".env says so already; nothing was changed\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("get", "VOLUM_MULTIPLE"), "VOLUM_MULTIPLE is no setting; did you mean VOLUME_MULTIPLE?"),
        (("set", "PATH=/bin"), "PATH is no setting (volspike config get lists them)"),
        (("set", "LOG_LEVEL"), "LOG_LEVEL has no value: volspike config set LOG_LEVEL=VALUE"),
        (("set", "TELEGRAM_API_URL=http://a\\b'$"), "cannot be kept in an env file; nothing was changed"),
    ],
)
def test_what_cannot_be_is_one_line_with_the_remedy(volspike: Command, arguments: tuple[str, ...], told: str) -> None:
    result = volspike("config", *arguments)

    assert result.exit_code == 2
    assert told in result.stderr
    assert not (volspike.place / ".env").exists()


def test_a_folder_without_an_env_file_gets_one(volspike: Command) -> None:
    assert volspike("config", "set", "CHAT_ID", "-1001").stdout == "CHAT_ID = -1001\n.env is changed\n"
    assert (volspike.place / ".env").read_text() == "CHAT_ID=-1001\n"


def test_a_file_that_cannot_be_written_is_one_line(volspike: Command) -> None:
    (volspike.place / ".env").mkdir()

    result = volspike("config", "set", "CHAT_ID=1")

    assert result.exit_code == 1
    assert result.stderr.startswith("volspike: .env cannot be changed: ")


def test_the_file_of_a_server_is_for_root(
    volspike: Command, server: Systemctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = volspike.place / "volspike.env"
    assert volspike("config", "set", "LOG_LEVEL=DEBUG").exit_code == 0
    assert installed.read_text() == "# ours\nLOG_LEVEL=DEBUG\n"

    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    result = volspike("config", "set", "LOG_LEVEL=ERROR")

    assert (result.exit_code, result.stderr) == (
        1,
        f"volspike: {installed} is for root to change; run this with sudo\n",
    )


def test_check_is_also_known_by_its_older_name(volspike: Command) -> None:
    assert volspike("config", "check").stdout == volspike("check-config").stdout != ""
    assert "check-config" not in volspike("--help").stdout
