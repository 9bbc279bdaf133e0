"""Which suite a command means."""

import os
import pwd
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Supervise
from volspike.cli import suite
from volspike.state import documents


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
def test_a_running_suite_of_this_user_is_found(tmp_path: Path, supervise: Supervise, name: str) -> None:
    directory = tmp_path / "session" / name
    supervise(directory, VOLSPIKE_RUNTIME_DIR=str(directory), FUNDING_API_PORT="9999")

    settings = suite.load_settings()

    assert (settings.runtime_dir, settings.funding_api_port) == (directory, 9999)


@pytest.mark.usefixtures("volspike")
def test_the_real_suite_comes_before_the_simulated_one(tmp_path: Path, supervise: Supervise) -> None:
    for name, port in (("volspike-demo", "1"), ("volspike", "2")):
        supervise(tmp_path / "session" / name, FUNDING_API_PORT=port)

    assert suite.environment()["FUNDING_API_PORT"] == "2"


@pytest.mark.usefixtures("volspike")
def test_a_suite_that_was_killed_is_not_found_by_what_it_left(tmp_path: Path, supervise: Supervise) -> None:
    directory = tmp_path / "session" / "volspike"
    supervise(directory, FUNDING_API_PORT="9999")
    (directory / documents.SUPERVISION_LOCK).unlink()

    assert "FUNDING_API_PORT" not in suite.environment()


@pytest.mark.usefixtures("volspike")
def test_the_environment_comes_before_the_running_suite_and_that_before_the_env_file(
    tmp_path: Path, supervise: Supervise, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=DEBUG\nLOG_FORMAT=json\nFUNDING_API_PORT=1\nFUNDING_API_HOST=::1\n")
    supervise(tmp_path / "session" / "volspike", LOG_LEVEL="WARNING", LOG_FORMAT="console", FUNDING_API_PORT="2")
    monkeypatch.setenv("LOG_LEVEL", "ERROR")

    settings = suite.load_settings()

    assert (settings.log_level, settings.log_format) == ("ERROR", "console")
    assert (settings.funding_api_port, settings.funding_api_host) == (2, "::1")


@pytest.mark.usefixtures("volspike")
def test_a_place_that_was_named_is_the_one_that_is_meant(
    tmp_path: Path, supervise: Supervise, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervise(tmp_path / "session" / "volspike", FUNDING_API_PORT="9999")
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


@pytest.mark.usefixtures("volspike")
def test_only_the_process_that_systemd_started_may_do_without_the_installed_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed = tmp_path / "volspike.env"
    installed.write_text("FUNDING_API_PORT=9999\n")
    monkeypatch.setattr(suite, "PRODUCTION_ENV_FILE", installed)
    monkeypatch.setattr(os, "access", lambda *_: False)

    monkeypatch.setenv("SYSTEMD_EXEC_PID", str(os.getpid()))
    assert "FUNDING_API_PORT" not in suite.environment()
    monkeypatch.setenv("SYSTEMD_EXEC_PID", str(os.getppid()))
    with pytest.raises(SystemExit):
        suite.environment()

    assert "is not readable for you; run this with sudo" in capsys.readouterr().err


@pytest.mark.usefixtures("volspike")
def test_root_takes_no_directory_of_its_own_session_along_when_it_becomes_the_service_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "volspike.env"
    installed.write_text("")
    become: list[int] = []
    user = pwd.struct_passwd(("volspike", "x", 990, 991, "", "/var/lib/volspike", "/usr/sbin/nologin"))
    monkeypatch.setattr(suite, "PRODUCTION_ENV_FILE", installed)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", lambda _: user)
    monkeypatch.setattr(os, "initgroups", lambda *_: None)
    monkeypatch.setattr(os, "setgid", become.append)
    monkeypatch.setattr(os, "setuid", become.append)
    monkeypatch.setenv("XDG_STATE_HOME", "/root/.local/state")

    suite.become_service_user()

    assert become == [991, 990]
    assert os.environ["HOME"] == "/var/lib/volspike"
    assert not {"XDG_RUNTIME_DIR", "XDG_STATE_HOME"} & os.environ.keys()


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
