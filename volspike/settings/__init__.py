"""The suite's settings: environment → frozen Settings. The only reader of the environment's variables.

Each variable is declared once, in `variables`. Every bad value is reported, all of them together; a daemon then
exits with EX_CONFIG (78) and systemd does not restart it.
"""

import os
from pathlib import Path

from volspike.model.suite import EX_CONFIG
from volspike.settings.env_file import (
    PRODUCTION_ENV_FILE,
    commented_variables,
    example,
    read_file,
    strange_variables,
    values_in,
)
from volspike.settings.loading import (
    PRODUCTION_RUNTIME_DIR,
    PRODUCTION_STATE_DIR,
    default_runtime_dir,
    default_state_dir,
    examine,
    given,
    load,
    require_backend_key,
)
from volspike.settings.problems import Problem, SettingsError
from volspike.settings.values import Settings, is_embedded
from volspike.settings.variables import PUBLIC_NAMES, VARIABLES

__all__ = [
    "EX_CONFIG",
    "PRODUCTION_ENV_FILE",
    "PRODUCTION_RUNTIME_DIR",
    "PRODUCTION_STATE_DIR",
    "PUBLIC_NAMES",
    "VARIABLES",
    "Problem",
    "Settings",
    "SettingsError",
    "commented_variables",
    "default_runtime_dir",
    "default_state_dir",
    "environment",
    "examine",
    "example",
    "given",
    "is_embedded",
    "load",
    "of_process",
    "read_file",
    "require_backend_key",
    "strange_variables",
    "values_in",
]


def environment(env_file: Path | None = None) -> dict[str, str]:
    """Return the process's environment, laid over the settings of an env file (default: `.env` in this folder)."""
    return {**read_file(env_file or Path(".env")), **os.environ}


def of_process() -> Settings:
    """Return the settings of this process's own environment alone: what started it has read the files.

    Raises SettingsError with every bad value.
    """
    return load(os.environ)
