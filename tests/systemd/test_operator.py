"""The commands of an operator on a server: doctor, logs, start, stop, restart, config, completion."""

import json
from typing import Any

from tests.systemd.machine import eventually
from tests.systemd.server import API, COURIER, SETTINGS, UNIVERSE_TIMER, VOLUME, Server

BACKUPS = "/var/lib/volspike-backups"
COMPLETION = "/usr/local/share/bash-completion/completions/volspike"
AS_SERVICE = ("setpriv", "--reuid=volspike", "--regid=volspike", "--init-groups")


def bad_symptoms(server: Server) -> list[dict[str, Any]]:
    """Return what the doctor holds for bad, asked with the exit code that belongs to it."""
    done = server.run("volspike", "doctor", "--json", check=False)
    diagnosis = json.loads(done.out)
    found = [symptom for symptom in diagnosis["symptoms"] if symptom["level"] == "bad"]
    assert (done.code, diagnosis["healthy"]) == ((1, False) if found else (0, True)), done.out
    return found


def symptoms(server: Server) -> list[dict[str, Any]]:
    """Return all that the doctor finds."""
    found: list[dict[str, Any]] = json.loads(server.run("volspike", "doctor", "--json", check=False).out)["symptoms"]
    return found


def settings_to_restart_for(server: Server) -> list[str]:
    """Return which daemons the doctor wants to be restarted because settings have changed."""
    return [one["text"] for one in symptoms(server) if one["check"] == "settings" and "restart" in one["remedy"]]


def test_the_doctor_finds_a_server_that_is_up_healthy(server: Server) -> None:
    eventually(lambda: bad_symptoms(server) == [], 90, "a diagnosis with nothing bad")


def test_what_is_broken_is_found_and_the_command_beside_it_mends_it(server: Server) -> None:
    server.run("sh", "-c", f"echo '# changed by hand' >> /etc/systemd/system/{COURIER}")
    server.run("chown", "root:root", "/var/lib/volspike")
    server.run("rm", "-rf", BACKUPS)
    server.run("systemctl", "stop", VOLUME)

    found = bad_symptoms(server)
    missing = [symptom for symptom in symptoms(server) if f"{BACKUPS} does not exist" in symptom["text"]]
    for symptom in [*found, *missing]:
        server.run("sh", "-ec", symptom["remedy"], timeout=120)

    assert {"unit files", "files", "units"} <= {symptom["check"] for symptom in found}, found
    assert server.run("stat", "-c", "%U:%G %a", BACKUPS).out.strip() == "volspike:volspike 750"
    eventually(lambda: not bad_symptoms(server), 90, "a diagnosis with nothing bad")
    eventually(server.is_up, 90, "all units active")


def test_a_port_that_another_has_taken_is_told_with_its_holder_and_freed_by_the_command(server: Server) -> None:
    server.run("volspike", "stop", "funding-api")
    program = "import socket, time; listener = socket.create_server(('127.0.0.1', 8888)); time.sleep(900)"
    thief = server.start("python3", "-c", program)
    eventually(lambda: ":8888" in server.run("ss", "-ltn").out, 30, "the thief listening")

    (held,) = [symptom for symptom in bad_symptoms(server) if symptom["check"] == "ports"]
    server.run("sh", "-ec", held["remedy"])
    thief.communicate()
    server.run("volspike", "start", "funding-api")

    assert "held by python3 (pid " in held["text"]
    eventually(lambda: not bad_symptoms(server), 90, "a diagnosis with nothing bad")


def test_logs_are_those_of_the_daemons_that_are_named(server: Server) -> None:
    server.run("volspike", "restart", "courier")

    def logs(*options: str) -> str:
        return server.run("volspike", "logs", *options).out

    eventually(lambda: "volspike-courier[" in logs("courier", "-n", "50"), 90, "what the courier has logged")
    assert "binance-funding-ws[" not in logs("courier", "-n", "50")
    assert len(logs("courier", "-n", "5").splitlines()) == 5
    assert "binance-funding-ws[" in logs("--since", "1 hour ago")


def test_daemons_are_stopped_started_and_restarted_by_name_or_unit(server: Server) -> None:
    before = server.pid(API)

    stopped = server.run("volspike", "stop", "liquid-universe", COURIER)
    state = server.run("systemctl", "is-active", UNIVERSE_TIMER, COURIER, check=False).out.split()
    server.run("volspike", "start", "liquid-universe", "courier")
    restarted = server.run("volspike", "restart", "funding-api")

    assert state == ["inactive", "inactive"]
    assert stopped.out.splitlines()[1].split()[:3] == ["liquid-universe", "oi-liquid-universe.service", "inactive"]
    assert restarted.out.splitlines()[1].split()[:3] == ["funding-api", API, "active"]
    assert server.pid(API) not in (before, "0")
    assert server.is_up()


def test_the_whole_suite_has_ended_when_its_stop_returns(server: Server) -> None:
    stopped = server.run("volspike", "stop", check=False)
    server.run("volspike", "start")

    assert stopped.code == 0, stopped.out
    assert "deactivating" not in stopped.out
    eventually(server.is_up, 60, "all units active")


def test_a_setting_is_changed_as_a_whole_and_in_force_with_the_restart(server: Server) -> None:
    before = server.path(SETTINGS).read_text()

    changed = server.run("volspike", "config", "set", "--restart", "VOLUME_MULTIPLE=4.5")
    environment = server.path(f"/proc/{server.pid(VOLUME)}/environ").read_bytes().split(b"\0")
    mode = server.run("stat", "--format=%U:%G %a", SETTINGS, f"{SETTINGS}.bak").out.split("\n")[:2]
    refused = server.run("volspike", "config", "set", "VOLUME_MULTIPLE=none", check=False)
    denied = server.run(*AS_SERVICE, "volspike", "config", "set", "LOG_LEVEL=DEBUG", check=False)
    server.run("volspike", "config", "unset", "--restart", "VOLUME_MULTIPLE")

    assert f"{SETTINGS} is changed" in changed.out
    assert b"VOLUME_MULTIPLE=4.5" in environment
    assert mode == ["root:volspike 640", "root:volspike 640"]
    assert (refused.code, denied.code) == (78, 1)
    assert server.path(SETTINGS).read_text() == before
    assert server.is_up()


def test_only_a_daemon_that_runs_with_an_older_value_of_a_setting_that_it_uses_is_to_be_restarted(
    server: Server,
) -> None:
    server.run("volspike", "config", "set", "--restart", "VOLUME_MULTIPLE=4.5")
    kept = settings_to_restart_for(server)
    server.run("volspike", "config", "set", "BACKUP_KEEP_DAYS=9", "TELEGRAM_CHANNELS=marketfeed")
    behind = settings_to_restart_for(server)
    server.run("volspike", "config", "unset", "--restart", "VOLUME_MULTIPLE", "BACKUP_KEEP_DAYS", "TELEGRAM_CHANNELS")

    assert kept == []
    assert behind == ["changed since these were started: telegram-poller (TELEGRAM_CHANNELS)"]
    assert settings_to_restart_for(server) == []
    assert server.is_up()


def test_an_env_file_that_only_root_may_read_hides_nothing_else_from_the_doctor(server: Server) -> None:
    eventually(lambda: bad_symptoms(server) == [], 90, "nothing bad before")
    server.run("volspike", "config", "set", "TELEGRAM_CHANNELS=marketfeed")
    server.run("chown", "root:root", SETTINGS)
    found = symptoms(server)
    (unreadable,) = [one for one in found if one["level"] == "bad"]
    server.run("sh", "-ec", unreadable["remedy"])
    server.run("volspike", "config", "unset", "--restart", "TELEGRAM_CHANNELS")

    assert unreadable["text"] == f"{SETTINGS} belongs to root:root, not to root:volspike"
    assert {"units", "ports", "release"} <= {one["check"] for one in found}
    assert "changed since these were started: telegram-poller (TELEGRAM_CHANNELS)" in [one["text"] for one in found]
    eventually(lambda: bad_symptoms(server) == [], 90, "a diagnosis with nothing bad")


def test_no_command_shows_the_key_of_the_backend(server: Server) -> None:
    key = server.path(SETTINGS).read_text().partition("VOLSPIKE_API_KEY=")[2].split()[0]

    shown = server.run("volspike", "config", "get").out + server.run("volspike", "doctor", check=False).out

    assert "VOLSPIKE_API_KEY=(hidden)" in shown
    assert key not in shown


def test_bash_completes_the_command(server: Server) -> None:
    line = (
        "COMP_WORDS=(volspike restart binance-funding-w) COMP_CWORD=2; _volspike_completion volspike; echo $COMPREPLY"
    )

    done = server.run("bash", "-ec", f". {COMPLETION}; {line}")

    assert done.out.split() == ["binance-funding-ws.service"]
