"""The env file: read as systemd would read it, and its example."""

from pathlib import Path

import pytest

from volspike import settings
from volspike.settings import VARIABLES, SettingsError

MINIMAL = {"HOME": "/home/someone", "XDG_RUNTIME_DIR": "/run/user/1000"}


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


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("VOLUM_MULTIPLE", {"VOLUM_MULTIPLE": "VOLUME_MULTIPLE"}),
        ("chat_id", {"chat_id": "CHAT_ID"}),
        ("FUNDING_PORT", {"FUNDING_PORT": "FUNDING_API_PORT"}),
        ("BINANCE_COLOUR", {"BINANCE_COLOUR": ""}),
        ("PATH", {}),
        ("VOLUME_MULTIPLE", {}),
        ("TELEGRAM_BOT_TOKEN", {}),
        ("TELEGRAM_CHANNEL_CATEGORIES", {}),
        ("DISCORD_TOKEN", {}),
        ("NOTIFY_COLOUR", {"NOTIFY_COLOUR": ""}),
    ],
)
def test_a_name_that_looks_like_a_setting_and_is_none_is_strange(name: str, found: dict[str, str]) -> None:
    assert settings.strange_variables([name]) == found


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
