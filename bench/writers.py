"""The state file in both forms, written by the bench itself where an API is measured without a stream."""

import json
import os
import time
from pathlib import Path

from msgspec.structs import replace

from bench.frames import Source
from bench.suites import OLD_STATE
from volspike.clients.binance import frames
from volspike.model.documents import FundingDocument
from volspike.rules import funding
from volspike.state import documents, file

SYMBOL = "BTCUSDT"


class Writer:
    """A book of 820 symbols, all of them fresh whenever it is written, with the stamp as the price of BTCUSDT."""

    def __init__(self, workspace: Path) -> None:
        """Fill the book from one tick of the stream."""
        self._path = workspace / documents.FUNDING
        self._old_path = workspace / OLD_STATE
        self._stream = funding.Stream()
        now = time.time()
        for content in Source(seconds=1).tick(int(now), 1):
            self._stream, _ = funding.receive(
                self._stream, frames.parse_frame(content).mark_prices, now, time.monotonic()
            )

    def suite(self, stamp: int) -> None:
        """Write the file of the suite."""
        file.write(self._path, documents.encode(self._document(stamp)))

    def old_way(self, stamp: int) -> None:
        """Write the file of the old way: the same rows, indented."""
        document = json.loads(documents.encode(self._document(stamp)))
        scratch = self._old_path.with_suffix(".tmp")
        scratch.write_text(json.dumps(document, indent=2), encoding="utf-8")
        scratch.replace(self._old_path)

    def _document(self, stamp: int) -> FundingDocument:
        now = time.time()
        document = funding.document(self._stream, now, os.getpid())
        for symbol, row in document.funding_state.items():
            document.funding_state[symbol] = replace(row, updated_at=now)
        document.funding_state[SYMBOL] = replace(document.funding_state[SYMBOL], mark_price=float(stamp))
        return document
