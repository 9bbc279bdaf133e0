"""Telegram's public web through the application, within the process."""

import aiohttp
import pytest

from tests.unit.simulator.clients import Client, within
from volspike.clients.telegram import preview
from volspike.clients.telegram.channels import ShapeChanged
from volspike.simulator.exchange import Exchange


async def shown(client: Client, path: str) -> bytes:
    async with client.get(path) as answer:
        assert answer.status == 200
        return await answer.read()


def test_pages_lead_backward(exchange: Exchange) -> None:
    async def scenario(client: Client) -> None:
        newest = preview.parse(await shown(client, "/s/MarketFeed"), "marketfeed")
        older = preview.parse(await shown(client, f"/s/marketfeed?before={newest.older}"), "marketfeed")

        assert len(newest.messages) == len(older.messages) == 20
        assert older.messages[-1].id < newest.messages[0].id

    within(exchange, scenario)


def test_a_number_that_is_none_is_as_if_it_were_not_there(exchange: Exchange) -> None:
    async def scenario(client: Client) -> None:
        page = preview.parse(await shown(client, "/s/marketfeed?before=soon"), "marketfeed")
        assert len(page.messages) == 20

    within(exchange, scenario)


@pytest.mark.parametrize(
    ("fault", "name", "to"),
    [
        ({}, "nobody", "/nobody"),
        ({"kind": "channel_gone", "name": "marketfeed"}, "marketfeed", "/marketfeed"),
        ({"kind": "channel_renamed", "name": "marketfeed", "to": "newname"}, "marketfeed", "/s/newname"),
    ],
)
def test_a_channel_that_is_not_there_leads_away(
    exchange: Exchange, fault: dict[str, object], name: str, to: str
) -> None:
    if fault:
        exchange.activate(fault)

    async def scenario(client: Client) -> None:
        async with client.get(f"/s/{name}", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (302, to)
        await shown(client, "/s/watcherguru")

    within(exchange, scenario)


def test_a_page_of_another_shape_is_none_that_the_reader_knows(exchange: Exchange) -> None:
    exchange.activate({"kind": "channels_changed"})

    async def scenario(client: Client) -> None:
        with pytest.raises(ShapeChanged):
            preview.parse(await shown(client, "/s/marketfeed"), "marketfeed")

    within(exchange, scenario)


def test_while_it_is_down_every_connection_is_cut(exchange: Exchange) -> None:
    exchange.activate({"kind": "channels_down"})

    async def scenario(client: Client) -> None:
        with pytest.raises(aiohttp.ClientError):
            await client.get("/s/marketfeed")

    within(exchange, scenario)
