"""Locks of the suite, held by the test in the place of a process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from volspike.state import file


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a lock, as its process does for as long as it lives."""
    path.parent.mkdir(exist_ok=True)
    descriptor = file.hold(path)
    assert descriptor is not None
    try:
        yield
    finally:
        os.close(descriptor)
