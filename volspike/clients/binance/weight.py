"""The machine-wide weight account: one for all processes, because Binance counts by address.

The account lives in a mapped file under a file lock. It is written in turn into one of two checksummed slots, so a
process that is killed in the middle of a write loses its own reservation and nothing else. Measured against SQLite
and a JSON file with rename, this is the fastest way that stayed exact while its users were killed (60 µs for a
reservation at the median, with five processes at it). A lock held by a dead process is released by the kernel.
"""

import fcntl
import mmap
import os
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from volspike.clients.errors import Transient
from volspike.rules import weight
from volspike.rules.weight import Account, WeightClass
from volspike.runtime.clock import Clock
from volspike.runtime.closing import Closing
from volspike.state.documents import WEIGHT

_BODY = struct.Struct("<QqqdQ")  # sequence, minute, used, closed_until, closures
_CHECKSUM = struct.Struct("<I")
_SLOT_BYTES = _BODY.size + _CHECKSUM.size
_FILE_BYTES = 2 * _SLOT_BYTES
NO_FUNDS = "Binance weight used up for this minute"


class WeightAccount(Closing):
    """The account in a runtime directory; a context manager, for any number of threads."""

    def __init__(self, runtime_dir: Path, clock: Clock) -> None:
        self._clock = clock
        self._file = os.open(runtime_dir / WEIGHT, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
        if os.fstat(self._file).st_size < _FILE_BYTES:
            os.ftruncate(self._file, _FILE_BYTES)
        self._map = mmap.mmap(self._file, _FILE_BYTES)
        self._threads = threading.Lock()
        self._seen = Account()
        """The account as this process last left it, which spares most answers a look."""

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()
        os.close(self._file)

    def reserve(
        self, amount: int, weight_class: WeightClass, *, patience_seconds: float, pause: Callable[[float], None]
    ) -> None:
        """Take `amount` out of the account, waiting for the next minute (or the end of a ban) if need be.

        `pause` waits and may return early. Raises Transient when the wait would exceed `patience_seconds`.
        """
        end = self._clock.monotonic() + patience_seconds
        while (wait := self._try_reserve(amount, weight_class)) > 0:
            if self._clock.monotonic() + wait > end:
                raise Transient(self._refusal(), wait)
            pause(wait)

    def correct(self, used: int, asked_at: float) -> None:
        """Raise the account to what the server has counted for a request made at this time."""
        if self._seen.minute == int(asked_at // weight.SECONDS_PER_MINUTE) and used <= self._seen.used:
            return  # within a minute the account only grows
        self._update(lambda account, now: weight.correct(account, used, asked_at, now))

    def forgive(self) -> None:
        """Forget the closures that were known when this process last reserved: a request was answered."""
        if self._seen.closures:
            self._update(lambda account, _: weight.forgive(account))

    def close_until(self, until: float | None) -> float:
        """Shut everyone out until then, or for a growing pause when unknown; return the end in epoch seconds."""
        return self._update(lambda account, now: weight.close(account, until, now)).closed_until

    def read(self) -> Account:
        """Return the account as it stands."""
        with self._locked():
            return _newest(self._map)[1]

    def _try_reserve(self, amount: int, weight_class: WeightClass) -> float:
        wait = 0.0

        def take(account: Account, now: float) -> Account:
            nonlocal wait
            account, wait = weight.reserve(account, weight_class, amount, now)
            return account

        self._update(take)
        return wait

    def _refusal(self) -> str:
        closed_until = self.read().closed_until
        return shut_out(closed_until) if closed_until > self._clock.now() else NO_FUNDS

    def _update(self, change: Callable[[Account, float], Account]) -> Account:
        with self._locked():
            sequence, before = _newest(self._map)
            after = change(before, self._clock.now())
            if after != before:
                _store(self._map, sequence + 1, after)
            self._seen = after
            return after

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._threads:  # flock excludes other processes, not the threads that share this descriptor
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)


def shut_out(until: float) -> str:
    """Return in words that Binance refuses everything from this machine, until then (epoch seconds)."""
    return f"Binance has shut this machine out until {datetime.fromtimestamp(until, UTC):%Y-%m-%d %H:%M:%S} UTC"


def peek(runtime_dir: Path) -> Account | None:
    """Return the account without taking part in it, for readers that may not write; None when it cannot be read."""
    try:
        content = (runtime_dir / WEIGHT).read_bytes()
    except OSError:
        return None
    return _newest(content)[1] if len(content) >= _FILE_BYTES else None


def _newest(content: mmap.mmap | bytes) -> tuple[int, Account]:
    """Return the newer of the two slots whose checksums hold; an empty account when neither does."""
    best = (0, Account())
    for offset in (0, _SLOT_BYTES):
        body = content[offset : offset + _BODY.size]
        (checksum,) = _CHECKSUM.unpack(content[offset + _BODY.size : offset + _SLOT_BYTES])
        if checksum != zlib.crc32(body):
            continue
        sequence, minute, used, closed_until, closures = _BODY.unpack(body)
        if sequence > best[0]:
            best = (sequence, Account(minute, used, closed_until, closures))
    return best


def _store(target: mmap.mmap, sequence: int, account: Account) -> None:
    body = _BODY.pack(sequence, account.minute, account.used, account.closed_until, account.closures)
    offset = sequence % 2 * _SLOT_BYTES
    target[offset : offset + _SLOT_BYTES] = body + _CHECKSUM.pack(zlib.crc32(body))
