"""Settings: read once, validated together, refused as a whole."""

import os
from pathlib import Path

import pytest

from volspike import settings
from volspike.model.delivery import BACKEND, BACKEND_DEV, DISCORD, TELEGRAM, Kind
from volspike.rules import hysteresis, open_interest, polling, volume_spike
from volspike.runtime.clock import Clock
from volspike.settings import Problem, SettingsError

MINIMAL = {"HOME": "/home/someone", "XDG_RUNTIME_DIR": "/run/user/1000"}


def problems(**environment: str) -> list[Problem]:
    with pytest.raises(SettingsError) as refused:
        settings.load({**MINIMAL, **environment})
    return refused.value.problems


def test_an_empty_environment_means_the_defaults() -> None:
    loaded = settings.load(MINIMAL)

    assert loaded.binance_rest_url == "https://fapi.binance.com"
    assert loaded.binance_ws_url == "wss://fstream.binance.com"
    assert loaded.ws_funding_enabled is True
    assert (loaded.funding_api_host, loaded.funding_api_port) == ("127.0.0.1", 8888)
    assert loaded.state_dir == Path("/home/someone/.local/state/volspike")
    assert loaded.runtime_dir == Path("/run/user/1000/volspike")
    assert (loaded.log_level, loaded.log_format, loaded.healthcheck_ping_url) == ("INFO", "console", "")
    assert loaded.clock == Clock()


def test_an_empty_or_blank_value_counts_as_not_set() -> None:
    assert settings.load({**MINIMAL, "FUNDING_API_PORT": "  ", "LOG_LEVEL": ""}) == settings.load(MINIMAL)


def test_all_bad_values_are_reported_together_with_what_is_allowed() -> None:
    found = problems(
        BINANCE_REST_URL="fapi.binance.com", FUNDING_API_PORT="70000", LOG_FORMAT="yaml", VOLSPIKE_CLOCK_RATE="0"
    )

    assert [str(problem) for problem in found] == [
        "BINANCE_REST_URL='fapi.binance.com': must be an http:// or https:// address",
        "FUNDING_API_PORT='70000': must be a port from 1 to 65535",
        "LOG_FORMAT='yaml': must be console or json",
        "VOLSPIKE_CLOCK_RATE='0': must be a number above 0 and at most 3600, or RATE@EPOCH",
    ]


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("BINANCE_REST_URL", "ftp://x"),
        ("BINANCE_REST_URL", "https://"),
        ("BINANCE_REST_URL", "https://x:99999"),
        ("BINANCE_REST_URL", "https://[::1"),
        ("BINANCE_REST_URL", "https://x?key=1"),
        ("BINANCE_REST_URL", "https://x#part"),
        ("BINANCE_REST_URL", "https://user:password@x"),
        ("BINANCE_REST_URL", "https://user@x"),
        ("BINANCE_WS_URL", "wss://user:password@x"),
        ("BINANCE_WS_URL", "wss://fstream.binance.com/market"),
        ("BINANCE_WS_URL", "wss://fstream.binance.com/ws/btcusdt"),
        ("BINANCE_WS_URL", "https://fstream.binance.com"),
        ("WS_FUNDING_ENABLED", "maybe"),
        ("FUNDING_API_HOST", "two words"),
        ("FUNDING_API_HOST", "host/path"),
        ("FUNDING_API_PORT", "0"),
        ("FUNDING_API_PORT", "-1"),
        ("FUNDING_API_PORT", "65536"),
        ("FUNDING_API_PORT", "8888 # the default"),
        ("FUNDING_API_PORT", "eight"),
        ("VOLSPIKE_STATE_DIR", "relative/path"),
        ("VOLSPIKE_RUNTIME_DIR", "~/volspike"),
        ("VOLSPIKE_RUNTIME_DIR", "/run/\0/x"),
        ("VOLSPIKE_RUNTIME_DIR", "/"),
        ("VOLSPIKE_STATE_DIR", "/"),
        ("LOG_LEVEL", "LOUD"),
        ("VOLSPIKE_CLOCK_RATE", "60@nan"),
    ],
)
def test_a_bad_value_names_its_variable(name: str, bad: str) -> None:
    (problem,) = problems(**{name: bad})

    assert (problem.variable, problem.value) == (name, bad)


@pytest.mark.parametrize("minutes", [5, 15, 60])
def test_a_move_that_is_given_in_percent_is_refused(minutes: int) -> None:
    name = f"OI_SPIKE_THRESHOLD_PCT_{minutes}MIN"

    (problem,) = problems(**{name: "3"})

    assert str(problem) == f"{name}='3': must be a fraction above 0 and at most 1 (0.03 is 3 %)"
    assert settings.load({**MINIMAL, name: "1"})


def test_a_secret_is_not_shown_even_when_it_is_wrong() -> None:
    (problem,) = problems(HEALTHCHECK_PING_URL="hc-ping.com/my-secret")

    assert "my-secret" not in str(problem)
    assert str(problem).startswith("HEALTHCHECK_PING_URL='(not shown)'")


def test_the_secret_address_may_carry_a_query_and_nothing_is_cut_from_it() -> None:
    url = "https://user:password@push.example/api/my-secret?status=up&msg=OK"

    assert settings.load({**MINIMAL, "HEALTHCHECK_PING_URL": url}).healthcheck_ping_url == url


@pytest.mark.parametrize("bad", ["ftp://x/my-secret", "https://", "https:///my-secret"])
def test_the_secret_address_is_still_an_address(bad: str) -> None:
    (problem,) = problems(HEALTHCHECK_PING_URL=bad)

    assert (problem.variable, problem.value) == ("HEALTHCHECK_PING_URL", "(not shown)")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(text, True) for text in ("true", "TRUE", "1", "yes", "on")],
        *[(text, False) for text in ("false", "False", "0", "no", "off")],
    ],
)
def test_the_feed_is_switched_in_the_usual_words(text: str, value: bool) -> None:
    assert settings.load({**MINIMAL, "WS_FUNDING_ENABLED": text}).ws_funding_enabled is value


def test_words_are_taken_in_any_case_and_addresses_without_a_slash_at_the_end() -> None:
    loaded = settings.load(
        {**MINIMAL, "LOG_LEVEL": "debug", "LOG_FORMAT": "JSON", "BINANCE_REST_URL": "http://127.0.0.1:8890/"}
    )

    assert (loaded.log_level, loaded.log_format) == ("DEBUG", "json")
    assert loaded.binance_rest_url == "http://127.0.0.1:8890"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8888"),
        ("0.0.0.0", "http://127.0.0.1:8888"),
        ("::", "http://[::1]:8888"),
        ("::1", "http://[::1]:8888"),
        ("10.0.0.5", "http://10.0.0.5:8888"),
    ],
)
def test_the_api_is_asked_where_it_can_be_reached_from_this_machine(host: str, url: str) -> None:
    assert settings.load({**MINIMAL, "FUNDING_API_HOST": host}).funding_api_url == url


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"XDG_STATE_HOME": "/data", "HOME": "/home/x"}, "/data/volspike"),
        ({"HOME": "/home/x"}, "/home/x/.local/state/volspike"),
        ({"XDG_STATE_HOME": "", "HOME": ""}, "/root/.local/state/volspike"),
    ],
)
def test_what_must_survive_lives_with_the_user(environment: dict[str, str], expected: str) -> None:
    assert settings.default_state_dir(environment) == Path(expected)


def test_without_a_runtime_directory_of_the_session_the_folder_for_temporary_files_has_one() -> None:
    assert settings.default_runtime_dir({}).name == f"volspike-{os.getuid()}"
    assert settings.default_runtime_dir({"XDG_RUNTIME_DIR": "/run/user/5"}) == Path("/run/user/5/volspike")


def test_the_backend_is_the_embedded_one_unless_another_is_named() -> None:
    embedded = settings.load({**MINIMAL, "BACKEND_PORT": "3999"})
    hosted = settings.load({**MINIMAL, "VOLSPIKE_API_URL": "https://api.example/", "VOLSPIKE_API_KEY": "k"})

    assert (embedded.backend_url, embedded.uses_embedded_backend) == ("http://127.0.0.1:3999", True)
    assert (hosted.backend_url, hosted.uses_embedded_backend) == ("https://api.example", False)


def test_the_second_backend_may_be_the_embedded_one() -> None:
    hosted = {"VOLSPIKE_API_URL": "https://api.example", "VOLSPIKE_API_KEY": "k"}

    assert settings.load({**MINIMAL, **hosted, "VOLSPIKE_API_URL_DEV": "http://localhost:3001"}).uses_embedded_backend


@pytest.mark.parametrize("suffix", ["", "_DEV"])
def test_a_backend_elsewhere_needs_a_key(suffix: str) -> None:
    (problem,) = problems(**{f"VOLSPIKE_API_URL{suffix}": "https://api.example"})

    assert str(problem) == f"VOLSPIKE_API_KEY{suffix}='': must be set for the backend at https://api.example"


def test_whoever_speaks_to_the_embedded_backend_needs_its_key() -> None:
    with pytest.raises(SettingsError, match="VOLSPIKE_API_KEY"):
        settings.require_backend_key(settings.load(MINIMAL))

    settings.require_backend_key(settings.load({**MINIMAL, "VOLSPIKE_API_KEY": "k"}))


def test_older_names_are_honoured_and_the_present_ones_come_first() -> None:
    older = {"TELEGRAM_BOT_TOKEN": "1:a", "TELEGRAM_CHANNEL_ID": "-1001"}
    loaded = settings.load({**MINIMAL, **older, "CHAT_ID": "@desk"})

    assert (loaded.telegram_token, loaded.chat_id, loaded.has_chat) == ("1:a", "@desk", True)


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({"TELEGRAM_TOKEN": "1:a"}, "CHAT_ID"),
        ({"TELEGRAM_API_ID": "1"}, "TELEGRAM_API_HASH"),
        ({"TELEGRAM_API_HASH": "0" * 32}, "TELEGRAM_API_ID"),
        ({"BACKEND_PORT": "8888"}, "BACKEND_PORT"),
        ({"FUNDING_API_PORT": "3001"}, "BACKEND_PORT"),
        ({"OI_LIQUID_EXIT_QUOTE_24H": "5e6"}, "OI_LIQUID_EXIT_QUOTE_24H"),
        ({"OI_MIN_INTERVAL_SEC": "30"}, "OI_MIN_INTERVAL_SEC"),
    ],
)
def test_values_that_contradict_each_other_are_refused(environment: dict[str, str], variable: str) -> None:
    assert [problem.variable for problem in problems(**environment)] == [variable]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("LOG_LEVEL", ["LOG_LEVEL", "BACKEND_PORT", "CPU_CRITICAL"]),
        ("FUNDING_API_PORT", ["FUNDING_API_PORT", "CPU_CRITICAL"]),
        ("BACKEND_PORT", ["BACKEND_PORT", "CPU_CRITICAL"]),
        ("VOLSPIKE_API_URL", ["VOLSPIKE_API_URL", "CPU_CRITICAL"]),
        ("CPU_WARNING", ["CPU_WARNING", "BACKEND_PORT"]),
    ],
)
def test_contradictions_are_told_beside_bad_values_unless_they_come_from_these(bad: str, told: list[str]) -> None:
    given = {"FUNDING_API_PORT": "3001", "CPU_WARNING": "90%", "CPU_CRITICAL": "80%", bad: "?"}

    assert [problem.variable for problem in problems(**given)] == told


def test_bad_values_are_examined_with_their_defaults_in_their_place() -> None:
    loaded, found = settings.examine({"LOG_LEVEL": "LOUD", "XDG_STATE_HOME": "relative", "FUNDING_API_PORT": "9999"})

    assert [problem.variable for problem in found] == ["VOLSPIKE_STATE_DIR", "LOG_LEVEL"]
    assert (loaded.log_level, loaded.funding_api_port) == ("INFO", 9999)
    assert loaded.state_dir.is_absolute()


def test_each_channel_has_a_category() -> None:
    loaded = settings.load({**MINIMAL, "TELEGRAM_CHANNEL_CATEGORIES": "@FedWatch:macro"})

    assert loaded.telegram_channels == ("marketfeed", "watcherguru")
    assert [loaded.category(name) for name in ("marketfeed", "watcherguru", "fedwatch", "other")] == [
        "macro",
        "crypto",
        "macro",
        "general",
    ]


def test_a_port_that_no_service_of_this_machine_listens_at_is_free_for_another() -> None:
    hosted = {"VOLSPIKE_API_URL": "https://api.example", "VOLSPIKE_API_KEY": "k"}

    assert settings.load({**MINIMAL, **hosted, "FUNDING_API_PORT": "3001"}).funding_api_port == 3001


def test_every_kind_has_its_destinations() -> None:
    dev = {"VOLSPIKE_API_URL_DEV": "https://dev.example", "VOLSPIKE_API_KEY_DEV": "k"}
    chat = {"TELEGRAM_TOKEN": "1:a", "CHAT_ID": "-1"}
    told = {"NOTIFY_RULES": "open-interest:telegram"}

    assert settings.load(MINIMAL).routes == {
        Kind.VOLUME: (BACKEND,),
        Kind.OPEN_INTEREST: (BACKEND,),
        Kind.TRIGGER: (BACKEND,),
        Kind.HEALTH: (),
    }
    assert settings.load({**MINIMAL, **dev, **chat}).routes == {
        Kind.VOLUME: (BACKEND, BACKEND_DEV, TELEGRAM),
        Kind.OPEN_INTEREST: (BACKEND,),
        Kind.TRIGGER: (BACKEND,),
        Kind.HEALTH: (TELEGRAM,),
    }
    assert settings.load({**MINIMAL, **chat, **told}).routes == {
        Kind.VOLUME: (BACKEND,),
        Kind.OPEN_INTEREST: (BACKEND, TELEGRAM),
        Kind.TRIGGER: (BACKEND,),
        Kind.HEALTH: (),
    }


def test_without_rules_people_are_told_of_volume_and_health_wherever_they_read() -> None:
    hook = {"DISCORD_WEBHOOK_URL": "https://discord.com/api/webhooks/1/secret"}
    loaded = settings.load({**MINIMAL, **hook, "NOTIFY_URLS": "ntfy://host/topic desk=json://host"})

    assert loaded.people == (DISCORD, "ntfy", "desk")
    assert loaded.destinations == (BACKEND, DISCORD, "ntfy", "desk")
    assert loaded.routes == {
        Kind.VOLUME: (BACKEND, DISCORD, "ntfy", "desk"),
        Kind.OPEN_INTEREST: (BACKEND,),
        Kind.TRIGGER: (BACKEND,),
        Kind.HEALTH: (DISCORD, "ntfy", "desk"),
    }


def test_discord_is_a_webhook_or_a_bot_in_a_channel() -> None:
    bot = {"DISCORD_TOKEN": "secret"}

    assert settings.load({**MINIMAL, **bot}).people == ()
    assert settings.load({**MINIMAL, **bot, "DISCORD_CHANNEL_ID": "123"}).people == (DISCORD,)


def test_a_rule_names_only_what_there_is() -> None:
    with pytest.raises(SettingsError) as caught:
        settings.load({**MINIMAL, "NOTIFY_URLS": "ntfy://host/topic", "NOTIFY_RULES": "volume:ntfy,pigeon,backend"})

    allowed = "must be one of telegram, discord, ntfy; names beside telegram and discord come from NOTIFY_URLS"
    assert [str(problem) for problem in caught.value.problems] == [
        f"NOTIFY_RULES='pigeon': {allowed}",
        f"NOTIFY_RULES='backend': {allowed}",
    ]


def test_a_name_belongs_to_one_destination() -> None:
    hook = {"DISCORD_WEBHOOK_URL": "https://discord.com/api/webhooks/1/secret"}

    with pytest.raises(SettingsError, match="NOTIFY_URLS='discord': must have another name"):
        settings.load({**MINIMAL, **hook, "NOTIFY_URLS": "discord://1/secret"})


@pytest.mark.parametrize(
    ("variables", "doubts"),
    [
        ({}, []),
        ({"NOTIFY_RULES": "volume:telegram; health:discord,telegram"}, ["discord", "telegram"]),
        ({"NOTIFY_RULES": "volume:telegram", "TELEGRAM_TOKEN": "1:a", "CHAT_ID": "1"}, []),
    ],
)
def test_a_rule_for_what_cannot_be_reached_is_a_doubt(variables: dict[str, str], doubts: list[str]) -> None:
    found = [f"NOTIFY_RULES names {name}, and nothing is set by which it could be reached" for name in doubts]

    assert settings.load({**MINIMAL, **variables}).doubts == found


def test_half_a_bot_is_a_doubt() -> None:
    assert settings.load({**MINIMAL, "DISCORD_TOKEN": "secret"}).doubts == [
        "DISCORD_TOKEN and DISCORD_CHANNEL_ID are of use only together"
    ]


def test_the_rules_get_what_is_set_for_them() -> None:
    loaded = settings.load(
        {
            **MINIMAL,
            "VOLUME_MULTIPLE": "4",
            "MIN_QUOTE_VOL": "5e6",
            "OI_SPIKE_THRESHOLD_PCT_15MIN": "0.09",
            "OI_LOOKBACK_WINDOW_60MIN": "1800",
            "OI_ALERT_COOLDOWN_5MIN": "0",
            "OI_MIN_DELTA_CONTRACTS": "0",
            "OI_MAX_REQ_PER_MIN": "1000",
            "OI_LIQUID_ENTER_QUOTE_24H": "7e6",
        }
    )

    assert loaded.volume_limits == volume_spike.Limits(4, 5_000_000)
    assert loaded.open_interest_thresholds.min_delta_contracts == 0
    assert [
        (frame.label, frame.threshold, frame.lookback_seconds, frame.cooldown_seconds)
        for frame in loaded.open_interest_thresholds.timeframes
    ] == [("5 min", 0.03, 300, 0), ("15 min", 0.09, 900, 900), ("1 hour", 0.12, 1800, 3600)]
    assert loaded.polling_pace == polling.Pace(1000, 5, 20)
    assert loaded.liquidity_thresholds == hysteresis.Thresholds(7_000_000, 2_000_000)


def test_the_rules_defaults_and_the_settings_defaults_are_the_same() -> None:
    loaded = settings.load(MINIMAL)

    assert loaded.volume_limits == volume_spike.Limits()
    assert loaded.open_interest_thresholds == open_interest.Thresholds()
    assert loaded.polling_pace == polling.Pace()
    assert loaded.liquidity_thresholds == hysteresis.Thresholds()


def test_the_embedded_backend_has_one_key_even_where_it_is_the_second_one() -> None:
    hosted = {"VOLSPIKE_API_URL": "https://backend.example", "VOLSPIKE_API_KEY": "k"}

    second = settings.load({**hosted, "VOLSPIKE_API_URL_DEV": "http://127.0.0.1:3001"})

    assert second.uses_embedded_backend
    assert second.backend_dev_key == "k"


def test_another_key_for_the_embedded_backend_as_the_second_one_is_refused() -> None:
    hosted = {"VOLSPIKE_API_URL": "https://backend.example", "VOLSPIKE_API_KEY": "k"}

    (problem,) = problems(**hosted, VOLSPIKE_API_URL_DEV="http://127.0.0.1:3001", VOLSPIKE_API_KEY_DEV="my-secret")

    assert (problem.variable, problem.value) == ("VOLSPIKE_API_KEY_DEV", "(not shown)")


@pytest.mark.parametrize("taken", ["8888", "3001"])
def test_the_dashboard_cannot_have_the_port_of_another_service(taken: str) -> None:
    with pytest.raises(SettingsError) as refused:
        settings.load({**MINIMAL, "DASHBOARD_PORT": taken})

    assert [problem.variable for problem in refused.value.problems] == ["DASHBOARD_PORT"]
    assert "two services cannot have the same one" in str(refused.value)
