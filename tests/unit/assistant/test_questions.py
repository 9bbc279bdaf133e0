"""The questions as an assistant asks them, through the package's own client in this process."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from mcp_types import CallToolResult, Tool

from tests.unit.assistant.conftest import funding, interest
from volspike import settings as settings_module
from volspike.assistant.questions import MOST
from volspike.assistant.server import build
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import BACKEND, Kind, Message
from volspike.model.documents import VERSION, FundingDocument, OpenInterestDocument
from volspike.model.market import ConnectionStatus
from volspike.runtime.clock import Clock
from volspike.settings import Settings
from volspike.state import documents, file

SECRET = "5ecret-key"  # noqa: S105 - stands for one
Ask = Callable[..., CallToolResult]


@pytest.fixture
def place(tmp_path: Path) -> Settings:
    """Directories with an old market and an alert of just now."""
    variables = {
        "VOLSPIKE_STATE_DIR": str(tmp_path / "state"),
        "VOLSPIKE_RUNTIME_DIR": str(tmp_path / "run"),
        "VOLSPIKE_API_KEY": SECRET,
    }
    settings = settings_module.load(variables)
    settings.runtime_dir.mkdir()
    settings.state_dir.mkdir()
    rows = {"BTCUSDT": funding(0.0001), "ETHUSDT": funding(0.0002)}
    feed = FundingDocument(VERSION, rows, ConnectionStatus(connected=True), 1.0, 1)
    polled = OpenInterestDocument(VERSION, {"BTCUSDT": interest(10.0)}, 1.0)
    file.write(settings.runtime_dir / documents.FUNDING, documents.encode(feed))
    file.write(settings.runtime_dir / documents.OPEN_INTEREST, documents.encode(polled))
    with Outbox(settings.state_dir / documents.OUTBOX, Clock(), {Kind.VOLUME: (BACKEND,)}) as outbox:
        outbox.put([Message("volume:BTCUSDT:x", Kind.VOLUME, "BTCUSDT", Clock().now(), b"{}", "BTC moved")])
    return settings


def in_session(settings: Settings, ask: Callable[[Client], Any]) -> Any:
    async def session() -> Any:
        async with Client(build(settings)) as client:
            return await ask(client)

    return asyncio.run(session())


@pytest.fixture
def ask(place: Settings) -> Ask:
    """Ask one question."""
    return lambda name, **arguments: in_session(place, lambda client: client.call_tool(name, arguments))


def said(answer: CallToolResult) -> str:
    return "".join(content.text for content in answer.content if content.type == "text")


def test_rates_of_different_intervals_are_not_held_against_each_other(place: Settings) -> None:
    tools: list[Tool] = in_session(place, lambda client: client.list_tools()).tools

    told = next(tool.description or "" for tool in tools if tool.name == "top_funding")
    assert "annualised_funding_fraction" in told


def test_every_tool_says_what_it_does_that_it_only_reads_and_what_comes_out(place: Settings) -> None:
    tools: list[Tool] = in_session(place, lambda client: client.list_tools()).tools

    assert [tool.name for tool in tools] == [
        "funding", "top_funding", "open_interest", "top_open_interest_changes", "latest_alerts", "suite_health",
    ]  # fmt: skip
    for tool in tools:
        assert tool.description
        assert tool.output_schema
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert not tool.annotations.destructive_hint


def test_an_old_rate_is_answered_and_told_as_old(ask: Ask) -> None:
    answer = ask("funding", symbol="btc")

    assert not answer.is_error
    assert answer.structured_content is not None
    assert answer.structured_content["symbol"] == "BTCUSDT"
    assert answer.structured_content["is_stale"] is True


def test_lists_of_old_data_are_empty_and_say_why(ask: Ask) -> None:
    rates = ask("top_funding", order="highest").structured_content
    moves = ask("top_open_interest_changes", timeframe="1h").structured_content

    assert rates is not None
    assert moves is not None
    assert (rates["fundings"], moves["open_interests"]) == ([], [])
    assert rates["note"].startswith("the funding feed is silent")
    assert moves["note"].startswith("open interest is stale")


def test_alerts_are_answered(ask: Ask) -> None:
    answer = ask("latest_alerts", kind="volume", symbol="btc", hours=1).structured_content

    assert answer is not None
    assert [row["text"] for row in answer["alerts"]] == ["BTC moved"]


def test_what_is_not_known_is_an_error_that_says_what_is(ask: Ask) -> None:
    answer = ask("open_interest", symbol="BTCUSD")

    assert answer.is_error
    assert "'BTCUSD' is not among the 1 that are known; near it are BTCUSDT" in said(answer)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("top_funding", {"count": MOST + 1}),
        ("top_funding", {"count": 0}),
        ("top_funding", {"order": "nicest"}),
        ("latest_alerts", {"hours": 1000}),
        ("funding", {"symbol": "x" * 41}),
        ("funding", {}),
    ],
)
def test_what_is_beyond_the_bounds_is_refused(ask: Ask, name: str, arguments: dict[str, Any]) -> None:
    assert ask(name, **arguments).is_error


def test_no_answer_holds_a_secret_or_a_place_of_this_machine(ask: Ask, tmp_path: Path) -> None:
    answers = [
        ask("funding", symbol="btc"), ask("top_funding"), ask("latest_alerts"), ask("suite_health"),
        ask("open_interest", symbol="nothing"),
    ]  # fmt: skip

    assert SECRET not in "".join(map(said, answers))
    assert str(tmp_path) not in "".join(map(said, answers))
    assert not any(answer.is_error for answer in answers[:-1])
