"""Conditions: each change is told once."""

import pytest

from volspike.runtime.condition import Condition


def test_only_the_changes_of_a_condition_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    now = [100.0]
    feed = Condition("the feed", lambda: now[0])

    for problem in ("no answer", "", "", "refused", "no answer"):
        now[0] += 30
        if problem:
            feed.fails(problem)
        else:
            feed.works()

    assert caplog.messages == ["lost: the feed", "recovered: the feed", "lost: the feed"]
    assert [getattr(record, "after_seconds", None) for record in caplog.records] == [None, 30.0, None]
    assert feed.problem == "no answer"
