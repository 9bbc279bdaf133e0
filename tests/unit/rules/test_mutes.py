"""Muted symbols."""

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.examples import NOW
from volspike.model.documents import Mute
from volspike.rules import mutes

known = st.dictionaries(
    st.sampled_from(["BTCUSDT", "ETHUSDT", "SOLUSDT"]),
    st.builds(Mute, since=st.floats(0, NOW), until=st.floats(NOW - 10, NOW + 10)),
)


def test_a_mute_ends_by_itself() -> None:
    muted = mutes.muted({}, "BTCUSDT", NOW, 60.0)

    assert muted == {"BTCUSDT": Mute(NOW, NOW + 60)}
    assert mutes.in_force(muted, NOW + 59.9) == muted
    assert mutes.in_force(muted, NOW + 60) == {}


def test_what_ends_first_is_first() -> None:
    muted = mutes.muted(mutes.muted({}, "BTCUSDT", NOW, 60.0), "ETHUSDT", NOW, 30.0)

    assert list(muted) == ["ETHUSDT", "BTCUSDT"]


def test_a_new_mute_takes_the_place_of_the_old_one_even_if_it_is_shorter() -> None:
    assert mutes.muted({"BTCUSDT": Mute(NOW - 5, NOW + 600)}, "BTCUSDT", NOW, 60.0) == {"BTCUSDT": Mute(NOW, NOW + 60)}


@given(known=known)
def test_unmuting_concerns_one_symbol_alone(known: dict[str, Mute]) -> None:
    left = mutes.unmuted(known, "BTCUSDT", NOW)

    assert left == {s: m for s, m in mutes.in_force(known, NOW).items() if s != "BTCUSDT"}


@given(known=known)
def test_muting_keeps_the_others_that_hold(known: dict[str, Mute]) -> None:
    assert mutes.unmuted(mutes.muted(known, "BTCUSDT", NOW, 1.0), "BTCUSDT", NOW) == mutes.unmuted(
        known, "BTCUSDT", NOW
    )
