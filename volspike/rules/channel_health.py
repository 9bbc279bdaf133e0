"""Judging the Telegram channels: which cannot be read, and whether the backend takes their posts."""

from collections.abc import Iterator

from volspike.model.documents import ChannelsDocument, ChannelState, ChannelTrouble
from volspike.model.health import Finding, Severity

CHECK = "channels"
PATIENCE_SECONDS = 600
"""So long nobody need answer: a pause that Telegram asks for, or a network that comes back, is no finding."""


def findings(document: ChannelsDocument, now: float) -> Iterator[Finding]:
    """Yield what is found in the Telegram poller's report."""
    for name, state in document.channels.items():
        yield from _channel(name, state, now)
    if document.backend_since is not None and now - document.backend_since > PATIENCE_SECONDS:
        waiting = f"for {(now - document.backend_since) / 60:.0f} min: {document.backend_problem}"
        yield Finding(CHECK, Severity.WARNING, f"Telegram: posts of channels have waited {waiting}")
    well = sum(state.trouble is None and state.read_at is not None for state in document.channels.values())
    if well:
        yield Finding(CHECK, Severity.INFO, f"Telegram: {well} of {len(document.channels)} channels are read")


def _channel(name: str, state: ChannelState, now: float) -> Iterator[Finding]:
    since = now if state.since is None else state.since
    if state.trouble is ChannelTrouble.SHAPE:
        text = f"Telegram: @{name} cannot be read, its page is not what it was: {state.problem}"
        yield Finding(CHECK, Severity.ERROR, text)
    elif state.trouble is ChannelTrouble.GONE:
        text = f"Telegram: @{name} is gone, correct TELEGRAM_CHANNELS if it does not come back: {state.problem}"
        yield Finding(CHECK, Severity.WARNING, text)
    elif state.trouble is ChannelTrouble.AWAY and now - since > PATIENCE_SECONDS:
        text = f"Telegram: @{name} has not been read for {(now - since) / 60:.0f} min: {state.problem}"
        yield Finding(CHECK, Severity.WARNING, text)
