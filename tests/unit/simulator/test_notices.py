"""What the services bear, and what people have read there."""

import pytest

from volspike.simulator import notices
from volspike.simulator.notices import DESK, DISCORD, NTFY, Notices


@pytest.mark.parametrize("service", [DISCORD, NTFY, DESK])
def test_a_text_is_taken_and_can_be_read(service: str) -> None:
    seen = Notices()

    assert seen.take(service, " BTC up ", 7.0).status == 200
    assert [(notice.service, notice.at, notice.text) for notice in seen.notices] == [(service, 7.0, "BTC up")]


@pytest.mark.parametrize("nothing", ["", " \n", None, 7])
def test_a_message_without_a_text_is_refused(nothing: object) -> None:
    assert Notices().take(DISCORD, nothing, 0.0).status == 400


def test_discord_takes_two_thousand_characters_and_the_others_more() -> None:
    seen = Notices()

    assert seen.take(DISCORD, "x" * 2000, 0.0).status == 200
    assert seen.take(DISCORD, "x" * 2001, 0.0).status == 400
    assert seen.take(DESK, "x" * 2001, 0.0).status == 200


def test_an_ntfy_takes_four_thousand_and_ninety_six_bytes_and_makes_a_file_of_more() -> None:
    seen = Notices()

    for text in ("币" * 1365 + "x", "币" * 1365 + "xx"):
        seen.take(NTFY, text, 0.0)

    assert [notice.text for notice in seen.notices] == ["币" * 1365 + "x", "You received a file: attachment.txt"]


def test_discord_takes_five_messages_in_two_seconds_and_says_when_the_next_may_come() -> None:
    seen = Notices()
    statuses = [seen.take(DISCORD, "text", 0.25 * number).status for number in range(6)]
    refused = seen.take(DISCORD, "text", 1.5)

    assert statuses == [200] * 5 + [429]
    assert (refused.status, refused.document["retry_after"]) == (429, 0.5)
    assert seen.take(DISCORD, "text", 2.0).status == 200
    assert seen.take(NTFY, "text", 1.5).status == 200


def test_a_pause_is_told_as_discord_tells_it() -> None:
    assert notices.limited(0.7501).document == {"message": "You are being rate limited.", "retry_after": 0.75}
