"""Settings: read once, validated together, refused as a whole."""

import os
from pathlib import Path

import pytest

from tests.unit.settings.environments import MINIMAL, problems
from volspike import settings
from volspike.runtime.clock import Clock
from volspike.settings import SettingsError


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


def test_whoever_speaks_to_the_embedded_backend_needs_its_key() -> None:
    with pytest.raises(SettingsError, match="VOLSPIKE_API_KEY"):
        settings.require_backend_key(settings.load(MINIMAL))

    settings.require_backend_key(settings.load({**MINIMAL, "VOLSPIKE_API_KEY": "k"}))


def test_older_names_are_honoured_and_the_present_ones_come_first() -> None:
    older = {"TELEGRAM_BOT_TOKEN": "1:a", "TELEGRAM_CHANNEL_ID": "-1001"}
    loaded = settings.load({**MINIMAL, **older, "CHAT_ID": "@desk"})

    assert (loaded.telegram_token, loaded.chat_id, loaded.has_chat) == ("1:a", "@desk", True)


def test_bad_values_are_examined_with_their_defaults_in_their_place() -> None:
    loaded, found = settings.examine({"LOG_LEVEL": "LOUD", "XDG_STATE_HOME": "relative", "FUNDING_API_PORT": "9999"})

    assert [problem.variable for problem in found] == ["VOLSPIKE_STATE_DIR", "LOG_LEVEL"]
    assert (loaded.log_level, loaded.funding_api_port) == ("INFO", 9999)
    assert loaded.state_dir.is_absolute()


def test_the_embedded_backend_has_one_key_even_where_it_is_the_second_one() -> None:
    hosted = {"VOLSPIKE_API_URL": "https://backend.example", "VOLSPIKE_API_KEY": "k"}

    second = settings.load({**hosted, "VOLSPIKE_API_URL_DEV": "http://127.0.0.1:3001"})

    assert second.uses_embedded_backend
    assert second.backend_dev_key == "k"
