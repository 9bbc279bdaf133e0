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
        self._supervisor = sdnotify.SystemdNotifier(debug=False) if os.environ.get("NOTIFY_SOCKET") else None
        if self._supervisor is not None and self._supervisor.socket is not None:
            self._supervisor.socket.setblocking(False)  # a supervisor that does not read must not stop its daemons
        self._watched = "WATCHDOG_USEC" in os.environ
        self._pinged_at = 0.0
        self._status = ""

    def ready(self, status: str) -> None:
        """Say that the daemon does its work now."""
        self._status = status
        self._tell("READY=1", f"STATUS={status}")

    def status(self, status: str) -> None:
        """Say in a sentence for people what the daemon does, when that has changed."""
        if status != self._status:
            self._status = status
            self._tell(f"STATUS={status}")

    def alive(self) -> None:
        """Feed the watchdog; call it from work only, never from a timer."""
        if not self._watched:
            return
        now = time.monotonic()
        if now - self._pinged_at >= MIN_PING_SECONDS:
            self._pinged_at = now
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that the daemon is on its way out; nothing is said after it."""
        self._tell("STOPPING=1")
        if self._supervisor is not None and self._supervisor.socket is not None:
            self._supervisor.socket.close()

    def _tell(self, *lines: str) -> None:
        if self._supervisor is not None:
            message = "\n".join(" ".join(line.splitlines()) for line in lines)
            # sdnotify encodes as Latin-1 and keeps quiet of what it cannot; systemd reads UTF-8.
            self._supervisor.notify(message.encode().decode("latin-1"))
