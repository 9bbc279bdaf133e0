"""Rows on terminals of several widths, and in a pipe."""

from io import StringIO

import pytest
from rich.console import Console
from rich.text import Text

from volspike.cli.listing import Column, Listing

LONG = "streaming 648 symbols since 12:02:03, nothing has been lost"


def shown(width: int | None, *rows: tuple[str | Text, ...]) -> list[str]:
    """Return what a terminal of this width shows, or what a pipe takes."""
    listing = Listing(
        Column("UNIT"),
        Column("SINCE", when_narrow="goes"),
        Column("LAST DID", when_narrow="moves below"),
        Column("MEMORY", "right"),
    )
    for row in rows or [("funding.service", "2h", LONG, "80 MB")]:
        listing.add(*row)
    output = StringIO()
    listing.show(Console(file=output, width=width or 80, force_terminal=width is not None, no_color=True))
    return Text.from_ansi(output.getvalue()).plain.splitlines()


def test_where_there_is_room_a_row_is_a_line() -> None:
    assert shown(100) == [
        f"UNIT             SINCE  LAST DID{' ' * (len(LONG) - 8)}  MEMORY",
        f"funding.service  2h     {LONG}   80 MB",
    ]


def test_on_a_narrow_terminal_the_long_text_stands_below_and_is_wrapped_there() -> None:
    assert shown(40) == [
        "UNIT             SINCE  MEMORY",
        "funding.service  2h      80 MB",
        "  streaming 648 symbols since 12:02:03,",
        "  nothing has been lost",
    ]


def test_where_even_that_is_too_wide_what_matters_less_goes() -> None:
    assert shown(28)[:2] == ["UNIT             MEMORY", "funding.service   80 MB"]


def test_a_pipe_gets_one_line_a_row_however_long() -> None:
    row = ("funding.service", "2h", "long " * 100 + "end", "")

    (_, line) = shown(None, row)

    assert line == f"funding.service  2h     {'long ' * 100}end"


@pytest.mark.parametrize("nothing", ["", "–"])
def test_what_says_nothing_takes_no_line_below(nothing: str) -> None:
    assert len(shown(30, ("funding.service", "2h", nothing, "80 MB"), ("x" * 28, "2h", nothing, "80 MB"))) == 3


@pytest.mark.parametrize("width", [None, 30, 200])
def test_words_of_strangers_are_no_markup_and_wide_ones_are_measured(width: int | None) -> None:
    rows = shown(width, ("币安", "[b]1[/b]", "", "1"), ("four", "2", "", "2"))

    assert [row.rpartition(" ")[0].rstrip() for row in rows[1:]] == ["币安  [b]1[/b]", "four  2"]


def test_heads_without_rows() -> None:
    listing, output = Listing(Column("A"), Column("B")), StringIO()

    listing.show(Console(file=output))

    assert output.getvalue() == "A  B\n"
