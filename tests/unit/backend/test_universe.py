"""The liquid universe is replaced as a whole, and never by nothing."""

from typing import Any

from tests.unit.asgi import ask
from tests.unit.backend.conftest import Client

TELL = "/api/market/open-interest/liquid-universe"
UPDATE = f"{TELL}/update"
BEGAN, LATER = "2026-10-01T12:00:00Z", "2026-10-01T12:05:00Z"


def member(symbol: str, volume: float = 5e9, *, entered: str | None = BEGAN, seen: str = BEGAN) -> dict[str, Any]:
    return {"symbol": symbol, "quoteVolume24h": volume, "enteredAt": entered, "lastSeenAt": seen}


def update(*members: dict[str, Any], at: str = BEGAN) -> dict[str, Any]:
    return {"symbols": list(members), "updatedAt": at}


def told(client: Client) -> Any:
    return ask(client.app, TELL).json


def test_before_the_first_one_it_is_empty_and_public(client: Client) -> None:
    assert told(client) == {
        "updatedAt": None,
        "enterThreshold": 4e6,
        "exitThreshold": 2e6,
        "symbols": [],
        "totalSymbols": 0,
    }


def test_it_is_replaced_as_a_whole_and_who_stays_keeps_the_time_of_entering(client: Client) -> None:
    client.post(UPDATE, update(member("BTCUSDT"), member("OLDUSDT")))
    reply = client.post(
        UPDATE, update(member("BTCUSDT", 6e9, entered=None, seen=LATER), member("NEWUSDT", entered=LATER), at=LATER)
    )

    assert reply.json == {"success": True, "upserted": 2, "removed": 1, "totalSymbols": 2}
    assert (told(client)["updatedAt"], told(client)["totalSymbols"]) == ("2026-10-01T12:05:00.000Z", 2)
    assert told(client)["symbols"] == [
        {
            "symbol": "BTCUSDT",
            "quoteVolume24h": 6e9,
            "enteredAt": "2026-10-01T12:00:00.000Z",
            "lastSeenAt": "2026-10-01T12:05:00.000Z",
            "estimatedPollIntervalSec": 5,
        },
        {
            "symbol": "NEWUSDT",
            "quoteVolume24h": 5e9,
            "enteredAt": "2026-10-01T12:05:00.000Z",
            "lastSeenAt": "2026-10-01T12:00:00.000Z",
            "estimatedPollIntervalSec": 5,
        },
    ]


def test_one_that_was_not_in_it_has_entered_when_it_was_seen(client: Client) -> None:
    client.post(UPDATE, update(member("BTCUSDT", entered=None, seen=LATER)))

    assert told(client)["symbols"][0]["enteredAt"] == "2026-10-01T12:05:00.000Z"


def test_an_empty_one_is_refused_and_the_one_that_is_kept_stays(client: Client) -> None:
    client.post(UPDATE, update(member("BTCUSDT")))

    reply = client.post(UPDATE, update(), episode="one")

    assert reply.status == 409
    assert told(client)["totalSymbols"] == 1


def test_how_often_its_symbols_are_polled_follows_from_their_number(client: Client) -> None:
    client.post(UPDATE, update(*[member(f"S{number}USDT") for number in range(400)]))

    assert {row["estimatedPollIntervalSec"] for row in told(client)["symbols"]} == {12}


def test_what_is_no_universe_is_refused(client: Client) -> None:
    assert client.post(UPDATE, update({"symbol": "BTCUSDT"})).status == 400
    assert client.post(UPDATE, update(member("BTCUSDT")), key="wrong").status == 401
    assert client.post(UPDATE, b"").status == 500
