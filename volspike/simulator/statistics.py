"""What the simulator has seen: counters for tests and for the curious."""

from collections import Counter, deque
from dataclasses import dataclass, field

KEPT_CLOSED = 100


@dataclass(slots=True)
class Traffic:
    """REST requests of one address."""

    requests: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)


@dataclass(slots=True)
class Statistics:
    """Counters since the start."""

    connections_opened: int = 0
    frames_sent: int = 0
    bytes_sent: int = 0
    pings_sent: int = 0
    pongs_received: int = 0
    requests: dict[str, Counter[int]] = field(default_factory=dict)
    clients: dict[str, Traffic] = field(default_factory=dict)
    closed: deque[dict[str, object]] = field(default_factory=lambda: deque(maxlen=KEPT_CLOSED))

    def count(self, client: str, path: str, status: int) -> None:
        """Count a REST request; status 0 stands for a connection that was cut without an answer."""
        self.requests.setdefault(path, Counter())[status] += 1
        traffic = self.clients.setdefault(client, Traffic())
        traffic.requests[path] += 1
        traffic.statuses[status] += 1

    def total(self, status: int) -> int:
        """Return how many requests were answered with `status`."""
        return sum(counted[status] for counted in self.requests.values())
