"""A year of funding, at the rate of now."""

HOURS_PER_YEAR = 8760


def annual_funding(rate: float, interval_hours: int) -> float:
    """Return what a position pays in a year, as a fraction, if every funding has this rate; nothing is compounded."""
    return rate * HOURS_PER_YEAR / interval_hours
