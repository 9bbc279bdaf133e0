"""The two kinds of errors."""

from volspike.clients.errors import Permanent, Transient


def test_a_transient_error_says_when_to_come_back() -> None:
    assert Transient("HTTP 429", 30.0).retry_after == 30.0
    assert Transient("timed out").retry_after is None
    assert str(Transient("timed out")) == "timed out"


def test_a_permanent_error_carries_the_vendor_s_code() -> None:
    assert Permanent("Invalid symbol.", -1121).code == -1121
    assert Permanent("HTTP 404").code is None


def test_neither_kind_is_the_other() -> None:
    assert not issubclass(Permanent, Transient)
    assert not issubclass(Transient, Permanent)
