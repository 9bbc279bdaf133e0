"""The outbox by hand."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from tests.unit.cli.conftest import Command
from tests.unit.delivery.conftest import ROUTES, message, put_into_state
from volspike.cli.app import app
from volspike.delivery.outbox import Outbox
from volspike.delivery.road import Outcome, Road
from volspike.model.delivery import BACKEND, Kind, Pause, State
from volspike.runtime.clock import Clock

States = Callable[[], list[str]]


@pytest.fixture
def road(volspike: Command) -> Iterator[Road]:
    """The outbox in the courier's hands: of six triggers the first four wait no more."""
    path = volspike.place / "state" / "outbox.db"
    now = Clock().now()
    with Outbox(path, Clock(), ROUTES) as outbox:
        outbox.put([message(f"user:{number}", f"{number}USDT", kind=Kind.TRIGGER, at=now) for number in range(1, 7)])
    settled = (State.DELIVERED, State.REFUSED, State.EXPIRED, State.DROPPED)
    with Road(path) as road:
        road.settle([Outcome(number, state, f"because {number}") for number, state in enumerate(settled, 1)], now)
        yield road


@pytest.fixture
def states(volspike: Command, road: Road) -> States:
    """What the list says of the entries, the first one first."""

    def listed() -> list[str]:
        return [entry["state"] for entry in reversed(json.loads(volspike("outbox", "list", "--json").stdout))]

    return listed


UNTOUCHED = ["delivered", "refused", "expired", "dropped", "waiting", "waiting"]


@pytest.mark.parametrize(
    ("flags", "ids"),
    [
        ([], [6, 5, 4, 3, 2, 1]),
        (["--limit", "2"], [6, 5]),
        (["--state", "refused", "--state", "dropped"], [4, 2]),
        (["--destination", "telegram"], []),
        (["--destination", "backend", "--kind", "trigger", "--symbol", "5"], [5]),
        (["--kind", "volume"], []),
    ],
)
def test_the_list_may_be_narrowed(volspike: Command, road: Road, flags: list[str], ids: list[int]) -> None:
    result = volspike("outbox", "list", "--json", *flags)

    assert result.exit_code == 0
    assert [entry["id"] for entry in json.loads(result.stdout)] == ids


def test_the_list_is_a_table_for_people(volspike: Command, road: Road) -> None:
    lines = volspike("outbox", "list").stdout.splitlines()

    assert len(lines) == 7
    assert "because 2" in lines[-2]
    assert volspike("outbox", "list", "--kind", "volume").stdout == "There are no such entries.\n"


def test_one_entry_is_shown(volspike: Command, road: Road) -> None:
    assert "PROBLEM      because 2" in volspike("outbox", "show", "2").stdout
    assert json.loads(volspike("outbox", "show", "2", "--json").stdout)["problem"] == "because 2"


@pytest.mark.parametrize("command", [("show",), ("retry",), ("drop", "--yes")])
@pytest.mark.parametrize("number", ["0", "99", "9" * 30])
def test_an_unknown_entry_is_one_line(volspike: Command, states: States, command: tuple[str, ...], number: str) -> None:
    result = volspike("outbox", *command, number)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"volspike: there is no entry {number} in the outbox; see volspike outbox list\n"


@pytest.mark.parametrize("command", [("show",), ("retry",), ("drop", "--yes"), ("retry", "2")])
@pytest.mark.parametrize("number", ["abc", "1.5", "", "9" * 5000])
def test_what_is_no_number_of_an_entry_is_one_line(
    volspike: Command, states: States, command: tuple[str, ...], number: str
) -> None:
    result = volspike("outbox", *command, number)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"volspike: entry {number!r}: must be a number, as volspike outbox list shows it\n"
    assert states() == UNTOUCHED


def test_named_entries_are_tried_again(volspike: Command, states: States) -> None:
    result = volspike("outbox", "retry", "2", "4")

    assert (result.exit_code, result.stdout) == (0, "2 deliveries will be tried again.\n")
    assert states() == ["delivered", "waiting", "expired", "waiting", "waiting", "waiting"]


@pytest.mark.parametrize(
    ("flags", "count", "after"),
    [
        (["--refused"], "1 delivery", ["delivered", "waiting", "expired", "dropped", "waiting", "waiting"]),
        (["--expired"], "1 delivery", ["delivered", "refused", "waiting", "dropped", "waiting", "waiting"]),
        (["--refused", "--expired"], "2 deliveries", ["delivered", "waiting", "waiting", "dropped"] + ["waiting"] * 2),
    ],
)
def test_all_of_a_state_are_tried_again(
    volspike: Command, states: States, flags: list[str], count: str, after: list[str]
) -> None:
    assert volspike("outbox", "retry", *flags).stdout == f"{count} will be tried again.\n"
    assert states() == after


def test_where_nothing_of_a_state_is_left_it_is_said(volspike: Command, states: States) -> None:
    volspike("outbox", "retry", "--refused")

    result = volspike("outbox", "retry", "--refused")

    assert (result.exit_code, result.stdout) == (0, "There is nothing to try again.\n")


@pytest.mark.parametrize("arguments", [(), ("2", "--refused")])
def test_what_to_try_again_must_be_clear(volspike: Command, states: States, arguments: tuple[str, ...]) -> None:
    result = volspike("outbox", "retry", *arguments)

    assert result.exit_code == 2
    assert result.stderr == "volspike: give either the ids of entries, or --refused or --expired\n"
    assert states() == UNTOUCHED


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("retry", "2", "1"), "1 is delivered: only one that is refused or expired or dropped can be tried again\n"),
        (("retry", "2", "5"), "5 is waiting: only one that is refused or expired or dropped can be tried again\n"),
        (("drop", "2", "1"), "1 is delivered: only one that is waiting or refused or expired can be dropped\n"),
    ],
)
def test_an_entry_in_the_wrong_state_is_named_and_none_is_changed(
    volspike: Command, states: States, command: tuple[str, ...], words: str
) -> None:
    result = volspike("outbox", *command)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"volspike: entry {words}"
    assert states() == UNTOUCHED


def test_an_entry_in_a_state_of_another_release_ends_no_command_and_is_mended_by_its_number(
    volspike: Command, states: States
) -> None:
    for number in (2, 5):
        put_into_state(volspike.place / "state" / "outbox.db", number, "held")

    assert states() == ["delivered", "held", "expired", "dropped", "held", "waiting"]
    assert json.loads(volspike("outbox", "stats", "--json").stdout)["backend"]["waiting"] == 1
    for command in (("list",), ("show", "2"), ("stats",)):
        assert volspike("outbox", *command).exit_code == 0
    assert volspike("outbox", "retry", "2").stdout == "1 delivery will be tried again.\n"
    assert volspike("outbox", "drop", "5", "--yes").stdout == "1 delivery given up.\n"
    assert states() == ["delivered", "waiting", "expired", "dropped", "dropped", "waiting"]


def test_named_entries_are_given_up(volspike: Command, states: States) -> None:
    result = volspike("outbox", "drop", "--yes", "2", "5")

    assert (result.exit_code, result.stdout) == (0, "2 deliveries given up.\n")
    assert states() == ["delivered", "dropped", "expired", "dropped", "dropped", "waiting"]


@pytest.mark.parametrize(
    ("answer", "code", "state"), [("y\n", 0, "dropped"), ("n\n", 1, "waiting"), ("", 1, "waiting")]
)
def test_giving_up_is_asked_for_with_the_entries_in_sight(
    volspike: Command, states: States, answer: str, code: int, state: str
) -> None:
    result = CliRunner().invoke(app, ["outbox", "drop", "5"], env=volspike.environment, input=answer)

    assert result.exit_code == code
    assert "5USDT happened" in result.stdout
    assert states()[4] == state


def test_the_figures_of_each_destination(volspike: Command, road: Road) -> None:
    volspike.environment["TELEGRAM_TOKEN"] = "1:secret"  # noqa: S105 - stands for one
    volspike.environment["CHAT_ID"] = "-1001"
    road.pause(BACKEND, Pause(Clock().now(), "HTTP 401: Invalid API key", "ab12"))

    table = volspike("outbox", "stats").stdout
    figures = json.loads(volspike("outbox", "stats", "--json").stdout)

    assert [line.split()[0] for line in table.splitlines()] == ["DESTINATION", "backend", "telegram"]
    assert list(figures) == ["backend", "telegram"]
    assert figures["backend"]["paused"]["reason"] == "HTTP 401: Invalid API key"
    assert [figures["backend"][name] for name in ("waiting", "delivered", "refused", "expired", "dropped")] == [
        2, 1, 1, 1, 1,
    ]  # fmt: skip
    assert figures["telegram"]["waiting"] == 0
    assert figures["telegram"]["paused"] is None
    assert "secret" not in table


@pytest.mark.parametrize("command", ["list", "stats"])
def test_a_bad_setting_is_named_and_the_outbox_is_shown_all_the_same(
    volspike: Command, road: Road, command: str
) -> None:
    volspike.environment["VOLUME_MULTIPLE"] = "abc"

    result = volspike("outbox", command)

    assert result.exit_code == 0
    assert "backend" in result.stdout
    assert "VOLUME_MULTIPLE" in result.stderr


def test_quiet_hours_are_shown_where_people_are_told(volspike: Command, road: Road) -> None:
    now = datetime.now(UTC)
    since, until = now - timedelta(hours=2), now + timedelta(hours=2)
    volspike.environment |= {
        "NOTIFY_QUIET_HOURS": f"{since:%H:%M}-{until:%H:%M}",
        "TELEGRAM_TOKEN": "1:secret",
        "CHAT_ID": "-1001",
    }

    table = volspike("outbox", "stats").stdout
    figures = json.loads(volspike("outbox", "stats", "--json").stdout)

    assert "quiet hours until " in table
    assert figures["backend"]["quiet_until"] is None
    assert figures["telegram"]["quiet_until"] == pytest.approx(until.timestamp(), abs=60)


def test_a_paused_destination_goes_on(volspike: Command, road: Road) -> None:
    road.pause(BACKEND, Pause(Clock().now(), "HTTP 401", "ab12"))

    assert volspike("outbox", "resume", "backend").stdout == "backend is tried again.\n"
    assert volspike("outbox", "resume", "backend").stdout == "backend was not paused; it is tried now.\n"
    assert road.pauses() == {}


@pytest.mark.parametrize(
    "arguments",
    [("resume", "nowhere"), ("list", "--state", "lost"), ("list", "--limit", "0"), ("show", "x"), ("drop",), ("fly",)],
)
def test_what_does_not_exist_is_a_usage_error(volspike: Command, road: Road, arguments: tuple[str, ...]) -> None:
    assert volspike("outbox", *arguments).exit_code == 2
