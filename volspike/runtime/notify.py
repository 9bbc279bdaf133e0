"""What a daemon tells whoever supervises it, over sd_notify(3)."""

import os
import time

import sdnotify

MIN_PING_SECONDS = 1.0


class Notifier:
    """Readiness, a status sentence, and a sign of life; silent where nobody asked (no NOTIFY_SOCKET).

    The watchdog runs on the machine's own time, whatever the suite's clock says, so pings are paced by that.
    """

    def __init__(self) -> None:
        self._socket = sdnotify.SystemdNotifier(debug=False)
        self._watched = "WATCHDOG_USEC" in os.environ
        self._pinged_at = 0.0
        self._status = ""

    def ready(self, status: str) -> None:
        """Say that the daemon does its work now."""
        self._status = status
        self._socket.notify(f"READY=1\nSTATUS={status}")

    def status(self, status: str) -> None:
        """Say in a sentence for people what the daemon does, when that has changed."""
        if status != self._status:
            self._status = status
            self._socket.notify(f"STATUS={status}")

    def alive(self) -> None:
        """Feed the watchdog; call it from work only, never from a timer."""
        if not self._watched:
            return
        now = time.monotonic()
        if now - self._pinged_at >= MIN_PING_SECONDS:
            self._pinged_at = now
            self._socket.notify("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that the daemon is on its way out."""
        self._socket.notify("STOPPING=1")
