"""Which backups are kept: the newest of each of the latest days, and whatever is younger than a day."""

from collections.abc import Iterable

DAY_SECONDS = 86_400


def outdated(written_at: Iterable[float], days: int, now: float) -> list[float]:
    """Return which of the backups written then (epoch seconds) may go, so that one remains for each of so many days.

    Days are UTC's, and only those that have a backup count: a machine that was off for a month loses none of them. What
    a wrong clock has dated into the future stays until that has come, and takes no day's place.
    """
    newest_first = sorted({at for at in written_at if at <= now}, reverse=True)
    newest_of_day: dict[int, float] = {}
    for at in newest_first:
        newest_of_day.setdefault(int(at // DAY_SECONDS), at)
    kept = set(list(newest_of_day.values())[:days])
    return [at for at in newest_first if at not in kept and now - at >= DAY_SECONDS]
