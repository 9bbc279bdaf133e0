"""The kinds of errors."""

from volspike.clients.errors import Faulted, Misdirected, Permanent, ShutOut, Transient, Unanswered


def test_a_transient_error_says_when_to_come_back() -> None:
    assert Transient("HTTP 429", 30.0).retry_after == 30.0
    assert Transient("timed out").retry_after is None
    assert str(Transient("timed out")) == "timed out"


def test_a_permanent_error_carries_the_vendor_s_code() -> None:
    assert Permanent("Invalid symbol.", -1121).code == -1121
    assert Permanent("HTTP 404").code is None


def test_to_be_shut_out_is_transient_and_always_has_an_end() -> None:
    error = ShutOut("HTTP 418: banned", 120.0)

    assert isinstance(error, Transient)
    assert (str(error), error.seconds, error.retry_after) == ("HTTP 418: banned", 120.0, 120.0)


def test_neither_kind_is_the_other() -> None:
    assert not issubclass(Permanent, Transient)
    assert not issubclass(Transient, Permanent)


def test_a_fault_may_pass_and_a_wrong_address_does_not() -> None:
    assert isinstance(Unanswered("no answer in time"), Transient)
    assert isinstance(Faulted("HTTP 500"), Transient)
    assert isinstance(Misdirected("HTTP 401"), Permanent)
