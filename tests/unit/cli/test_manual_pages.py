"""The pages: words for a terminal of eighty columns."""

import pytest

from volspike.cli.manual_pages import PAGES

WIDEST = 110


@pytest.mark.parametrize("name", PAGES)
def test_no_line_of_a_page_is_much_wider_than_a_terminal(name: str) -> None:
    assert max(map(len, PAGES[name].end().splitlines())) <= WIDEST


@pytest.mark.parametrize("name", PAGES)
def test_exit_codes_begin_with_success_and_each_is_told_once(name: str) -> None:
    codes = [code for code, _ in PAGES[name].exit_codes]

    assert codes[0] == 0
    assert codes == sorted(set(codes))
