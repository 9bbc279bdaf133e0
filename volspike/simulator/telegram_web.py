"""The door of Telegram's public web: `/s/<channel>` with `?before=`, with the faults that strike there."""

from aiohttp import web

from volspike.simulator import preview
from volspike.simulator.exchange import Exchange
from volspike.simulator.news import CHANNELS, Channel, News

SHOWN = 20
HTML = "text/html"
CLASSES = "tgme_"
"""What the names of all classes begin with; a page whose shape has changed calls them otherwise."""


class TelegramWeb:
    """Handlers of the preview pages."""

    def __init__(self, exchange: Exchange) -> None:
        """Serve the channels that speak of the market of `exchange`."""
        self._exchange = exchange
        self._news: News | None = None

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [web.get("/s/{name}", self.handle)]

    async def handle(self, request: web.Request) -> web.Response:
        """Answer with a page, or lead away from a channel that shows none, as Telegram does."""
        exchange, name = self._exchange, request.match_info["name"].lower()
        if exchange.fault("channels_down"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=503)
        gone, renamed = exchange.fault("channel_gone"), exchange.fault("channel_renamed")
        if renamed and renamed.text("name") == name:
            return _moved(f"/s/{renamed.text('to')}")
        channel = CHANNELS.get(name)
        if channel is None or (gone and gone.text("name") == name):
            return _moved(f"/{name}")
        page = self._page(channel, request.query.get("before", ""))
        if exchange.fault("channels_changed"):
            page = page.replace(CLASSES, "tg2_")
        return web.Response(text=page, content_type=HTML)

    def _page(self, channel: Channel, before: str) -> str:
        now = self._exchange.clock.now()
        if self._news is None:  # made when it is first wanted: who has no channels shall not wait for it
            self._news = News(self._exchange.market)
        end = int(before) if before.isascii() and before.isdigit() else self._news.newest(channel, now) + 1
        messages = self._news.before(channel, end, SHOWN, now)
        return preview.page(channel, messages, more=len(messages) == SHOWN)


def _moved(path: str) -> web.Response:
    return web.Response(status=302, headers={"Location": path}, text=preview.without_preview(path.strip("/")),
                        content_type=HTML)  # fmt: skip
