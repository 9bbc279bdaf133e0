"""What the columns of a table ask of the browser, and what is there of it."""

import re
from collections.abc import Iterable, Mapping

from volspike.dashboard.app import STATIC

SCRIPTS = "".join((STATIC / name).read_text(encoding="utf-8") for name in ("volspike.js", "suite.js"))


def asked_for(group: str, *options: Mapping[str, object]) -> set[str]:
    """Return the functions of `volspike.cells` and of a group beside it that are named in options."""
    return {
        name
        for each in options
        for key, value in each.items()
        if key.startswith(":")
        for name in re.findall(rf"volspike\.(?:cells|{group})\.(\w+)", str(value))
    }


def unwritten(names: Iterable[str]) -> list[str]:
    """Return those of these functions that no script has."""
    return [name for name in names if not re.search(rf"\b{name}\b[:,]", SCRIPTS)]
