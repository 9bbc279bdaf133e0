"""Settings: read once, validated together, refused as a whole."""

import os
from pathlib import Path

import pytest

from volspike import settings
from volspike.runtime.clock import Clock
from volspike.settings import VARIABLES, Problem, SettingsError

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


def test_every_field_has_exactly_one_variable() -> None:
    assert sorted(variable.field for variable in VARIABLES) == sorted(settings.Settings.__struct_fields__)
    assert len({variable.name for variable in VARIABLES}) == len(VARIABLES)


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


def test_the_process_s_environment_comes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env_file = tmp_path / "volspike.env"
    env_file.write_text("LOG_LEVEL=DEBUG\nLOG_FORMAT=json\n")
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    monkeypatch.delenv("LOG_FORMAT", raising=False)

    given = settings.environment(env_file)

    assert (given["LOG_LEVEL"], given["LOG_FORMAT"]) == ("ERROR", "json")


def test_the_env_file_of_this_folder_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FUNDING_API_PORT", raising=False)
    (tmp_path / ".env").write_text("FUNDING_API_PORT=9999\n")

    assert settings.environment()["FUNDING_API_PORT"] == "9999"


def test_a_daemon_s_process_reads_its_environment_and_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("FUNDING_API_PORT=9999\nLOG_FORMAT=json\n")
    monkeypatch.delenv("LOG_FORMAT", raising=False)
    monkeypatch.setenv("FUNDING_API_PORT", "7777")

    loaded = settings.of_process()

    assert (loaded.funding_api_port, loaded.log_format) == (7777, "console")


def test_an_env_file_is_read_as_systemd_would_read_it(tmp_path: Path) -> None:
    env_file = tmp_path / "volspike.env"
    env_file.write_text("# a comment\nLOG_LEVEL=DEBUG\nQUOTED='a b'\nREFERENCE=${HOME}/x\nBARE\n\n")

    assert settings.read_file(env_file) == {"LOG_LEVEL": "DEBUG", "QUOTED": "a b", "REFERENCE": "${HOME}/x"}
    assert settings.read_file(tmp_path / "missing") == {}


def test_variables_with_a_comment_behind_their_value_are_found_without_the_value(tmp_path: Path) -> None:
    env_file = tmp_path / "volspike.env"
    env_file.write_text(
        "# LOG_LEVEL=DEBUG # not this\nFUNDING_API_PORT=8888 # the default\nLOG_LEVEL='INFO # x'\nURL=http://x/#y\n"
    )

    assert settings.commented_variables(env_file) == ["FUNDING_API_PORT"]


def test_the_example_names_every_variable_once_and_changes_nothing(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(settings.example())

    assert settings.read_file(env_file) == {}
    for variable in VARIABLES:
        assert settings.example().count(f"#{variable.name}={variable.default}\n") == 1
        assert variable.meaning in settings.example()


def test_the_example_s_values_are_good_ones(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    lines = settings.example().splitlines()
    env_file.write_text("\n".join(line[1:] for line in lines if line.startswith("#") and line[1:2].isalpha()))

    assert settings.load({**MINIMAL, **settings.read_file(env_file)}) == settings.load(MINIMAL)


def test_an_env_file_that_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    env_file = tmp_path / "volspike.env"
    env_file.write_bytes(b"LOG_LEVEL=\xff\xfe\n")

    with pytest.raises(SettingsError, match=r"volspike\.env"):
        settings.read_file(env_file)
