"""What an installation has left on a machine, in directories that look like one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from volspike.clients.errors import Transient
from volspike.clients.supervision import installation


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with release 1.0 in use: a service with its drop-in and a timer, as shipped."""
    shipped, units = tmp_path / "opt/releases/1.0/share/systemd", tmp_path / "etc"
    shipped.mkdir(parents=True)
    (tmp_path / "opt/releases/1.0/bin").mkdir()
    (tmp_path / "opt/current").symlink_to("releases/1.0")
    for directory in (shipped, units):
        directory.mkdir(exist_ok=True)
        (directory / "a.service").write_text("A")
        (directory / "b.timer").write_text("B")
    (shipped / "common.conf").write_text("C")
    (units / "a.service.d").mkdir()
    (units / "a.service.d/10-volspike.conf").symlink_to(tmp_path / "opt/current/share/systemd/common.conf")
    monkeypatch.setattr(installation, "CURRENT", tmp_path / "opt/current")
    monkeypatch.setattr(installation, "RELEASES", tmp_path / "opt/releases")
    monkeypatch.setattr(installation, "UNIT_DIRECTORY", units)
    return tmp_path


@pytest.mark.usefixtures("machine")
def test_what_is_as_shipped_has_no_fault() -> None:
    service, timer = installation.unit_files()

    assert (service.unit, timer.unit) == ("a.service", "b.timer")
    assert not any((file.missing, file.differs, file.drop_in_missing, file.own_drop_ins) != (False, False, False, ())
                   for file in (service, timer))  # fmt: skip


def test_what_is_changed_missing_or_added_is_seen(machine: Path) -> None:
    (machine / "etc/a.service").write_text("changed")
    (machine / "etc/b.timer").unlink()
    (machine / "etc/a.service.d/10-volspike.conf").unlink()
    (machine / "etc/a.service.d/override.conf").write_text("mine")

    service, timer = installation.unit_files()

    assert (service.differs, service.missing, service.drop_in_missing) == (True, False, True)
    assert service.own_drop_ins == ("override.conf",)
    assert (timer.differs, timer.missing) == (False, True)


def test_without_a_release_there_is_nothing_to_compare(machine: Path) -> None:
    assert installation.current_release() == "1.0"
    (machine / "opt/current").unlink()

    assert installation.current_release() == ""
    assert installation.unit_files() == []


def test_a_process_is_of_the_release_whose_interpreter_it_runs(machine: Path) -> None:
    interpreter = machine / "opt/releases/1.0/bin/python"
    interpreter.symlink_to(sys.executable)
    environment = {**os.environ, "PYTHONHOME": sys.base_prefix}
    script = "print(flush=True); input()"
    child = subprocess.Popen(
        [interpreter, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    try:
        assert child.stdout is not None
        child.stdout.readline()  # while a program is being loaded, its command line is empty
        assert installation.release_run_by(child.pid) == "1.0"
    finally:
        child.communicate(b"\n")
    assert installation.release_run_by(os.getpid()) == ""
    assert installation.release_run_by(child.pid) == ""


def test_a_process_is_asked_what_it_was_started_with() -> None:
    child = subprocess.Popen(
        ["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"A": "1=2", "B": "", "C": "two\nlines"}
    )
    try:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(b"\n")
        child.stdin.flush()
        child.stdout.readline()  # while a program is being loaded, it has no environment
        assert installation.environment_of(child.pid) == {"A": "1=2", "B": "", "C": "two\nlines"}
    finally:
        child.communicate()
    assert installation.environment_of(child.pid) is None


def test_a_process_without_an_environment_has_not_begun() -> None:
    child = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, env={})
    try:
        assert installation.environment_of(child.pid) is None
    finally:
        child.communicate()


def test_systemd_is_asked_what_it_has_not_read_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "systemctl"
    program.write_text('#!/bin/sh\ncase "$*" in *is-active*good*) echo active ;; *is-active*) exit 3 ;; '
                       "*) printf 'no\\n\\nyes\\n' ;; esac\n")  # fmt: skip
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert installation.needing_reload(["a.service", "b.timer"]) == ["b.timer"]
    assert installation.is_active("good.timer")
    assert not installation.is_active("bad.timer")


def test_without_systemd_that_is_transient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Transient):
        installation.needing_reload(["a.service"])
