"""A server in the place of whomever a client asks."""

from collections.abc import Iterator

import pytest

from tests.unit.answers import AnsweringServer


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    with AnsweringServer() as running:
        yield running
