"""Backups by hand."""

import tarfile
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command, Supervise
from volspike.archive import making


@pytest.fixture(autouse=True)
def state_dir(volspike: Command) -> Path:
    """A state directory with a memory in it."""
    directory = volspike.place / "state"
    directory.mkdir(exist_ok=True)
    (directory / "memory.json").write_text("{}")
    volspike.environment["VOLSPIKE_STATE_DIR"] = str(directory)
    return directory


def test_one_is_made_beside_the_state_directory_and_listed(volspike: Command) -> None:
    made = volspike("backup")
    listed = volspike("backup", "--list")

    (backup,) = making.listing(volspike.place / "state-backups")
    assert made.exit_code == 0
    assert made.stdout == f"  memory.json\n{backup.path} made and verified, 0.0 MB\n"
    head, row = listed.stdout.splitlines()
    assert head.split() == ["BACKUP", "MADE", "(UTC)", "AGE", "SIZE"]
    assert row.startswith(f"{backup.path} ")


def test_one_that_goes_elsewhere_removes_nothing_there(volspike: Command, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    old = other / making.name_of(1_000_000_000)
    old.touch()

    made = volspike("backup", "--to", str(other))

    assert made.exit_code == 0
    assert old.exists()
    assert len(making.listing(other)) == 2


def test_one_that_goes_where_nothing_is_mounted_is_refused(volspike: Command, tmp_path: Path) -> None:
    missing = tmp_path / "mnt" / "other"

    refused = volspike("backup", "--to", str(missing))

    remedy = f"mount what belongs there, or mkdir {missing}"
    assert refused.exit_code == 1
    assert refused.stderr == f"volspike: no backup was made: there is no directory {missing}: {remedy}\n"
    assert not missing.parent.exists()


@pytest.mark.parametrize(
    ("arguments", "at", "ending"),
    [
        ((), "state-backups", "for the user volspike; sudo volspike doctor says what mends it"),
        (("--to", "other"), "state", "for the user volspike; sudo volspike doctor says what mends it"),
        (("--to", "other"), "other", "for the user volspike"),
    ],
)
@pytest.mark.usefixtures("server")
def test_on_a_server_it_is_said_who_may_not_write(
    volspike: Command, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], at: str, ending: str
) -> None:
    (volspike.place / "other").mkdir()

    def refused(*_: object, **__: object) -> making.Backup:  # root, who runs tests, may write everywhere
        raise PermissionError(13, "Permission denied", f"{at}/.backup.lock")

    monkeypatch.setattr(making, "make", refused)

    failed = volspike("backup", *arguments)

    assert failed.exit_code == 1
    assert failed.stderr == f"volspike: no backup was made: {at}/.backup.lock: Permission denied {ending}\n"


@pytest.mark.parametrize(("simulated", "there"), [(False, True), (True, False)])
def test_a_suite_of_your_own_has_its_settings_in_it_and_a_demo_nobody_s(
    volspike: Command, supervise: Supervise, simulated: bool, there: bool
) -> None:
    (volspike.place / ".env").write_text("LOG_LEVEL=INFO\n")
    supervise(volspike.runtime_dir, simulated=simulated)

    volspike("backup")

    (backup,) = making.listing(volspike.place / "state-backups")
    with tarfile.open(backup.path) as archive:
        assert (making.SETTINGS in archive.getnames()) == there


def test_without_backups_the_list_says_so(volspike: Command) -> None:
    assert volspike("backup", "--list").stdout == f"There are no backups in {volspike.place / 'state-backups'}.\n"


@pytest.fixture
def demo(volspike: Command) -> Path:
    """The backups of a demo of this user that has ended."""
    volspike.environment |= {"XDG_STATE_HOME": str(volspike.place / "home"), "VOLSPIKE_STATE_DIR": ""}
    directory = volspike.place / "home" / "volspike-demo-backups"
    directory.mkdir(parents=True)
    (directory / making.name_of(1_000_000_000)).touch()
    return directory


def test_where_those_of_a_demo_are_is_said_after_it_has_ended(volspike: Command, demo: Path) -> None:
    own = volspike.place / "home" / "volspike-backups"

    said = volspike("backup", "--list").stdout

    there = f"Those of the demo are there until the next one starts: volspike backup --list --to {demo}"
    assert said == f"There are no backups in {own}.\n{there}\n"
    assert str(demo / making.name_of(1_000_000_000)) in volspike("backup", "--list", "--to", str(demo)).stdout


@pytest.mark.usefixtures("server", "demo")
def test_on_a_server_there_is_no_demo_to_look_at(volspike: Command) -> None:
    volspike.environment["VOLSPIKE_STATE_DIR"] = str(volspike.place / "state")

    assert len(volspike("backup", "--list").stdout.splitlines()) == 1


def test_where_nothing_has_run_there_is_nothing_to_back_up(volspike: Command, state_dir: Path) -> None:
    (state_dir / "memory.json").unlink()
    state_dir.rmdir()

    failed = volspike("backup")

    assert failed.exit_code == 1
    assert failed.stderr == f"volspike: there is no state directory at {state_dir}: nothing has run here yet\n"


def test_what_is_in_the_way_is_one_line(volspike: Command) -> None:
    (volspike.place / "state-backups").write_text("a file where the directory should be")

    failed = volspike("backup")

    assert failed.exit_code == 1
    assert failed.stderr == f"volspike: no backup was made: {volspike.place / 'state-backups'}: File exists\n"
