"""Whether this machine keeps its clock right, in the words of timedatectl."""

import subprocess

from volspike.model.diagnosis import TimeState

TIMEOUT_SECONDS = 5
_SAID = {"yes": True, "no": False}


def look() -> TimeState:
    """Return what timedatectl says; unknown where it is not installed, or has nobody to ask."""
    command = ["timedatectl", "show", "--property=NTP", "--property=NTPSynchronized"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return TimeState(None, None)
    said = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    return TimeState(_SAID.get(said.get("NTPSynchronized", "")), _SAID.get(said.get("NTP", "")))
