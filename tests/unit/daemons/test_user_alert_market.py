"""Where a pass gets its values from: files while they are fresh, else as few requests as possible."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clocks import MovedClock
from tests.unit.examples import DUE_MS, NOW, funding_document, funding_row
from volspike.daemons.user_alert_market import MarketView
from volspike.model.documents import OpenInterestDocument, TickerDocument
from volspike.model.market import OpenInterestRow, TickerRow
from volspike.rules.alert_values import Market, Needs
from volspike.runtime.daemon import Daemon
from volspike.runtime.errands import Abandoned
from volspike.settings import Settings
from volspike.state import documents, file

PRICES, FUNDING, OPEN_INTEREST = "/fapi/v2/ticker/price", "/fapi/v1/premiumIndex", "/fapi/v1/openInterest"
BAN = Answer(418, b'{"code":-1003,"msg":"Way too many requests; banned until 1790856243000."}')


@pytest.fixture
def view(daemon: Daemon, settings: Callable[..., Settings], server: AnsweringServer) -> MarketView:
    """The market of a suite whose exchange is the test's server."""
    return MarketView(daemon, settings(binance_rest_url=server.url))


@pytest.fixture(autouse=True)
def binance(server: AnsweringServer) -> None:
    """Binance answers, until a test says otherwise."""
    row = {"markPrice": "1", "lastFundingRate": "0.0002", "nextFundingTime": DUE_MS}
    symbols = ("BTCUSDT", "ETHUSDT")
    prices = [{"symbol": symbol, "price": "2.5"} for symbol in symbols]
    server.answers[PRICES] = Answer(body=json.dumps(prices).encode())
    server.answers[FUNDING] = Answer(body=json.dumps([{"symbol": symbol, **row} for symbol in symbols]).encode())
    server.answers[OPEN_INTEREST] = Answer(body=b'{"openInterest":"1000.5"}')


@pytest.fixture
def files(runtime_dir: Path) -> Callable[[str], None]:
    """The other daemons' files with BTCUSDT in them, fresh at NOW."""

    def write(symbol: str = "BTCUSDT") -> None:
        tickers = TickerDocument(1, {symbol: TickerRow(9.5, 0.0, 1.0, NOW)}, NOW)
        interest = OpenInterestDocument(1, {symbol: OpenInterestRow(7.0, NOW)}, NOW)
        for name, document in (
            (documents.TICKERS, tickers),
            (documents.OPEN_INTEREST, interest),
            (documents.FUNDING, funding_document({symbol: funding_row(rate=-0.0003)})),
        ):
            file.write(runtime_dir / name, documents.encode(document))

    return write


def wanted(*symbols: str) -> Needs:
    return Needs(frozenset(symbols), frozenset(symbols), frozenset(symbols))


def test_what_the_files_tell_nobody_is_asked_for(
    view: MarketView, server: AnsweringServer, files: Callable[[], None]
) -> None:
    files()

    market = view.look(wanted("BTCUSDT"))

    assert market == Market({"BTCUSDT": 9.5}, {"BTCUSDT": -0.0003}, {"BTCUSDT": 7.0})
    assert server.asked == []


def test_without_files_prices_and_funding_cost_a_request_each_and_open_interest_one_for_each_symbol(
    view: MarketView, server: AnsweringServer
) -> None:
    market = view.look(wanted("BTCUSDT", "ETHUSDT"))

    assert market.last_prices == {"BTCUSDT": 2.5, "ETHUSDT": 2.5}
    assert market.funding_rates == {"BTCUSDT": 0.0002, "ETHUSDT": 0.0002}
    assert market.open_interest == {"BTCUSDT": 1000.5, "ETHUSDT": 1000.5}
    assert sorted(server.asked) == [
        f"{OPEN_INTEREST}?symbol=BTCUSDT",
        f"{OPEN_INTEREST}?symbol=ETHUSDT",
        FUNDING,
        PRICES,
    ]


def test_only_what_is_needed_is_asked_for(view: MarketView, server: AnsweringServer) -> None:
    view.look(Needs(frozenset(), frozenset(), frozenset()))
    assert server.asked == []

    view.look(Needs(frozenset({"BTCUSDT"}), frozenset(), frozenset()))
    assert server.asked == [PRICES]


def test_files_that_are_stale_count_as_away(
    view: MarketView, server: AnsweringServer, files: Callable[[], None], clock: MovedClock
) -> None:
    files()
    clock.move(61)

    market = view.look(wanted("BTCUSDT"))

    assert market.last_prices["BTCUSDT"] == 2.5
    assert market.funding_rates == {"BTCUSDT": -0.0003}  # good for 180 s
    assert market.open_interest == {"BTCUSDT": 1000.5}


def test_what_one_symbol_lacks_in_the_files_is_asked_for_and_a_strange_one_only_every_five_minutes(
    view: MarketView, server: AnsweringServer, files: Callable[[str], None], clock: MovedClock
) -> None:
    files("ETHUSDT")
    needs = Needs(frozenset({"BTCUSDT", "ETHUSDT", "GONEUSDT"}), frozenset(), frozenset())

    assert view.look(needs).last_prices["BTCUSDT"] == 2.5
    files("BTCUSDT")
    view.look(Needs(needs.last_prices - {"ETHUSDT"}, frozenset(), frozenset()))
    assert server.asked == [PRICES]

    clock.move(301)
    view.look(needs)
    assert server.asked == [PRICES] * 2


def test_a_symbol_without_funding_is_unknown_and_asks_for_nothing(
    view: MarketView, server: AnsweringServer, runtime_dir: Path
) -> None:
    content = documents.encode(funding_document({"BTCUSDT": funding_row(rate=None)}))
    file.write(runtime_dir / documents.FUNDING, content)

    assert view.look(Needs(frozenset(), frozenset({"BTCUSDT"}), frozenset())).funding_rates == {}
    assert server.asked == []


def test_each_source_fails_alone_and_is_told_once(
    view: MarketView, server: AnsweringServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    server.answers[FUNDING] = Answer(503)

    for _ in range(2):
        market = view.look(wanted("BTCUSDT"))
        assert (market.last_prices["BTCUSDT"], market.funding_rates) == (2.5, {})
    assert view.problem.startswith("no funding rates: /fapi/v1/premiumIndex answered HTTP 503")
    server.answers[FUNDING] = Answer(body=b'[{"symbol":"BTCUSDT","markPrice":"1","lastFundingRate":"0.1",'
                                     b'"nextFundingTime":1}]')  # fmt: skip
    view.look(wanted("BTCUSDT"))

    assert view.problem == ""
    assert caplog.messages == ["lost: funding rates from Binance", "recovered: funding rates from Binance"]


def test_a_source_that_failed_and_is_needed_no_more_is_no_problem_of_the_next_look(
    view: MarketView, server: AnsweringServer
) -> None:
    server.answers[FUNDING] = Answer(503)
    view.look(wanted("BTCUSDT"))

    view.look(Needs(frozenset({"BTCUSDT"}), frozenset(), frozenset()))

    assert view.problem == ""


def test_while_binance_shuts_this_machine_out_the_files_still_serve(
    view: MarketView, server: AnsweringServer, files: Callable[[str], None]
) -> None:
    files("BTCUSDT")
    for path in (PRICES, FUNDING, OPEN_INTEREST):
        server.answers[path] = BAN

    market = view.look(wanted("BTCUSDT", "ETHUSDT"))

    assert market == Market({"BTCUSDT": 9.5}, {"BTCUSDT": -0.0003}, {"BTCUSDT": 7.0})
    for kind in ("last prices", "funding rates", "open interest"):
        assert f"no {kind}: " in view.problem
    asked = len(server.asked)
    view.look(wanted("BTCUSDT", "ETHUSDT"))
    assert len(server.asked) == asked


def test_one_request_that_fails_among_others_is_no_lost_source(view: MarketView, server: AnsweringServer) -> None:
    answers = iter([Answer(503), Answer(body=b'{"openInterest":"5"}')])

    class Changing(dict[str, Answer]):
        def get(self, *_: object) -> Answer:
            return next(answers)

    server.answers = Changing()

    market = view.look(Needs(frozenset(), frozenset(), frozenset({"BTCUSDT", "ETHUSDT"})))

    assert list(market.open_interest.values()) == [5.0]
    assert view.problem == ""


def test_open_interest_of_nothing_is_unknown(view: MarketView, server: AnsweringServer) -> None:
    server.answers[OPEN_INTEREST] = Answer(body=b'{"openInterest":"0"}')

    assert view.look(wanted("BTCUSDT")).open_interest == {}
    assert view.problem == ""


def test_each_answer_is_progress(view: MarketView) -> None:
    told: list[bool] = []

    view.look(wanted("BTCUSDT", "ETHUSDT"), lambda: told.append(True))

    assert len(told) == 4


def test_a_stop_waits_for_no_answer(view: MarketView, server: AnsweringServer, daemon: Daemon) -> None:
    server.answers[PRICES] = Answer(after=30)
    threading.Timer(0.05, lambda: setattr(daemon, "stopping", True)).start()
    started = time.monotonic()

    with pytest.raises(Abandoned):
        view.look(wanted("BTCUSDT"))

    assert time.monotonic() - started < 10
