"""Checking settings before they matter."""

import pytest

from tests.unit.cli.conftest import Command, Supervise


def test_good_settings_are_said_to_be_good(volspike: Command) -> None:
    result = volspike("config", "check")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "settings of the environment are good (2 set, the others at their defaults)\n"


def test_the_settings_of_this_folder_are_named(volspike: Command) -> None:
    (volspike.place / ".env").write_text("LOG_LEVEL=DEBUG\n")

    assert volspike("config", "check").stdout.startswith("settings in .env are good (3 set, ")


@pytest.mark.parametrize(("name", "which"), [("volspike", "suite"), ("volspike-demo", "demo")])
def test_the_settings_of_a_running_suite_are_said_to_be_those(
    volspike: Command, supervise: Supervise, name: str, which: str
) -> None:
    volspike.environment.clear()
    directory = volspike.place / "session" / name
    supervise(directory, simulated=which == "demo", VOLSPIKE_RUNTIME_DIR=str(directory))

    assert volspike("config", "check").stdout == (
        f"settings of the running {which} in {directory} are good (1 set, the others at their defaults)\n"
    )


@pytest.mark.parametrize("name", ["volspike", "volspike-demo"])
def test_beside_a_running_suite_the_env_file_of_its_next_start_is_looked_at_too(
    volspike: Command, supervise: Supervise, name: str
) -> None:
    volspike.environment.clear()
    directory = volspike.place / "session" / name
    supervise(directory, simulated=name != "volspike", VOLSPIKE_RUNTIME_DIR=str(directory))
    (volspike.place / ".env").write_text("VOLUME_MULTIPLE=4\n")

    good = volspike("config", "check")
    (volspike.place / ".env").write_text("VOLUME_MULTIPLE=lots\n")
    bad = volspike("config", "check")

    assert good.exit_code == 0
    assert good.stdout.splitlines()[1:] == [
        "settings in .env, for its next start, are good (1 set, the others at their defaults)"
    ]
    assert (bad.exit_code, len(bad.stdout.splitlines())) == (78, 1)
    (line,) = bad.stderr.splitlines()
    assert line.startswith("error: for its next start: VOLUME_MULTIPLE='lots': ")


def test_a_name_that_is_no_setting_and_looks_like_one_is_a_warning(volspike: Command) -> None:
    (volspike.place / "new.env").write_text("VOLUM_MULTIPLE=4\nOI_COLOUR=red\nPATH=/bin\nDISCORD_TOKEN=x\n")

    result = volspike("config", "check", "--file", "new.env")

    assert (result.exit_code, result.stderr.splitlines()) == (
        0,
        [
            "warning: OI_COLOUR is no setting",
            "warning: VOLUM_MULTIPLE is no setting; did you mean VOLUME_MULTIPLE?",
            "warning: DISCORD_TOKEN and DISCORD_CHANNEL_ID are of use only together",
        ],
    )


def test_a_slip_is_told_beside_an_error(volspike: Command) -> None:
    (volspike.place / ".env").write_text("VOLUM_MULTIPLE=4\nMIN_QUOTE_VOL=lots\n")

    lines = volspike("config", "check").stderr.splitlines()

    assert [line.split("=")[0] for line in lines] == [
        "warning: VOLUM_MULTIPLE is no setting; did you mean VOLUME_MULTIPLE?",
        "error: MIN_QUOTE_VOL",
    ]


def test_an_address_that_apprise_does_not_know_is_a_warning(volspike: Command) -> None:
    (volspike.place / "new.env").write_text("NOTIFY_URLS=desk=pigeon://secret ok=json://host/secret\n")

    result = volspike("config", "check", "--file", "new.env")

    assert (result.exit_code, result.stderr) == (
        0,
        "warning: desk: Apprise knows no such address; is its address in NOTIFY_URLS right?\n",
    )


def test_every_error_is_told_at_once(volspike: Command) -> None:
    volspike.environment |= {"FUNDING_API_PORT": "x", "LOG_LEVEL": "LOUD", "HEALTHCHECK_PING_URL": "my-secret"}

    result = volspike("config", "check")

    assert result.exit_code == 78
    assert result.stderr.splitlines() == [
        "error: FUNDING_API_PORT='x': must be a port from 1 to 65535",
        "error: HEALTHCHECK_PING_URL='(not shown)': must be an http:// or https:// address, or nothing",
        "error: LOG_LEVEL='LOUD': must be DEBUG, INFO, WARNING or ERROR",
    ]


def test_an_env_file_is_checked_alone(volspike: Command) -> None:
    volspike.environment["LOG_LEVEL"] = "LOUD"
    (volspike.place / "new.env").write_text("FUNDING_API_PORT=9999\n")

    result = volspike("config", "check", "--file", "new.env")

    assert result.exit_code == 0
    assert result.stdout == "settings in new.env are good (1 set, the others at their defaults)\n"


def test_a_comment_behind_a_value_is_a_warning_that_names_the_variable_and_not_the_value(volspike: Command) -> None:
    (volspike.place / "new.env").write_text("HEALTHCHECK_PING_URL=https://hc-ping.com/my-secret # ours\n")

    result = volspike("config", "check", "--file", "new.env")

    assert result.stderr == (
        "warning: HEALTHCHECK_PING_URL: systemd takes a trailing comment as part of the value; "
        "put it on a line of its own\n"
    )
    assert "my-secret" not in result.output
    assert result.exit_code == 0


@pytest.mark.parametrize("name", ["missing.env", "."])
def test_a_file_that_is_none_is_one_line(volspike: Command, name: str) -> None:
    result = volspike("config", "check", "--file", name)

    assert (result.exit_code, result.stderr) == (2, f"volspike: {name} is not a file\n")


def test_a_file_that_is_no_text_is_one_error(volspike: Command) -> None:
    (volspike.place / ".env").write_bytes(b"LOG_LEVEL=\xff\n")

    result = volspike("config", "check", "--file", ".env")

    assert result.exit_code == 78
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: .env=")
