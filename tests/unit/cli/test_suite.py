"""Which suite a command means."""

import os
from pathlib import Path

import pytest

from volspike.cli import suite
from volspike.model.supervision import Supervision
from volspike.state import documents, file


def running(directory: Path, **environment: str) -> None:
    """Let a suite run in this directory."""
    directory.mkdir(parents=True)
    content = Supervision(1, os.getpid(), True, environment, [])
    file.write(directory / documents.SUPERVISION, documents.encode(content))


@pytest.mark.usefixtures("volspike")
def test_without_anything_running_the_environment_and_the_env_file_speak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=DEBUG\nFUNDING_API_PORT=1\n")
    monkeypatch.setenv("FUNDING_API_PORT", "2")

    given = suite.environment()

    assert (given["LOG_LEVEL"], given["FUNDING_API_PORT"]) == ("DEBUG", "2")


@pytest.mark.usefixtures("volspike")
@pytest.mark.parametrize("name", ["volspike", "volspike-demo"])
def test_a_running_suite_of_this_user_is_found(tmp_path: Path, name: str) -> None:
    directory = tmp_path / "session" / name
    running(directory, VOLSPIKE_RUNTIME_DIR=str(directory), FUNDING_API_PORT="9999")

    settings = suite.load_settings()

    assert (settings.runtime_dir, settings.funding_api_port) == (directory, 9999)


@pytest.mark.usefixtures("volspike")
def test_the_real_suite_comes_before_the_simulated_one(tmp_path: Path) -> None:
    for name, port in (("volspike-demo", "1"), ("volspike", "2")):
        running(tmp_path / "session" / name, FUNDING_API_PORT=port)

    assert suite.environment()["FUNDING_API_PORT"] == "2"


@pytest.mark.usefixtures("volspike")
def test_a_place_that_was_named_is_the_one_that_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running(tmp_path / "session" / "volspike", FUNDING_API_PORT="9999")
    monkeypatch.setenv("VOLSPIKE_RUNTIME_DIR", str(tmp_path / "run"))

    assert suite.load_settings().funding_api_port == 8888


@pytest.mark.usefixtures("volspike")
def test_on_a_server_the_installed_suite_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "volspike.env"
    installed.write_text("FUNDING_API_PORT=9999\nLOG_LEVEL=DEBUG\n")
    monkeypatch.setattr(suite, "PRODUCTION_ENV_FILE", installed)
    monkeypatch.setenv("LOG_LEVEL", "ERROR")

    settings = suite.load_settings()

    assert (settings.funding_api_port, settings.log_level) == (9999, "ERROR")
    assert (settings.runtime_dir, settings.state_dir) == (Path("/run/volspike"), Path("/var/lib/volspike"))


def test_the_simulated_suite_lives_beside_the_real_one() -> None:
    assert suite.demo_directory(Path("/run/user/5/volspike")) == Path("/run/user/5/volspike-demo")


def test_a_failure_is_one_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        suite.fail("nothing runs here", 3)

    assert (ended.value.code, capsys.readouterr().err) == (3, "volspike: nothing runs here\n")


def test_all_bad_settings_end_a_command_together(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        suite.load_settings({"FUNDING_API_PORT": "x", "LOG_LEVEL": "LOUD"})

    assert ended.value.code == 78
    assert len(capsys.readouterr().err.splitlines()) == 2
