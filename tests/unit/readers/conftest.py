"""What the readers' tests share with those of the daemons, whose files they read."""

from tests.unit.daemons.conftest import clock, runtime_dir, server, settings

__all__ = ["clock", "runtime_dir", "server", "settings"]
