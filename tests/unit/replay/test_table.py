"""Recorded files: columns by name, rows by number, and damage that is named."""

import gzip
from pathlib import Path

import pytest

from volspike.replay import table
from volspike.replay.table import UnreadableError


def quietly(_complaint: str) -> None:
    """Say nothing."""


def rows_of(path: Path) -> tuple[list[list[str]], list[str]]:
    complaints: list[str] = []
    with table.reading(path, complaints.append) as recorded:
        return list(recorded.rows()), complaints


def written(directory: Path, content: str | bytes) -> Path:
    path = directory / "a.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_is_read_gzipped_or_not_whatever_its_name(tmp_path: Path, zipped: bool) -> None:
    content = b"a,b\n1,2\n"

    rows, _ = rows_of(written(tmp_path, gzip.compress(content) if zipped else content))

    assert rows == [["1", "2"]]


@pytest.mark.parametrize(
    "content", ["\ufeffa,b\n1,2\n", "a,b\r\n1,2\r\n", 'a,b\n"1","2"\n', "a,b\n\n1,2\n\n", "a,b\n1,2"]
)
def test_marks_of_other_programs_do_not_disturb(tmp_path: Path, content: str) -> None:
    assert rows_of(written(tmp_path, content)) == ([["1", "2"]], [])


def test_columns_are_found_by_any_of_their_names_in_whatever_spelling(tmp_path: Path) -> None:
    with table.reading(written(tmp_path, "Symbol,openTime,Quote Volume\n"), quietly) as recorded:
        assert recorded.need("candles", ("open_time", "t"), ("q", "quote_volume")) == [1, 2]
        assert recorded.find("close") is None


def test_all_missing_columns_are_named_with_what_is_there(tmp_path: Path) -> None:
    path = written(tmp_path, "symbol,open\nX,1\n")

    with (
        table.reading(path, quietly) as recorded,
        pytest.raises(
            UnreadableError,
            match=r"a\.csv is no CSV of candles: its first line has no column close, volume; it is: symbol, open",
        ),
    ):
        recorded.need("candles", ("open",), ("close",), ("volume", "v"))


def test_an_empty_file_has_no_columns(tmp_path: Path) -> None:
    with (
        table.reading(written(tmp_path, ""), quietly) as recorded,
        pytest.raises(UnreadableError, match="no column open"),
    ):
        recorded.need("candles", ("open",))


def test_a_short_row_costs_itself_and_is_named_by_its_number(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n1,2\n3\n4,5\n6,7,8\n")

    rows, complaints = rows_of(path)

    assert rows == [["1", "2"], ["4", "5"], ["6", "7", "8"]]
    assert complaints == [f"{path}: row 3: '3': must have the 2 columns of the first row"]


def test_a_quote_left_open_does_not_eat_the_rows_behind_it(tmp_path: Path) -> None:
    rows, _ = rows_of(written(tmp_path, 'a,b\n"1,2\n3,4\n'))

    assert rows == [["1", "2"], ["3", "4"]]


def test_bytes_that_are_no_text_do_not_end_the_reading(tmp_path: Path) -> None:
    rows, _ = rows_of(written(tmp_path, b"a,b\n\xff\xfe,2\n3,4\n"))

    assert rows == [["��", "2"], ["3", "4"]]


def test_a_gzip_that_breaks_off_gives_its_rows_and_then_says_where(tmp_path: Path) -> None:
    content = gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (n * 7919, n * 104729) for n in range(20_000)))
    path = written(tmp_path, content[: len(content) // 2])
    rows: list[list[str]] = []

    with (
        table.reading(path, quietly) as recorded,
        pytest.raises(UnreadableError, match=r"a\.csv: damaged behind row \d+"),
    ):
        rows += recorded.rows()

    assert len(rows) > 1000
    assert rows[-1] == [str((len(rows) - 1) * 7919), str((len(rows) - 1) * 104729)]


def test_a_gzip_without_content_is_damaged(tmp_path: Path) -> None:
    with (
        pytest.raises(UnreadableError, match="damaged behind row 0"),
        table.reading(written(tmp_path, table.GZIP_MAGIC), quietly),
    ):
        pass


def test_a_file_that_is_none_is_named_with_the_reason(tmp_path: Path) -> None:
    with (
        pytest.raises(UnreadableError, match=r"nothing\.csv: No such file"),
        table.reading(tmp_path / "nothing.csv", quietly),
    ):
        pass
    with pytest.raises(UnreadableError, match="Is a directory"), table.reading(tmp_path, quietly):
        pass
