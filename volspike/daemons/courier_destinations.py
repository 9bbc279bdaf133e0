"""Where the courier delivers: the backends and the chat of the settings, each with its own way of failing."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import ExitStack

from volspike.clients.backend.client import Backend
from volspike.clients.telegram.bot import Bot
from volspike.delivery.carrier import Carrier, Returns
from volspike.delivery.route import BackendRoute, ChatRoute, Route
from volspike.model.delivery import BACKEND, BACKEND_DEV, TELEGRAM
from volspike.rules import delivery
from volspike.settings import Settings, require_backend_key

log = logging.getLogger(__name__)


def routes(settings: Settings, returns: Returns, stack: ExitStack) -> list[Route]:
    """Return the ways to all destinations; `stack` closes them. Raises SettingsError without a key for a backend."""
    if settings.uses_embedded_backend:
        require_backend_key(settings)
    found = [*_backends(settings, returns, stack), *_chat(settings, returns, stack)]
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
        log.info("no TELEGRAM_TOKEN is set: nothing is told in a chat")
        return
    url, token, chat = settings.telegram_api_url, settings.telegram_token, settings.chat_id
    bot = stack.enter_context(Bot(url, token, chat))
    carrier = Carrier(TELEGRAM, returns, settings.clock.monotonic, 1)
    yield ChatRoute(carrier, fingerprint(url, token, chat), bot.send, group=delivery.is_group(chat))


def fingerprint(*parts: str) -> str:
    """Return what tells these settings from others; it is too short to find out what they are."""
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=4).hexdigest()
