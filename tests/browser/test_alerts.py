"""The Alerts page in a real browser: alerts as they come, looked for, and taken away as a file."""

import csv
import json
from pathlib import Path

import pytest

from tests.browser.window import Window
from tests.processes import Suite
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import BACKEND, Kind, Message
from volspike.runtime.clock import Clock

KIND = ".vs-kinds button"
TELL_EARLY = """
    const [table, news] = arguments, told = [];
    const answers = { getColumns: [], getRowNode: undefined };
    const answer = (name) => () => (told.push(name), name in answers ? answers[name] : {});
    document.body.insertAdjacentHTML("beforeend", "<button class='vs-favourites' hidden></button>");
    volspike[table].update(...news);
    volspike[table].ready({ api: new Proxy({}, { get: (_, name) => answer(name) }) });
    return told;
"""
SYMBOLS = '.vs-alerts .ag-row [col-id="s"]'


def told(suite: Suite, *flags: str) -> list[dict[str, object]]:
    """Return the alerts of the outbox as `volspike tail` knows them."""
    lines = suite.volspike("tail", "--once", "-n", "1000", "--json", *flags).stdout.splitlines()
    return [json.loads(line) for line in lines]


def count(window: Window) -> int:
    """Return how many alerts the page says there are."""
    (words,) = window.texts(".vs-count")
    return int(words.split()[0].replace(",", "")) if words[:1].isdigit() else 0


def choose(window: Window, kind: str) -> None:
    """Look for one kind."""
    window.press(KIND, kind)


def put(suite: Suite, key: str, symbol: str, text: str) -> None:
    """Put an alert into the outbox, as its daemon would."""
    now = Clock().now()
    with Outbox(suite.state_dir / "outbox.db", Clock(), {Kind.OPEN_INTEREST: (BACKEND,)}) as outbox:
        outbox.put([Message(key, Kind.OPEN_INTEREST, symbol, now, b'{"pctChange":0.0502}', text)])


def test_what_is_in_the_outbox_is_in_the_table(window: Window, suite: Suite) -> None:
    window.until(lambda: told(suite), "an alert")
    window.open("/alerts")

    window.until(lambda: count(window) == len(told(suite)), "every alert")
    window.until(lambda: any("VOLUME SPIKE!" in text for text in window.texts(".vs-said")), "its words")


def test_a_new_alert_comes_before_the_eyes_and_leads_to_its_symbol(window: Window, suite: Suite) -> None:
    window.open("/alerts")
    window.until(lambda: count(window) > 0, "the table")

    put(suite, "oi:LIVEUSDT:1", "LIVEUSDT", "LIVE open interest ▲ 5.02% in 5 min")

    row = '.ag-row[row-id="oi:LIVEUSDT:1"]'
    window.until(lambda: window.texts(f'{row} [col-id="x"]') == ["LIVE open interest ▲ 5.02% in 5 min"], "the alert")
    window.until(lambda: window.texts(f'{row} [col-id="z"]') == ["+5.02%"], "its strength")
    window.click(f"{row} a")
    window.until(lambda: window.driver.current_url.endswith("/symbol/LIVEUSDT"), "the page of the symbol")


@pytest.mark.parametrize(
    ("table", "news", "taken"),
    [
        ("alerts", [[{"id": "early"}], []], "applyTransaction"),
        ("myAlerts", [[{"id": "early"}], []], "applyTransaction"),
        ("market", [0, [{"s": "EARLYUSDT"}], []], "applyTransactionAsync"),
    ],
)
def test_what_a_table_is_told_before_it_is_there_is_in_it(
    window: Window, table: str, news: list[object], taken: str
) -> None:
    window.open("/health")  # a page without any of these tables

    assert taken in window.script(TELL_EARLY, table, news)


def test_only_what_is_looked_for_is_shown(window: Window, suite: Suite) -> None:
    window.until(lambda: told(suite, "--kind", "volume"), "an alert")
    put(suite, "oi:FILTERUSDT:1", "FILTERUSDT", "FILTER open interest ▲ 5.02% in 5 min")
    window.open("/alerts")
    window.until(lambda: count(window) > 1, "the table")

    choose(window, "Volume")
    window.until(lambda: count(window) == len(told(suite, "--kind", "volume")), "the volume alerts")
    window.until(lambda: "FILTERUSDT" not in (window.texts(SYMBOLS) or ["FILTERUSDT"]), "none of another kind")

    choose(window, "Open interest")
    window.type(".vs-search input", "filter")
    window.until(lambda: window.texts(SYMBOLS) == ["FILTERUSDT"], "the one of this symbol")

    choose(window, "User alert")
    window.until(lambda: window.texts(".vs-count") == ["No such alerts yet"], "nothing")


def test_a_link_may_name_the_symbol_that_is_looked_for(window: Window, suite: Suite) -> None:
    put(suite, "oi:LINKUSDT:x", "LINKEDUSDT", "LINKED open interest ▲ 5.02% in 5 min")

    window.open("/alerts?symbol=LINKEDUSDT")

    window.until(lambda: set(window.texts(SYMBOLS)) == {"LINKEDUSDT"}, "the alerts of the symbol")


def test_what_was_found_can_be_taken_away_as_a_file(window: Window, suite: Suite, tmp_path: Path) -> None:
    put(suite, "oi:FILEUSDT:1", "FILEUSDT", "=HYPERLINK(1) of a stranger")
    window.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    window.open("/alerts?symbol=FILEUSDT")
    window.until(lambda: count(window) == 1, "the alert")

    window.click(".vs-export")

    path = tmp_path / "volspike-alerts.csv"
    window.until(lambda: path.exists() and path.stat().st_size, "the file")
    (line,) = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
    assert (line["symbol"], line["text"]) == ("FILEUSDT", "'=HYPERLINK(1) of a stranger")
    assert (line["kind"], line["open_interest_change"]) == ("open-interest", "0.0502")


@pytest.mark.parametrize("text", ["<script>document.title='taken'</script>", "</script><img src=x onerror=alert(1)>"])
def test_words_of_strangers_are_text(window: Window, suite: Suite, text: str) -> None:
    put(suite, f"oi:{text}", "XSSUSDT", text)

    window.open("/alerts?symbol=XSSUSDT")

    window.until(lambda: text in window.texts(".vs-said"), "the words as they are")
    assert window.driver.title == "Alerts · VolSpike"
    assert window.all(".vs-alerts img") == []
