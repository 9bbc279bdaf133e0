"""What a stream sends at one second, as bytes, with today's keys (BTCUSDT's `p` is a price in one event and a
price *change* in another).

A tick of mark prices comes in two frames, about 745 rows of crypto and 217 of TradFi, and both carry coin-margined
rows with `"st":2` mixed in. Rows are written by hand: they are the bulk of what the simulator does.
"""

from collections.abc import Callable
from dataclasses import dataclass

from volspike.simulator.candles import running
from volspike.simulator.instruments import Instrument
from volspike.simulator.market import Market, Quote
from volspike.simulator.streams import MARK_PRICES, MINI_TICKERS, TICKERS, Stream
from volspike.simulator.tickers import Ticker, Tickers

CRYPTO_FRAME_ROWS = 745
BROKEN_ROWS = (
    '{"e":"markPriceUpdate","E":%d,"p":"1.00000000","r":"0.00010000","T":1,"st":1}',
    '{"e":"markPriceUpdate","E":%d,"s":"%s","p":{"no":"number"},"i":"1.0","r":"0.00010000","T":1,"st":1}',
    '{"e":"markPriceUpdate","E":"%d","s":"%s","p":null,"i":"1.0","r":[],"T":"soon","st":1}',
    '{"e":"markPriceUpdate","E":%d,"s":"%s","p":"not a number","i":"","r":"?","T":-1,"st":"one"}',
    "%d",
)


@dataclass(frozen=True, slots=True)
class Distortion:
    """How faults bend the rows of mark prices."""

    broken_row: bool = False
    without_rate: str = ""
    legacy_delivery: bool = False


CLEAN = Distortion()


class Frames:
    """Writes the payloads of streams."""

    def __init__(self, market: Market, tickers: Tickers) -> None:
        """Arrange who travels in which frame."""
        self._market = market
        self._tickers = tickers
        listed = [instrument for instrument in market.instruments if instrument.contract]
        crypto = [instrument for instrument in listed if not instrument.tradfi]
        tradfi = [instrument for instrument in listed if instrument.tradfi]
        room = max(0, CRYPTO_FRAME_ROWS - len(crypto))
        self.groups = (
            mixed(crypto, market.coin_margined[:room]),
            mixed(tradfi, market.coin_margined[room:]),
        )
        self._writers: dict[str, Callable[[Stream, int, Distortion], list[bytes]]] = {
            MARK_PRICES: self._mark_prices,
            TICKERS: self._all_tickers,
            MINI_TICKERS: self._mini_tickers,
            "markPrice": self._mark_price,
            "ticker": self._ticker,
            "kline_1h": self._kline,
        }

    def payloads(self, stream: Stream, second: int, distortion: Distortion = CLEAN) -> list[bytes]:
        """Return the JSON payloads of `stream` at `second`; none when nothing changed."""
        return self._writers[stream.kind](stream, second, distortion)

    def _mark_prices(self, _stream: Stream, second: int, distortion: Distortion) -> list[bytes]:
        frames = []
        for group in self.groups:
            rows = [mark_row(self._market.quote(instrument, second), second, distortion) for instrument in group]
            if distortion.broken_row and rows:
                place = second % len(rows)
                rows[place] = broken_row(group[place].symbol, second)
            frames.append(f"[{','.join(rows)}]".encode())
        return frames

    def _mark_price(self, stream: Stream, second: int, distortion: Distortion) -> list[bytes]:
        quote = self._market.quote(self._market.by_symbol[stream.symbol], second)
        return [mark_row(quote, second, distortion).encode()]

    def _all_tickers(self, _stream: Stream, second: int, _distortion: Distortion) -> list[bytes]:
        rows = [ticker_row(ticker) for ticker in self._tickers.changed(second)]
        return [f"[{','.join(rows)}]".encode()] if rows else []

    def _mini_tickers(self, _stream: Stream, second: int, _distortion: Distortion) -> list[bytes]:
        rows = [mini_ticker_row(ticker) for ticker in self._tickers.changed(second)]
        return [f"[{','.join(rows)}]".encode()] if rows else []

    def _ticker(self, stream: Stream, second: int, _distortion: Distortion) -> list[bytes]:
        instrument = self._market.by_symbol[stream.symbol]
        if not instrument.trading:
            return []
        return [ticker_row(self._tickers.at(instrument, second)).encode()]

    def _kline(self, stream: Stream, second: int, _distortion: Distortion) -> list[bytes]:
        return [kline_event(self._market, self._market.by_symbol[stream.symbol], second).encode()]


def mixed(many: list[Instrument], few: list[Instrument]) -> list[Instrument]:
    """Return both lists as one, the few spread evenly among the many."""
    if not few:
        return list(many)
    places = [(place / max(1, len(many)), instrument) for place, instrument in enumerate(many)]
    places += [((place + 0.5) / len(few), instrument) for place, instrument in enumerate(few)]
    return [instrument for _, instrument in sorted(places, key=lambda entry: entry[0])]


def mark_row(quote: Quote, second: int, distortion: Distortion = CLEAN) -> str:
    """Return one markPriceUpdate."""
    instrument = quote.instrument
    rate = quote.rate
    if instrument.symbol == distortion.without_rate or (
        distortion.legacy_delivery and instrument.interval == 0 and not instrument.still
    ):
        rate = ""
    mark = f"{quote.mark:.8f}"
    return (
        f'{{"e":"markPriceUpdate","E":{second}000,"s":"{instrument.symbol}","p":"{mark}","ap":"{mark}",'
        f'"P":"{quote.settle:.8f}","i":"{quote.index:.8f}","r":"{rate}","T":{quote.next_funding_ms},'
        f'"st":{instrument.margin}}}'
    )


def broken_row(symbol: str, second: int) -> str:
    """Return a row that no strict parser takes, a different kind each second."""
    template = BROKEN_ROWS[second % len(BROKEN_ROWS)]
    return template % ((second * 1000, symbol) if "%s" in template else second * 1000)


def ticker_row(ticker: Ticker) -> str:
    """Return one 24hrTicker; `p` is the change of the price, not a price."""
    digits = ticker.decimals
    close_ms = ticker.second * 1000
    return (
        f'{{"e":"24hrTicker","E":{close_ms},"s":"{ticker.symbol}","p":"{ticker.change:.{digits}f}",'
        f'"P":"{ticker.change_percent:.3f}","w":"{ticker.average:.{digits}f}","c":"{ticker.last:.{digits}f}",'
        f'"Q":"1","o":"{ticker.open:.{digits}f}","h":"{ticker.high:.{digits}f}","l":"{ticker.low:.{digits}f}",'
        f'"v":"{ticker.volume:.3f}","q":"{ticker.quote:.2f}","O":{close_ms - 86_400_000},"C":{close_ms},'
        f'"F":1,"L":{ticker.trades},"n":{ticker.trades},"st":1}}'
    )


def mini_ticker_row(ticker: Ticker) -> str:
    """Return one 24hrMiniTicker."""
    digits = ticker.decimals
    return (
        f'{{"e":"24hrMiniTicker","E":{ticker.second}000,"s":"{ticker.symbol}","c":"{ticker.last:.{digits}f}",'
        f'"o":"{ticker.open:.{digits}f}","h":"{ticker.high:.{digits}f}","l":"{ticker.low:.{digits}f}",'
        f'"v":"{ticker.volume:.3f}","q":"{ticker.quote:.2f}","st":1}}'
    )


def kline_event(market: Market, instrument: Instrument, second: int) -> str:
    """Return the kline event of the running hour (it carries no `st`)."""
    row = running(market, instrument, second)
    return (
        f'{{"e":"kline","E":{second}000,"s":"{instrument.symbol}","k":{{"t":{row[0]},"T":{row[6]},'
        f'"s":"{instrument.symbol}","i":"1h","f":1,"L":{row[8]},"o":"{row[1]}","c":"{row[4]}","h":"{row[2]}",'
        f'"l":"{row[3]}","v":"{row[5]}","n":{row[8]},"x":false,"q":"{row[7]}","V":"{row[9]}","Q":"{row[10]}",'
        f'"B":"0"}}}}'
    )
