"""Everything that has a price: the recorded symbols and, as on the real streams, coin-margined contracts.

The recorded snapshot names 820 listed symbols and three settled ones that only premiumIndex still answers. Two symbols
that were pending get what a strict client chokes on: a status and a contract type that no documentation lists.
"""

from dataclasses import dataclass, field

import msgspec

from volspike.simulator import bars, noise
from volspike.simulator.bars import Bar, Bars
from volspike.simulator.noise import Noise
from volspike.simulator.recording import Contract, Premium, Recording

HOUR = 3600
HOURS_PER_DAY = 24
STRANGE = {
    "BTCSTUSDT": {"status": "TRADING_HALT"},
    "GAIBUSDT": {"contract_type": "PREDICTION_PERPETUAL"},
}
COIN_PERPETUALS = 118
COIN_QUARTERLIES = 12
COIN_DATES = ("261225", "270326")
USD_MARGINED = 1
COIN_MARGINED = 2
KEPT_BARS = 64
DEFAULT_INTERVAL_HOURS = 8


@dataclass(frozen=True, slots=True)
class Instrument:
    """What never changes about one symbol; prices come from its bars."""

    symbol: str
    key: int
    bars: Bars
    decimals: int
    tick: float
    index_ratio: float
    settle_ratio: float
    rate: float
    interest: str
    interval: int
    """Seconds between two fundings; 0 for a contract that has none."""
    margin: int = USD_MARGINED
    contract: Contract | None = None
    still: bool = False
    _kept: dict[int, Bar] = field(default_factory=dict)

    @property
    def tradfi(self) -> bool:
        """Whether it is a perpetual on a stock, metal or index, which travels in frames of its own."""
        return self.contract is not None and self.contract.contract_type == "TRADIFI_PERPETUAL"

    @property
    def trading(self) -> bool:
        """Whether it trades, so that tickers and open interest exist."""
        return self.contract is not None and self.contract.status == "TRADING"

    def bar(self, hour: int) -> Bar:
        """Return the bar of an hour counted from the epoch; the last ones asked for are remembered."""
        found = self._kept.get(hour)
        if found is None:
            if len(self._kept) >= KEPT_BARS:
                self._kept.clear()
            found = self._kept[hour] = self.bars(hour)
        return found

    def rounded(self, price: float) -> float:
        """Return the nearest price at which the symbol can trade."""
        return round(round(price / self.tick) * self.tick, self.decimals)

    def turnover(self) -> float:
        """Return the mean volume of a day, in units of the contract."""
        return sum(self.bars(hour).volume for hour in range(2 * HOURS_PER_DAY)) / 2

    def next_funding_ms(self, second: int) -> int:
        """Return when funding is charged next, strictly later than `second`; 0 for a contract without funding."""
        if self.interval == 0:
            return 0
        return (second // self.interval + 1) * self.interval * 1000


def listed(recording: Recording) -> list[Contract]:
    """Return the symbols of exchangeInfo, the strange ones among them."""
    return [msgspec.structs.replace(contract, **STRANGE.get(contract.symbol, {})) for contract in recording.contracts]


def usd_margined(recording: Recording, noise_source: Noise, shift: int) -> list[Instrument]:
    """Return one instrument for each row of premiumIndex, in its order."""
    contracts = {contract.symbol: contract for contract in listed(recording)}
    intervals = {row.symbol: row.hours for row in recording.fundings}
    found = []
    for premium in recording.premiums:
        contract = contracts.get(premium.symbol)
        still = contract is None or contract.status != "TRADING"
        found.append(
            Instrument(
                symbol=premium.symbol,
                key=noise.key(premium.symbol),
                bars=_bars(recording, premium, noise_source, shift, still=still),
                decimals=contract.price_precision if contract else 4,
                tick=float(contract.tick_size) if contract else 0.0001,
                index_ratio=_ratio(premium.index, premium.mark),
                settle_ratio=_ratio(premium.settle, premium.mark),
                rate=float(premium.rate),
                interest=premium.interest,
                interval=_interval(premium, intervals),
                contract=contract,
                still=still,
            )
        )
    return found


def _bars(recording: Recording, premium: Premium, source: Noise, shift: int, *, still: bool) -> Bars:
    if still:
        return bars.motionless(float(premium.mark))
    series = recording.candles.get(premium.symbol)
    if series is not None:
        return bars.recorded(series, shift)
    return bars.generated(source, noise.key(premium.symbol), float(premium.mark))


def _ratio(part: str, whole: str) -> float:
    return float(part) / float(whole) if float(whole) else 0.0


def _interval(premium: Premium, intervals: dict[str, int]) -> int:
    if premium.next_funding_ms == 0:
        return 0
    return intervals.get(premium.symbol, DEFAULT_INTERVAL_HOURS) * HOUR


def coin_margined(usd: list[Instrument]) -> list[Instrument]:
    """Return contracts margined in coin, priced off their USDT sisters, as the all-market streams mix them in."""
    sisters = [
        (contract.onboard_ms, instrument)
        for instrument in usd
        if (contract := instrument.contract)
        and (contract.contract_type, contract.quote, contract.status) == ("PERPETUAL", "USDT", "TRADING")
    ]
    oldest = [instrument for _, instrument in sorted(sisters, key=lambda sister: sister[0])]
    perpetuals = [_coin(sister, "PERP", DEFAULT_INTERVAL_HOURS * HOUR) for sister in oldest[:COIN_PERPETUALS]]
    dated = [_coin(sister, date, 0) for sister in oldest[:COIN_QUARTERLIES] for date in COIN_DATES]
    return perpetuals + dated


def _coin(sister: Instrument, suffix: str, interval: int) -> Instrument:
    base = sister.contract.base if sister.contract else sister.symbol
    symbol = f"{base}USD_{suffix}"
    return Instrument(
        symbol=symbol, key=noise.key(symbol), bars=sister.bars, decimals=sister.decimals, tick=sister.tick,
        index_ratio=sister.index_ratio, settle_ratio=sister.settle_ratio, rate=sister.rate if interval else 0.0,
        interest=sister.interest, interval=interval, margin=COIN_MARGINED,
    )  # fmt: skip
