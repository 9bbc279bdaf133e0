"""An HTTP server in the place of the suite's own API."""

from collections.abc import Iterator

import pytest

from tests.unit.answers import AnsweringServer


@pytest.fixture
def api() -> Iterator[AnsweringServer]:
    """A funding API without any answers yet."""
    with AnsweringServer() as server:
        yield server
