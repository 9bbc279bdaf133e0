"""Noise that is a pure function of a seed: the same seed, key and step always give the same number.

A table of numbers from a hash function is indexed by key and step, so that a value costs one look-up and no state:
whoever asks about an instant, in whatever order, gets the same answer.
"""

import hashlib
import struct
import zlib
from math import floor

SIZE = 8192
STRIDE = 2_654_435_761  # Knuth's multiplicative hash: neighbouring keys and steps land far apart


def key(*words: str) -> int:
    """Return a number for `words` that is the same in every process."""
    return zlib.crc32("\0".join(words).encode()) * STRIDE


class Noise:
    """Numbers between -1 and 1."""

    def __init__(self, seed: int) -> None:
        """Prepare the table of `seed`."""
        digest = hashlib.shake_128(f"volspike {seed}".encode()).digest(2 * SIZE)
        self._table: list[float] = [value / 32_767.5 - 1.0 for value in struct.unpack(f"<{SIZE}H", digest)]

    def at(self, key: int, step: int) -> float:
        """Return the number of `key` at a whole `step`, independent of its neighbours."""
        return self._table[((key + step * STRIDE) >> 7) % SIZE]

    def smooth(self, key: int, position: float) -> float:
        """Return a number that moves continuously with `position`, through `at` of each whole step."""
        step = floor(position)
        before, after = self.at(key, step), self.at(key, step + 1)
        return before + (after - before) * (position - step)
