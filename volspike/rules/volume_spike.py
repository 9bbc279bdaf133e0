"""When an hour's quote volume deserves an alert, and which updates that alert earns.

Each symbol has a memory of its own, so a candle that failed leaves only its own symbol in debt: what a scan did not
see is owed to the next one that sees it, an hour's first words and its FULL_UPDATE until the end of the hour after,
a HALF_UPDATE until the end of its hour.
"""

from collections.abc import Container, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from volspike.model.alerts import AlertType, CandleDirection, VolumeAlert, VolumeEpisode, VolumeMemory
from volspike.model.market import Candle, asset_of
from volspike.rules import alert_text

MINUTE = 60
HOUR = 3600
SCAN_EVERY_SECONDS = 300
HALF_UPDATE_MINUTE = 30
LAST_INITIAL_MINUTE_FOR_HALF = 20
LAST_SCAN_MINUTE = 55
"""An hour that spikes in its last scan has nothing new to say five minutes later."""
RECALL_SECONDS = 3 * HOUR
"""An hour's last word is owed until the end of the hour after; what was told before concerns no scan any more."""


class Limits(Struct, frozen=True):
    """What makes a spike: `multiple` times the volume of the hour before, and at least `min_quote_volume` USDT."""

    multiple: float = 3.0
    min_quote_volume: float = 3_000_000.0


class Observation(Struct, frozen=True):
    """One symbol's latest hourly candles, and when the scan that asked for them began and what time it is now."""

    symbol: str
    scan_start: float
    at: float
    candles: Sequence[Candle]

    @property
    def detection_time(self) -> int:
        """Return the 5-minute mark that this scan belongs to."""
        return int(self.scan_start) // SCAN_EVERY_SECONDS * SCAN_EVERY_SECONDS

    @property
    def is_current(self) -> bool:
        """Tell whether a candle is of this hour or of the one before: older ones show nothing of the market."""
        open_hour = int(self.scan_start) // HOUR * HOUR
        return any(candle.open_time_ms // 1000 in (open_hour - HOUR, open_hour) for candle in self.candles)


def step(memory: VolumeMemory, limits: Limits, observation: Observation) -> tuple[VolumeMemory, list[VolumeAlert]]:
    """Take one symbol's candles; return the new memory and the alerts they earn, oldest hour first.

    The first scan of an hour judges the hour just closed, whatever its minute. A scan in minute 0 judges nothing
    else: the new hour has no volume yet.
    """
    started = int(observation.scan_start)
    open_hour = started // HOUR * HOUR
    memory, last_word = _judge_closed(memory, limits, observation, open_hour - HOUR)
    word = None
    if started - open_hour >= MINUTE:
        memory, word = _judge_open(memory, limits, observation, open_hour)
    return memory, [alert for alert in (last_word, word) if alert is not None]


def recall(memory: VolumeMemory, alert: VolumeAlert) -> VolumeMemory:
    """Return the memory with an alert in it that has been told, whether or not the memory has heard of it.

    Alerts are recalled in the order in which they were told: so a process that ended between telling and remembering
    neither says the same again nor forgets the updates that it owes.
    """
    hour = int(alert.hour_timestamp.timestamp())
    minute = (int(alert.detection_time.timestamp()) - hour) // MINUTE
    if minute >= HOUR // MINUTE:
        return replace(memory, judged_hour=max(memory.judged_hour, hour))
    half = alert.alert_type is AlertType.HALF_UPDATE
    episode = memory.episode
    if episode is None or episode.hour < hour:
        initial = LAST_INITIAL_MINUTE_FOR_HALF if half else minute  # of an update alone, the latest that it may be
        return replace(memory, episode=VolumeEpisode(hour, initial, half))
    if half and episode.hour == hour:
        return replace(memory, episode=replace(episode, half_sent=True))
    return memory


def prune(memories: Mapping[str, VolumeMemory], symbols: Container[str], now: float) -> dict[str, VolumeMemory]:
    """Return the memories of the symbols that are still there, and those that may still owe an update."""
    return {
        symbol: memory
        for symbol, memory in memories.items()
        if symbol in symbols or _latest_hour(memory) + RECALL_SECONDS > now
    }


def _latest_hour(memory: VolumeMemory) -> int:
    return max(memory.judged_hour, memory.episode.hour if memory.episode else 0)


def _judge_closed(
    memory: VolumeMemory, limits: Limits, observation: Observation, hour: int
) -> tuple[VolumeMemory, VolumeAlert | None]:
    pair = None if _is_over(memory, hour) else _pair(observation, hour)
    if pair is None:
        return memory, None
    episode = memory.episode
    memory = replace(memory, judged_hour=hour)
    if episode is not None and episode.hour == hour:
        owed = episode.initial_minute < LAST_SCAN_MINUTE
        return memory, _alert(AlertType.FULL_UPDATE, observation, *pair) if owed else None
    return memory, _alert(AlertType.SPIKE, observation, *pair) if _spikes(limits, *pair) else None


def _judge_open(
    memory: VolumeMemory, limits: Limits, observation: Observation, hour: int
) -> tuple[VolumeMemory, VolumeAlert | None]:
    pair = None if _is_over(memory, hour) else _pair(observation, hour)
    if pair is None:
        return memory, None
    minute = (observation.detection_time - hour) // MINUTE
    episode = memory.episode
    if episode is not None and episode.hour == hour:
        if not _owes_half(episode, minute):
            return memory, None
        memory = replace(memory, episode=replace(episode, half_sent=True))
        return memory, _alert(AlertType.HALF_UPDATE, observation, *pair)
    if not _spikes(limits, *pair):
        return memory, None
    return replace(memory, episode=VolumeEpisode(hour, minute)), _alert(AlertType.SPIKE, observation, *pair)


def _is_over(memory: VolumeMemory, hour: int) -> bool:
    """Tell whether the last word on an hour has been spoken; a clock that is set back makes such hours come again."""
    return hour <= memory.judged_hour or (memory.episode is not None and hour < memory.episode.hour)


def _pair(observation: Observation, hour: int) -> tuple[Candle, Candle] | None:
    """Return the candles of the hour before and of this hour; None unless both are there and a ratio can be told."""
    candles = {candle.open_time_ms: candle for candle in observation.candles}
    previous, current = candles.get((hour - HOUR) * 1000), candles.get(hour * 1000)
    if previous is None or current is None or previous.quote_volume <= 0:
        return None
    return previous, current


def _spikes(limits: Limits, previous: Candle, current: Candle) -> bool:
    volume = current.quote_volume
    return volume >= limits.multiple * previous.quote_volume and volume >= limits.min_quote_volume


def _owes_half(episode: VolumeEpisode, minute: int) -> bool:
    return (
        not episode.half_sent
        and minute >= HALF_UPDATE_MINUTE
        and episode.initial_minute <= LAST_INITIAL_MINUTE_FOR_HALF
    )


def _alert(alert_type: AlertType, observation: Observation, previous: Candle, current: Candle) -> VolumeAlert:
    asset = asset_of(observation.symbol)
    ratio = current.quote_volume / previous.quote_volume
    return VolumeAlert(
        symbol=observation.symbol,
        asset=asset,
        message=alert_text.volume(alert_type, asset, current.quote_volume, ratio),
        alert_type=alert_type,
        is_update=alert_type is not AlertType.SPIKE,
        current_volume=current.quote_volume,
        previous_volume=previous.quote_volume,
        volume_ratio=ratio,
        price=current.close,
        candle_direction=CandleDirection.BULLISH if current.close > current.open else CandleDirection.BEARISH,
        hour_timestamp=datetime.fromtimestamp(current.open_time_ms / 1000, UTC),
        detection_time=datetime.fromtimestamp(observation.detection_time, UTC),
        timestamp=datetime.fromtimestamp(observation.at, UTC),
        price_change=(current.close - current.open) / current.open if current.open > 0 else None,
    )
