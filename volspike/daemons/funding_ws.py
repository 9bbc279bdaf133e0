"""Funding WS: streams mark prices, funding rates and tickers into `.funding_state.json` and `.ticker_state.json`."""

import logging
import sys

from volspike.clients.binance.stream import Frame, Lasted, Lost, MarketStream, StuckError, market_url
from volspike.daemons.funding_feed import Feed
from volspike.daemons.launch import CannotStartError, launch
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings

log = logging.getLogger(__name__)


def run(daemon: Daemon, settings: Settings, once: bool) -> None:
    """Stream until a signal comes; with `once`, until the first ticks have reached the files."""
    stream = MarketStream(market_url(settings.binance_ws_url), daemon.clock)
    daemon.on_stop(stream.wake)
    feed = Feed(daemon, settings.runtime_dir)
    daemon.ready(f"connecting to {settings.binance_ws_url}")
    try:
        _follow(daemon, stream, feed, once=once)
    except StuckError as error:
        raise CannotStartError(str(error)) from None
    finally:
        stream.close()
        feed.close()


def _follow(daemon: Daemon, stream: MarketStream, feed: Feed, *, once: bool) -> None:
    while not daemon.stopping and not (once and feed.settled()):
        match stream.wait(feed.patience()):
            case Frame(connection, content):
                feed.take(stream, connection, content)
            case Lost(reason, attempts, retry_seconds):
                feed.lose(reason, attempts, retry_seconds)
            case Lasted():
                feed.forgive()
        feed.save()
        if feed.writable():
            daemon.progress(feed.status)


if __name__ == "__main__":
    sys.exit(launch("funding-ws", run))
