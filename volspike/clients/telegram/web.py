"""Reads channels by their public preview pages, without an account.

408, 425, 429, 5xx, time-outs, broken connections and refusals of another kind than those of a channel are Transient;
a redirect and 404 say that there is no such channel to be read. See `channels` for the rest.
"""

import re
import threading
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlsplit

import requests

from volspike.clients import limits, refusals
from volspike.clients.errors import Transient
from volspike.clients.reasons import reason
from volspike.clients.telegram import preview
from volspike.clients.telegram.channels import ChannelGone, ShapeChanged
from volspike.clients.telegram.pages import in_pages
from volspike.clients.telegram.preview import Preview
from volspike.model.news import Channel, Page
from volspike.runtime.clock import Clock

TIMEOUT_SECONDS = (3.05, 10.0)
"""To connect, a little more than the time after which a lost packet is sent again; and between two packets."""
BETWEEN_PAGES_SECONDS = 1.0
"""Telegram owes us nothing: it is asked as often as by a person who scrolls."""
LARGEST_PAGE = 8 << 20
"""Bytes: some twenty times a page of long posts."""
HTTP_OK = 200
HTTP_NOT_FOUND = 404


class WebReader:
    """A reader of channels, for any number of threads; `pause` rests for so many simulated seconds, or raises.

    A proxy of the environment is used, except to this machine.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        pause: Callable[[float], None],
        *,
        timeout: tuple[float, float] = TIMEOUT_SECONDS,
    ) -> None:
        """Prepare to ask for pages below `url`."""
        self._url = url
        self._clock = clock
        self._pause = pause
        self._timeout = timeout
        self._lock = threading.Lock()
        self._next_turn = clock.monotonic()
        self._session = limits.session(url)
        self._session.headers.update({"User-Agent": "volspike", "Accept-Language": "en"})  # 1.2K, not 1,2 тыс.

    def resolve(self, name: str) -> Channel:
        """Return the channel of this name. Raises Transient, ChannelGone or ShapeChanged."""
        page = self._newest(name)
        if page.channel_id is None:
            raise Transient(f"@{name} has no posts yet")
        return Channel(page.channel_id, page.username, page.title)

    def pages(self, channel: Channel, after: int | None) -> Iterator[Page]:
        """Yield what is newer than `after`; None: what the newest page shows.

        The page shows some twenty messages and pages backward only: all that is new is fetched before the first of it
        is yielded. Raises Transient, ChannelGone or ShapeChanged.
        """
        name = channel.username
        page = self._newest(name)
        if page.channel_id not in (None, channel.id):
            raise ChannelGone(f"@{name} is another channel now: its number was {channel.id} and is {page.channel_id}")
        title, messages = page.title, {message.id: message for message in page.messages}
        while after is not None and (lowest := min(messages)) > after + 1:
            link, page = page.older, self._preview(name, before=page.older or lowest)
            older = {message.id: message for message in page.messages if message.id < lowest}
            if not older and link is not None:
                raise _nothing(page, name, f"shows nothing older with ?before={link}")
            if not older:
                break
            messages |= older
        yield from in_pages([message for message in messages.values() if after is None or message.id > after], title)

    def close(self) -> None:
        """Close what is open."""
        self._session.close()

    def _newest(self, name: str) -> Preview:
        page = self._preview(name)
        if not page.messages:
            raise _nothing(page, name, "has no .tgme_widget_message")
        return page

    def _preview(self, name: str, before: int | None = None) -> Preview:
        self._await_turn()
        try:
            response = self._session.get(
                f"{self._url}/s/{quote(name, safe='')}",
                params={} if before is None else {"before": before},
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            )
            content = limits.content(response, LARGEST_PAGE)
        except requests.RequestException as error:
            raise Transient(f"Telegram's pages cannot be reached at {self._url}: {reason(error)}") from None
        if response.status_code != HTTP_OK:
            raise _refusal(name, response)
        return preview.parse(content, name)

    def _await_turn(self) -> None:
        """Wait until a page may be asked for; each thread has its own turn."""
        with self._lock:
            now = self._clock.monotonic()
            turn = max(now, self._next_turn)
            self._next_turn = turn + BETWEEN_PAGES_SECONDS
        self._pause(turn - now)


def _nothing(page: Preview, name: str, missing: str) -> Transient | ShapeChanged:
    """Return what a page means in which something is missing."""
    if page.is_empty:
        return Transient(f"@{name} shows no posts: it is empty, or Telegram was asked too often")
    return ShapeChanged(f"the page of @{name} {missing}")


def _refusal(name: str, response: requests.Response) -> Transient | ChannelGone:
    """Return what an answer other than a page means."""
    status = response.status_code
    if status in refusals.REDIRECTS:
        parts = urlsplit(response.headers.get("Location", "")).path.strip("/").split("/")
        if parts[0] == "s" and parts[-1].lower() == name.lower():
            return Transient(f"the page of @{name} is at another address (HTTP {status}): is TELEGRAM_WEB_URL right?")
        if parts[0] == "s":
            return ChannelGone(f"@{name} is renamed: its page is that of @{parts[-1]}", status)
        return ChannelGone(f"@{name} shows no preview: it is private, or no channel", status)
    if status == HTTP_NOT_FOUND:
        return ChannelGone(f"there is no @{name}", status)
    told = response.headers.get("Retry-After", "")
    return Transient(
        f"the page of @{name} answered HTTP {status}", float(told) if re.fullmatch(r"[0-9]{1,6}", told) else None
    )
