"""What `volspike up` shows."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW, unit_state
from volspike import settings as settings_module
from volspike.cli.terminal import NAME_WIDTH, Terminal
from volspike.model.alerts import AlertType, Cross, Direction, OpenInterestAlert, Trigger, UserAlertType
from volspike.model.health import UnitState
from volspike.rules import alert_text

SETTINGS = settings_module.load({"VOLSPIKE_RUNTIME_DIR": "/run/volspike", "BINANCE_REST_URL": "http://[::1]:8890"})
STREAMING = replace(unit_state(), status_text="streaming 648 symbols since …")
MOVED = OpenInterestAlert(
    symbol="BTCUSDT", direction=Direction.DOWN, timeframe="5 min", timestamp=datetime.fromtimestamp(NOW, UTC),
    baseline=105_020.0, current=100_000.0, pct_change=-0.0478, abs_change=-5020.0, source="oi_realtime_poller",
)  # fmt: skip
CROSSED = Cross(Trigger("a1", "BTCUSDT", 65012.5, 64980.0, True), NOW - 30, UserAlertType.PRICE_CROSS, 65000.0)
SERVING = unit_state("funding-api", "binance-funding-api.service")


def test_a_welcome_says_against_what_and_where(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal(SETTINGS, simulated=True).welcome()

    shown = capsys.readouterr().out
    assert "against the simulated Binance at http://[::1]:8890" in shown
    assert "state files in /run/volspike; Ctrl-C ends everything" in shown
    assert "afresh" not in shown


def test_a_welcome_says_what_was_removed_for_the_new_demo(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal(SETTINGS, simulated=True).welcome(afresh=True)

    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "the demo starts afresh: the alerts of an earlier one are gone"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("01:12:24 warning stream lost reason=x", "01:12:24 stream lost reason=x\n"),
        ("Traceback (most recent call last):", "Traceback (most recent call last):\n"),
        ("01:12:24 info [/red] [bold]odd", "01:12:24 [/red] [bold]odd\n"),
        ("", "\n"),
    ],
)
def test_every_line_carries_the_name_of_its_daemon(capsys: pytest.CaptureFixture[str], line: str, shown: str) -> None:
    Terminal(SETTINGS, simulated=False).say("funding-ws", line)

    assert capsys.readouterr().out == f"{'funding-ws':<{NAME_WIDTH}} │ {shown}"


@pytest.mark.parametrize(
    "text",
    [
        alert_text.volume(AlertType.HALF_UPDATE, "BTC", 150e6, 3.33),
        alert_text.open_interest(MOVED),
        f"{alert_text.crossed(CROSSED)} alert=a1",
    ],
)
def test_an_alert_stands_out(capsys: pytest.CaptureFixture[str], text: str) -> None:
    Terminal(SETTINGS, simulated=False).say("volume-alerts", f"01:12:24 info    {text}")

    assert capsys.readouterr().out.endswith(f" │ 01:12:24 🔔 {text}\n")


def test_of_many_alerts_at_once_the_first_are_shown_and_the_others_counted(capsys: pytest.CaptureFixture[str]) -> None:
    clock = MovedClock()
    terminal = Terminal(SETTINGS, simulated=False, monotonic=clock.monotonic)
    for _ in range(60):
        terminal.say("volume-alerts", "01:12:24 info    BTC — VOLUME SPIKE!")
    terminal.say("funding-ws", "01:12:24 info    streaming")
    assert capsys.readouterr().out.count("🔔") == 10

    clock.move(3)
    terminal.count_hidden()
    terminal.goodbye()

    assert capsys.readouterr().out.splitlines() == [
        f"{'volume-alerts':<{NAME_WIDTH}} │ … and 50 more: volspike tail",
        "Everything has stopped.",
    ]


@pytest.mark.parametrize(
    "states",
    [
        [],
        [unit_state(), SERVING],
        [STREAMING, replace(SERVING, active_state="activating")],
    ],
)
def test_nothing_is_promised_before_everything_runs(
    capsys: pytest.CaptureFixture[str], states: list[UnitState]
) -> None:
    Terminal(SETTINGS, simulated=False).introduce_once(states)

    assert capsys.readouterr().out == ""


def test_when_everything_runs_a_newcomer_is_told_once_what_to_try(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(SETTINGS, simulated=True)

    terminal.introduce_once([STREAMING, SERVING])
    shown = capsys.readouterr().out
    terminal.introduce_once([STREAMING, SERVING])

    for words in (
        "Everything runs.",
        "curl http://127.0.0.1:8888/funding/BTCUSDT",
        "http://127.0.0.1:8501",
        ".venv/bin/volspike tail",
        ".venv/bin/volspike alerts add BTCUSDT price PRICE",
        "http://127.0.0.1:3001/docs",
        "curl http://[::1]:8890/sim/telegram",
        "curl http://[::1]:8890/sim/faults",
    ):
        assert words in shown
    assert capsys.readouterr().out == ""


def test_against_the_real_exchange_no_faults_are_offered(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(SETTINGS, simulated=False)

    terminal.introduce_once([STREAMING, SERVING])
    terminal.goodbye()

    shown = capsys.readouterr().out
    assert "/sim/" not in shown
    assert shown.endswith("Everything has stopped.\n")


def test_a_backend_elsewhere_is_not_offered_as_a_page_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere = {"VOLSPIKE_API_URL": "https://backend.example", "VOLSPIKE_API_KEY": "k"}

    Terminal(settings_module.load(elsewhere), simulated=False).introduce_once([STREAMING, SERVING])

    assert "/docs" not in capsys.readouterr().out
