"""What a status means for a message to people."""

import pytest

from volspike.clients import refusals
from volspike.clients.errors import Faulted, Misdirected, Permanent, Transient


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, Misdirected),
        (400, Permanent),
        (401, Misdirected),
        (403, Misdirected),
        (404, Misdirected),
        (408, Transient),
        (410, Misdirected),
        (413, Permanent),
        (425, Transient),
        (429, Transient),
        (500, Faulted),
        (502, Transient),
        (503, Transient),
    ],
)
def test_a_status_speaks_of_the_moment_of_the_destination_or_of_the_message(status: int, kind: type[Exception]) -> None:
    error = refusals.refusal("told", status, 7.0)

    assert type(error) is kind
    assert str(error) == "told"
    assert getattr(error, "retry_after", 7.0) == 7.0


@pytest.mark.parametrize(("wrong", "kind"), [((401, 410), Misdirected), ((401,), Permanent)])
def test_who_answers_may_mean_the_message_by_a_status(wrong: tuple[int, ...], kind: type[Exception]) -> None:
    assert type(refusals.refusal("told", 410, wrong=wrong)) is kind


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.75", 0.75),
        ("86400", 900.0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1e9", None),
        ("٣", None),
    ],
)
def test_a_pause_is_a_number_of_seconds_and_not_too_many(header: str, seconds: float | None) -> None:
    assert refusals.seconds(header) == seconds
