"""The destinations of the settings."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from queue import SimpleQueue

import pytest

from volspike.daemons import courier_destinations
from volspike.delivery.carrier import Returns
from volspike.delivery.route import BackendRoute, ChatRoute
from volspike.settings import Settings, SettingsError

TOKEN = "123456:ABC-DEF"  # noqa: S105 - an example


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def returns() -> Returns:
    return SimpleQueue()


def test_every_destination_of_the_settings_has_its_way(
    settings: Callable[..., Settings], returns: Returns, stack: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = settings(
        backend_url="http://127.0.0.1:9",
        backend_key="one",
        backend_dev_url="http://127.0.0.1:9",
        backend_dev_key="two",
        telegram_token=TOKEN,
        chat_id="-100123",
    )

    first, second, third = courier_destinations.routes(chosen, returns, stack)

    assert [route.destination for route in (first, second, third)] == ["backend", "backend-dev", "telegram"]
    assert isinstance(first, BackendRoute)
    assert isinstance(second, BackendRoute)
    assert isinstance(third, ChatRoute)
    assert len({route.fingerprint for route in (first, second, third)}) == 3
    assert caplog.messages == []


def test_without_a_chat_it_is_said_once_that_it_is_silent(
    settings: Callable[..., Settings], returns: Returns, stack: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    routes = courier_destinations.routes(settings(backend_key="one"), returns, stack)

    assert [route.destination for route in routes] == ["backend"]
    assert caplog.messages == ["no TELEGRAM_TOKEN is set: nothing is told in a chat"]


def test_the_embedded_backend_needs_a_key(
    settings: Callable[..., Settings], returns: Returns, stack: ExitStack
) -> None:
    with pytest.raises(SettingsError, match="VOLSPIKE_API_KEY"):
        courier_destinations.routes(settings(), returns, stack)


def test_a_fingerprint_tells_settings_apart_and_tells_nothing_of_them() -> None:
    print_of = courier_destinations.fingerprint

    assert print_of("http://a", "key") == print_of("http://a", "key")
    assert len({print_of("http://a", "key"), print_of("http://b", "key"), print_of("http://a", "other")}) == 3
    assert len(print_of("http://a", "key")) == 8
