"""`volspike replay`: the alert rules over recorded files."""

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from volspike.cli import alert_tables, suite
from volspike.cli.alert_tables import Alert, Layout
from volspike.replay import table
from volspike.replay.klines import KlineRun
from volspike.replay.open_interest import OpenInterestRun
from volspike.replay.run import Run
from volspike.replay.table import Table, UnreadableError
from volspike.rules.open_interest import TIMEFRAMES, Thresholds
from volspike.rules.volume_spike import Limits
from volspike.state import documents

COMPLAINTS_TOLD = 20
MINUTES = (5, 15, 60)


def _positive(value: float | None) -> float | None:
    if value is not None and not (isfinite(value) and value > 0):
        raise typer.BadParameter(f"{value} is not a number above 0")
    return value


def _fraction(value: float | None) -> float | None:
    if value is not None and not 0 < value <= 1:
        raise typer.BadParameter(f"{value} is not a fraction above 0 and at most 1 (0.03 is 3 %)")
    return value


def _from_zero(value: float | None) -> float | None:
    if value is not None and not (isfinite(value) and value >= 0):
        raise typer.BadParameter(f"{value} is not a number from 0 up")
    return value


def _threshold(minutes: int, default: float) -> object:
    text = f"Open interest: the move within {minutes} min that counts, a fraction. [default: {default}]"
    return typer.Option(callback=_fraction, help=text)


def _lookback(minutes: int, default: int) -> object:
    text = f"Open interest: the seconds that those {minutes} min are. [default: {default}]"
    return typer.Option(callback=_positive, help=text)


def _cooldown(minutes: int, default: int) -> object:
    text = f"Open interest: the seconds of rest after an alert of {minutes} min. [default: {default}]"
    return typer.Option(callback=_from_zero, help=text)


def replay(
    klines: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Hourly candles, CSV or gzipped CSV: run the volume rule.")
    ] = None,
    open_interest: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Open interest, CSV or gzipped CSV: run its rule.")
    ] = None,
    *,
    symbol: Annotated[
        str | None, typer.Option(help="This symbol alone; in a file without a symbol column: its symbol.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One alert a line, as the backend gets it.")] = False,
    multiple: Annotated[
        float | None, typer.Option(callback=_positive, help="Volume: how many times the hour before. [default: 3]")
    ] = None,
    min_quote_volume: Annotated[
        float | None, typer.Option(callback=_from_zero, help="Volume: the least of an hour, in USDT. [default: 3e6]")
    ] = None,
    threshold_5min: Annotated[float | None, _threshold(5, 0.03)] = None,
    threshold_15min: Annotated[float | None, _threshold(15, 0.07)] = None,
    threshold_60min: Annotated[float | None, _threshold(60, 0.12)] = None,
    lookback_5min: Annotated[float | None, _lookback(5, 300)] = None,
    lookback_15min: Annotated[float | None, _lookback(15, 900)] = None,
    lookback_60min: Annotated[float | None, _lookback(60, 3600)] = None,
    cooldown_5min: Annotated[float | None, _cooldown(5, 600)] = None,
    cooldown_15min: Annotated[float | None, _cooldown(15, 900)] = None,
    cooldown_60min: Annotated[float | None, _cooldown(60, 3600)] = None,
    min_delta_contracts: Annotated[
        float | None,
        typer.Option(callback=_from_zero, help="Open interest: the least move, in contracts. [default: 5000]"),
    ] = None,
) -> None:
    """Run an alert rule over a recorded file, to tune its thresholds on history before they go live.

    A row that cannot be used is named on standard error, skipped and counted. Exit code 0, or 2 when the file cannot
    be used.
    """
    limits = _given(multiple=multiple, min_quote_volume=min_quote_volume)
    delta = _given(min_delta_contracts=min_delta_contracts)
    changes = (
        _given(threshold=threshold_5min, lookback_seconds=lookback_5min, cooldown_seconds=cooldown_5min),
        _given(threshold=threshold_15min, lookback_seconds=lookback_15min, cooldown_seconds=cooldown_15min),
        _given(threshold=threshold_60min, lookback_seconds=lookback_60min, cooldown_seconds=cooldown_60min),
    )
    if (klines is None) == (open_interest is None):
        suite.fail("give either --klines FILE or --open-interest FILE", suite.EX_USAGE)
    foreign = _flags(limits) if klines is None else [*_flags(delta), *_timeframe_flags(changes)]
    if foreign:
        rule = "volume" if klines is None else "open-interest"
        suite.fail(f"{', '.join(foreign)}: only the {rule} rule has this, and it is not for this file", suite.EX_USAGE)
    if klines is not None:
        spikes = partial(KlineRun, symbol=symbol, limits=replace(Limits(), **limits))
        _play(klines, symbol, spikes, alert_tables.VOLUME, as_json=as_json)
    elif open_interest is not None:
        timeframes = tuple(replace(timeframe, **given) for timeframe, given in zip(TIMEFRAMES, changes, strict=True))
        moves = partial(OpenInterestRun, symbol=symbol, thresholds=Thresholds(timeframes, **delta))
        _play(open_interest, symbol, moves, alert_tables.OPEN_INTEREST, as_json=as_json)


def _given(**values: float | None) -> dict[str, float]:
    return {name: value for name, value in values.items() if value is not None}


def _flags(given: Iterable[str], suffix: str = "") -> list[str]:
    return [f"--{name.removesuffix('_seconds').replace('_', '-')}{suffix}" for name in given]


def _timeframe_flags(changes: Iterable[Iterable[str]]) -> list[str]:
    return [flag for minutes, given in zip(MINUTES, changes, strict=True) for flag in _flags(given, f"-{minutes}min")]


def _play(
    path: Path, symbol: str | None, begin: Callable[[Table], Run[Alert]], layout: Layout[Alert], *, as_json: bool
) -> None:
    try:
        with table.reading(path, _Complaints().add) as recorded:
            run = begin(recorded)
            found = _write(run.alerts()) if as_json else alert_tables.show(layout, run.alerts())
    except UnreadableError as error:
        suite.fail(str(error), suite.EX_USAGE)
    if not as_json or recorded.skipped:
        (sys.stderr if as_json else sys.stdout).write(
            f"alerts: {found:,} · rows used: {run.used:,}, skipped: {recorded.skipped:,} · symbols: {run.symbols:,}\n"
        )
    if run.used and not run.judged:
        sys.stderr.write(f"volspike: {run.unjudged}\n")
    if symbol is not None and not (run.used or recorded.skipped):
        suite.fail(f"{path}: no row of the symbol {symbol}", suite.EX_USAGE)
    if recorded.skipped and not run.used:
        suite.fail(f"{path}: no row of it can be used", suite.EX_USAGE)


def _write(alerts: Iterator[Alert]) -> int:
    count = 0
    for alert in alerts:
        sys.stdout.write(documents.encode(alert).decode() + "\n")
        count += 1
    return count


class _Complaints:
    """What is wrong with single rows, on standard error; after the first twenty it is only counted."""

    def __init__(self) -> None:
        self._told = 0

    def add(self, complaint: str) -> None:
        """Tell one."""
        self._told += 1
        if self._told <= COMPLAINTS_TOLD:
            sys.stderr.write(f"volspike: {complaint}; row skipped\n")
        elif self._told == COMPLAINTS_TOLD + 1:
            sys.stderr.write("volspike: further rows that cannot be used are only counted\n")
