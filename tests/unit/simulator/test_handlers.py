"""REST through the application, within the process."""

import pytest

from tests.unit.simulator.clients import Client, within
from volspike.simulator.exchange import Exchange
from volspike.simulator.handlers import SOCKET_PATH, WEIGHT_HEADER


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/market/stream", ("market", "stream", None)),
        ("/market/ws", ("market", "ws", None)),
        ("/public/ws/a@b/c", ("public", "ws", "a@b/c")),
        ("/stream", (None, "stream", None)),
        ("/ws/!ticker@arr", (None, "ws", "!ticker@arr")),
    ],
)
def test_paths_of_streams(path: str, parts: tuple[str | None, ...]) -> None:
    found = SOCKET_PATH.match(path)

    assert found is not None
    assert found.groups() == parts


@pytest.mark.parametrize("path", ["/fapi/v1/time", "/other/ws/x", "/wsx", "/market"])
def test_other_paths_are_none_of_streams(path: str) -> None:
    assert SOCKET_PATH.match(path) is None


def test_the_header_tells_the_weight_used_and_lies_on_one_endpoint(exchange: Exchange) -> None:
    async def scenario(client: Client) -> None:
        first = await client.get("/fapi/v1/premiumIndex")
        wrong = await client.get("/fapi/v2/ticker/price")
        free = await client.get("/fapi/v1/fundingInfo")

        assert first.headers[WEIGHT_HEADER] == "10"
        assert wrong.headers[WEIGHT_HEADER] == "2"
        assert WEIGHT_HEADER not in free.headers
        assert exchange.weights.used("127.0.0.1", exchange.clock.now()) in {2, 12}

    within(exchange, scenario)


def test_a_bad_request_costs_weight_too(exchange: Exchange) -> None:
    async def scenario(client: Client) -> None:
        answer = await client.get("/fapi/v1/openInterest?symbol=NOPE")

        assert (answer.status, await answer.json()) == (400, {"code": -1121, "msg": "Invalid symbol."})
        assert answer.headers[WEIGHT_HEADER] == "1"

    within(exchange, scenario)


def test_requests_are_counted(exchange: Exchange) -> None:
    async def scenario(client: Client) -> None:
        await client.get("/fapi/v1/ping")
        await client.get("/fapi/v1/nothing")

    within(exchange, scenario)

    assert exchange.statistics.requests == {"/fapi/v1/ping": {200: 1}, "/fapi/v1/nothing": {404: 1}}
