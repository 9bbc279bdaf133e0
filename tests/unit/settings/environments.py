"""An environment with nothing of the suite's in it, and what is wrong with others."""

import pytest

from volspike import settings
from volspike.settings import Problem, SettingsError

MINIMAL = {"HOME": "/home/someone", "XDG_RUNTIME_DIR": "/run/user/1000"}


def problems(**environment: str) -> list[Problem]:
    """Return what is wrong with an environment."""
    with pytest.raises(SettingsError) as refused:
        settings.load({**MINIMAL, **environment})
    return refused.value.problems
