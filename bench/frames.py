"""The stream as the exchange sends it each second: a ticker frame and two mark-price frames, each with a stamp.

The numbers come from the simulator: 745 + 217 mark-price rows, COIN-M rows among them, and some 480 tickers. The
first row of every frame is renamed and its price replaced by the stamp, by which the frame is known again in a
state file.
"""

import re
import time

from volspike.simulator import recording
from volspike.simulator.frames import Frames
from volspike.simulator.market import Market
from volspike.simulator.streams import MARK_PRICES, TICKERS, Stream
from volspike.simulator.tickers import Tickers

STREAMS = (Stream(TICKERS, TICKERS, 1), Stream(f"{MARK_PRICES}@1s", MARK_PRICES, 1))
STAMPED = ("STAMP0USDT", "STAMP1USDT", "STAMP2USDT")
"""The symbols that carry the stamps: of the ticker frame and of both mark-price frames."""
RECORDED_SECONDS = 20

_SYMBOL = re.compile(rb'"s":"[^"]*"')
_PRICE = re.compile(rb'"([pc])":"[^"]*"')


class Source:
    """Some seconds of the stream, written beforehand and played again and again under the present time.

    Playing costs next to nothing: what is measured shall not fight the bench for the caches of the machine.
    """

    def __init__(self, seconds: int = RECORDED_SECONDS) -> None:
        market = Market(recording.load(), origin=time.time())
        frames = Frames(market, Tickers(market))
        self._first = int(time.time())
        self._ticks = [_frames(frames, self._first + place) for place in range(seconds)]

    def tick(self, second: int, stamp: int) -> list[bytes]:
        """Return the frames of a second in the order of the subscription, stamped with consecutive numbers."""
        place = second % len(self._ticks)
        written, wanted = (b'"E":%d000' % at for at in (self._first + place, second))
        return [
            _stamped(frame.replace(written, wanted), symbol, stamp + number)
            for number, (symbol, frame) in enumerate(zip(STAMPED, self._ticks[place], strict=True))
        ]


def _frames(frames: Frames, second: int) -> list[bytes]:
    return [
        b'{"stream":"%b","data":%b}' % (stream.name.encode(), payload)
        for stream in STREAMS
        for payload in frames.payloads(stream, second)
    ]


def _stamped(frame: bytes, symbol: str, stamp: int) -> bytes:
    end = frame.index(b"}")
    row = _SYMBOL.sub(b'"s":"%b"' % symbol.encode(), frame[:end])
    return _PRICE.sub(rb'"\1":"%d"' % stamp, row) + frame[end:]
