"""Counters."""

from volspike.simulator.statistics import KEPT_CLOSED, Statistics


def test_requests_are_counted_by_path_status_and_client() -> None:
    seen = Statistics()

    for client, path, status in (("a", "/x", 200), ("a", "/x", 429), ("b", "/y", 429)):
        seen.count(client, path, status)

    assert seen.requests == {"/x": {200: 1, 429: 1}, "/y": {429: 1}}
    assert seen.total(429) == 2
    assert seen.clients["a"].requests == {"/x": 2}
    assert seen.clients["b"].statuses == {429: 1}


def test_only_the_last_closed_connections_are_kept() -> None:
    seen = Statistics()

    seen.closed.extend({"number": number} for number in range(500))

    assert len(seen.closed) == KEPT_CLOSED
