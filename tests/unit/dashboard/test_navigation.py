"""The pages that one can go to."""

from volspike.dashboard.navigation import NAVIGATION, SYMBOL


def test_every_page_has_a_path_and_a_title_of_its_own() -> None:
    assert len({page.path for page in NAVIGATION}) == len({page.title for page in NAVIGATION}) == len(NAVIGATION)


def test_a_symbol_is_reached_from_the_market_and_has_no_entry() -> None:
    assert SYMBOL not in NAVIGATION
