"""When a changed setting takes effect."""

import pytest

from tests.unit.cli.conftest import Command, StartedWith, Supervise, Systemctl
from volspike.cli import config_effect, suite
from volspike.model.suite import DAEMONS, Kind
from volspike.settings import VARIABLES

DEMO = (
    " The running demo keeps what it was started with, which is what volspike config get shows: Ctrl-C and make demo."
)
FEED, VOLUME, COURIER = "binance-funding-ws.service", "volspike.service", "volspike-courier.service"
LASTING = [daemon.name for daemon in DAEMONS if daemon.kind is Kind.ALWAYS_ON]


@pytest.mark.parametrize(
    ("names", "users"),
    [
        (["VOLUME_MULTIPLE"], ["volume-alerts"]),
        (["VOLUME_MULTIPLE", "OI_MAX_REQ_PER_MIN"], ["backend", "oi-poller", "volume-alerts"]),
        (["OI_LIQUID_ENTER_QUOTE_24H"], ["backend"]),
        (["HEALTHCHECK_PING_URL"], []),
        (["OUTBOX_AGE_WARNING"], ["dashboard"]),
        (["CHAT_ID"], ["courier"]),
        (["TELEGRAM_TOKEN"], ["oi-poller", "volume-alerts", "courier"]),
        (["DISCORD_WEBHOOK_URL"], ["oi-poller", "volume-alerts", "courier"]),
        (["BINANCE_WS_URL", "FUNDING_API_PORT"], ["funding-ws", "funding-api"]),
        (["LOG_LEVEL"], LASTING),
        (["LOG_LEVEL", "VOLUME_MULTIPLE"], LASTING),
    ],
)
def test_the_daemons_to_restart_are_those_that_have_read_the_setting(names: list[str], users: list[str]) -> None:
    assert [daemon.name for daemon in config_effect.users_of(names)] == users


def test_the_table_names_sections_and_daemons_that_there_are() -> None:
    named = {name for variable in VARIABLES for name in (variable.section, variable.name)}
    assert config_effect.USED_BY.keys() <= named
    assert {name for names in config_effect.USED_BY.values() for name in names} <= {daemon.name for daemon in DAEMONS}


@pytest.mark.parametrize(
    ("daemon", "before", "now", "changed"),
    [
        ("volume-alerts", {}, {}, []),
        ("volume-alerts", {"VOLUME_MULTIPLE": "3"}, {"VOLUME_MULTIPLE": "4"}, ["VOLUME_MULTIPLE"]),
        ("volume-alerts", {}, {"VOLUME_MULTIPLE": "4"}, ["VOLUME_MULTIPLE"]),
        ("volume-alerts", {"VOLUME_MULTIPLE": "4"}, {}, ["VOLUME_MULTIPLE"]),
        ("volume-alerts", {"VOLUME_MULTIPLE": " 4 "}, {"VOLUME_MULTIPLE": "4"}, []),
        ("volume-alerts", {"VOLUME_MULTIPLE": ""}, {"VOLUME_MULTIPLE": "3"}, []),
        ("courier", {"VOLUME_MULTIPLE": "3"}, {"VOLUME_MULTIPLE": "4"}, []),
        ("courier", {"CHAT_ID": "1"}, {"CHAT_ID": "2", "LOG_LEVEL": "DEBUG"}, ["CHAT_ID", "LOG_LEVEL"]),
        ("courier", {"TELEGRAM_CHANNEL_ID": "1"}, {"CHAT_ID": "1"}, []),
        ("funding-ws", {"CHAT_ID": "1"}, {"CHAT_ID": "2"}, []),
        ("dashboard", {}, {"DISCORD_WEBHOOK_URL": "https://discord.com/api/webhooks/1/x"}, []),
        ("courier", {"PATH": "/bin"}, {"PATH": "/usr/bin"}, []),
    ],
)
def test_a_daemon_is_behind_with_the_settings_that_it_uses_and_that_are_others_now(
    daemon: str, before: dict[str, str], now: dict[str, str], changed: list[str]
) -> None:
    assert config_effect.changed_for(daemon, before, now) == changed


def test_on_a_server_the_command_is_told(volspike: Command, server: Systemctl) -> None:
    assert volspike("config", "set", "LOG_LEVEL=DEBUG").stdout.endswith("Takes effect with: sudo volspike restart\n")
    assert volspike("config", "set", "VOLUME_MULTIPLE=4").stdout.endswith(": sudo volspike restart volume-alerts\n")
    assert volspike("config", "set", "BACKUP_KEEP_DAYS=9").stdout.endswith("the next run of the timer.\n")
    assert server.asked == []


def test_or_carried_out(volspike: Command, server: Systemctl) -> None:
    result = volspike("config", "set", "--restart", "VOLUME_MULTIPLE=4")

    assert (result.exit_code, server.asked) == (0, ["restart volspike.service"])
    assert result.stdout.splitlines()[-1].split() == ["volume-alerts", "volspike.service", "active", "(so)"]


@pytest.fixture
def late(server: Systemctl, started_with: StartedWith) -> Systemctl:
    """A server whose feed bad settings have ended, and whose volume alerts run with older ones."""
    server.answers("failed")
    server.says(FEED, "MainPID=0", "ExecMainStatus=78")
    server.says(VOLUME, f"MainPID={started_with(LOG_LEVEL='INFO', VOLUME_MULTIPLE='3')}")
    return server


@pytest.mark.parametrize(
    ("before", "restarted"),
    [
        ("LOG_LEVEL=INFO\nVOLUME_MULTIPLE=4\nCHAT_ID=abc\n", f"{FEED} {VOLUME} {COURIER}"),
        ("LOG_LEVEL=INFO\nVOLUME_MULTIPLE=3\nCHAT_ID=abc\n", f"{FEED} {COURIER}"),
        ("LOG_LEVEL=INFO\nVOLUME_MULTIPLE=4\nCHAT_ID=1\n", COURIER),  # nothing was wrong: the others are left alone
    ],
)
def test_what_a_bad_file_has_ended_or_kept_back_is_restarted_when_the_file_is_good_again(
    volspike: Command, late: Systemctl, before: str, restarted: str
) -> None:
    (volspike.place / "volspike.env").write_text(before)

    volspike("config", "set", "--restart", "CHAT_ID=-100123")

    assert late.asked == [f"restart {restarted}"]


def test_or_told(volspike: Command, late: Systemctl) -> None:
    (volspike.place / "volspike.env").write_text("VOLUME_MULTIPLE=4\nCHAT_ID=abc\n")

    result = volspike("config", "set", "CHAT_ID=-100123")

    assert result.stdout.endswith("Takes effect with: sudo volspike restart funding-ws volume-alerts courier\n")
    assert late.asked == []


def test_where_systemd_says_nothing_those_are_told_that_use_the_setting(volspike: Command, server: Systemctl) -> None:
    (volspike.place / "volspike.env").write_text("CHAT_ID=abc\n")
    volspike.environment["PATH"] = str(volspike.place)

    assert volspike("config", "set", "CHAT_ID=-100123").stdout.endswith(": sudo volspike restart courier\n")


def test_what_the_file_says_already_is_taken_by_who_runs_with_something_else(
    volspike: Command, late: Systemctl
) -> None:
    (volspike.place / "volspike.env").write_text("LOG_LEVEL=INFO\nVOLUME_MULTIPLE=4\n")

    first = volspike("config", "set", "VOLUME_MULTIPLE=4")
    volspike("config", "set", "--restart", "VOLUME_MULTIPLE=4")

    assert first.stdout.endswith("volspike.env says so already; nothing was changed\n")
    assert late.asked == [f"restart {VOLUME}"]


def test_or_by_nobody(volspike: Command, late: Systemctl) -> None:
    (volspike.place / "volspike.env").write_text("LOG_LEVEL=INFO\nVOLUME_MULTIPLE=3\n")

    result = volspike("config", "set", "--restart", "VOLUME_MULTIPLE=3")

    assert result.exit_code == 0
    assert result.stdout.endswith(" nothing was changed\nNothing was restarted: no daemon runs with another value.\n")
    assert late.asked == []


def test_a_backend_that_is_not_used_any_more_is_to_be_switched_off(volspike: Command, server: Systemctl) -> None:
    result = volspike("config", "set", "VOLSPIKE_API_URL=http://127.0.0.1:9", "VOLSPIKE_API_KEY", typed="theirs\n")

    assert "The embedded backend is not used any more: sudo systemctl disable --now volspike-backend.service\n" in (
        result.stdout
    )
    back = volspike("config", "unset", "VOLSPIKE_API_URL").stdout
    assert "The embedded backend is used now: sudo systemctl enable --now volspike-backend.service\n" in back


def test_a_suite_in_a_terminal_keeps_what_it_was_started_with(volspike: Command, supervise: Supervise) -> None:
    supervise(volspike.runtime_dir)

    assert volspike("config", "set", "LOG_LEVEL=DEBUG").stdout.endswith("Ctrl-C and volspike up.\n")


def test_the_demo_keeps_what_it_was_started_with_too(volspike: Command, supervise: Supervise) -> None:
    supervise(suite.demo_directory(volspike.runtime_dir))

    assert volspike("config", "set", "LOG_LEVEL=DEBUG").stdout.endswith("config get shows: Ctrl-C and make demo.\n")


@pytest.mark.parametrize(
    ("running", "what_then"),
    [("run", " Takes effect when the suite is started anew: Ctrl-C and volspike up."), ("run-demo", DEMO), ("", "")],
)
def test_where_there_is_no_server_to_restart_anything_it_is_said_in_one_line(
    volspike: Command, supervise: Supervise, running: str, what_then: str
) -> None:
    if running:
        supervise(volspike.place / running)

    for command in (("set", "LOG_LEVEL=DEBUG"), ("unset", "LOG_LEVEL")):
        result = volspike("config", *command, "--restart")

        assert result.exit_code == 0
        assert result.stdout.splitlines()[-1] == f"Nothing was restarted: --restart is for a server.{what_then}"


def test_nor_is_what_stands_there_already_restarted_where_there_is_no_server(volspike: Command) -> None:
    volspike("config", "set", "LOG_LEVEL=DEBUG")

    told = volspike("config", "set", "LOG_LEVEL=DEBUG", "--restart").stdout

    assert told == ".env says so already; nothing was changed\nNothing was restarted: --restart is for a server.\n"
