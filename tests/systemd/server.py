"""A server of an operator: a machine with a simulated exchange in it, on which the suite is installed and looked at."""

import json
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.systemd.machine import CHECKOUT, DEPENDENCIES, REPOSITORY, WHEELS, Done, Machine, eventually

FEED = "binance-funding-ws.service"
API = "binance-funding-api.service"
POLLER = "oi-realtime-poller.service"
VOLUME = "volspike.service"
PEOPLE = "user-alert-checker.service"
TELEGRAM = "telegram-channel-poller.service"
COURIER = "volspike-courier.service"
BACKEND = "volspike-backend.service"
DASHBOARD = "volspike-dashboard.service"
MONITOR = "funding-health-check.service"
TIMER = "funding-health-check.timer"
UNIVERSE = "oi-liquid-universe.service"
UNIVERSE_TIMER = "oi-liquid-universe.timer"
BACKUP = "volspike-backup.service"
BACKUP_TIMER = "volspike-backup.timer"
TARGET = "volspike.target"
FUNDING_DAEMONS = (FEED, API)
ALERT_DAEMONS = (POLLER, VOLUME, PEOPLE, TELEGRAM, COURIER, BACKEND)
DAEMONS = (*FUNDING_DAEMONS, *ALERT_DAEMONS, DASHBOARD)
FUNDING_UNITS = (*FUNDING_DAEMONS, TIMER, TARGET)
UNITS = (*DAEMONS, TIMER, UNIVERSE_TIMER, BACKUP_TIMER, TARGET)
EXIT_CGROUP = "219"
CGROUP_ATTEMPTS = 3
EXCHANGE = "http://127.0.0.1:8890"
FUNDING = "http://127.0.0.1:8888"
EMBEDDED = "http://127.0.0.1:3001"
SETTINGS = "/etc/volspike/volspike.env"
STATE_FILE = "/run/volspike/.funding_state.json"
POINTED_AT_THE_EXCHANGE = (
    f"BINANCE_REST_URL={EXCHANGE}\nBINANCE_WS_URL=ws://127.0.0.1:8890\nTELEGRAM_API_URL={EXCHANGE}\n"
    f"TELEGRAM_WEB_URL={EXCHANGE}\n"
    # How busy the machine is that runs the tests says nothing of the suite.
    "CPU_WARNING=off\nCPU_CRITICAL=off\n"
)
A_CHAT = "TELEGRAM_TOKEN=1:demo\nCHAT_ID=-1001\n"
SIMULATOR_UNIT = f"""[Unit]
Description=Test: a simulated exchange
[Service]
ExecStart=/usr/bin/python3 -m volspike simulate --port 8890
Environment=PYTHONPATH={CHECKOUT}:{DEPENDENCIES} PYTHONDONTWRITEBYTECODE=1
WorkingDirectory=/
[Install]
WantedBy=multi-user.target
"""


class Server(Machine):
    """A machine and what an operator does with it."""

    def start_exchange(self) -> None:
        """Start a simulated Binance inside, now and after each boot."""
        self.write("/etc/systemd/system/test-exchange.service", SIMULATOR_UNIT)
        self.run("systemctl", "enable", "--quiet", "--now", "test-exchange.service")

    def bring(self, wheel: Path) -> str:
        """Copy a wheel into it; return where it is there."""
        self.path("/root/dist").mkdir(exist_ok=True)
        shutil.copy(wheel, self.path("/root/dist"))
        return f"/root/dist/{wheel.name}"

    def deploy(self, script: str, *options: str, check: bool = True, timeout: float = 600) -> Done:
        """Run one of the scripts in deploy/."""
        return self.run(f"{CHECKOUT}/deploy/{script}", *options, check=check, timeout=timeout)

    def install(self, wheel: Path, *options: str, check: bool = True) -> Done:
        """Install a wheel, offline; fresh data may take as long as on a busy machine."""
        patience = () if "--within" in options else ("--within", "240")
        return self.deploy(
            "install.sh", "--wheel", self.bring(wheel), "--wheels", str(WHEELS), *patience, *options, check=check
        )

    # --- what is seen from outside ------------------------------------------------------------------------------

    def ask(self, url: str, *options: str) -> tuple[int, Any]:
        """Return status and JSON of an HTTP answer; status 0 when there is none."""
        curl = ("curl", "--silent", "--max-time", "3", "--write-out", r"\n%{http_code}")
        done = self.run(*curl, *options, url, check=False)
        body, _, status = done.out.rpartition("\n")
        return int(status), json.loads(body) if status != "000" and body else None

    def fault(self, **wanted: str) -> None:
        """Start a fault at the exchange."""
        self.run("curl", "--silent", "--fail", "--data", json.dumps(wanted), f"{EXCHANGE}/sim/faults")

    def updated_at(self) -> float:
        """Return when the data that the API serves for BTCUSDT was received; 0 when it serves none."""
        status, row = self.ask(f"{FUNDING}/funding/BTCUSDT")
        return float(row["updatedAt"]) if status == 200 else 0.0

    def written_at(self) -> float:
        """Return when the feed last wrote its state file, without asking the API; 0 when there is none."""
        try:
            return float(json.loads(self.path(STATE_FILE).read_bytes())["updated_at"])
        except FileNotFoundError:
            return 0.0

    def wait_for_data_after(self, moment: float, seconds: float) -> float:
        """Wait until the API serves data that was received after a moment; return how long that took."""
        return eventually(lambda: self.updated_at() > moment, seconds, "fresh data")

    def is_up(self, units: Sequence[str] = UNITS) -> bool:
        """Tell whether all units are active."""
        done = self.run("systemctl", "is-active", *units, check=False)
        return done.out.split() == ["active"] * len(units)

    def failed_units(self) -> list[str]:
        """Return the units that have failed, whosever they are, but for those that only lost their cgroup."""
        done = self.run("systemctl", "list-units", "--state=failed", "--plain", "--no-legend", "--full")
        units = [line.split()[0] for line in done.out.splitlines()]
        return [unit for unit in units if not self.lost_its_cgroup(unit)]

    def lost_its_cgroup(self, unit: str) -> bool:
        """Tell whether the last start of a unit failed for what only a host with cgroup v1 does.

        There the word that the last run's cgroup is empty comes late, and systemd then removes that of a run which has
        begun within the same moment: a timer's right after ours, say.
        """
        return self.show(unit, "ExecMainStatus") == EXIT_CGROUP

    # --- processes ----------------------------------------------------------------------------------------------

    def pid(self, unit: str) -> str:
        """Return the main process of a unit, as numbered inside."""
        return self.show(unit, "MainPID")

    def pids(self) -> dict[str, str]:
        """Return the main process of each daemon."""
        return {unit: self.pid(unit) for unit in DAEMONS}

    def signal(self, unit: str, name: str) -> float:
        """Send a signal to a unit's main process; return when."""
        self.run("kill", f"-{name}", self.pid(unit))
        return time.time()

    def release(self) -> str:
        """Return the release that `current` points at."""
        return Path(self.run("readlink", "/opt/volspike/current").out.strip()).name

    def releases(self) -> list[str]:
        """Return what is in the directory of releases."""
        return self.run("ls", "-A", "/opt/volspike/releases").out.split()

    def look(self) -> Done:
        """Let the health monitor look now, in its own unit; return what that look has logged."""
        cursors: list[str] = []

        def is_known_what_came_before() -> bool:
            """Tell of no look that has begun before the cursor, however late this is."""
            shown = self.run("journalctl", "--no-pager", "--lines=0", "--show-cursor").out
            cursors.append(shown.split("-- cursor: ")[-1].strip())
            return self.show(MONITOR, "ActiveState") != "activating"

        eventually(is_known_what_came_before, 120, "the end of the look that is going on")
        for attempt in range(CGROUP_ATTEMPTS):
            time.sleep(attempt)
            self.run("systemctl", "reset-failed", MONITOR, check=False)
            done = self.run("systemctl", "start", MONITOR, check=False)
            if not self.lost_its_cgroup(MONITOR):
                break
        logged = ("journalctl", "--no-pager", "--output=cat", f"--unit={MONITOR}", f"--after-cursor={cursors[-1]}")
        return Done(done.code, self.run(*logged).out)


# --- wheels -------------------------------------------------------------------------------------------------------


def build_wheel(directory: Path, wheels: Path) -> Path:
    """Build the wheel of this checkout."""
    command = [str(REPOSITORY / "deploy/build-wheel.sh"), str(directory), sys.executable, str(wheels)]
    subprocess.run(command, check=True)
    return next(directory.glob("*.whl"))


def changed_wheel(
    wheel: Path,
    directory: Path,
    version: str = "",
    files: Mapping[str, str] | None = None,
    without: Container[str] = (),
) -> Path:
    """Return a copy of a wheel with another version, with other files in the package, or without some."""
    directory.mkdir(parents=True, exist_ok=True)
    _, old, *tags = wheel.name.split("-")
    version = version or old
    changed = directory / "-".join(("volspike", version, *tags))
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            if entry.filename in without:
                continue
            content = source.read(entry)
            if entry.filename.endswith((".dist-info/METADATA", ".dist-info/RECORD", "volspike/__init__.py")):
                content = re.sub(rf"(?<![\d.]){re.escape(old)}(?!\d)", version, content.decode()).encode()
            if files and entry.filename in files:
                content = files[entry.filename].encode()
            entry.filename = entry.filename.replace(f"-{old}.dist-info", f"-{version}.dist-info")
            target.writestr(entry, content)
    return changed
