"""A bot that writes into one chat. Its token is a part of every address, so no address ever leaves this file.

429, 408, 425, 5xx, time-outs, broken connections and answers of 200 that are not Telegram's are Transient; 500 is
Faulted, for the message may be its cause. A refusal of the token or of the chat is Misdirected, and so is a 3xx or 4xx
that is not Telegram's own; every other 4xx is Permanent.
"""

import logging
import re
from typing import NamedTuple

import requests

from volspike.clients import limits, refusals
from volspike.clients.errors import Faulted, Misdirected, Permanent, Transient, Unanswered
from volspike.clients.reasons import reason, was_sent
from volspike.clients.telegram import wire
from volspike.runtime.closing import Closing

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = (3.05, 10.0)
"""To connect, a little more than the time after which a lost packet is sent again; and between two packets."""
HTTP_OK = 200
HTTP_BAD_REQUEST = 400
REMEDIES = {
    401: "; is TELEGRAM_TOKEN right?",
    403: "; may the bot write into CHAT_ID?",
    404: "; are TELEGRAM_TOKEN and TELEGRAM_API_URL right?",
}


class _Response(NamedTuple):
    """What came back, whoever sent it."""

    status: int
    content: bytes
    retry_after: str


class Bot(Closing):
    """A bot and its chat: a number, negative for groups and channels, or the @name of a public one.

    A proxy of the environment is used, except to this machine.
    """

    def __init__(self, url: str, token: str, chat: str, *, timeout: tuple[float, float] = TIMEOUT_SECONDS) -> None:
        """Prepare to ask the Bot API at `url`."""
        self._url = url
        self._token = token
        self._chat = chat
        self._timeout = timeout
        self._session = limits.session(url)

    def close(self) -> None:
        """Close what is open."""
        self._session.close()

    def send(self, text: str) -> None:
        """Write `text`, at most 4096 characters, into the chat.

        A group that has become a supergroup has another number, by which Telegram calls it from then on. The bot
        follows it and says so once, for the alerts must go on while the setting is still the old one.
        """
        response = self._post(text)
        answer = wire.parse_answer(response.content)
        moved_to = answer.parameters.migrate_to_chat_id if answer else None
        if moved_to is not None and str(moved_to) != self._chat:
            log.warning("the chat has become a supergroup: set CHAT_ID", extra={"chat": self._chat, "now": moved_to})
            self._chat = str(moved_to)
            response = self._post(text)
            answer = wire.parse_answer(response.content)
        if response.status != HTTP_OK or answer is None or not answer.ok:
            raise self._refusal(response, answer)

    def _post(self, text: str) -> _Response:
        try:
            response = self._session.post(
                f"{self._url}/bot{self._token}/sendMessage",
                data=wire.message(self._chat, text),
                headers={"Content-Type": "application/json", "User-Agent": "volspike"},
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            )
            content = limits.content(response, limits.LARGEST)
        except requests.RequestException as error:
            problem = f"Telegram cannot be reached at {self._url}: {reason(error)}"
            kind = Unanswered if was_sent(error) else Transient
        else:
            return _Response(response.status_code, content, response.headers.get("Retry-After", ""))
        # Outside the handler: the library's error quotes the address, and must not even be this one's context.
        raise kind(problem)

    def _refusal(self, response: _Response, answer: wire.Answer | None) -> Transient | Permanent:
        """Return what an answer other than success means."""
        status = response.status
        said = answer.description.replace(self._token, "(token)") if answer else "not an answer of Telegram's"
        told = f"Telegram answered HTTP {status}: {said or 'no reason given'}"
        if status == refusals.FAULT:
            return Faulted(told)
        if status == HTTP_OK and answer is None:  # cut off, and perhaps that of one who has taken it
            return Unanswered(told)
        if status > refusals.FAULT or status in refusals.LATER or status == HTTP_OK:
            return Transient(told, _retry_after(response, answer))
        if answer is None or status in REMEDIES:
            return Misdirected(told + REMEDIES.get(status, ""), status)
        if status == HTTP_BAD_REQUEST and wire.concerns_chat(said):
            return Misdirected(f"{told} (CHAT_ID={self._chat})", status)
        return Permanent(told, status)


def _retry_after(response: _Response, answer: wire.Answer | None) -> float | None:
    """Return the seconds that Telegram asks for, or whoever answered instead of it; a date is not understood."""
    if answer and answer.parameters.retry_after is not None:
        return max(0.0, answer.parameters.retry_after)
    said = response.retry_after
    return float(said) if re.fullmatch(r"[0-9]{1,6}", said) else None
