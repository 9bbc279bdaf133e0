"""Where the courier delivers: the backends of the settings and where people read, each with its own way of failing."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from volspike.clients.apprise.service import Service
from volspike.clients.backend.client import Backend
from volspike.clients.discord import channel, wire
from volspike.clients.errors import Misdirected
from volspike.clients.telegram.bot import Bot
from volspike.delivery.carrier import Carrier, Returns
from volspike.delivery.route import BackendRoute, ChatRoute, Route
from volspike.model.delivery import BACKEND, BACKEND_DEV, DISCORD, TELEGRAM
from volspike.rules import delivery
from volspike.settings import Settings, require_backend_key

log = logging.getLogger(__name__)


def routes(settings: Settings, returns: Returns, stack: ExitStack) -> list[Route]:
    """Return the ways to all destinations; `stack` closes them. Raises SettingsError without a key for a backend."""
    if settings.uses_embedded_backend:
        require_backend_key(settings)
    if not settings.people:
        log.info("neither TELEGRAM_TOKEN nor Discord nor NOTIFY_URLS is set: people are told nothing")
    for doubt in settings.doubts:
        log.warning("%s", doubt)
    found = [
        *_backends(settings, returns, stack),
        *_chat(settings, returns, stack),
        *_discord(settings, returns, stack),
        *_services(settings, returns),
    ]
    for route in found:
        stack.callback(route.close)
    return found


def _backends(settings: Settings, returns: Returns, stack: ExitStack) -> Iterator[Route]:
    for destination, url, key in (
        (BACKEND, settings.backend_url, settings.backend_key),
        (BACKEND_DEV, settings.backend_dev_url, settings.backend_dev_key),
    ):
        if url:
            backend = stack.enter_context(Backend(url, key, connections=delivery.WIDTH))
            carrier = Carrier(destination, returns, settings.clock.monotonic, delivery.WIDTH)
            yield BackendRoute(carrier, fingerprint(url, key), backend.deliver)


def _chat(settings: Settings, returns: Returns, stack: ExitStack) -> Iterator[Route]:
    if not settings.has_chat:
        return
    url, token, chat = settings.telegram_api_url, settings.telegram_token, settings.chat_id
    bot = stack.enter_context(Bot(url, token, chat))
    carrier = Carrier(TELEGRAM, returns, settings.clock.monotonic, 1)
    yield ChatRoute(carrier, fingerprint(url, token, chat), bot.send, group=delivery.is_group(chat))


def _discord(settings: Settings, returns: Returns, stack: ExitStack) -> Iterator[Route]:
    given = settings.discord
    if not given.configured:
        return
    by_hook = channel.by_hook(given.webhook) if given.webhook else None
    opened = stack.enter_context(by_hook or channel.by_bot(given.api_url, given.token, given.channel))
    carrier = Carrier(DISCORD, returns, settings.clock.monotonic, 1)
    yield ChatRoute(carrier, fingerprint(*given), opened.send, group=True, longest=wire.LONGEST)


def _services(settings: Settings, returns: Returns) -> Iterator[Route]:
    """Yield the ways by Apprise; one whose address is wrong is paused by its first alert and hinders no other."""
    for name, url in settings.notify_urls.items():
        carrier = Carrier(name, returns, settings.clock.monotonic, 1)
        try:
            service = Service(name, url)
        except Misdirected as error:
            yield ChatRoute(carrier, fingerprint(url), partial(_misdirected, str(error)), group=True)
        else:
            longest, measure = service.longest, service.measure
            yield ChatRoute(carrier, fingerprint(url), service.send, group=True, longest=longest, measure=measure)


def _misdirected(problem: str, _text: str) -> None:
    raise Misdirected(problem)


def fingerprint(*parts: str) -> str:
    """Return what tells these settings from others; it is too short to find out what they are."""
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=4).hexdigest()
