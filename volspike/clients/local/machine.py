"""How full the machine is, and how busy."""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from volspike.model.health import MachineState
from volspike.model.limits import CpuReading

_MEMINFO = Path("/proc/meminfo")
_STAT = Path("/proc/stat")


def look(directories: Iterable[Path], now: float) -> MachineState:
    """Return how full the disks of these directories and the memory are, and the CPUs' counters as of now."""
    return MachineState(_disks(directories), _memory_share(), _cpu(now))


def _disks(directories: Iterable[Path]) -> dict[str, float]:
    """Return how full each disk is, by the first of the directories on it; what cannot be seen is unknown."""
    shares: dict[int, tuple[str, float]] = {}
    for path in directories:
        with suppress(OSError):
            shares.setdefault(path.stat().st_dev, (str(path), _used_share(path)))
    return dict(shares.values())


def _used_share(path: Path) -> float:
    usage = shutil.disk_usage(path)
    return usage.used / (usage.used + usage.free) if usage.used + usage.free else 0.0


def _memory_share() -> float | None:
    try:
        lines = _MEMINFO.read_text().splitlines()
    except OSError:
        return None
    kilobytes = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    total, available = kilobytes.get("MemTotal", 0), kilobytes.get("MemAvailable", 0)
    return 1 - available / total if total else None


def _cpu(now: float) -> CpuReading | None:
    """Return the CPUs' counters; what waits for a disk is idle, what the hypervisor took is not."""
    try:
        first = _STAT.read_text().partition("\n")[0]
    except OSError:
        return None
    user, nice, system, idle, iowait, irq, softirq, steal = map(int, first.split()[1:9])
    busy = user + nice + system + irq + softirq + steal
    return CpuReading(now, busy, busy + idle + iowait)


def resident_bytes(pid: int) -> int | None:
    """Return the memory that a process has resident; None when it cannot be seen."""
    try:
        lines = Path("/proc", str(pid), "status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), None)
