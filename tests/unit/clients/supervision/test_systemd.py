"""systemd through systemctl: what it answers, with a program in its place that speaks as it does."""

from pathlib import Path

import pytest

from volspike.clients.errors import Transient
from volspike.clients.supervision import systemd
from volspike.clients.supervision.systemd import Systemd
from volspike.model.suite import DAEMONS
from volspike.model.units import TARGET, Verb

SHOWN = """\
Id=binance-funding-ws.service
LoadState=loaded
UnitFileState=enabled
ActiveState=active
SubState=running
Result=success
ExecMainStatus=0
MainPID=4711
StateChangeTimestamp=@1764724344
MemoryCurrent=30408704
NRestarts=2
StatusText=streaming 648 symbols, k=v

Id=binance-funding-api.service
LoadState=loaded
UnitFileState=disabled
ActiveState=failed
SubState=failed
Result=exit-code
ExecMainStatus=78
MainPID=0
StateChangeTimestamp=Wed 2025-12-03 01:12:24 UTC
MemoryCurrent=[not set]
StatusText=

Id=funding-health-check.service
LoadState=loaded
UnitFileState=static
ActiveState=inactive
SubState=dead
Result=success
ExecMainStatus=1
MainPID=0
StateChangeTimestamp=
MemoryCurrent=[not set]
StatusText=

Id=funding-health-check.timer
LoadState=loaded
UnitFileState=enabled
ActiveState=active
SubState=waiting
Result=success
StateChangeTimestamp=n/a
"""


class Systemctl:
    """A program named systemctl, alone on the PATH."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def speaks(self, output: str, *, status: int = 0, after: float = 0.0, errors: str = "") -> None:
        """Let it say so."""
        (self._directory / "output").write_text(output)
        (self._directory / "errors").write_text(errors)
        program = self.program
        program.write_text(
            f'#!/bin/sh\ncd {self._directory}\necho "$@" >> asked\n/bin/sleep {after}\n'
            f"/bin/cat output; /bin/cat errors >&2\nexit {status}\n"
        )
        program.chmod(0o755)

    @property
    def program(self) -> Path:
        """Return where it lies."""
        return self._directory / "systemctl"

    @property
    def asked(self) -> list[str]:
        """Return the arguments of every call."""
        return (self._directory / "asked").read_text().splitlines()


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemctl:
    monkeypatch.setenv("PATH", str(tmp_path))
    return Systemctl(tmp_path)


def test_every_installed_unit_is_told_in_systemd_s_words(systemctl: Systemctl) -> None:
    systemctl.speaks(SHOWN)

    ws, api, monitor = Systemd().states()

    assert (ws.daemon, ws.unit, ws.enabled) == ("funding-ws", "binance-funding-ws.service", True)
    assert (ws.active_state, ws.sub_state, ws.result, ws.exit_status) == ("active", "running", "success", 0)
    assert (ws.main_pid, ws.since, ws.memory_bytes) == (4711, 1764724344.0, 30_408_704)
    assert ws.status_text == "streaming 648 symbols, k=v"
    assert (api.enabled, api.active_state, api.exit_status, api.memory_bytes) == (False, "failed", 78, None)
    assert api.since == 1764724344.0
    assert (monitor.daemon, monitor.since) == ("health-monitor", None)
    assert (ws.restarts, api.restarts, monitor.restarts) == (2, 0, 0)


def test_a_job_of_a_timer_is_enabled_and_alive_when_its_timer_is(systemctl: Systemctl) -> None:
    systemctl.speaks(SHOWN)

    monitor = Systemd().states()[-1]

    assert (monitor.enabled, monitor.active_state, monitor.sub_state) == (True, "active", "waiting")


@pytest.mark.parametrize(("timer", "told"), [("active", ("exit-code", 1)), ("inactive", ("success", 0))])
def test_a_job_has_ended_as_its_service_has_unless_its_timer_was_stopped(
    systemctl: Systemctl, timer: str, told: tuple[str, int]
) -> None:
    before, monitor = SHOWN.split("Id=funding-health-check.service")
    failed = monitor.replace("Result=success", "Result=exit-code", 1)
    systemctl.speaks(
        f"{before}Id=funding-health-check.service{failed}".replace(
            "ActiveState=active\nSubState=waiting", f"ActiveState={timer}\nSubState=waiting"
        )
    )

    job = Systemd().states()[-1]

    assert (job.active_state, job.result, job.exit_status) == (timer, *told)


def test_one_call_asks_for_all_units_and_timers(systemctl: Systemctl) -> None:
    systemctl.speaks(SHOWN)

    Systemd().states()

    (asked,) = systemctl.asked
    assert asked.startswith("--no-pager show --timestamp=unix")
    assert {daemon.unit for daemon in DAEMONS} | {"funding-health-check.timer"} <= set(asked.split())
    assert "binance-funding-ws.timer" not in asked


def test_a_unit_that_is_not_installed_is_left_out(systemctl: Systemctl) -> None:
    systemctl.speaks("Id=binance-funding-ws.service\nLoadState=not-found\nActiveState=inactive\n")

    assert Systemd().states() == []


def test_a_restart_forgets_a_failure_first_when_asked_to(systemctl: Systemctl) -> None:
    systemctl.speaks("")

    Systemd().restart("binance-funding-ws.service", reset_failed=False)
    Systemd().restart("binance-funding-api.service", reset_failed=True)

    assert systemctl.asked == [
        "--no-pager restart --no-block binance-funding-ws.service",
        "--no-pager reset-failed binance-funding-api.service",
        "--no-pager restart --no-block binance-funding-api.service",
    ]


@pytest.mark.parametrize(
    ("errors", "words"),
    [
        ("Access denied\nmore", "systemctl restart a.service failed: Access denied$"),
        ("System has not been booted with systemd as init system (PID 1).", "systemd does not run on this machine$"),
    ],
)
def test_a_refusal_is_told_in_one_line(systemctl: Systemctl, errors: str, words: str) -> None:
    systemctl.speaks("", status=1, errors=errors)

    with pytest.raises(Transient, match=words):
        Systemd().restart("a.service", reset_failed=False)


def test_a_machine_without_systemd_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Transient, match="systemctl is not installed here"):
        Systemd().states()


def test_systemctl_does_not_speak_in_the_name_of_the_daemon_that_calls_it(
    systemctl: Systemctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/systemd/notify")
    systemctl.speaks("")
    program = systemctl.program
    program.write_text(program.read_text().replace("/bin/cat output", 'echo "Id=${NOTIFY_SOCKET-unset}"'))

    assert systemd.systemctl("show") == "Id=unset\n"


def test_a_systemd_that_hangs_is_not_waited_for(systemctl: Systemctl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemd, "TIMEOUT_SECONDS", 0.05)
    systemctl.speaks("", after=1.0)

    with pytest.raises(Transient, match="systemctl show did not answer"):
        Systemd().states()


def test_an_order_forgives_first_and_is_waited_for(systemctl: Systemctl) -> None:
    systemctl.speaks("")

    Systemd().order(Verb.START, ["a.service", "b.timer"], forgiven=["a.service"])
    Systemd().order(Verb.STOP, ["a.service"], forgiven=["a.service"])

    assert systemctl.asked == [
        "--no-pager reset-failed a.service",
        "--no-pager start a.service b.timer",
        "--no-pager stop a.service",
    ]


def test_who_stops_all_waits_for_each_unit_that_is_installed_for_systemd_refuses_to_stop_another(
    systemctl: Systemctl,
) -> None:
    systemctl.speaks(SHOWN)

    Systemd().order(Verb.STOP, [TARGET], forgiven=())

    assert systemctl.asked[-1].split() == [
        "--no-pager",
        "stop",
        TARGET,
        "binance-funding-ws.service",
        "binance-funding-api.service",
        "funding-health-check.timer",
        "funding-health-check.service",
    ]


def test_an_order_that_fails_says_why(systemctl: Systemctl) -> None:
    systemctl.speaks("", status=1, errors="Job for a.service failed.\nSee more.\n")

    with pytest.raises(Transient, match=r"^systemctl restart a.service failed: Job for a.service failed.$"):
        Systemd().order(Verb.RESTART, ["a.service"], forgiven=["a.service"])
