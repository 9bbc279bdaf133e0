"""What the shell offers behind Tab."""

import pytest

from tests.unit.cli.conftest import Command
from volspike.cli import completions
from volspike.model.suite import DAEMONS


def test_daemons_are_offered_by_name_and_otherwise_by_unit() -> None:
    assert [name for name, _ in completions.daemons("fund")] == ["funding-ws", "funding-api"]
    assert [name for name, _ in completions.daemons("binance-funding-w")] == ["binance-funding-ws.service"]
    assert len(completions.daemons("")) == len(DAEMONS)
    assert completions.daemons("x") == []


def test_settings_are_offered_in_any_letter_case_with_their_meaning() -> None:
    meaning = "How many times the volume of the hour before makes a spike."
    assert completions.settings("VOLUME_MUL") == [("VOLUME_MULTIPLE", meaning)]
    assert completions.settings("volume_mul") == [("volume_multiple", meaning)]


def test_symbols_are_those_that_the_feed_knows(volspike: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in volspike.environment.items():
        monkeypatch.setenv(name, value)
    volspike.runtime_dir.joinpath(".funding_state.json").write_text(
        '{"version":1,"funding_state":{"ETHUSDT":{},"BTCUSDT":{"markPrice":1},"BTCUSDC":{}}}'
    )

    monkeypatch.setenv("VOLUME_MULTIPLE", "abc")  # which is none of its business

    assert completions.symbols("BTC") == ["BTCUSDC", "BTCUSDT"]
    assert completions.symbols("eth") == ["ethusdt"]
    assert completions.symbols("X") == []


@pytest.mark.usefixtures("volspike")
@pytest.mark.parametrize("value", ["x", ""])
def test_where_nothing_can_be_known_nothing_is_offered_or_said(
    value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FUNDING_API_PORT", value)

    assert completions.symbols("") == []
    assert capsys.readouterr() == ("", "")
