"""What `volspike up` shows."""

import pytest
from msgspec.structs import replace

from tests.unit.examples import unit_state
from volspike import settings as settings_module
from volspike.cli.terminal import Terminal
from volspike.model.health import UnitState

SETTINGS = settings_module.load({"VOLSPIKE_RUNTIME_DIR": "/run/volspike", "BINANCE_REST_URL": "http://[::1]:8890"})
STREAMING = replace(unit_state(), status_text="streaming 648 symbols since …")
SERVING = unit_state("funding-api", "binance-funding-api.service")


def test_a_welcome_says_against_what_and_where(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal(SETTINGS, simulated=True).welcome()

    shown = capsys.readouterr().out
    assert "against the simulated Binance at http://[::1]:8890" in shown
    assert "state files in /run/volspike; Ctrl-C ends everything" in shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("01:12:24 warning stream lost reason=x", "funding-ws     │ 01:12:24 stream lost reason=x\n"),
        ("Traceback (most recent call last):", "funding-ws     │ Traceback (most recent call last):\n"),
        ("01:12:24 info [/red] [bold]odd", "funding-ws     │ 01:12:24 [/red] [bold]odd\n"),
        ("", "funding-ws     │ \n"),
    ],
)
def test_every_line_carries_the_name_of_its_daemon(capsys: pytest.CaptureFixture[str], line: str, shown: str) -> None:
    Terminal(SETTINGS, simulated=False).say("funding-ws", line)

    assert capsys.readouterr().out == shown


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
        "curl -G --data-urlencode 'symbols=btcusdt,ETHUSDT,币安人生USDT' http://127.0.0.1:8888/funding/batch",
        "curl http://127.0.0.1:8888/funding/health",
        "curl http://[::1]:8890/sim/faults",
    ):
        assert words in shown
    assert capsys.readouterr().out == ""


def test_against_the_real_exchange_no_faults_are_offered(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(SETTINGS, simulated=False)

    terminal.introduce_once([STREAMING, SERVING])
    terminal.goodbye()

    shown = capsys.readouterr().out
    assert "/sim/faults" not in shown
    assert shown.endswith("Everything has stopped.\n")
