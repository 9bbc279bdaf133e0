"""Whom the suite speaks to, as `volspike doctor` asks them: Binance for the time, all others for any answer."""

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from volspike.clients.binance import weight
from volspike.clients.binance.rest import Rest
from volspike.clients.errors import Permanent, ShutOut, Transient
from volspike.clients.local import reach
from volspike.model.diagnosis import Symptom
from volspike.model.documents import Ban
from volspike.rules import diagnosis, service_hosts
from volspike.settings import Settings, is_embedded
from volspike.state import documents, emergency

TIMEOUT_SECONDS = (2.0, 5.0)
IN_BETWEEN = "# what is in between"


class Address(NamedTuple):
    """Somebody beside Binance; who is not vital costs only a part of the suite. No secret is in the name."""

    name: str
    url: str
    remedy: str
    vital: bool

    def look(self) -> list[Symptom]:
        """Return whether somebody answers there."""
        return [diagnosis.reached("reach", self.name, reach.problem(self.url), self.remedy, vital=self.vital)]


def addresses(settings: Settings) -> Iterator[Address]:
    """Return whom to ask; the embedded backend is judged by its port, and of a secret address only its host."""
    for name, url, vital in (
        ("backend", settings.backend_url, True),
        ("second backend", settings.backend_dev_url, False),
        ("funding API of another machine", settings.ws_funding_api_url, False),
        ("Telegram's Bot API", settings.telegram_api_url if settings.has_chat else "", True),
        ("Telegram's public web", settings.telegram_web_url if settings.telegram_channels else "", False),
        ("Discord", _discord(settings), True),
        *((f"{name} of NOTIFY_URLS", service_hosts.origin(url), True) for name, url in settings.notify_urls.items()),
    ):
        if url and not is_embedded(url, settings.backend_port):
            at = reach.origin(url)
            yield Address(f"{name} ({at})", url, f"curl -sSI {at}  {IN_BETWEEN}", vital)
    if settings.healthcheck_ping_url:
        mends = "sudo volspike config set HEALTHCHECK_PING_URL"
        yield Address("the host of HEALTHCHECK_PING_URL", settings.healthcheck_ping_url, mends, vital=False)


def _discord(settings: Settings) -> str:
    return (settings.discord_webhook_url or settings.discord_api_url) if settings.discord.configured else ""


def binance(settings: Settings, *, installed: bool) -> Iterator[Symptom]:
    """Ask Binance one small thing, in the reserve that the weight account leaves.

    Nothing while it has shut this machine out, nor during an emergency stop.
    """
    account, now = weight.peek(settings.runtime_dir), settings.clock.now()
    own = documents.reader(documents.health_directory(settings.state_dir) / documents.BAN, Ban).read()
    closed_until = max(account.closed_until if account else 0.0, own.until if own else 0.0)
    yield diagnosis.weight(account, closed_until, now, installed=installed)
    if closed_until > now or emergency.read(settings.state_dir) is not None:
        return
    url, stream = settings.binance_rest_url, reach.origin(settings.binance_ws_url)
    try:
        yield from _clock(settings)
    except ShutOut as error:
        yield diagnosis.weight(account, now + error.seconds, now, installed=installed, asked=True)
        _remember(settings, now + error.seconds)
        return
    except (Transient, Permanent) as error:
        yield diagnosis.bad("reach", f"Binance over REST: {error}", f"curl -sS {url}/fapi/v1/ping  {IN_BETWEEN}")
    streams, remedy = f"Binance's stream ({settings.binance_ws_url})", f"curl -sSI {stream}  {IN_BETWEEN}"
    yield diagnosis.reached("reach", streams, reach.problem(settings.binance_ws_url), remedy, vital=True)


def _remember(settings: Settings, closed_until: float) -> None:
    """Tell the machine's weight account of a ban: whoever asks during one makes it longer."""
    with (
        suppress(OSError),
        weight.WeightAccount(settings.runtime_dir, settings.clock) as account,
    ):  # no suite, no account
        account.close_until(closed_until)


def _clock(settings: Settings) -> Iterator[Symptom]:
    """Hold the clocks against each other; what the round trip may explain is no difference."""
    rest = Rest(settings.binance_rest_url, settings.clock, account=None, timeout=TIMEOUT_SECONDS)
    before = settings.clock.now()
    theirs = rest.server_time()
    after = settings.clock.now()
    yield diagnosis.ok("reach", f"Binance over REST ({settings.binance_rest_url}) answers")
    yield diagnosis.skew(max(0.0, theirs - after) or min(0.0, theirs - before))
