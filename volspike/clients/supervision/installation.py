"""What `install.sh` has put on this machine: the release in use, its unit files, and what systemd says of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from volspike.clients.errors import Transient
from volspike.clients.supervision.systemd import systemctl
from volspike.model.diagnosis import UnitFile

CURRENT = Path("/opt/volspike/current")
RELEASES = Path("/opt/volspike/releases")
UNIT_DIRECTORY = Path("/etc/systemd/system")
DROP_IN = "10-volspike.conf"
KINDS = (".service", ".timer", ".target")


def current_release() -> str:
    """Return the name of the release in use; nothing when there is none."""
    return CURRENT.resolve().name if (CURRENT / "bin").is_dir() else ""


def release_run_by(pid: int) -> str:
    """Return the release whose interpreter a process runs; nothing when it is of none, or cannot be seen."""
    try:
        program = Path("/proc", str(pid), "cmdline").read_bytes().split(b"\0")[0].decode()
    except OSError:
        return ""
    return release_of(Path(program))


def environment_of(pid: int) -> dict[str, str] | None:
    """Return what a process was started with; None when it has ended, has not begun, or is not for this user to see."""
    try:
        entries = Path("/proc", str(pid), "environ").read_bytes().split(b"\0")
    except OSError:
        return None
    pairs = (entry.decode(errors="replace").partition("=") for entry in entries if entry)
    return {name: value for name, _, value in pairs} or None  # while its program is being loaded, there is nothing


def release_of(program: Path) -> str:
    """Return the release that a program is of, by where it is."""
    return program.relative_to(RELEASES).parts[0] if program.is_relative_to(RELEASES) else ""


def unit_files() -> list[UnitFile]:
    """Return every unit file of the release in use beside the installed one of its name."""
    return sorted(_compared(CURRENT / "share" / "systemd"), key=lambda file: file.unit)


def _compared(shipped_in: Path) -> Iterator[UnitFile]:
    for shipped in shipped_in.iterdir() if shipped_in.is_dir() else ():
        if shipped.suffix not in KINDS:
            continue
        installed = UNIT_DIRECTORY / shipped.name
        drop_ins = installed.with_name(f"{installed.name}.d")
        own = {path.name for path in drop_ins.glob("*.conf")} - {DROP_IN}
        yield UnitFile(
            unit=shipped.name,
            shipped=str(shipped),
            installed=str(installed),
            missing=not installed.exists(),
            differs=installed.exists() and installed.read_bytes() != shipped.read_bytes(),
            drop_in_missing=shipped.suffix == ".service" and not _same(drop_ins / DROP_IN, shipped_in / "common.conf"),
            own_drop_ins=tuple(sorted(own)),
        )


def _same(path: Path, other: Path) -> bool:
    return path.exists() and path.read_bytes() == other.read_bytes()


def needing_reload(units: Sequence[str]) -> list[str]:
    """Return the units whose files have changed since systemd read them. Raises Transient."""
    text = systemctl("show", "--property=NeedDaemonReload", "--value", *units)
    return [unit for unit, said in zip(units, text.split(), strict=False) if said == "yes"]


def is_active(unit: str) -> bool:
    """Tell whether a unit is active."""
    try:
        return systemctl("is-active", unit).strip() == "active"
    except Transient:
        return False
