"""Which suite a command means."""

import os
import pwd
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command, Supervise
from volspike.cli import suite
from volspike.state import documents

NOBODY = 65_534
"""The user that owns nothing."""


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
    (tmp_path / ".env").write_text("LOG_LEVEL=DEBUG\nLOG_FORMAT=json\n")
    supervise(tmp_path / "session" / "volspike", LOG_LEVEL="WARNING", LOG_FORMAT="console")
    monkeypatch.setenv("LOG_LEVEL", "ERROR")

    settings = suite.load_settings()

    assert (settings.log_level, settings.log_format) == ("ERROR", "console")


@pytest.mark.usefixtures("volspike")
def test_what_became_of_the_env_file_since_does_not_touch_a_running_suite(tmp_path: Path, supervise: Supervise) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=LOUD\nFUNDING_API_PORT=x\n")
    supervise(tmp_path / "session" / "volspike-demo", FUNDING_API_PORT="2")

    assert suite.load_settings().funding_api_port == 2


@pytest.mark.usefixtures("volspike")
@pytest.mark.parametrize(("name", "key"), [("volspike", "ours"), ("volspike-demo", "")])
def test_a_running_suite_gets_its_secrets_from_the_env_file_and_a_simulated_one_none(
    tmp_path: Path, supervise: Supervise, monkeypatch: pytest.MonkeyPatch, name: str, key: str
) -> None:
    (tmp_path / ".env").write_text("VOLSPIKE_API_KEY=ours\n")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "7:ours")
    monkeypatch.setenv("CHAT_ID", "-7")
    supervise(tmp_path / "session" / name, simulated=name != "volspike")

    settings = suite.load_settings()

    assert settings.backend_key == key
    assert settings.telegram_token == ("7:ours" if key else "")


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


@pytest.fixture
def closed_to_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings in a directory that this process may not enter; root is somebody else meanwhile."""
    installed = tmp_path / "etc" / "volspike.env"
    installed.parent.mkdir()
    installed.write_text("")
    installed.parent.chmod(0)
    monkeypatch.setattr(suite, "PRODUCTION_ENV_FILE", installed)
    former = os.getresuid()
    if former[1] == 0:
        os.setresuid(NOBODY, NOBODY, 0)
    yield
    os.setresuid(*former)
    installed.parent.chmod(0o700)


@pytest.mark.usefixtures("volspike", "closed_to_us")
def test_an_ordinary_user_of_a_server_is_told_in_one_line_to_use_sudo(capsys: pytest.CaptureFixture[str]) -> None:
    assert suite.is_production()
    with pytest.raises(SystemExit):
        suite.environment()
    assert capsys.readouterr().err.endswith("volspike.env is not readable for you; run this with sudo\n")


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


@pytest.mark.parametrize(
    ("installed", "is_suite_s", "told"),
    [
        (True, True, " for the user volspike; sudo volspike doctor says what mends it"),
        (True, False, " for the user volspike"),
        (False, True, "; are you the user whose suite this is?"),
        (False, False, ""),
    ],
)
@pytest.mark.usefixtures("volspike")
def test_to_whom_something_was_refused_is_said(
    request: pytest.FixtureRequest, installed: bool, is_suite_s: bool, told: str
) -> None:
    if installed:
        request.getfixturevalue("server")

    assert suite.refused_to(PermissionError(), is_suite_s=is_suite_s) == told
    assert suite.refused_to(FileExistsError(), is_suite_s=is_suite_s) == ""


def test_all_bad_settings_end_a_command_together(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        suite.load_settings({"FUNDING_API_PORT": "x", "LOG_LEVEL": "LOUD"})

    assert ended.value.code == 78
    assert len(capsys.readouterr().err.splitlines()) == 2


@pytest.mark.parametrize(
    ("given", "kept", "key"), [("a", "b", "a"), ("", "b\n", "b"), ("a", None, "a"), ("", None, "")]
)
def test_the_key_of_the_embedded_backend_is_the_one_that_is_set_or_the_one_that_was_made(
    volspike: Command, given: str, kept: str | None, key: str
) -> None:
    if kept is not None:
        (volspike.place / "state" / documents.BACKEND_KEY).write_text(kept)
    settings = suite.load_settings({**volspike.environment, "VOLSPIKE_API_KEY": given})

    assert suite.backend_key(settings) == key


def test_a_key_that_cannot_be_read_is_one_line(volspike: Command, capsys: pytest.CaptureFixture[str]) -> None:
    (volspike.place / "state" / documents.BACKEND_KEY).mkdir()

    with pytest.raises(SystemExit):
        suite.backend_key(suite.load_settings(volspike.environment))
    assert "cannot be read (Is a directory)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("status", 3),
        ("health", 3),
        ("tail", 1),
        ("tail --once", 1),
        ("outbox list", 1),
        ("alerts list", 1),
        ("maintenance 30m", 1),
        ("maintenance off", 1),
    ],
)
def test_where_no_suite_runs_for_this_user_every_command_says_how_to_start_one(
    volspike: Command, command: str, code: int
) -> None:
    volspike.environment = {"PATH": str(volspike.place)}

    result = volspike(*command.split())

    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr == "volspike: no suite runs for this user; start one: make demo, or volspike up\n"


def test_a_suite_that_is_meant_by_its_place_or_is_installed_may_run(
    volspike: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = suite.load_settings()
    assert suite.nothing_runs(usual)
    assert not suite.nothing_runs(suite.load_settings(volspike.environment))

    monkeypatch.setattr(suite, "PRODUCTION_ENV_FILE", volspike.place)

    assert not suite.nothing_runs(usual)


def test_who_only_looks_has_the_bad_settings_named_in_one_line_and_their_defaults(
    volspike: Command, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**volspike.environment, "LOG_LEVEL": "LOUD", "TELEGRAM_TOKEN": "1:hush"}.items():
        monkeypatch.setenv(name, value)

    settings = suite.load_to_look()

    assert (settings.log_level, settings.state_dir) == ("INFO", volspike.place / "state")
    assert capsys.readouterr().err == (
        "volspike: warning: no daemon starts with these bad settings: LOG_LEVEL, CHAT_ID; see volspike config check\n"
    )


@pytest.mark.usefixtures("volspike")
@pytest.mark.parametrize("name", ["VOLSPIKE_STATE_DIR", "VOLSPIKE_RUNTIME_DIR", "VOLSPIKE_CLOCK_RATE"])
def test_nobody_looks_at_another_place_than_the_one_that_is_meant(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "here")

    with pytest.raises(SystemExit) as ended:
        suite.load_to_look()

    assert ended.value.code == 78
    assert capsys.readouterr().err.startswith(f"volspike: bad setting: {name}='here': must be ")


@pytest.mark.usefixtures("volspike")
def test_an_env_file_that_is_no_text_is_one_line_where_only_places_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_bytes(b"LOG_LEVEL=\xff\n")

    with pytest.raises(SystemExit) as ended:
        suite.load_places()

    assert ended.value.code == 78
    assert len(capsys.readouterr().err.splitlines()) == 1
