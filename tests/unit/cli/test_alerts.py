"""`volspike alerts` against a real embedded backend."""

import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO

import pytest
import uvicorn
from rich.console import Console
from rich.text import Text

from tests.unit.cli.conftest import Command
from tests.unit.examples import funding_document, funding_row
from volspike.backend.app import build_app
from volspike.backend.reception import Desk
from volspike.backend.store import Store
from volspike.cli.alerts import listing
from volspike.clients.backend.wire import OwnAlert
from volspike.model.alerts import UserAlertType
from volspike.model.documents import VERSION, OpenInterestDocument, TickerDocument
from volspike.model.market import OpenInterestRow, TickerRow
from volspike.rules.hysteresis import Thresholds
from volspike.rules.polling import Pace
from volspike.runtime import sockets
from volspike.runtime.clock import Clock
from volspike.runtime.metrics import Metrics
from volspike.state import documents, file

KEY = "secret"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an embedded backend."""
    store = Store(tmp_path_factory.mktemp("state") / documents.BACKEND, Clock())
    app = build_app(Desk(store, KEY), Metrics("backend"), Thresholds(), Pace())
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    with sockets.listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()
    store.close()


@pytest.fixture
def command(volspike: Command, port: int) -> Command:
    """The command line of a suite with that backend, whose key lies where `volspike up` puts it."""
    volspike.environment["BACKEND_PORT"] = str(port)
    file.write(volspike.place / "state" / documents.BACKEND_KEY, f"{KEY}\n".encode(), mode=0o600)
    return volspike


def added(command: Command, *arguments: str) -> str:
    """Set an alert and return its id."""
    result = command("alerts", "add", *arguments)
    assert result.exit_code == 0, result.output
    return re.search(r"Alert (\w+)", result.output)[1]  # type: ignore[index]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["BTCUSDT", "price", "65000"], "BTCUSDT price crosses 65,000 USDT."),
        (["btc", "PRICE", "65,000.5"], "BTCUSDT price crosses 65,000.5 USDT."),
        (["ethusdt", "funding", "0.01%"], "ETHUSDT funding crosses 0.01%."),
        (["ETH", "funding", "-0.0005"], "ETHUSDT funding crosses -0.05%."),
        (["btc", "funding", "0.00966%"], "BTCUSDT funding crosses 0.00966%."),
        (["BTC/USDT", "price", "65000"], "BTCUSDT price crosses 65,000 USDT."),
        (["btcusdt_261225", "price", "65000"], "BTCUSDT_261225 price crosses 65,000 USDT."),
        (["SOL", "oi", "5e9"], "SOLUSDT oi crosses 5.00B USD."),
    ],
)
def test_an_alert_is_set_in_any_letter_case_and_unit(command: Command, arguments: list[str], told: str) -> None:
    result = command("alerts", "add", *arguments)

    assert result.exit_code == 0
    assert re.fullmatch(rf"Alert \w+: {re.escape(told)}\n", result.output)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["BTC", "price", "cheap"], "threshold 'cheap': must be a number above 0, in USDT"),
        (["BTC", "oi", "0"], "threshold '0': must be a number above 0, in USD"),
        (["SOL", "price", "0,05"], "threshold '0,05': a comma may only part thousands, as in 65,000.5"),
        (["BTC", "funding", "1"], "a funding rate is given as 0.01% or 0.0001"),
    ],
)
def test_a_threshold_that_cannot_be_one_is_refused_in_one_line(
    command: Command, arguments: list[str], said: str
) -> None:
    result = command("alerts", "add", *arguments)

    assert result.exit_code == 2
    assert said in result.stderr


def test_a_symbol_that_is_not_listed_is_refused_where_that_is_known(command: Command) -> None:
    path = command.runtime_dir / documents.FUNDING
    file.write(path, documents.encode(funding_document({"BTCUSDT": funding_row()})))

    assert command("alerts", "add", "btc", "price", "1").exit_code == 0
    refused = command("alerts", "add", "BTCC", "price", "1")

    assert refused.exit_code == 1
    assert "BTCCUSDT is not listed" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["btc", "price", "65000"], "crosses 65,000 USDT (now 63,529.2)."),
        (["btc", "funding", "0.02%"], "crosses 0.02% (now 0.00966%)."),
        (["btc", "oi", "5e9"], "crosses 5.00B USD (now 5.08B)."),
        (["eth", "price", "3000"], "crosses 3,000 USDT."),
    ],
)
def test_the_present_value_is_told_where_the_files_know_it(command: Command, arguments: list[str], told: str) -> None:
    now = Clock().now()
    funding = {"BTCUSDT": funding_row(now, rate=9.66e-05), "ETHUSDT": funding_row()}
    for name, document in (
        (documents.FUNDING, funding_document(funding)),
        (documents.TICKERS, TickerDocument(VERSION, {"BTCUSDT": TickerRow(63_529.2, 0.0, 1e9, now)}, now)),
        (documents.OPEN_INTEREST, OpenInterestDocument(VERSION, {"BTCUSDT": OpenInterestRow(80_000.0, now)}, now)),
    ):
        file.write(command.runtime_dir / name, documents.encode(document))

    assert command("alerts", "add", *arguments).stdout.endswith(f"{told}\n")


def test_an_alert_is_listed_armed_again_and_removed(command: Command) -> None:
    alert_id = added(command, "XRP", "price", "2.5")

    assert re.search(rf"{alert_id} +XRPUSDT +price +2.5 USDT +– +armed", command("alerts", "list").output)
    listed = json.loads(command("alerts", "list", "--json").output)
    assert [alert["threshold"] for alert in listed if alert["id"] == alert_id] == [2.5]
    rearmed = command("alerts", "rearm", alert_id)
    assert rearmed.output == f"Alert {alert_id} is armed: XRPUSDT price crosses 2.5 USDT.\n"
    assert command("alerts", "remove", alert_id).output == f"Alert {alert_id} is removed.\n"
    assert alert_id not in command("alerts", "list").output


@pytest.mark.parametrize("arguments", [["rearm", "none"], ["remove", "none"]])
def test_an_alert_that_is_not_there_is_named(command: Command, arguments: list[str]) -> None:
    result = command("alerts", *arguments)

    assert (result.exit_code, result.stderr) == (1, "volspike: there is no alert none\n")


def test_what_fired_and_what_was_looked_at_is_shown(command: Command, port: int) -> None:
    from volspike.clients.backend import wire
    from volspike.clients.backend.client import Backend
    from volspike.model.alerts import Report, Trigger
    from volspike.model.delivery import Kind

    fired, seen = added(command, "ADA", "price", "1"), added(command, "ADA", "funding", "0.02%")
    with Backend(f"http://127.0.0.1:{port}", KEY) as backend:
        backend.deliver(Kind.TRIGGER, wire.trigger(Trigger(fired, "ADAUSDT", 1.1, 0.9, crossed_up=True)), "one")
        backend.report_checked(Report(seen, 0.0001))

    told = command("alerts", "list").output

    assert "LAST REPORTED" in told
    assert re.search(rf"{fired} .* 1.1 USDT \ds ago +fired \ds ago", told)
    assert re.search(rf"{seen} .* 0.02% +0.01% \ds ago +armed", told)


def test_the_key_of_the_environment_comes_first_and_a_wrong_one_is_told(command: Command) -> None:
    command.environment["VOLSPIKE_API_KEY"] = "wrong-key"

    result = command("alerts", "list")

    assert result.exit_code == 1
    assert "Invalid API key; is VOLSPIKE_API_KEY the key of the backend" in result.stderr
    assert "wrong-key" not in result.stderr


def test_without_a_key_there_is_no_suite_yet(command: Command) -> None:
    (command.place / "state" / documents.BACKEND_KEY).unlink()

    assert "start the suite first: volspike up" in command("alerts", "list").stderr


def test_alerts_of_a_hosted_backend_are_managed_there(command: Command) -> None:
    command.environment |= {"VOLSPIKE_API_URL": "https://api.example.org", "VOLSPIKE_API_KEY": "x"}

    result = command("alerts", "list")

    assert result.exit_code == 1
    assert result.stderr == (
        "volspike: your alerts are managed at https://api.example.org; this command is for the embedded backend\n"
    )


def test_a_backend_that_does_not_run_is_one_line(command: Command) -> None:
    command.environment["BACKEND_PORT"] = "1"

    result = command("alerts", "list")

    assert result.exit_code == 1
    assert "connection refused; is the suite running? see volspike status" in result.stderr


def test_an_empty_list_says_how_to_set_one(command: Command) -> None:
    for alert in json.loads(command("alerts", "list", "--json").output):
        command("alerts", "remove", alert["id"])

    assert "volspike alerts add BTCUSDT price PRICE" in command("alerts", "list").output


def test_a_list_that_is_wider_than_the_terminal_is_not_cut_off() -> None:
    now = datetime.now(UTC)
    alert = OwnAlert(
        id="0192cbb0", symbol="1000000MOGUSDT", alert_type=UserAlertType.PRICE_CROSS, threshold=0.0001234567,
        user_tier="free", active=False, last_checked_value=0.0001234568, last_checked_at=now, fired_at=now,
    )  # fmt: skip
    output = StringIO()

    listing([alert], now.timestamp()).show(Console(file=output, width=80, force_terminal=True, no_color=True))

    assert Text.from_ansi(output.getvalue()).plain.splitlines() == [
        "ID        SYMBOL          WATCHES          THRESHOLD  STATE",
        "0192cbb0  1000000MOGUSDT  price    0.0001234567 USDT  fired 0s ago",
        "  0.0001234568 USDT 0s ago",
    ]
