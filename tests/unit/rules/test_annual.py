"""A year of funding."""

import pytest

from volspike.rules.annual import annual_funding


@pytest.mark.parametrize(("hours", "year"), [(8, 0.1095), (4, 0.219), (1, 0.876)])
def test_a_year_has_as_many_fundings_as_the_interval_allows(hours: int, year: float) -> None:
    assert annual_funding(0.0001, hours) == pytest.approx(year)
    assert annual_funding(-0.0001, hours) == pytest.approx(-year)
