"""The News page without a browser, and without a backend."""

from tests.unit.dashboard.conftest import Served


def test_a_backend_that_does_not_answer_is_told_where_the_posts_would_be(served: Served) -> None:
    assert "the backend cannot be reached at http://127.0.0.1:1" in served.get("/news")
