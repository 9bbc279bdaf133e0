"""Many alerts in few messages."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.rules import digest
from volspike.rules.digest import ELLIPSIS, LONGEST, Measure, Part

ALERT = "BTC hourly volume 150.00M (3.50× prev) — VOLUME SPIKE!"
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1, max_size=200)
long_texts = texts.flatmap(lambda text: st.integers(1, 300).map(lambda times: text * times))


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_nothing_is_no_message() -> None:
    assert digest.parts([]) == []


def test_one_alert_goes_as_it_is() -> None:
    assert digest.parts([ALERT]) == [Part(ALERT, 1)]


def test_a_few_alerts_go_as_one_message_under_a_heading() -> None:
    assert digest.parts(["a", "b", "c"]) == [Part("3 alerts:\na\nb\nc", 3)]


def test_a_storm_is_split_between_alerts_and_every_part_says_what_it_belongs_to() -> None:
    storm = [f"{number} {ALERT}" for number in range(200)]

    parts = digest.parts(storm)

    assert [part.count for part in parts] == [70, 69, 61]
    assert [part.text.partition("\n")[0] for part in parts] == ["200 alerts:", *["200 alerts, continued:"] * 2]
    assert [line for part in parts for line in part.text.split("\n")[1:]] == storm


@given(st.lists(long_texts, min_size=2, max_size=12))
def test_every_alert_is_named_in_its_order_and_no_part_is_too_long(alerts: list[str]) -> None:
    parts = digest.parts(alerts)

    lines = [line for part in parts for line in part.text.split("\n")[1:]]
    assert sum(part.count for part in parts) == len(lines) == len(alerts)
    for alert, line in zip(alerts, lines, strict=True):
        assert line == alert or (line.endswith(ELLIPSIS) and alert.startswith(line.removesuffix(ELLIPSIS)))
    assert all(0 < units(part.text) <= LONGEST for part in parts)


@given(st.lists(texts, min_size=2, max_size=60))
def test_no_part_is_begun_while_the_next_alert_fits_into_the_one_before(alerts: list[str]) -> None:
    parts = digest.parts(alerts)

    for part, following in pairwise(parts):
        assert units(part.text) + 1 + units(following.text.split("\n")[1]) > LONGEST


@pytest.mark.parametrize(("length", "counts"), [(44, [2]), (45, [1, 1])])
def test_the_next_alert_just_fits_or_is_whole_in_the_next_message(length: int, counts: list[int]) -> None:
    alerts = ["a" * 45, "b" * length]

    parts = digest.parts(alerts, 100)

    assert [part.count for part in parts] == counts
    assert [line for part in parts for line in part.text.split("\n")[1:]] == alerts


@pytest.mark.parametrize("count", [LONGEST // 2, LONGEST // 2 + 1])
def test_what_lies_outside_the_basic_plane_counts_twice(count: int) -> None:
    part = digest.parts(["🚀" * count])[0]

    assert part.text == ("🚀" * count if count == LONGEST // 2 else "🚀" * (LONGEST // 2 - 1) + ELLIPSIS)


@given(long_texts, st.integers(1, 50))
def test_a_cut_text_is_as_long_as_it_may_be_and_no_character_is_split(text: str, most: int) -> None:
    cut = Measure.CHARACTER.cut(text, most)

    assert Measure.CHARACTER.length(cut) == units(cut)
    if units(text) <= most:
        assert cut == text
    else:
        assert text.startswith(cut.removesuffix(ELLIPSIS))
        assert most - 1 <= units(cut) <= most


@given(long_texts, st.integers(3, 50))
def test_the_same_is_true_of_bytes(text: str, most: int) -> None:
    cut = Measure.BYTE.cut(text, most)

    assert Measure.BYTE.length(cut) == len(cut.encode())
    if len(text.encode()) <= most:
        assert cut == text
    else:
        assert text.startswith(cut.removesuffix(ELLIPSIS))
        assert most - 3 <= len(cut.encode()) <= most


def test_a_storm_of_symbols_in_chinese_is_split_where_an_ntfy_would_make_a_file_of_it() -> None:
    storm = [f"币安人生USDT {number} hourly volume" for number in range(120)]

    parts = digest.parts(storm, LONGEST, Measure.BYTE)

    assert len(digest.parts(storm)) == 1
    assert [line for part in parts for line in part.text.split("\n")[1:]] == storm
    assert [len(part.text.encode()) <= 4096 for part in parts] == [True] * 2


@given(st.lists(texts, max_size=60), st.integers(100, LONGEST), st.sampled_from(Measure))
def test_where_less_room_is_the_parts_are_shorter_and_still_name_every_alert(
    alerts: list[str], most: int, measure: Measure
) -> None:
    parts = digest.parts(alerts, most, measure)

    assert sum(part.count for part in parts) == len(alerts)
    assert all(0 < measure.length(part.text) <= most for part in parts)
