"""By which host a service for people is reached, told by its Apprise address without the secrets in it."""

from urllib.parse import urlsplit

HOSTED = {
    "discord": "https://discord.com",
    "pbul": "https://api.pushbullet.com",
    "pover": "https://api.pushover.net",
    "slack": "https://hooks.slack.com",
    "tgram": "https://api.telegram.org",
}
OWN = {
    "form": "http", "forms": "https", "gotify": "http", "gotifys": "https", "json": "http", "jsons": "https",
    "ntfy": "http", "ntfys": "https", "xml": "http", "xmls": "https",
}  # fmt: skip
"""Services whose address begins with a host of their own, by the scheme that they are spoken to in."""
NTFY, NTFY_HOST = ("ntfy", "ntfys"), "https://ntfy.sh"


def origin(url: str) -> str:
    """Return scheme and host by which a service is reached; nothing where only Apprise knows, or nobody."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # no address at all: the courier's own complaint names it
        return ""
    if parts.scheme in NTFY and not parts.path.strip("/"):  # a topic alone is one of the public server
        return NTFY_HOST
    if parts.scheme in OWN and parts.hostname:
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return f"{OWN[parts.scheme]}://{host}{port}"
    return HOSTED.get(parts.scheme, "")
