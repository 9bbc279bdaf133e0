"""The destinations of the settings."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from queue import SimpleQueue

import pytest

from volspike.daemons import courier_destinations
from volspike.delivery.carrier import Load, Returns
from volspike.delivery.route import BackendRoute, ChatRoute
from volspike.model.delivery import Destination, Kind
from volspike.rules.delivery import Result
from volspike.rules.digest import Measure
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


def test_where_nobody_reads_it_is_said_once_that_it_is_silent(
    settings: Callable[..., Settings], returns: Returns, stack: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    routes = courier_destinations.routes(settings(backend_key="one"), returns, stack)

    assert [route.destination for route in routes] == ["backend"]
    assert caplog.messages == ["neither TELEGRAM_TOKEN nor Discord nor NOTIFY_URLS is set: people are told nothing"]


def test_people_read_in_discord_and_in_any_service(
    settings: Callable[..., Settings], returns: Returns, stack: ExitStack
) -> None:
    urls = {
        Destination("desk"): "json://127.0.0.1:9/x",
        Destination("sms"): f"bulksms://user:pass@{'1' * 10}",
        Destination("ntfy"): "ntfys://ntfy.sh/topic",
    }
    hook = "https://discord.com/api/webhooks/1/secret"
    chosen = settings(backend_key="one", discord_webhook_url=hook, notify_urls=urls)

    found = {route.destination: route for route in courier_destinations.routes(chosen, returns, stack)}

    assert list(found) == ["backend", "discord", "desk", "sms", "ntfy"]
    longest = [(route._longest, route._measure) for route in found.values() if isinstance(route, ChatRoute)]
    assert longest == [
        (2000, Measure.CHARACTER),
        (4096, Measure.CHARACTER),
        (160, Measure.CHARACTER),
        (4096, Measure.BYTE),
    ]


def test_a_bot_of_discord_is_another_way_than_a_webhook(
    settings: Callable[..., Settings], returns: Returns, stack: ExitStack
) -> None:
    bot = settings(backend_key="one", discord_token=TOKEN, discord_channel_id="7")

    assert [route.destination for route in courier_destinations.routes(bot, returns, stack)] == ["backend", "discord"]


def test_a_wrong_address_pauses_its_own_destination_alone(
    settings: Callable[..., Settings], returns: Returns, stack: ExitStack
) -> None:
    urls = {Destination("desk"): "pigeon://secret"}
    _, desk = courier_destinations.routes(settings(backend_key="one", notify_urls=urls), returns, stack)
    assert isinstance(desk, ChatRoute)

    desk._carrier.carry(Load((1,), lambda: desk._send("text")))
    returned = returns.get(timeout=20)

    assert returned.answer.result is Result.MISDIRECTED
    assert returned.problem == "desk: Apprise knows no such address; is its address in NOTIFY_URLS right?"


def test_what_was_hardly_meant_is_said(
    settings: Callable[..., Settings], returns: Returns, stack: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    rules = {Kind.VOLUME: (Destination("discord"),)}

    courier_destinations.routes(settings(backend_key="one", notify_rules=rules), returns, stack)

    assert "NOTIFY_RULES names discord, and nothing is set by which it could be reached" in caplog.messages


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
