"""Values that are good each by itself, and contradict each other."""

from collections.abc import Iterator
from typing import NamedTuple

from volspike.model.delivery import DISCORD, TELEGRAM
from volspike.settings import limits
from volspike.settings.problems import Problem
from volspike.settings.values import Settings, is_embedded


class Contradiction(NamedTuple):
    """A problem of values that are good each by itself, and the variables that it comes from."""

    problem: Problem
    variables: tuple[str, ...]


def _wrong(variable: str, value: str, allowed: str, *others: str) -> Contradiction:
    return Contradiction(Problem(variable, value, allowed), (variable, *others))


def contradictions(settings: Settings) -> Iterator[Contradiction]:
    """Yield what is wrong with values that are good each by itself."""
    yield from _missing_keys(settings)
    yield from _unknown_destinations(settings)
    token, api_id, api_hash = "TELEGRAM_TOKEN", "TELEGRAM_API_ID", "TELEGRAM_API_HASH"
    if settings.telegram_token and not settings.chat_id:
        yield _wrong("CHAT_ID", "", f"must be set when {token} is", token)
    if settings.telegram_api_hash and settings.telegram_api_id is None:
        yield _wrong(api_id, "", f"must be set when {api_hash} is", api_hash)
    if settings.telegram_api_id is not None and not settings.telegram_api_hash:
        yield _wrong(api_hash, "", f"must be set when {api_id} is", api_id)
    yield from _shared_ports(settings)
    if settings.liquid_exit_quote_24h > settings.liquid_enter_quote_24h:
        shown, most = f"{settings.liquid_exit_quote_24h:.0f}", "OI_LIQUID_ENTER_QUOTE_24H"
        yield _wrong("OI_LIQUID_EXIT_QUOTE_24H", shown, f"must be at most what {most} is", most)
    if settings.oi_min_interval_seconds > settings.oi_max_interval_seconds:
        shown, most = str(settings.oi_min_interval_seconds), "OI_MAX_INTERVAL_SEC"
        yield _wrong("OI_MIN_INTERVAL_SEC", shown, f"must be at most what {most} is", most)
    for name, critical in limits.inverted(settings.limits):
        least = f"{name}_WARNING"
        yield _wrong(f"{name}_CRITICAL", critical, f"must be at least what {least} is", least)


def _missing_keys(settings: Settings) -> Iterator[Contradiction]:
    for suffix, url, key in (
        ("", settings.backend_url, settings.backend_key),
        ("_DEV", settings.backend_dev_url, settings.backend_dev_key),
    ):
        if url and not key and not is_embedded(url, settings.backend_port):
            allowed = f"must be set for the backend at {url}"
            yield _wrong(f"VOLSPIKE_API_KEY{suffix}", "", allowed, f"VOLSPIKE_API_URL{suffix}", "BACKEND_PORT")
    is_second = is_embedded(settings.backend_dev_url, settings.backend_port)
    if is_second and settings.backend_key and settings.backend_dev_key != settings.backend_key:
        allowed = "must be what VOLSPIKE_API_KEY is, or nothing: the embedded backend has one key"
        others = ("VOLSPIKE_API_KEY", "VOLSPIKE_API_URL_DEV", "BACKEND_PORT")
        yield _wrong("VOLSPIKE_API_KEY_DEV", "(not shown)", allowed, *others)


def _unknown_destinations(settings: Settings) -> Iterator[Contradiction]:
    """Yield the names in NOTIFY_RULES that nothing else has, and those in NOTIFY_URLS that something else has too."""
    known = dict.fromkeys((TELEGRAM, DISCORD, *settings.notify_urls))
    named = dict.fromkeys(name for names in settings.notify_rules.values() for name in names)
    allowed = f"must be one of {', '.join(known)}; names beside telegram and discord come from NOTIFY_URLS"
    for name in named:
        if name not in known:
            yield _wrong("NOTIFY_RULES", name, allowed, "NOTIFY_URLS")
    if settings.discord.configured and DISCORD in settings.notify_urls:
        yield _wrong("NOTIFY_URLS", DISCORD, "must have another name than what DISCORD_… sets")


def _shared_ports(settings: Settings) -> Iterator[Contradiction]:
    taken = {settings.funding_api_port: "FUNDING_API_PORT"}
    ports = [("DASHBOARD_PORT", settings.dashboard_port)]
    urls = ("VOLSPIKE_API_URL", "VOLSPIKE_API_URL_DEV")  # they say whether the backend's port is of use
    if settings.uses_embedded_backend:
        ports.insert(0, ("BACKEND_PORT", settings.backend_port))
    for name, port in ports:
        if port in taken:
            allowed = f"must be another port than {taken[port]}: two services cannot have the same one"
            others = (taken[port], *(urls if "BACKEND_PORT" in (name, taken[port]) else ()))
            yield _wrong(name, str(port), allowed, *others)
        taken.setdefault(port, name)
