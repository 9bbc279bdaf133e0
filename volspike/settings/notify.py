"""Who is told of what, and when: from the text of those variables to their values. Raises ValueError."""

import re
from collections.abc import Mapping
from datetime import time
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from volspike.model.delivery import BACKEND, BACKEND_DEV, TELEGRAM, Destination, Kind
from volspike.rules.quiet import QuietHours

TOLD = (Kind.VOLUME, Kind.OPEN_INTEREST, Kind.HEALTH)
"""What people may be told of; a user's trigger is the backend's to tell."""
TOLD_UNASKED = (Kind.VOLUME, Kind.HEALTH)
"""What people are told of as long as nobody says otherwise."""
OWN_NAMES = frozenset({BACKEND, BACKEND_DEV, TELEGRAM})
_NAMED = re.compile(r"(?:(?P<name>[a-z][a-z0-9-]{0,30})=)?(?P<url>[A-Za-z][A-Za-z0-9+.-]*://\S+)")
_COMMON_NAMES = {"mailto": "email", "mailtos": "email"}
"""Names of services whose scheme is not what people call them; the others lose the `s` of their secure variety."""
_SECURE = frozenset({"ntfys", "jsons", "xmls", "forms", "gotifys", "mmosts", "rockets", "matrixs", "apprises"})
_DISCORD_HOOK = re.compile(r"https?://[^/?#\s]+/(?:\S+/)?webhooks/\d+/[\w-]+(?:\?thread_id=\d+)?")


class Discord(NamedTuple):
    """How Discord is reached: by a webhook, which is a secret as a whole, or by a bot in a channel."""

    webhook: str
    token: str
    channel: str
    api_url: str

    @property
    def configured(self) -> bool:
        """Tell whether there is enough to write there."""
        return bool(self.webhook or (self.token and self.channel))


def rules(text: str) -> Mapping[Kind, tuple[Destination, ...]]:
    """Take `kind:destination,destination; kind:destination` for the kinds of alerts that people may be told of."""
    found: dict[Kind, tuple[Destination, ...]] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        word, separator, names = part.partition(":")
        kind = Kind(word.strip())
        if not separator or kind not in TOLD or kind in found:
            raise ValueError(text)
        found[kind] = tuple(dict.fromkeys(Destination(name.strip()) for name in names.split(",") if name.strip()))
    return found


def urls(text: str) -> Mapping[Destination, str]:
    """Take addresses of Apprise with spaces between them, each a destination of its own; `name=` in front names it."""
    found: dict[Destination, str] = {}
    for word in text.split():
        parts = _NAMED.fullmatch(word)
        if parts is None or word.count("://") > 1:
            raise ValueError(text)
        name = Destination(parts["name"] or _name(parts["url"]))
        if name in OWN_NAMES or name in found:
            raise ValueError(text)
        found[name] = parts["url"]
    return found


def _name(url: str) -> str:
    """Return what people call the service of an address: its scheme, or its domain where that is but a web page's."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https"):
        return (parts.hostname or "").rpartition(".")[0].rpartition(".")[2] or parts.scheme
    name = parts.scheme.removesuffix("s") if parts.scheme in _SECURE else parts.scheme
    return _COMMON_NAMES.get(name, name)


def discord_hook(text: str) -> str:
    """Take the address of a webhook, as Discord gives it, or nothing."""
    if text and not _DISCORD_HOOK.fullmatch(text):
        raise ValueError(text)
    return text


def discord_channel(text: str) -> str:
    """Take the number of a channel, or nothing."""
    if not re.fullmatch(r"\d{0,20}", text, re.ASCII):
        raise ValueError(text)
    return text


def quiet_hours(text: str) -> QuietHours | None:
    """Take `22:00-07:00 Europe/Berlin`, UTC without a zone, or nothing."""
    if not text:
        return None
    found = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)(?:\s+(\S+))?", text, re.ASCII)
    if found is None or found[1] == found[2]:
        raise ValueError(text)
    try:
        zone = ZoneInfo(found[3] or "UTC")
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError(text) from None
    return QuietHours(time.fromisoformat(found[1]), time.fromisoformat(found[2]), zone)
