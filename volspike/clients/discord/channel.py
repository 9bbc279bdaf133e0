"""A channel of Discord and a way into it: a webhook, whose address is a secret as a whole, or a bot with its token.

Not by way of Apprise, which waits by itself when Discord asks for a pause, sends again, and then tells only that it
did not succeed. Errors are those of `refusals`; an answer cut off, or of 200 that is not Discord's, is Unanswered.
"""

from urllib.parse import urlsplit

import requests

from volspike.clients import limits, refusals
from volspike.clients.discord import wire
from volspike.clients.errors import Misdirected, Permanent, Transient, Unanswered
from volspike.clients.reasons import reason, was_sent
from volspike.runtime.closing import Closing

TIMEOUT_SECONDS = (3.05, 10.0)
HTTP_OK = 200
FOREIGN = frozenset(range(400, 500)) - set(refusals.LATER)
"""Where such an answer is not Discord's, it is of somebody else who is asked in its place."""
HOOK_REMEDIES = {
    401: "; is DISCORD_WEBHOOK_URL right?",
    404: "; is DISCORD_WEBHOOK_URL right, and does the webhook still exist?",
}
BOT_REMEDIES = {
    401: "; is DISCORD_TOKEN right?",
    403: "; may the bot write into the channel of DISCORD_CHANNEL_ID?",
    404: "; is DISCORD_CHANNEL_ID right, and is the bot on that server?",
}


class Channel(Closing):
    """Where messages are written. A proxy of the environment is used, except to this machine."""

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        remedies: dict[int, str],
        timeout: tuple[float, float] = TIMEOUT_SECONDS,
    ) -> None:
        """Prepare to post to `url`; see :func:`by_hook` and :func:`by_bot`."""
        self._url = url
        self._secrets = [secret for secret in (token, urlsplit(url).path) if secret]
        self._remedies = remedies
        self._timeout = timeout
        self._session = limits.session(url)
        self._session.headers.update({"Content-Type": "application/json", "User-Agent": "volspike"})
        if token:
            self._session.headers["Authorization"] = f"Bot {token}"

    def close(self) -> None:
        """Close what is open."""
        self._session.close()

    def send(self, text: str) -> None:
        """Write `text`, at most 2000 characters, into the channel."""
        response, content = self._post(wire.message(text))
        answer = wire.parse_answer(content)
        if response.status_code != HTTP_OK:
            raise self._refusal(response, answer)
        if answer is None:  # cut off, and perhaps that of one who has taken it
            raise Unanswered("Discord answered HTTP 200 with something that is not Discord's")

    def _post(self, body: bytes) -> tuple[requests.Response, bytes]:
        try:
            response = self._session.post(
                self._url, data=body, timeout=self._timeout, allow_redirects=False, stream=True
            )
            return response, limits.content(response, limits.LARGEST)
        except requests.RequestException as error:
            problem = f"Discord cannot be reached at {urlsplit(self._url).netloc}: {reason(error)}"
            kind = Unanswered if was_sent(error) else Transient
        # Outside the handler: the library's error quotes the address, and must not even be this one's context.
        raise kind(problem)

    def _refusal(self, response: requests.Response, answer: wire.Answer | None) -> Transient | Permanent:
        """Return what an answer other than success means."""
        status = response.status_code
        said = self._without_secrets(answer.message) if answer else "not an answer of Discord's"
        told = f"Discord answered HTTP {status}: {said or 'no reason given'}{self._remedies.get(status, '')}"
        retry_after = refusals.seconds(response.headers.get("Retry-After", ""))
        if answer and answer.retry_after is not None:
            retry_after = min(max(0.0, answer.retry_after), refusals.MOST_RETRY_AFTER_SECONDS)
        if answer is None and status in FOREIGN:
            return Misdirected(told, status)
        return refusals.refusal(told, status, retry_after)

    def _without_secrets(self, told: str) -> str:
        for secret in self._secrets:
            told = told.replace(secret, "(secret)")
        return told


def by_hook(url: str) -> Channel:
    """Return the channel of a webhook, which answers only when the message is there."""
    return Channel(f"{url}{'&' if urlsplit(url).query else '?'}wait=true", remedies=HOOK_REMEDIES)


def by_bot(api_url: str, token: str, channel: str) -> Channel:
    """Return a channel that a bot writes into."""
    return Channel(f"{api_url}/channels/{channel}/messages", token=token, remedies=BOT_REMEDIES)
