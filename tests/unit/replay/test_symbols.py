"""Which symbol a recorded row is of."""

from pathlib import Path

import pytest

from volspike.replay import table
from volspike.replay.symbols import named_after, namer
from volspike.replay.table import UnreadableError


@pytest.mark.parametrize(
    ("file_name", "symbol"),
    [
        ("oi_5m_BTCUSDT_20260201_20260318.csv.gz", "BTCUSDT"),
        ("oi_5m_币安人生USDT_2026.csv", "币安人生USDT"),
        ("oi_5m_ETHBTC.csv", "ETHBTC"),
        ("BTCUSDT-1h-2026-02.csv", "BTCUSDT"),
        ("BTCUSDT.csv", "BTCUSDT"),
        ("BTCUSDT-metrics-2026-02-01.csv", "BTCUSDT"),
        ("klines_1h_1000PEPEUSDT.csv.gz", "1000PEPEUSDT"),
        ("BTCUSDC_1h.csv", "BTCUSDC"),
        ("klines.csv", None),
        ("usdt_perp.csv", None),
    ],
)
def test_a_file_is_named_after_its_symbol(file_name: str, symbol: str | None) -> None:
    assert named_after(file_name) == symbol


def named(path: Path, content: str, wanted: str | None) -> list[str | None]:
    path.write_text(content)
    with table.reading(path, lambda _complaint: None) as recorded:
        name_of = namer(recorded, wanted)
        return [name_of(row) for row in recorded.rows()]


def test_with_a_symbol_column_the_wanted_symbol_chooses_rows(tmp_path: Path) -> None:
    content = "symbol,a\nBTCUSDT,1\nETHUSDT,2\n"

    assert named(tmp_path / "oi_5m_XUSDT_.csv", content, None) == ["BTCUSDT", "ETHUSDT"]
    assert named(tmp_path / "oi_5m_XUSDT_.csv", content, "ETHUSDT") == [None, "ETHUSDT"]


def test_without_one_the_operator_names_the_rows_or_else_the_file(tmp_path: Path) -> None:
    assert named(tmp_path / "oi_5m_XUSDT_.csv", "a\n1\n", None) == ["XUSDT"]
    assert named(tmp_path / "oi_5m_XUSDT_.csv", "a\n1\n", "YUSDT") == ["YUSDT"]
    with pytest.raises(UnreadableError, match=r"plain\.csv: no column symbol.*--symbol"):
        named(tmp_path / "plain.csv", "a\n1\n", None)
