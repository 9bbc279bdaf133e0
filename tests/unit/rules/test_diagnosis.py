"""What a doctor says of the machine."""

import pytest

from volspike.model.diagnosis import Level, Place, TimeState
from volspike.model.limits import Limit
from volspike.rules import diagnosis
from volspike.rules.weight import Account

OK, WARN, BAD = Level.OK, Level.WARN, Level.BAD


def test_healthy_is_what_has_nothing_bad_whatever_the_warnings() -> None:
    well, doubtful, ill = diagnosis.ok("a", ""), diagnosis.warn("b", "", "do"), diagnosis.bad("c", "", "do")

    assert diagnosis.conclude([well, doubtful], 5.0).healthy
    assert not diagnosis.conclude([well, ill], 5.0).healthy


@pytest.mark.parametrize(("version", "level"), [((3, 11, 0), OK), ((3, 14, 1), OK), ((3, 10, 9), BAD)])
def test_python_must_be_new_enough(version: tuple[int, int, int], level: Level) -> None:
    assert diagnosis.python(version).level is level


def test_packages_that_differ_are_named() -> None:
    assert diagnosis.packages({}, "again").level is OK
    many = {f"p{number}": "is missing" for number in range(7)}

    symptom = diagnosis.packages(many, "again")

    assert (symptom.level, symptom.remedy) == (WARN, "again")
    assert symptom.text.endswith("p0 is missing, p1 is missing, p2 is missing, p3 is missing, p4 is missing and 2 more")


@pytest.mark.parametrize(
    ("share", "limit", "level"),
    [
        (0.5, Limit(0.85, 0.9), OK),
        (0.85, Limit(0.85, 0.9), WARN),
        (0.9, Limit(0.85, 0.9), BAD),
        (0.99, Limit(None, None), OK),
    ],
)
def test_a_disk_is_judged_by_its_limits(share: float, limit: Limit, level: Level) -> None:
    (symptom,) = diagnosis.disks({"/var/lib/volspike": share}, limit)

    assert symptom.level is level
    assert f"{share:.0%} full" in symptom.text


@pytest.mark.parametrize(
    ("state", "level", "remedy"),
    [
        (TimeState(True, True), OK, ""),
        (TimeState(False, False), WARN, "sudo timedatectl set-ntp true"),
        (TimeState(False, True), WARN, "timedatectl timesync-status"),
        (TimeState(None, None), WARN, "timedatectl status"),
    ],
)
def test_a_clock_that_nobody_keeps_right_is_a_warning(state: TimeState, level: Level, remedy: str) -> None:
    symptom = diagnosis.synchronisation(state)

    assert (symptom.level, symptom.remedy) == (level, remedy)


@pytest.mark.parametrize(
    ("seconds", "level", "words"),
    [(0.9, OK, "agrees"), (1.0, WARN, "1.0 s behind"), (-4.9, WARN, "4.9 s ahead of"), (-5.0, BAD, "5.0 s ahead of")],
)
def test_a_clock_that_differs_from_binance_s(seconds: float, level: Level, words: str) -> None:
    symptom = diagnosis.skew(seconds)

    assert symptom.level is level
    assert words in symptom.text


def test_the_weight_of_this_minute_is_told_and_that_of_an_earlier_one_is_not() -> None:
    assert diagnosis.weight(Account(10, 700), 0.0, 600.0, installed=True).text == "700 of 2200 used in this minute"
    assert diagnosis.weight(Account(9, 700), 0.0, 600.0, installed=True).text == "0 of 2200 used in this minute"
    assert diagnosis.weight(None, 0.0, 600.0, installed=True).level is OK


def test_a_ban_is_bad_as_long_as_it_lasts() -> None:
    symptom = diagnosis.weight(None, 700.0, 600.0, installed=True)

    assert symptom.level is BAD
    assert "for another 100 s; it was not asked anything" in symptom.text
    met = diagnosis.weight(None, 700.0, 600.0, installed=True, asked=True)
    assert "for another 100 s; it has just said so and was asked nothing more" in met.text
    assert symptom.remedy.startswith("sudo volspike logs --since")
    in_terminal = diagnosis.weight(None, 700.0, 600.0, installed=False)
    assert in_terminal.remedy.startswith("look at the terminal of volspike up")
    assert diagnosis.weight(None, 600.0, 600.0, installed=True).level is OK


def place(
    owner: str = "volspike", group: str = "volspike", mode: int = 0o750, strangers: tuple[str, ...] = ()
) -> Place:
    seen = {"actual_owner": owner, "actual_group": group, "actual_mode": mode, "strangers": strangers}
    return Place("/var/lib/volspike", "volspike", "volspike", 0o750, **seen)  # type: ignore[arg-type]


def own_file(mode: int) -> Place:
    return Place(".env", None, None, 0o600, actual_owner="you", actual_group="you", actual_mode=mode)


@pytest.mark.parametrize(
    ("seen", "level", "remedy"),
    [
        (place(), OK, ""),
        (place(mode=0o700), OK, ""),
        (place(owner="root"), BAD, "sudo chown volspike:volspike /var/lib/volspike"),
        (place(group="root"), BAD, "sudo chown volspike:volspike /var/lib/volspike"),
        (place(mode=0o755), WARN, "sudo chmod 750 /var/lib/volspike"),
        (place(strangers=("outbox.db",)), BAD, "sudo chown -R volspike:volspike /var/lib/volspike"),
        (Place("/run/volspike", "volspike", "volspike", 0o750, exists=False), WARN,
         "sudo volspike restart  # makes it"),
        (Place("/var/b", "volspike", "volspike", 0o750, "sudo volspike start b", exists=False), WARN,
         "sudo volspike start b  # makes it"),
        (own_file(0o644), WARN, "chmod 600 .env"),
        (own_file(0o600), OK, ""),
    ],
)  # fmt: skip
def test_places_belong_to_whom_they_should_and_are_open_to_no_more(seen: Place, level: Level, remedy: str) -> None:
    (symptom,) = diagnosis.places([seen])

    assert (symptom.level, symptom.remedy) == (level, remedy)


def test_who_is_not_vital_costs_a_warning_when_it_is_away() -> None:
    assert diagnosis.reached("reach", "A", "", "look", vital=True).level is OK
    assert diagnosis.reached("reach", "A", "refused", "look", vital=True).level is BAD
    assert diagnosis.reached("reach", "A", "refused", "look", vital=False).level is WARN
