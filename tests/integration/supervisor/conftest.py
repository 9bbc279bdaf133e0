"""A suite over real children, as the unit tests have it."""

from tests.unit.supervisor.conftest import environment, lock, signals

__all__ = ["environment", "lock", "signals"]
