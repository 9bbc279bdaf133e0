"""Starting the whole suite where it cannot start."""

import os
import stat

import pytest

from tests.ports import free_port
from tests.unit.answers import Answer, AnsweringServer
from tests.unit.cli.conftest import Command, Supervise
from volspike.cli.up import _key, _take
from volspike.runtime import sockets
from volspike.settings import load
from volspike.state import documents, file


@pytest.fixture
def up(volspike: Command) -> Command:
    volspike.environment |= {
        "FUNDING_API_PORT": str(free_port()),
        "BACKEND_PORT": str(free_port()),
        "DASHBOARD_PORT": str(free_port()),
        "BINANCE_REST_URL": "http://127.0.0.1:1",
    }
    return volspike


def test_an_unreachable_exchange_is_one_line_that_points_to_the_demo(up: Command) -> None:
    result = up("up")

    assert result.exit_code == 1
    assert result.stderr == (
        "volspike: Binance cannot be reached at http://127.0.0.1:1: connection refused; "
        "try the suite without Binance: make demo (volspike up --simulate)\n"
    )


def test_a_blocked_country_is_one_line_that_points_to_the_demo(up: Command) -> None:
    with AnsweringServer() as exchange:
        exchange.answers["/fapi/v1/time"] = Answer(451, b"<html>")
        up.environment["BINANCE_REST_URL"] = exchange.url

        result = up("up")

    assert result.exit_code == 1
    assert result.stderr.startswith("volspike: HTTP 451: Binance refuses requests from this country or network; ")
    assert "make demo" in result.stderr


def test_a_second_suite_in_the_same_place_is_refused(up: Command, supervise: Supervise) -> None:
    supervise(up.runtime_dir)

    result = up("up")

    assert result.exit_code == 1
    assert result.stderr == f"volspike: a suite already runs in {up.runtime_dir}; see volspike status\n"


@pytest.mark.parametrize("name", ["FUNDING_API_PORT", "BACKEND_PORT", "DASHBOARD_PORT"])
def test_a_port_in_use_names_the_setting(up: Command, name: str) -> None:
    with sockets.listen("127.0.0.1", 0) as taken:
        up.environment[name] = str(taken.getsockname()[1])

        result = up("up")

    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.endswith(f"; stop it or set {name}\n")


def test_all_ports_in_use_are_named_at_once_and_a_demo_is_offered_others(up: Command) -> None:
    with (
        sockets.listen("127.0.0.1", 0) as exchange,
        sockets.listen("127.0.0.1", 0) as api,
        sockets.listen("127.0.0.1", 0) as backend,
    ):
        ports = [each.getsockname()[1] for each in (exchange, api, backend)]
        up.environment |= {"FUNDING_API_PORT": str(ports[1]), "BACKEND_PORT": str(ports[2])}

        result = up("up", "--simulate", "--simulator-port", str(ports[0]))

    lines = result.stderr.splitlines()
    assert result.exit_code == 1
    assert [line.partition(" is in use by ")[0] for line in lines] == [
        f"volspike: port {port} on 127.0.0.1" for port in ports
    ]
    assert all(line.endswith("; stop it or choose others: make demo PORT=9000") for line in lines)


def test_an_address_that_is_not_ours_names_the_setting(up: Command) -> None:
    up.environment["FUNDING_API_HOST"] = "192.0.2.1"

    result = up("up")

    assert result.exit_code == 1
    assert result.stderr.endswith("; set FUNDING_API_HOST\n")


def test_only_a_simulated_exchange_has_faults(up: Command) -> None:
    result = up("up", "--fault=http_429")

    assert (result.exit_code, result.stderr) == (2, "volspike: --fault needs --simulate\n")


def test_the_port_of_a_backend_elsewhere_does_not_matter(up: Command) -> None:
    with sockets.listen("127.0.0.1", 0) as taken:
        up.environment["BACKEND_PORT"] = str(taken.getsockname()[1])
        up.environment |= {"VOLSPIKE_API_URL": "https://backend.example", "VOLSPIKE_API_KEY": "k"}

        result = up("up")

    assert "Binance cannot be reached" in result.stderr


def test_a_key_is_made_once_for_the_embedded_backend_and_only_its_owner_can_read_it(up: Command) -> None:
    settings = load(up.environment)

    first, second = _key(settings), _key(settings)

    path = settings.state_dir / documents.BACKEND_KEY
    assert first == second == {"VOLSPIKE_API_KEY": path.read_text().strip()}
    assert len(first["VOLSPIKE_API_KEY"]) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_that_is_set_is_the_one_that_other_commands_find(up: Command) -> None:
    _key(load(up.environment))
    settings = load({**up.environment, "VOLSPIKE_API_KEY": "ours"})

    assert _key(settings) == {"VOLSPIKE_API_KEY": "ours"}
    assert (settings.state_dir / documents.BACKEND_KEY).read_text() == "ours\n"


def test_a_backend_elsewhere_needs_no_key_of_ours(up: Command) -> None:
    settings = load({**up.environment, "VOLSPIKE_API_URL": "https://backend.example", "VOLSPIKE_API_KEY": "theirs"})

    assert _key(settings) == {}
    assert not (settings.state_dir / documents.BACKEND_KEY).exists()


def test_a_key_that_cannot_be_kept_is_one_line(up: Command, capsys: pytest.CaptureFixture[str]) -> None:
    settings = load(up.environment)
    (settings.state_dir / documents.BACKEND_KEY).mkdir()

    with pytest.raises(SystemExit):
        _key(settings)

    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("cannot be used (Is a directory)")


def test_bad_settings_are_told_before_anything_is_started(up: Command) -> None:
    up.environment["LOG_LEVEL"] = "LOUD"

    result = up("up", "--simulate")

    assert result.exit_code == 78
    assert "LOG_LEVEL='LOUD'" in result.stderr


def test_of_two_suites_that_start_at_once_one_is_refused(up: Command, capsys: pytest.CaptureFixture[str]) -> None:
    settings = load(up.environment)

    first = _take(settings)
    with pytest.raises(SystemExit):
        _take(settings)
    told = capsys.readouterr().err
    os.close(first)
    os.close(_take(settings))

    assert told == f"volspike: a suite already runs in {up.runtime_dir}; see volspike status\n"
    assert not file.is_held(up.runtime_dir / documents.SUPERVISION_LOCK)


def test_a_directory_of_another_user_is_refused(
    up: Command, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    with pytest.raises(SystemExit):
        _take(load(up.environment))

    assert (
        f"the directory {up.runtime_dir} belongs to another user; set VOLSPIKE_RUNTIME_DIR" in capsys.readouterr().err
    )


def test_a_directory_that_cannot_be_made_is_one_line(up: Command, capsys: pytest.CaptureFixture[str]) -> None:
    (up.place / "file").write_text("")
    up.environment["VOLSPIKE_RUNTIME_DIR"] = str(up.place / "file" / "run")

    with pytest.raises(SystemExit):
        _take(load(up.environment))

    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("cannot be used (Not a directory)")


def test_a_fault_that_the_simulator_refuses_ends_up_with_its_exit_code(up: Command) -> None:
    result = up("up", "--simulate", f"--simulator-port={free_port()}", "--fault=earthquake")

    assert result.exit_code == 2
    assert not (up.place / "session").exists()
