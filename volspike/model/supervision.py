"""What `volspike up` writes down about the daemons that it keeps alive in the foreground."""

from msgspec import Struct

from volspike.model.health import UnitState


class Supervision(Struct, frozen=True):
    """`.supervision.json`: the state of every child of a running `volspike up`, in systemd's words."""

    version: int
    pid: int
    simulated: bool
    environment: dict[str, str]
    """The variables with which another command finds and understands this suite."""
    units: list[UnitState]
