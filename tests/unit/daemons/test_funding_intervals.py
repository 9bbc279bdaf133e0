"""The hours between two fundings: asked for, kept, and left as they are when Binance does not tell."""

import json
from pathlib import Path

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.clients.binance.rest import Rest
from volspike.daemons import funding_intervals
from volspike.model.documents import FundingIntervalsDocument
from volspike.state import documents

PATH = "/fapi/v1/fundingInfo"


@pytest.fixture
def rest(server: AnsweringServer, clock: MovedClock) -> Rest:
    return Rest(server.url, clock, account=None, connections=1)


def test_what_binance_tells_is_kept(rest: Rest, server: AnsweringServer, runtime_dir: Path, clock: MovedClock) -> None:
    server.answers[PATH] = Answer(body=json.dumps([{"symbol": "BTCUSDT", "fundingIntervalHours": 4}]).encode())
    path = runtime_dir / documents.FUNDING_INTERVALS

    funding_intervals.refresh(rest, path, clock)

    assert documents.decode(path.read_bytes(), FundingIntervalsDocument) == FundingIntervalsDocument(
        1, {"BTCUSDT": 4}, NOW
    )


def test_what_was_kept_stays_when_binance_does_not_tell(
    rest: Rest, server: AnsweringServer, runtime_dir: Path, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    path = runtime_dir / documents.FUNDING_INTERVALS
    path.write_bytes(b"as it was")

    funding_intervals.refresh(rest, path, clock)

    assert path.read_bytes() == b"as it was"
    assert "funding intervals not refreshed" in caplog.messages
