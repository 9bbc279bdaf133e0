"""The outbox as people see it."""

import pytest
from msgspec.structs import replace

from tests.unit.delivery.conftest import WAITING
from tests.unit.examples import NOW
from volspike.cli import outbox_tables
from volspike.model.delivery import BACKEND, DISCORD, TELEGRAM, Kind, Pause, State, Tally

Shown = pytest.CaptureFixture[str]


def words(line: str) -> list[str]:
    return line.split()


def test_an_entry_is_a_row(capsys: Shown) -> None:
    outbox_tables.show_entries([WAITING])

    head, row = capsys.readouterr().out.splitlines()
    assert words(head) == ["ID", "AT", "(UTC)", "STATE", "DESTINATION", "KIND", "SYMBOL", "TRIES", "WHAT"]
    assert words(row) == (
        ["17", "2026-10-01", "12:02:03", "waiting", "telegram", "volume", "BTCUSDT", "2", "BTCUSDT", "happened"]
    )


@pytest.mark.parametrize(
    ("state", "told"),
    [(State.WAITING, "HTTP 503"), (State.REFUSED, "HTTP 503"), (State.DELIVERED, "BTCUSDT happened")],
)
def test_what_went_wrong_is_told_until_it_no_longer_matters(capsys: Shown, state: State, told: str) -> None:
    outbox_tables.show_entries([replace(WAITING, state=state, problem="HTTP 503")])

    assert capsys.readouterr().out.rstrip().endswith(told)


STRANGE = "this release does not know the state held: upgrade, or volspike outbox retry 17 (or drop 17)"


def test_a_state_of_another_release_is_told_in_its_row_with_what_to_do(capsys: Shown) -> None:
    outbox_tables.show_entries([replace(WAITING, state="held"), WAITING])

    _, strange, other = capsys.readouterr().out.splitlines()
    assert (words(strange)[3], strange.endswith(STRANGE)) == ("held", True)
    assert words(other)[3] == "waiting"


def test_and_among_all_that_is_known_of_an_entry(capsys: Shown) -> None:
    outbox_tables.show_entry(replace(WAITING, state="he\nld", settled_at=NOW, problem="HTTP 503"), NOW)

    shown = capsys.readouterr().out.splitlines()
    assert shown[4] == "STATE        he ld since 2026-10-01 12:02:03 UTC"
    assert shown[7] == f"PROBLEM      {STRANGE.replace('held', 'he ld')}; before: HTTP 503"


@pytest.mark.parametrize("text", ["[bold]not markup[/]", "two\nlines", "a bell\x07 and \x1b[2J"])
def test_words_of_strangers_stay_in_their_row(capsys: Shown, text: str) -> None:
    outbox_tables.show_entries([replace(WAITING, problem=text)])

    shown = capsys.readouterr().out
    assert len(shown.splitlines()) == 2
    assert shown.replace("\n", "").isprintable()


def test_everything_that_is_known_of_an_entry(capsys: Shown) -> None:
    entry = replace(WAITING, state=State.REFUSED, settled_at=NOW + 60, problem="HTTP 400: symbol")

    outbox_tables.show_entry(entry, NOW + 3600)

    shown = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert shown == [
        "ID           17",
        "KEY          volume:BTCUSDT:2026-10-01T12:SPIKE",
        "HAPPENED     2026-10-01 12:02:03 UTC",
        "DESTINATION  telegram",
        "STATE        refused since 2026-10-01 12:03:03 UTC",
        "AGE          1h",
        "TRIES        2",
        "PROBLEM      HTTP 400: symbol",
        "TEXT         BTCUSDT happened",
        "PAYLOAD      {",
        '               "symbol": "BTCUSDT"',
        "             }",
    ]


def test_an_entry_without_problem_and_payload(capsys: Shown) -> None:
    outbox_tables.show_entry(replace(WAITING, kind=Kind.HEALTH, payload=b""), NOW)

    shown = [words(line) for line in capsys.readouterr().out.splitlines()]
    assert shown[4:7] == [["STATE", "waiting"], ["AGE", "0s"], ["TRIES", "2"]]
    assert [shown[7], shown[9]] == [["PROBLEM", "–"], ["PAYLOAD", "–"]]


def test_destinations_with_what_waits_and_why_one_is_paused(capsys: Shown) -> None:
    tallies = {
        BACKEND: Tally(waiting=3, oldest_waiting_at=NOW - 120, delivered=40, refused=1),
        TELEGRAM: Tally(delivered=9),
    }
    pauses = {BACKEND: Pause(NOW - 60, "HTTP 401: Invalid API key", "ab12")}

    outbox_tables.show_tallies(tallies, pauses, {}, NOW)

    shown = capsys.readouterr().out
    _, backend, telegram = shown.splitlines()
    assert words(backend) == words("backend 3 2m 40 1 0 0 for 1m: HTTP 401: Invalid API key")
    assert words(telegram) == words("telegram 0 – 9 0 0 0 –")
    assert "ab12" not in shown


def test_numbers_end_below_each_other(capsys: Shown) -> None:
    outbox_tables.show_tallies({BACKEND: Tally(delivered=9), TELEGRAM: Tally(delivered=12_000)}, {}, {}, NOW)

    lines = capsys.readouterr().out.splitlines()
    end = lines[0].index("DELIVERED 24h") + len("DELIVERED 24h")
    assert [line[:end].split()[-1] for line in lines[1:]] == ["9", "12000"]
    assert all(line[end - 1] != " " for line in lines)


def test_quiet_hours_are_told_where_they_hold_and_a_pause_comes_before_them(capsys: Shown) -> None:
    tallies = dict.fromkeys((BACKEND, TELEGRAM, DISCORD), Tally(waiting=1, oldest_waiting_at=NOW))
    pauses = {DISCORD: Pause(NOW, "HTTP 401", "ab12")}

    outbox_tables.show_tallies(tallies, pauses, {TELEGRAM: NOW + 60, DISCORD: NOW + 60}, NOW)

    _, backend, telegram, discord = capsys.readouterr().out.splitlines()
    assert backend.rstrip().endswith("–")
    assert "quiet hours until 2026-10-01 12:03:03 UTC" in telegram
    assert "HTTP 401" in discord
    assert "quiet" not in discord
