"""One table of the daemons."""

import json
import os
import time

import pytest

from tests.unit.cli.conftest import Command, Supervise
from tests.unit.examples import unit_state
from volspike.delivery.mutes import Mutes
from volspike.model.documents import VERSION, EmergencyStop, Heartbeat
from volspike.runtime.clock import Clock
from volspike.state import documents, emergency, file

UNUSED = unit_state("backend", "volspike-backend.service", "inactive", enabled=False, main_pid=0, since=None)


def beat(
    volspike: Command, status: str, *, due_in_seconds: float = 10, set_forward_by_seconds: float | None = None
) -> None:
    """Write a sign of life and set the clock on the wall since; one of an earlier release knows of no other clock."""
    path = documents.heartbeat_path(volspike.runtime_dir, "funding-ws")
    path.parent.mkdir(exist_ok=True)
    now = time.time() - (set_forward_by_seconds or 0)
    due = None if set_forward_by_seconds is None else time.monotonic() + due_in_seconds
    written = Heartbeat(1, "funding-ws", os.getpid(), now, now - 4, status, now + due_in_seconds, due)
    file.write(path, documents.encode(written))


def test_a_row_says_state_age_heartbeat_work_and_memory(volspike: Command, supervise: Supervise) -> None:
    supervise(volspike.runtime_dir, unit_state(main_pid=os.getpid(), since=time.time() - 7200))
    beat(volspike, "streaming 648 symbols")

    result = volspike("status")

    assert result.exit_code == 0
    head, row = result.stdout.splitlines()
    assert head.split() == ["UNIT", "STATE", "SINCE", "HEARTBEAT", "LAST", "DID", "MEMORY"]
    assert row.startswith("binance-funding-ws.service")
    for words in ("active (running)", "2h", "4s ago", "streaming 648 symbols", " MB"):
        assert words in row


def test_one_unit_that_is_not_active_is_exit_one(volspike: Command, supervise: Supervise) -> None:
    supervise(
        volspike.runtime_dir,
        unit_state(),
        unit_state(active_state="failed", sub_state="failed", main_pid=0, since=None),
    )

    result = volspike("status")

    assert result.exit_code == 1
    assert "failed (failed)" in result.stdout


def test_a_bad_setting_is_named_and_the_daemons_are_shown_all_the_same(volspike: Command, supervise: Supervise) -> None:
    supervise(volspike.runtime_dir, unit_state())
    volspike.environment["VOLUME_MULTIPLE"] = "abc"

    result = volspike("status")

    assert result.exit_code == 0
    assert "binance-funding-ws.service" in result.stdout
    (warning,) = result.stderr.splitlines()
    assert "VOLUME_MULTIPLE" in warning


@pytest.mark.parametrize(("due_in_seconds", "overdue"), [(-14, False), (-16, True)])
def test_a_sign_of_life_that_is_overdue_is_said_to_be_so(
    volspike: Command, supervise: Supervise, due_in_seconds: float, overdue: bool
) -> None:
    supervise(volspike.runtime_dir, unit_state())
    beat(volspike, "streaming", due_in_seconds=due_in_seconds)

    assert ("4s ago, overdue" in volspike("status").stdout) is overdue


@pytest.mark.parametrize(
    ("set_forward_by_seconds", "due_in_seconds", "overdue"), [(3600, -14, False), (-3600, -16, True)]
)
def test_a_step_of_the_clock_makes_no_sign_of_life_overdue_and_hides_none_that_is(
    volspike: Command, supervise: Supervise, set_forward_by_seconds: float, due_in_seconds: float, overdue: bool
) -> None:
    supervise(volspike.runtime_dir, unit_state())
    beat(volspike, "streaming", due_in_seconds=due_in_seconds, set_forward_by_seconds=set_forward_by_seconds)

    assert ("overdue" in volspike("status").stdout) is overdue


def test_a_unit_that_is_not_enabled_is_no_reason_to_complain(volspike: Command, supervise: Supervise) -> None:
    supervise(volspike.runtime_dir, unit_state(), UNUSED)

    result = volspike("status")

    assert result.exit_code == 0
    assert "inactive (not enabled)" in result.stdout


def test_without_a_heartbeat_the_unit_s_own_words_are_shown(volspike: Command, supervise: Supervise) -> None:
    supervise(volspike.runtime_dir, unit_state(main_pid=0))

    assert "working" in volspike("status").stdout


@pytest.mark.parametrize("status", ["closed by the exchange (1001 [/red] bye)", "lost [bold]x", "[not set]"])
def test_words_of_strangers_are_shown_as_they_are(volspike: Command, status: str, supervise: Supervise) -> None:
    supervise(volspike.runtime_dir, unit_state())
    beat(volspike, status)

    result = volspike("status")

    assert result.exit_code == 0
    assert status in result.stdout


def test_where_nothing_runs_is_said_in_one_line_with_what_to_do(
    volspike: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(volspike.place))

    result = volspike("status")

    assert result.exit_code == 3
    assert result.stderr == "volspike: systemctl is not installed here; start the suite: volspike up\n"


def test_a_suite_whose_supervisor_was_killed_does_not_run_whoever_has_its_pid_now(
    volspike: Command, supervise: Supervise
) -> None:
    supervise(volspike.runtime_dir, unit_state())
    (volspike.runtime_dir / documents.SUPERVISION_LOCK).unlink()

    assert volspike("status").exit_code == 3


def test_a_suite_without_units_is_not_installed(volspike: Command, supervise: Supervise) -> None:
    supervise(volspike.runtime_dir)

    assert volspike("status").exit_code == 3


def test_machines_are_told_all_that_the_table_shows(volspike: Command, supervise: Supervise) -> None:
    began = time.time() - 7200
    supervise(volspike.runtime_dir, unit_state(main_pid=os.getpid(), since=began), UNUSED)
    beat(volspike, "streaming 648 symbols", due_in_seconds=-16)
    state_dir = volspike.place / "state"
    emergency.begin(state_dir, EmergencyStop(VERSION, began, "a drill"))
    mute = Mutes(state_dir, Clock()).mute("BTCUSDT", 3600)

    result = volspike("status", "--json")

    assert (result.exit_code, result.stderr) == (0, "")
    told = json.loads(result.stdout)
    feed, unused = told["daemons"]
    assert feed.pop("heartbeat_at") == pytest.approx(told["at"] - 4, abs=2)
    assert feed.pop("heartbeat_age_seconds") == pytest.approx(4, abs=2)
    assert feed.pop("memory_bytes") > 1_000_000
    assert feed == {
        "daemon": "funding-ws",
        "unit": "binance-funding-ws.service",
        "enabled": True,
        "active_state": "active",
        "sub_state": "running",
        "since": began,
        "overdue": True,
        "status": "streaming 648 symbols",
    }
    assert (unused["enabled"], unused["active_state"], unused["since"], unused["status"]) == (
        (False, "inactive", None, "working")
    )
    assert (unused["heartbeat_at"], unused["heartbeat_age_seconds"], unused["overdue"], unused["memory_bytes"]) == (
        (None, None, False, None)
    )
    assert told["emergency_stop"]["reason"] == "a drill"
    assert told["mutes"] == {"BTCUSDT": {"since": mute.since, "until": mute.until}}


def test_machines_get_the_exit_codes_of_the_table(volspike: Command, supervise: Supervise) -> None:
    supervise(volspike.runtime_dir, unit_state(), unit_state(active_state="failed", main_pid=0, since=None))

    result = volspike("status", "--json")

    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert [daemon["active_state"] for daemon in told["daemons"]] == ["active", "failed"]
    assert (told["emergency_stop"], told["mutes"]) == (None, {})


def test_where_nothing_runs_machines_get_no_object_but_the_line_and_the_exit_code(
    volspike: Command, supervise: Supervise
) -> None:
    supervise(volspike.runtime_dir)

    result = volspike("status", "--json")

    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("volspike: no unit of the suite is installed")
