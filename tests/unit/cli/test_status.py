"""One table of the daemons."""

import os
import time

import pytest

from tests.unit.cli.conftest import Command, Supervise
from tests.unit.examples import unit_state
from volspike.model.documents import Heartbeat
from volspike.state import documents, file


def beat(volspike: Command, status: str) -> None:
    path = documents.heartbeat_path(volspike.runtime_dir, "funding-ws")
    path.parent.mkdir(exist_ok=True)
    now = time.time()
    file.write(path, documents.encode(Heartbeat(1, "funding-ws", os.getpid(), now, now - 4, status, now + 10)))


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
    assert result.stderr == (
        "volspike: systemctl is not installed here; start the suite with `volspike up` or "
        "`systemctl start volspike.target`\n"
    )


def test_a_suite_whose_supervisor_was_killed_does_not_run_whoever_has_its_pid_now(
    volspike: Command, supervise: Supervise
) -> None:
    supervise(volspike.runtime_dir, unit_state())
    (volspike.runtime_dir / documents.SUPERVISION_LOCK).unlink()

    assert volspike("status").exit_code == 3


def test_a_suite_without_units_is_not_installed(volspike: Command, supervise: Supervise) -> None:
    supervise(volspike.runtime_dir)

    assert volspike("status").exit_code == 3
