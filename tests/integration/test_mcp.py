"""The assistant's door with the package's own client, as a real process beside a real suite."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from tests.ports import free_port
from tests.processes import Suite, until
from tests.simulation import SimulatorProcess
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import BACKEND, Kind, Message
from volspike.runtime.clock import Clock
from volspike.state import documents

PATIENCE_SECONDS = 40.0
Talk = Callable[[Client], Awaitable[Any]]


@pytest.fixture
def running(exchange: SimulatorProcess, tmp_path: Path) -> Iterator[Suite]:
    """A suite whose feed has heard of every symbol, with an alert in its outbox."""
    with Suite(tmp_path, exchange, VOLSPIKE_API_KEY="a-5ecret-key") as suite:
        suite.streaming()
        with Outbox(suite.state_dir / documents.OUTBOX, Clock(), {Kind.VOLUME: (BACKEND,)}) as outbox:
            text = "BTC hourly volume 5.81B — VOLUME SPIKE!"
            outbox.put([Message("volume:BTCUSDT:x", Kind.VOLUME, "BTCUSDT", Clock().now(), b"{}", text)])
        yield suite


def stdio(suite: Suite) -> StdioServerParameters:
    return StdioServerParameters(command=sys.executable, args=["-m", "volspike", "mcp"], env=suite.env)


def talk(server: StdioServerParameters | str, about: Talk) -> Any:
    async def session() -> Any:
        async with Client(server, read_timeout_seconds=PATIENCE_SECONDS) as client:
            return await about(client)

    return asyncio.run(session())


async def interview(client: Client) -> dict[str, Any]:
    """Ask everything; return the answers by question."""
    asked: dict[str, dict[str, Any]] = {
        "funding": {"symbol": "btc"},
        "top_funding": {"order": "highest", "count": 3},
        "open_interest": {"symbol": "btc"},
        "top_open_interest_changes": {},
        "latest_alerts": {"kind": "volume"},
        "suite_health": {},
    }
    tools = await client.list_tools()
    assert {tool.name for tool in tools.tools} == asked.keys()
    return {name: await client.call_tool(name, arguments) for name, arguments in asked.items()}


def check(answers: dict[str, Any], suite: Suite) -> None:
    """Hold the answers against what the suite knows."""
    funding = answers["funding"].structured_content
    assert funding["symbol"] == "BTCUSDT"
    assert not funding["is_stale"]
    assert funding["mark_price_in_quote_asset"] == pytest.approx(suite.rows()["BTCUSDT"]["markPrice"], rel=0.2)
    rates = [row["funding_rate_fraction"] for row in answers["top_funding"].structured_content["fundings"]]
    assert rates == sorted(rates, reverse=True)
    assert len(rates) == 3
    assert answers["open_interest"].is_error, "the poller does not run here, and that is said"
    assert answers["top_open_interest_changes"].structured_content["note"].startswith("no open interest yet")
    (alert,) = answers["latest_alerts"].structured_content["alerts"]
    assert alert["text"].endswith("VOLUME SPIKE!")
    health = answers["suite_health"].structured_content
    assert health["is_healthy"] is None, "there was no verdict yet"
    feed = next(daemon for daemon in health["daemons"] if daemon["name"] == "funding-ws")
    assert feed["last_sign_of_life_seconds_ago"] < PATIENCE_SECONDS
    told = json.dumps([answer.model_dump(mode="json") for answer in answers.values()])
    assert "5ecret" not in told


@pytest.mark.timeout(180)
def test_an_assistant_that_starts_it_is_answered_over_standard_input_and_output(running: Suite) -> None:
    check(talk(stdio(running), interview), running)


@pytest.mark.timeout(180)
def test_ctrl_c_ends_one_that_waits_for_questions(running: Suite) -> None:
    door = subprocess.Popen(
        [sys.executable, "-m", "volspike", "mcp"],
        env=running.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert door.stdin is not None
    assert door.stdout is not None
    try:
        door.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
        door.stdin.flush()
        assert door.stdout.readline(), "it has not begun"
        door.send_signal(signal.SIGINT)

        assert door.wait(PATIENCE_SECONDS) == -signal.SIGINT
        assert door.stdout.read() == b""
    finally:
        door.kill()
        door.wait()
        door.stdin.close()
        door.stdout.close()


@pytest.mark.timeout(180)
def test_a_dead_feed_is_told_as_stale_not_as_the_present(exchange: SimulatorProcess, tmp_path: Path) -> None:
    with Suite(tmp_path, exchange) as suite:
        feed = suite.streaming()
        feed.end()
        path = suite.runtime_dir / documents.FUNDING
        document = json.loads(path.read_bytes())
        for row in document["funding_state"].values():
            row["updatedAt"] -= 600
        path.write_text(json.dumps(document))

        answers = talk(stdio(suite), interview)

    assert answers["funding"].structured_content["is_stale"]
    assert answers["funding"].structured_content["age_seconds"] > 500
    assert answers["top_funding"].structured_content["fundings"] == []
    assert "the funding feed is silent" in answers["top_funding"].structured_content["note"]


@pytest.mark.timeout(180)
def test_programs_of_this_machine_are_answered_over_http_and_foreign_pages_are_not(running: Suite) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/mcp"
    door = subprocess.Popen(
        [sys.executable, "-m", "volspike", "mcp", "--http", "--port", str(port)],
        env=running.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:

        def status(**headers: str) -> int:
            usual = {"Accept": "application/json, text/event-stream"}
            ask = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
            with suppress(requests.ConnectionError):
                return requests.post(url, json=ask, headers={**usual, **headers}, timeout=30).status_code
            return 0

        until(lambda: status() == 200, PATIENCE_SECONDS, "an answer over HTTP")
        check(talk(url, interview), running)
        assert status(Host=f"evil.example:{port}") == 421
        assert status(Origin="http://evil.example") == 403
    finally:
        door.send_signal(signal.SIGINT)
        said, _ = door.communicate(timeout=PATIENCE_SECONDS)

    assert "Traceback" not in said, said
    assert said.startswith(f"answering at {url}; Ctrl-C ends it\n")
