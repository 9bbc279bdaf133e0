"""deploy/takeover.py: what an installation of the old scripts hands over."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def takeover() -> ModuleType:
    """The script, loaded as a module: it is no part of the package."""
    path = Path(__file__).parents[2] / "deploy/takeover.py"
    spec = importlib.util.spec_from_file_location("takeover", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ("KEY=value", "KEY=value"),
        ("export KEY=value", "KEY=value"),
        ("export\tKEY = value ", "KEY=value"),
        ("KEY=value # why", "KEY=value"),
        ("KEY=va#lue", "KEY=va#lue"),
        ("KEY=# nothing", "KEY="),
        ('KEY="a # b" # why', 'KEY="a # b"'),
        ("KEY='a b'", "KEY='a b'"),
        ("KEY=", "KEY="),
        ("KEY=a=b", "KEY=a=b"),
        ("# a comment", "# a comment"),
        ("", ""),
    ],
)
def test_a_setting_keeps_the_value_that_the_old_scripts_saw(
    takeover: ModuleType, tmp_path: Path, line: str, taken: str
) -> None:
    (tmp_path / ".env").write_text(line + "\n")

    assert takeover.settings(tmp_path) == taken + "\n"


def test_a_line_that_is_no_setting_is_named_and_left(
    takeover: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "volspike.env").write_text("A=1\nnonsense\nB=2\n")

    assert takeover.settings(tmp_path) == "A=1\nB=2\n"
    assert capsys.readouterr().err == "left         volspike.env line 2: not KEY=VALUE\n"


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        (".oi_alert_cooldowns.json", b'{"BTCUSDT|UP|5 min": 1764724344.5}', ""),
        (".oi_alert_cooldowns.json", b'{"BTCUSDT|UP|5 min": "soon"}', "'BTCUSDT|UP|5 min' is not a number of seconds"),
        (".oi_alert_cooldowns.json", b"[1]", "it is not a JSON object"),
        (".oi_alert_cooldowns.json", b"\xff", "it is not JSON"),
        (".telegram_poller_state.json", b'{"last_message_ids": {"marketfeed": 12345}, "last_fetch": null}', ""),
        (".telegram_poller_state.json", b"{}", 'it has no "last_message_ids"'),
        (".telegram_poller_state.json", b'{"last_message_ids": {"marketfeed": "x"}}', "the cursor of 'marketfeed'"),
        ("volspike_telegram.session", b"SQLite format 3\0...", ""),
        ("volspike_telegram.session", b"", "it is not an SQLite database"),
    ],
)
def test_only_data_of_the_right_form_is_taken(takeover: ModuleType, name: str, content: bytes, problem: str) -> None:
    said = takeover.DATA[name].problem(content)

    assert said.startswith(problem)
    assert bool(said) == bool(problem)
