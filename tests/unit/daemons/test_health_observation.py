"""What the monitor sees; whatever cannot be seen is unknown, and costs nothing else."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clocks import MovedClock
from tests.unit.examples import DUE_MS, NOW, funding_document, unit_state
from volspike.archive import making
from volspike.clients.binance.weight import WeightAccount
from volspike.clients.errors import Transient
from volspike.daemons import health_observation
from volspike.daemons.health_observation import observe
from volspike.model.documents import VERSION, Ban, EmergencyStop, Heartbeat, Maintenance, OutboxDocument
from volspike.model.health import Report, UnitState
from volspike.model.market import PremiumIndex
from volspike.settings import Settings
from volspike.state import documents, emergency, file

ROW = {"symbol": "BTCUSDT", "markPrice": "91725.878", "lastFundingRate": "0.0001", "nextFundingTime": DUE_MS}
LISTED = [
    {"symbol": "BTCUSDT", "contractType": "PERPETUAL", "status": "TRADING", "quoteAsset": "USDT"},
    {"symbol": "ETHUSDC", "contractType": "PERPETUAL", "status": "TRADING", "quoteAsset": "USDC"},
]


class Units:
    """A supervisor of one unit, or of nobody."""

    def __init__(self, problem: str = "") -> None:
        self.problem = problem

    def states(self) -> list[UnitState]:
        if self.problem:
            raise Transient(self.problem)
        return [unit_state()]

    def restart(self, unit: str, *, reset_failed: bool) -> None:
        raise AssertionError(f"an observer does not restart {unit} (reset: {reset_failed})")


@pytest.fixture
def answering(server: AnsweringServer, settings: Callable[..., Settings]) -> Settings:
    """Settings of a suite whose exchange and API are well."""
    server.answers["/fapi/v1/time"] = Answer(body=b'{"serverTime":%d}' % ((NOW + 2) * 1000))
    server.answers["/fapi/v1/premiumIndex"] = Answer(body=json.dumps(ROW).encode())
    server.answers["/fapi/v1/exchangeInfo"] = Answer(body=json.dumps({"symbols": LISTED}).encode())
    server.answers["/funding/health"] = Answer(body=b'{"status":"healthy","symbolCount":648}')
    return settings(binance_rest_url=server.url, funding_api_port=int(server.url.rpartition(":")[2]))


def test_everything_is_looked_at(answering: Settings, runtime_dir: Path) -> None:
    beat = Heartbeat(1, "funding-ws", 4711, NOW - 60, NOW, "streaming", NOW + 10)
    for path, content in (
        (runtime_dir / documents.FUNDING, documents.encode(funding_document())),
        (runtime_dir / documents.MAINTENANCE, documents.encode(Maintenance(1, NOW + 600))),
        (runtime_dir / documents.OUTBOX_STATE, documents.encode(OutboxDocument(1, {}, NOW))),
    ):
        file.write(path, content)
    path = documents.heartbeat_path(runtime_dir, "funding-ws")
    path.parent.mkdir()
    file.write(path, documents.encode(beat))

    before = answering.clock.monotonic()
    seen = observe(answering, Units())

    assert (seen.now, seen.funding_enabled) == (NOW, True)
    assert before <= seen.monotonic <= answering.clock.monotonic()
    assert (seen.units, seen.units_problem) == ([unit_state()], None)
    assert seen.heartbeats == {"funding-ws": beat}
    assert (seen.feed, seen.feed_problem) == (funding_document(), None)
    assert (seen.api.status, seen.api.healthy, seen.api.symbol_count) == (200, True, 648)
    assert seen.exchange.premium_index == PremiumIndex("BTCUSDT", 91725.878, 0.0001, DUE_MS)
    assert seen.exchange.clock_skew_seconds == 2.0
    assert seen.exchange.tradable_symbols == frozenset({"BTCUSDT"})
    assert seen.machine.disks.keys() == {str(runtime_dir.with_name("state"))}  # all are on one disk here
    assert (seen.weight_closed_until, seen.maintenance_until) == (0.0, NOW + 600)
    assert (seen.outbox, seen.outbox_problem) == (OutboxDocument(1, {}, NOW), None)


def test_an_empty_place_is_not_an_error_of_the_observer(answering: Settings) -> None:
    seen = observe(answering, Units("systemctl is not installed here"))

    assert (seen.units, seen.units_problem) == ([], "systemctl is not installed here")
    assert (seen.heartbeats, seen.feed, seen.feed_problem) == ({}, None, None)
    assert (seen.weight_closed_until, seen.maintenance_until) == (0.0, None)


def test_a_broken_file_is_named_and_the_rest_is_seen(answering: Settings, runtime_dir: Path) -> None:
    (runtime_dir / documents.FUNDING).write_bytes(b"{torn")
    (runtime_dir / documents.MAINTENANCE).mkdir()
    (runtime_dir / documents.OUTBOX_STATE).write_bytes(b"{torn")
    (runtime_dir / documents.TELEGRAM_CHANNELS).write_bytes(b"{torn")

    seen = observe(answering, Units())

    assert seen.feed is None
    assert seen.feed_problem is not None
    assert f"{documents.FUNDING} is broken" in seen.feed_problem
    assert seen.outbox_problem is not None
    assert f"{documents.OUTBOX_STATE} is broken" in seen.outbox_problem
    assert seen.channels_problem is not None
    assert f"{documents.TELEGRAM_CHANNELS} is broken" in seen.channels_problem
    assert seen.maintenance_until is None
    assert seen.exchange.reachable


def test_a_file_that_cannot_be_read_is_named(answering: Settings, runtime_dir: Path) -> None:
    (runtime_dir / documents.FUNDING).mkdir()

    assert observe(answering, Units()).feed_problem == (
        f"{runtime_dir / documents.FUNDING} cannot be read (Is a directory)"
    )


def test_while_this_machine_is_shut_out_the_exchange_is_left_alone(
    answering: Settings, server: AnsweringServer, runtime_dir: Path, clock: MovedClock
) -> None:
    with WeightAccount(runtime_dir, clock) as account:
        account.close_until(NOW + 60)

    seen = observe(answering, Units())

    assert seen.weight_closed_until == NOW + 60
    assert seen.exchange.problem == "not asked while this machine is shut out"
    assert server.asked == ["/funding/health"]


BANNED = Answer(418, b'{"code":-1003,"msg":"banned"}', {"Retry-After": "120"})


def ban(settings: Settings) -> Path:
    return documents.health_directory(settings.state_dir) / documents.BAN


@pytest.mark.parametrize("path", ["/fapi/v1/time", "/fapi/v1/premiumIndex", "/fapi/v1/exchangeInfo"])
def test_a_ban_that_the_monitor_meets_is_kept_and_told(
    answering: Settings, server: AnsweringServer, runtime_dir: Path, path: str
) -> None:
    server.answers[path] = BANNED

    seen = observe(answering, Units())

    assert (seen.exchange.reachable, seen.exchange.shut_out_seconds) == (False, 120)
    assert "HTTP 418" in seen.exchange.problem
    assert seen.weight_closed_until == NOW + 120
    assert documents.decode(ban(answering).read_bytes(), Ban) == Ban(1, NOW + 120)
    assert not (runtime_dir / documents.WEIGHT).exists()


def test_until_the_end_of_its_ban_the_monitor_asks_nothing(
    answering: Settings, server: AnsweringServer, clock: MovedClock
) -> None:
    server.answers["/fapi/v1/time"] = BANNED
    observe(answering, Units())
    server.answers["/fapi/v1/time"] = Answer(body=b'{"serverTime":%d}' % (NOW * 1000))
    server.asked.clear()

    clock.move(119)
    seen = observe(answering, Units())
    assert server.asked == ["/funding/health"]
    assert seen.exchange.problem == "not asked while this machine is shut out"
    assert seen.weight_closed_until == NOW + 120

    clock.move(1)
    assert observe(answering, Units()).exchange.reachable


@pytest.mark.parametrize(("account_s", "own"), [(60, 300), (300, 60)])
def test_of_two_bans_the_later_end_counts(
    answering: Settings, runtime_dir: Path, clock: MovedClock, account_s: float, own: float
) -> None:
    with WeightAccount(runtime_dir, clock) as account:
        account.close_until(NOW + account_s)
    file.write(ban(answering), documents.encode(Ban(1, NOW + own)))

    assert observe(answering, Units()).weight_closed_until == NOW + 300


def test_during_an_emergency_stop_the_exchange_is_left_alone(answering: Settings, server: AnsweringServer) -> None:
    stop = EmergencyStop(VERSION, NOW - 60, "why")
    emergency.begin(answering.state_dir, stop)

    seen = observe(answering, Units())

    assert seen.emergency == stop
    assert (seen.exchange.reachable, seen.exchange.problem) == (False, "")
    assert server.asked == ["/funding/health"]


@pytest.mark.parametrize(("goes_on", "resumed"), [(True, False), (False, True)])
def test_the_first_look_after_an_emergency_stop_knows_that_it_is_the_first(
    answering: Settings, goes_on: bool, resumed: bool
) -> None:
    stop = EmergencyStop(VERSION, NOW - 60, "why")
    path = documents.health_directory(answering.runtime_dir) / documents.HEALTH_REPORT
    path.parent.mkdir(exist_ok=True)
    file.write(path, documents.encode(Report(VERSION, NOW - 60, False, [], [], stop)))
    if goes_on:
        emergency.begin(answering.state_dir, stop)

    assert observe(answering, Units()).resumed == resumed

    file.write(path, documents.encode(Report(VERSION, NOW - 60, True, [], [])))
    assert not observe(answering, Units()).resumed


def test_a_broken_ban_file_shuts_nobody_out(answering: Settings) -> None:
    ban(answering).write_bytes(b"{torn")

    seen = observe(answering, Units())

    assert (seen.weight_closed_until, seen.exchange.reachable) == (0.0, True)


def test_a_ban_that_cannot_be_kept_is_still_told(answering: Settings, server: AnsweringServer) -> None:
    server.answers["/fapi/v1/time"] = BANNED
    ban(answering).parent.rmdir()

    seen = observe(answering, Units())

    assert (seen.exchange.shut_out_seconds, seen.weight_closed_until) == (120, NOW + 120)


def test_an_exchange_that_does_not_answer_is_not_waited_for_beyond_the_monitor_s_time(
    answering: Settings, server: AnsweringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sum(health_observation.TIMEOUT_SECONDS) * 3 < 50
    monkeypatch.setattr(health_observation, "TIMEOUT_SECONDS", (1.0, 0.05))
    server.answers["/fapi/v1/time"] = Answer(after=0.3)

    assert "no answer in time" in observe(answering, Units()).exchange.problem


@pytest.mark.parametrize(
    ("server_offset", "took", "skew"), [(0, 4, 0), (2, 4, 0), (4, 4, 0), (7, 4, 3), (-2, 4, -2), (2, 0, 2), (-2, 0, -2)]
)
def test_what_the_round_trip_may_explain_is_no_skew(server_offset: float, took: float, skew: float) -> None:
    assert health_observation._skew(NOW + server_offset, NOW, NOW + took) == skew


def test_three_small_calls_are_made_and_no_weight_is_taken_from_the_others(
    answering: Settings, server: AnsweringServer, runtime_dir: Path
) -> None:
    observe(answering, Units())

    assert sorted(server.asked)[:3] == [
        "/fapi/v1/exchangeInfo",
        "/fapi/v1/premiumIndex?symbol=BTCUSDT",
        "/fapi/v1/time",
    ]
    assert not (runtime_dir / documents.WEIGHT).exists()


def test_what_is_listed_is_asked_at_most_once_an_hour(
    answering: Settings, server: AnsweringServer, clock: MovedClock
) -> None:
    for _ in range(3):
        assert observe(answering, Units()).exchange.tradable_symbols == frozenset({"BTCUSDT"})
    assert server.asked.count("/fapi/v1/exchangeInfo") == 1

    clock.move(3600)
    observe(answering, Units())
    assert server.asked.count("/fapi/v1/exchangeInfo") == 2


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(451), "HTTP 451: Binance refuses requests from this country or network"),
        (Answer(503), "/fapi/v1/time answered HTTP 503: no reason given"),
    ],
)
def test_an_exchange_that_refuses_is_unknown_with_a_reason(
    answering: Settings, server: AnsweringServer, answer: Answer, problem: str
) -> None:
    server.answers["/fapi/v1/time"] = answer

    seen = observe(answering, Units())

    assert (seen.exchange.reachable, seen.exchange.problem) == (False, problem)


def test_without_the_feed_its_api_is_not_asked(
    server: AnsweringServer, settings: Callable[..., Settings], answering: Settings
) -> None:
    seen = observe(settings(binance_rest_url=server.url, ws_funding_enabled=False), Units())

    assert not seen.funding_enabled
    assert seen.api.problem == "not asked"
    assert "/funding/health" not in server.asked


def test_a_backup_of_the_future_does_not_hide_that_the_latest_is_late(answering: Settings) -> None:
    directory = documents.backups_directory(answering.state_dir)
    directory.mkdir()
    for made_at in (NOW - 200_000, NOW + 86_400):
        (directory / making.name_of(made_at)).touch()
    (directory / "volspike-2025-02-30T000000Z.tar.gz").touch()

    assert observe(answering, Units()).newest_backup_at == int(NOW - 200_000)
