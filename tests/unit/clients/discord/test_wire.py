"""A message to Discord's JSON, and what it answers."""

import json

import pytest

from volspike.clients.discord import wire
from volspike.clients.discord.wire import Answer


def test_a_message_calls_nobody_and_shows_no_previews() -> None:
    assert json.loads(wire.message("@everyone BTC ▲")) == {
        "content": "@everyone BTC ▲",
        "allowed_mentions": {"parse": []},
        "flags": 4,
    }


def test_a_refusal_tells_why_and_when_to_come_again() -> None:
    said = b'{"message": "You are being rate limited.", "retry_after": 0.75, "global": false}'

    assert wire.parse_answer(said) == Answer("You are being rate limited.", 0, 0.75)
    assert wire.parse_answer(b'{"message": "Unknown Webhook", "code": 10015}') == Answer("Unknown Webhook", 10015)


@pytest.mark.parametrize("foreign", [b"", b"<html>", b"[]", b'{"message": 7}', b"[" * 100_000, b"\xff"])
def test_what_is_not_discord_s_is_none(foreign: bytes) -> None:
    assert wire.parse_answer(foreign) is None
