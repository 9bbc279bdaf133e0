"""The packages that are installed beside this one, held against the lock file of the release."""

import re
from importlib import metadata
from pathlib import Path

import volspike

_PINNED = re.compile(r"^([\w.-]+)==(\S+)( ;)?", re.MULTILINE | re.ASCII)


def lock_file() -> Path:
    """Return the lock file: inside an installed release, or at the top of a checkout."""
    package = Path(volspike.__file__).parent
    installed = package / "share" / "requirements.lock"
    return installed if installed.exists() else package.parent / "requirements.lock"


def differing(lock: str) -> dict[str, str]:
    """Return the packages that are not as a lock file has them, each with how it is instead.

    One that is locked for some machines only may be missing.
    """
    found = {}
    for name, wanted, conditional in _PINNED.findall(lock):
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            if not conditional:
                found[name] = "is missing"
            continue
        if version != wanted:
            found[name] = f"is {version} instead of {wanted}"
    return found
