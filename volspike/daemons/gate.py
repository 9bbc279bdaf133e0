"""The gate of an emergency stop, through which every daemon goes that asks or tells others.

A flag that appears while the daemon works stops it as a signal would, but for a second at most; then the process begins
anew under the same number, which cuts off whatever is still under way, and waits here until the flag has gone. So one
mechanism holds for all daemons, for systemd and `volspike up`, and after a reboot.
"""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from volspike.model.suite import daemon_named
from volspike.rules import emergency as rules
from volspike.runtime.daemon import Daemon
from volspike.state import emergency

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"""How late, at most, a stop or its end is noticed: seconds of this machine, whatever the suite's clock does."""
GRACE_SECONDS = 1.0
"""How long what is under way may take to end in order."""


def guarded(daemon: Daemon, state_dir: Path, work: Callable[[], int], *, waits: bool) -> int:
    """Return the exit code of `work`, which begins only while there is no emergency stop.

    Where there is one it is waited for its end, or, without `waits`, nothing is done.
    """
    if not _passed(daemon, state_dir, waits=waits):
        return 0
    watch = Watch(daemon, state_dir)
    try:
        code = work()
    finally:
        watch.end()
    if watch.has_struck and not daemon.signalled:
        _begin_anew()
    return code


def _passed(daemon: Daemon, state_dir: Path, *, waits: bool) -> bool:
    """Tell whether the way is free; a signal ends the waiting for it."""
    stop = emergency.read(state_dir)
    if stop is None:
        return True
    said = rules.sentence(stop)
    log.warning("%s; %s ends it", said, rules.RESUME)
    if not waits:
        daemon.announce(rules.undone(stop), next_due_seconds=daemon_named(daemon.name).every_seconds)
        return False
    daemon.ready(said)
    while emergency.is_on(state_dir) and not daemon.stopping:
        stop = emergency.read(state_dir) or stop  # it may have been resumed and ordered anew between two looks
        daemon.progress(rules.sentence(stop))
        daemon.pause(LOOK_SECONDS * daemon.clock.rate)
    if not daemon.stopping:
        log.warning("the emergency stop is over: going on")
    return not daemon.stopping


class Watch:
    """A thread that looks for the flag while the daemon works."""

    def __init__(self, daemon: Daemon, state_dir: Path) -> None:
        self.has_struck = False
        self._daemon = daemon
        self._state_dir = state_dir
        self._over = threading.Event()
        threading.Thread(target=self._look, name="emergency-stop", daemon=True).start()

    def end(self) -> None:
        """Look no longer: the work has ended."""
        self._over.set()

    def _look(self) -> None:
        while not self._over.is_set():
            if emergency.is_on(self._state_dir):
                self._strike()
                return
            time.sleep(LOOK_SECONDS)  # to wait for the event instead would double what this costs

    def _strike(self) -> None:
        log.warning("emergency stop: what is under way has %.0f s to end", GRACE_SECONDS)
        self.has_struck = True
        self._daemon.stop()
        if not self._over.wait(GRACE_SECONDS) and not self._daemon.signalled:
            _begin_anew()


def _begin_anew() -> None:
    """Let this very process begin again; its threads, connections and locks are gone at once."""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
