"""What all of Binance's JSON has in common: numbers that are numbers, instants and names within reason."""

from typing import Any

import msgspec
import pytest

from volspike.clients.binance.wire import UNDECODABLE, Amount, Finite, Instant, Name, Positive


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Finite, '"-4463.10"', -4463.1),
        (Finite, "0", 0.0),
        (Positive, '"0.00000001"', 1e-8),
        (Amount, '"0"', 0.0),
        (Instant, "1764724344000", 1_764_724_344_000),
        (Instant, "0", 0),
        (Name, '"币安人生USDT"', "币安人生USDT"),
    ],
)
def test_what_the_exchange_sends_is_taken(kind: Any, text: str, value: object) -> None:
    assert msgspec.json.decode(text, type=kind, strict=False) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *(
            (kind, text)
            for kind in (Finite, Positive, Amount)
            for text in ('"nan"', '"inf"', '"1e400"', '"1e19"', '""')
        ),
        (Positive, '"0"'),
        (Amount, '"-0.1"'),
        (Instant, "-1"),
        (Instant, "100000000000001"),
        (Name, '""'),
        (Name, f'"{"X" * 65}"'),
    ],
)
def test_what_would_poison_a_sum_or_a_file_is_not(kind: Any, text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=kind, strict=False)


@pytest.mark.parametrize("content", [b"", b"{", b'"\xff"', b"[" * 100_000, b"9" * 5000])
def test_what_a_stranger_s_bytes_raise_is_known(content: bytes) -> None:
    with pytest.raises(UNDECODABLE):
        msgspec.json.decode(content, type=list[object])
