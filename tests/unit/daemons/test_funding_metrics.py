"""What a scrape gets beside the daemons' own metrics: the machine's weight account."""

from pathlib import Path

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.clients.binance.weight import WeightAccount
from volspike.daemons.funding_metrics import scrape
from volspike.rules.weight import CEILING, WeightClass
from volspike.runtime.metrics import Metrics


def scraped(runtime_dir: Path, now: float = NOW) -> dict[str, float]:
    text = scrape(Metrics("funding-api"), runtime_dir, now).decode().replace('{daemon="funding-api"}', "")
    return {
        name: float(value)
        for name, value in (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    }


def test_the_weight_of_this_minute_and_the_end_of_a_ban_are_told(runtime_dir: Path, clock: MovedClock) -> None:
    with WeightAccount(runtime_dir, clock) as account:
        account.reserve(40, WeightClass.ALERT, patience_seconds=0, pause=clock.move)
        account.close_until(NOW + 90)

    assert scraped(runtime_dir) == {
        "volspike_binance_weight_used": 40,
        "volspike_binance_weight_ceiling": CEILING,
        "volspike_binance_shut_out_until_timestamp_seconds": NOW + 90,
    }


def test_the_weight_of_an_earlier_minute_is_used_up_no_more(runtime_dir: Path, clock: MovedClock) -> None:
    with WeightAccount(runtime_dir, clock) as account:
        account.reserve(40, WeightClass.ALERT, patience_seconds=0, pause=clock.move)

    assert scraped(runtime_dir, NOW + 60)["volspike_binance_weight_used"] == 0


def test_before_anybody_has_asked_binance_nothing_is_told_of_it(runtime_dir: Path) -> None:
    assert scraped(runtime_dir) == {}
