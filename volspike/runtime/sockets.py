"""Listening sockets, and who holds the port when it is taken."""

import errno
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

BACKLOG = 1024
_LISTEN = "0A"


class PortInUseError(Exception):
    """The port is taken; the message names it and, where it can be known, the process that holds it."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there. Raises PortInUseError, or OSError for an address that is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(f"port {port} on {host} is in use by {holder(port)}") from None
        raise
    listener.setblocking(False)
    return listener


class Holder(NamedTuple):
    """Who listens on a port; pid 0 is a process that this user may not see."""

    pid: int
    text: str


def holder(port: int) -> str:
    """Return who listens on a port, as `name (pid n)`, or that it cannot be known."""
    found = find_holder(port)
    return found.text if found else _UNSEEN.text


def find_holder(port: int) -> Holder | None:
    """Return who listens on a port; None when nobody does."""
    inodes = _listening_inodes(port)
    if not inodes:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # not ours to see, or gone meanwhile
            if any(link in inodes for link in _open_files(process)):
                return Holder(int(process.name), f"{(process / 'comm').read_text().strip()} (pid {process.name})")
    return _UNSEEN


_UNSEEN = Holder(0, "another process (not visible to this user)")


def _open_files(process: Path) -> Iterator[str]:
    for descriptor in (process / "fd").iterdir():
        with suppress(OSError):  # a busy process closes some while we look
            yield descriptor.readlink().name


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = Path("/proc/net", table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            _, local, _, state, *rest = re.split(r"\s+", line.strip())
            if state == _LISTEN and int(local.rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{rest[5]}]")
    return inodes
