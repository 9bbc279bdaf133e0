"""Ports of loopback for whatever the tests start there: each is given once, to one process of tests."""

import socket
from collections.abc import Iterator

PORTS = range(20_000, 32_000)
"""Below those that the kernel gives to whoever connects or wants any port."""
PORTS_AT_ONCE = 400


def _ports() -> Iterator[int]:
    """Yield ports that nobody listens on, each once; no two processes of tests are given the same."""
    for first in PORTS[::PORTS_AT_ONCE]:
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0volspike-test-ports-{first}")
        except OSError:
            claim.close()
            continue
        claim.detach()  # it holds as long as this process lives
        yield from filter(_is_free, range(first, first + PORTS_AT_ONCE))
    raise AssertionError(f"all ports from {PORTS[0]} to {PORTS[-1]} have been given")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def free_port(_ports: Iterator[int] = _ports()) -> int:  # noqa: B008 - where it has got to is the point
    """Return a port that nobody listens on and that nobody else will be given, never the same twice."""
    return next(_ports)
