"""Every route of the funding API, by hand, over a state file that the test writes."""

from pathlib import Path

import pytest
from fastapi import FastAPI

from tests.unit.asgi import ask
from tests.unit.clocks import MovedClock
from tests.unit.examples import DUE_MS, NOW, funding_document, funding_row
from volspike import __version__
from volspike.daemons.funding_http import FundingSource, build_app
from volspike.model.documents import FundingDocument
from volspike.model.market import FundingRow
from volspike.runtime.metrics import Metrics
from volspike.state import documents, file


@pytest.fixture
def source(runtime_dir: Path, clock: MovedClock) -> FundingSource:
    return FundingSource(runtime_dir, clock)


@pytest.fixture
def app(source: FundingSource, runtime_dir: Path) -> FastAPI:
    return build_app(source, Metrics("funding-api"), runtime_dir)


def publish(runtime_dir: Path, document: FundingDocument) -> None:
    file.write(runtime_dir / documents.FUNDING, documents.encode(document))


@pytest.fixture
def feed(runtime_dir: Path) -> FundingDocument:
    """A feed with a fresh, a stale, a quarterly and a non-ASCII symbol."""
    document = funding_document(
        {
            "BTCUSDT": funding_row(NOW - 1.25),
            "OLDUSDT": funding_row(NOW - 200),
            "BTCUSDT_261225": FundingRow(None, 92000.0, None, 0, NOW),
            "币安人生USDT": funding_row(NOW),
            **{f"S{number}USDT": funding_row(NOW) for number in range(7)},
        }
    )
    publish(runtime_dir, document)
    return document


def test_the_root_says_what_this_is_and_where_to_go(app: FastAPI) -> None:
    reply = ask(app, "/")

    assert reply.status == 200
    assert (reply.json["service"], reply.json["version"]) == ("volspike-funding-api", __version__)
    assert "/funding/batch?symbols=A,B" in reply.json["endpoints"]


@pytest.mark.parametrize("path", ["/funding/BTCUSDT", "/funding/btcusdt", "/funding/BtcUsdt"])
@pytest.mark.usefixtures("feed")
def test_one_symbol_in_any_letter_case(app: FastAPI, path: str) -> None:
    reply = ask(app, path)

    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert reply.json == {
        "symbol": "BTCUSDT",
        "markPrice": 91725.878,
        "fundingRate": 0.0001,
        "nextFundingTime": DUE_MS,
        "indexPrice": 91769.878,
        "updatedAt": NOW - 1.25,
        "ageSeconds": 1.25,
    }
    assert int(reply.headers["content-length"]) == len(reply.body)


@pytest.mark.usefixtures("feed")
def test_missing_parts_are_null(app: FastAPI) -> None:
    told = ask(app, "/funding/BTCUSDT_261225").json

    assert (told["fundingRate"], told["nextFundingTime"], told["indexPrice"]) == (None, None, None)


@pytest.mark.usefixtures("feed")
def test_a_symbol_in_another_script_is_found(app: FastAPI) -> None:
    assert ask(app, "/funding/币安人生usdt").json["symbol"] == "币安人生USDT"


@pytest.mark.parametrize("path", ["/funding/BTCUSDT", "/funding/all"])
def test_without_a_state_file_there_is_no_data_yet(app: FastAPI, path: str) -> None:
    reply = ask(app, path)

    assert (reply.status, reply.json) == (503, {"detail": {"error": "No data yet"}})


@pytest.mark.usefixtures("feed")
def test_an_unknown_symbol_is_not_found(app: FastAPI) -> None:
    reply = ask(app, "/funding/nope")

    assert (reply.status, reply.json) == (404, {"detail": {"error": "Symbol not found", "symbol": "NOPE"}})


@pytest.mark.usefixtures("feed")
def test_a_name_of_any_length_costs_a_short_answer(app: FastAPI) -> None:
    reply = ask(app, "/funding/" + "X" * 5000)

    assert reply.json["detail"]["symbol"] == "X" * 64


@pytest.mark.usefixtures("feed")
def test_a_stale_row_is_refused_with_its_age(app: FastAPI) -> None:
    reply = ask(app, "/funding/OLDUSDT")

    assert reply.status == 503
    assert reply.json["detail"] == {
        "error": "Data stale",
        "symbol": "OLDUSDT",
        "ageSeconds": 200.0,
        "maxAgeSeconds": 180,
    }


def test_a_lost_stream_is_bridged_for_ten_seconds(app: FastAPI, runtime_dir: Path, clock: MovedClock) -> None:
    publish(runtime_dir, funding_document({"BTCUSDT": funding_row(NOW)}, connected=False))
    clock.move(10)
    assert ask(app, "/funding/BTCUSDT").status == 200

    clock.move(1)
    reply = ask(app, "/funding/BTCUSDT")

    assert reply.status == 503
    assert reply.json["detail"] == {"error": "WebSocket disconnected", "disconnectedForSeconds": 11.0}


def test_an_answer_is_never_older_than_the_file(app: FastAPI, runtime_dir: Path) -> None:
    for mark in (1.0, 2.0, 3.0):
        publish(runtime_dir, funding_document({"BTCUSDT": funding_row(NOW, mark=mark)}))

        assert ask(app, "/funding/BTCUSDT").json["markPrice"] == mark


@pytest.mark.usefixtures("feed")
def test_a_torn_file_is_answered_from_the_last_good_copy(app: FastAPI, runtime_dir: Path) -> None:
    ask(app, "/funding/BTCUSDT")

    (runtime_dir / documents.FUNDING).write_bytes(b"{torn")

    assert ask(app, "/funding/BTCUSDT").status == 200


@pytest.mark.usefixtures("feed")
def test_a_batch_answers_in_the_order_of_the_request_each_with_its_own_fate(app: FastAPI) -> None:
    reply = ask(app, "/funding/batch", "symbols=oldusdt,NOPE,%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT,btcusdt,BTCUSDT")

    assert reply.status == 200
    told = reply.json
    assert [item["symbol"] for item in told["data"]] == ["OLDUSDT", "NOPE", "币安人生USDT", "BTCUSDT", "BTCUSDT"]
    assert [item.get("error") for item in told["data"]] == ["Data stale", "Symbol not found", None, None, None]
    assert (told["found"], told["missing"], told["total"]) == (3, 2, 5)


@pytest.mark.usefixtures("feed")
@pytest.mark.parametrize(
    "query", ["symbols=%20btcusdt%20,,ETHUSDT,", "symbols=btcusdt&symbols=ETHUSDT", "symbols=btcusdt%2CETHUSDT"]
)
def test_blanks_and_repeated_parameters_are_forgiven(app: FastAPI, query: str) -> None:
    told = ask(app, "/funding/batch", query).json

    assert [item["symbol"] for item in told["data"]] == ["BTCUSDT", "ETHUSDT"]


@pytest.mark.usefixtures("feed")
def test_a_name_that_was_not_percent_encoded_is_understood(app: FastAPI) -> None:
    told = ask(app, "/funding/batch", "symbols=币安人生usdt".encode()).json

    assert told["data"][0]["symbol"] == "币安人生USDT"
    assert told["found"] == 1


@pytest.mark.parametrize("query", ["", "symbols=", "symbols=,,", "symbols=%20,%20", "names=BTCUSDT"])
def test_a_batch_without_names_is_refused(app: FastAPI, query: str) -> None:
    reply = ask(app, "/funding/batch", query)

    assert (reply.status, reply.json) == (400, {"detail": {"error": "No symbols provided"}})


def test_a_batch_of_more_than_a_thousand_names_is_refused(app: FastAPI, feed: FundingDocument) -> None:
    assert ask(app, "/funding/batch", "symbols=" + ",".join(["BTCUSDT"] * 1000)).json["found"] == 1000

    reply = ask(app, "/funding/batch", "symbols=" + ",".join(["BTCUSDT"] * 1001))

    assert reply.status == 400
    assert reply.json["detail"] == {"error": "Too many symbols", "maximum": 1000, "got": 1001}


def test_a_batch_is_unavailable_only_without_a_file(app: FastAPI, runtime_dir: Path) -> None:
    assert ask(app, "/funding/batch", "symbols=BTCUSDT").status == 503

    publish(runtime_dir, funding_document({"BTCUSDT": funding_row(NOW - 60)}, connected=False))
    reply = ask(app, "/funding/batch", "symbols=BTCUSDT")

    assert reply.status == 200
    assert reply.json["data"] == [
        {"symbol": "BTCUSDT", "error": "WebSocket disconnected", "disconnectedForSeconds": 60.0}
    ]


@pytest.mark.parametrize("query", [b"symbols=%FF%FE", b"symbols=\xff", b"symbols=%", b"symbols=a;b"])
@pytest.mark.usefixtures("feed")
def test_a_strange_query_is_a_symbol_not_found(app: FastAPI, query: bytes) -> None:
    reply = ask(app, "/funding/batch", query)

    assert (reply.status, reply.json["missing"]) == (200, 1)


def test_all_are_the_fresh_ones(app: FastAPI, feed: FundingDocument) -> None:
    told = ask(app, "/funding/all").json

    assert {item["symbol"] for item in told["data"]} == feed.funding_state.keys() - {"OLDUSDT"}
    assert (told["found"], told["missing"], told["total"]) == (10, 1, 11)


@pytest.mark.usefixtures("feed")
def test_one_delisted_row_does_not_turn_health_red(app: FastAPI) -> None:
    reply = ask(app, "/funding/health")

    assert reply.status == 200
    assert reply.json == {
        "status": "healthy",
        "websocketConnected": True,
        "symbolCount": 11,
        "uptimeSeconds": 300.0,
        "lastConnectedTime": NOW - 300,
        "messagesReceived": 12960,
        "reconnectAttempts": 0,
        "oldestDataAgeSeconds": 200.0,
        "newestDataAgeSeconds": 0.0,
        "freshSymbolCount": 10,
    }


@pytest.mark.parametrize(
    ("document", "error"),
    [
        (funding_document(connected=False), "WebSocket disconnected"),
        (funding_document({"BTCUSDT": funding_row(NOW - 200)}), "Data stale"),
        (
            funding_document({"BTCUSDT": funding_row(), "A": funding_row(NOW - 200)}),
            "Only 1 of 2 symbols are fresh",
        ),
        (funding_document({}), "No data yet"),
    ],
)
def test_an_unhealthy_feed_says_why(app: FastAPI, runtime_dir: Path, document: FundingDocument, error: str) -> None:
    publish(runtime_dir, document)

    reply = ask(app, "/funding/health")

    assert (reply.status, reply.json["status"]) == (503, "unhealthy")
    assert reply.json["error"].startswith(error)


def test_health_without_a_file_says_no_data_yet(app: FastAPI) -> None:
    reply = ask(app, "/funding/health")

    assert (reply.status, reply.json) == (503, {"status": "unhealthy", "error": "No data yet"})


@pytest.mark.parametrize("path", ["/funding/BTCUSDT", "/funding/all", "/funding/batch?symbols=BTCUSDT", "/ready"])
def test_a_file_that_tells_of_no_symbol_is_no_data_yet(
    app: FastAPI, source: FundingSource, runtime_dir: Path, path: str
) -> None:
    publish(runtime_dir, funding_document({}, connected=False))

    assert ask(app, path).status == 503
    assert source.feed() is None


def test_liveness_and_readiness_differ_until_there_is_data(app: FastAPI, runtime_dir: Path) -> None:
    assert ask(app, "/health").status == 200
    assert ask(app, "/ready").status == 503

    publish(runtime_dir, funding_document())

    assert ask(app, "/ready").status == 200


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "root"),
        ("/funding/batch", "batch"),
        ("/funding/all", "all"),
        ("/funding/health", "funding-health"),
        ("/health", "health"),
        ("/ready", "ready"),
        ("/metrics", "metrics"),
        ("/funding/BTCUSDT", "symbol"),
    ],
)
def test_every_path_reaches_its_own_route_and_is_counted(
    source: FundingSource, runtime_dir: Path, path: str, name: str
) -> None:
    registry = Metrics("funding-api")
    app = build_app(source, registry, runtime_dir)

    ask(app, path)

    assert f'volspike_http_requests_total{{daemon="funding-api",route="{name}"}} 1.0' in registry.text()


@pytest.mark.parametrize("path", ["/nothing", "/funding", "/funding/", "/funding/a/b"])
def test_any_other_path_is_not_found(app: FastAPI, path: str) -> None:
    assert ask(app, path).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_only_reading_is_allowed(app: FastAPI, method: str) -> None:
    reply = ask(app, "/funding/all", method=method)

    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")
    assert ask(app, "/health", method="HEAD").status == 200


def test_metrics_are_those_of_every_daemon_and_a_broken_file_is_left_out(
    app: FastAPI, runtime_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ws = Metrics("funding-ws")
    ws.counter("stream_frames", "Frames.").inc(3)
    for name, content in (("funding-ws", ws.text()), ("health-monitor", "broken{")):
        path = documents.metrics_path(runtime_dir, name)
        path.parent.mkdir()
        path.write_text(content)

    reply = ask(app, "/metrics")

    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'volspike_stream_frames_total{daemon="funding-ws"} 3.0' in reply.body.decode()
    assert 'route="metrics"' in reply.body.decode()
    assert caplog.messages == ["metrics file left out"]


def test_the_summary_says_what_is_served_as_long_as_anything_is(
    source: FundingSource, runtime_dir: Path, clock: MovedClock
) -> None:
    assert source.summary() == "no data yet"

    publish(runtime_dir, funding_document())
    assert source.summary() == "serving 1 symbol, all well"

    publish(runtime_dir, funding_document(connected=False))
    assert source.summary() == "serving 1 symbol, WebSocket disconnected"
    clock.move(84)
    assert source.summary() == "serving nobody: WebSocket disconnected for 84 s"
