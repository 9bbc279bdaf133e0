"""One service for people, reached by its Apprise address, which is a secret as a whole.

Apprise is imported by the first of them: it takes some 25 MB, which nobody pays who does not use it.
"""

import re
from urllib.parse import unquote

from volspike.clients import refusals
from volspike.clients.apprise import exchanges
from volspike.clients.apprise.exchanges import Exchange
from volspike.clients.errors import Misdirected, Permanent, Transient, Unanswered
from volspike.clients.reasons import known
from volspike.rules.digest import Measure

LONGEST = 4096
"""The length of one message, where the service takes more: it is to be read."""
LEAST = 100
MOST_SAID = 160
"""Characters of what a service says that are worth keeping."""
_PIECES = re.compile(r"[/:@?&=#,;\s]+")
LEAST_SECRET = 4
"""Shorter pieces of an address are words; without them nothing that is said would be left."""
WRONG_MAIL_CODES = frozenset({530, 534, 535, 538, 550, 551, 553})
"""The mail server does not know the user, the sender or the recipient: no mail will be taken (RFC 5321, RFC 4954)."""
MAIL_LATER = range(400, 500)
UNSAID = "Apprise does not say why"
REMEDY = "; is its address in NOTIFY_URLS right?"


class Service:
    """A service, called `name` in what is said of it."""

    def __init__(self, name: str, url: str) -> None:
        """Prepare to write there. Raises Misdirected when Apprise is missing or knows no such address."""
        exchanges.prepare()
        try:
            from apprise import Apprise, AppriseAsset, NotifyFormat
        except ModuleNotFoundError:
            raise Misdirected(f"{name} needs Apprise, which is not installed: pip install 'volspike[notify]'") from None
        asset = AppriseAsset(app_id="VolSpike", app_desc="VolSpike", image_url_mask="")
        plugin = Apprise.instantiate(url, asset=asset)
        if plugin is None:
            raise Misdirected(f"{name}: Apprise knows no such address{REMEDY}")
        plugin.request_rate_per_sec = 0.0  # whoever sends keeps the pace
        self.longest = max(LEAST, min(LONGEST, int(plugin.body_maxlen)))
        """How long a message may be by its `measure`."""
        self.measure = Measure.BYTE if plugin.secure_protocol == "ntfys" else Measure.CHARACTER
        self._name = name
        self._format = NotifyFormat.TEXT
        self._plugin = plugin
        self._has_subject = url.lower().startswith("mailto")
        self._secrets = sorted(
            {piece for part in _PIECES.split(url) for piece in (part, unquote(part)) if len(piece) >= LEAST_SECRET},
            key=len,
            reverse=True,
        )

    def send(self, text: str) -> None:
        """Tell people a text. Raises Transient or Permanent when the service has not taken it.

        Not by way of Apprise's own dispatcher: its threads would keep a courier from ending.
        """
        subject = text.partition("\n")[0] if self._has_subject else ""
        with exchanges.witnessed() as exchange:
            taken = self._plugin.notify(body=text, title=subject, body_format=self._format)
        if not taken:
            raise self._refusal(exchange)

    def _refusal(self, met: Exchange) -> Transient | Permanent:
        """Return what Apprise's failure means, as far as it can be told."""
        if met.unaddressable:
            return Misdirected(f"{self._name}: no request can be made to such an address{REMEDY}")
        if met.unreachable:
            kind = Unanswered if met.was_sent else Transient
            return kind(f"{self._name} cannot be reached: {met.unreachable}")
        if met.status is not None:
            return self._http_refusal(met, met.status)
        code = met.mail_code
        if code is None:
            return Transient(f"{self._name} has not taken it: {known(' '.join(met.log)) or UNSAID}")
        told = f"{self._name}: the mail server answered {code}"
        if code in WRONG_MAIL_CODES:
            return Misdirected(f"{told}{REMEDY}", code)
        return Transient(told) if code in MAIL_LATER else Permanent(told, code)

    def _http_refusal(self, met: Exchange, status: int) -> Transient | Permanent:
        said = " ".join(self._without_secrets(met.body.decode("utf-8", "replace")).split())[:MOST_SAID]
        told = f"{self._name} answered HTTP {status}: {said or 'no reason given'}"
        if status in range(200, 300):
            return Transient(told)
        wrong = status in refusals.WRONG_DESTINATION or status in refusals.REDIRECTS
        return refusals.refusal(f"{told}{REMEDY if wrong else ''}", status, met.retry_after)

    def _without_secrets(self, told: str) -> str:
        for secret in self._secrets:
            told = told.replace(secret, "(…)")
        return "".join(character if character.isprintable() else " " for character in told)
