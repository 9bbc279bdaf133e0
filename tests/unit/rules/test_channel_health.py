"""Judging the Telegram channels."""

import pytest

from volspike.model.documents import VERSION, ChannelsDocument, ChannelState, ChannelTrouble
from volspike.model.health import Severity
from volspike.rules import channel_health

NOW = 1_790_856_123.0
WELL = ChannelState(read_at=NOW - 30)


def judged(state: ChannelState, **changes: object) -> list[tuple[Severity, str]]:
    document = ChannelsDocument(VERSION, {"marketfeed": state, "watcherguru": WELL}, NOW, **changes)  # type: ignore[arg-type]
    return [(finding.severity, finding.text) for finding in channel_health.findings(document, NOW)]


def troubled(trouble: ChannelTrouble, age: float) -> ChannelState:
    return ChannelState(read_at=NOW - age - 60, trouble=trouble, since=NOW - age, problem="because")


def test_channels_that_are_read_are_told_in_one_line() -> None:
    assert judged(WELL) == [(Severity.INFO, "Telegram: 2 of 2 channels are read")]


@pytest.mark.parametrize(
    ("trouble", "age", "severity", "text"),
    [
        (
            ChannelTrouble.SHAPE,
            0,
            Severity.ERROR,
            "Telegram: @marketfeed cannot be read, its page is not what it was: because",
        ),
        (
            ChannelTrouble.GONE,
            0,
            Severity.WARNING,
            "Telegram: @marketfeed is gone, correct TELEGRAM_CHANNELS if it does not come back: because",
        ),
        (ChannelTrouble.AWAY, 660, Severity.WARNING, "Telegram: @marketfeed has not been read for 11 min: because"),
    ],
)
def test_a_channel_that_cannot_be_read_is_named(
    trouble: ChannelTrouble, age: float, severity: Severity, text: str
) -> None:
    assert judged(troubled(trouble, age)) == [
        (severity, text),
        (Severity.INFO, "Telegram: 1 of 2 channels are read"),
    ]


def test_a_short_absence_is_nothing_to_tell() -> None:
    assert judged(troubled(ChannelTrouble.AWAY, 600)) == [(Severity.INFO, "Telegram: 1 of 2 channels are read")]


def test_a_trouble_that_does_not_say_since_when_is_new() -> None:
    state = ChannelState(trouble=ChannelTrouble.AWAY, problem="because")

    assert judged(state) == [(Severity.INFO, "Telegram: 1 of 2 channels are read")]


def test_posts_that_wait_for_the_backend_are_told_after_a_while() -> None:
    waiting = judged(WELL, backend_since=NOW - 900, backend_problem="HTTP 503")

    assert waiting[0] == (Severity.WARNING, "Telegram: posts of channels have waited for 15 min: HTTP 503")
    assert len(judged(WELL, backend_since=NOW - 599, backend_problem="HTTP 503")) == 1


def test_nothing_is_told_of_no_channel() -> None:
    assert list(channel_health.findings(ChannelsDocument(VERSION, {}, NOW), NOW)) == []
