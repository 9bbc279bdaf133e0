"""Who is told of what, and when, as the variables say it."""

from datetime import time
from zoneinfo import ZoneInfo

import pytest

from volspike.model.delivery import TELEGRAM, Kind
from volspike.rules.quiet import QuietHours
from volspike.settings import notify


def test_rules_say_which_kind_goes_where() -> None:
    rules = notify.rules(" volume : telegram, slack,telegram ; open-interest:telegram;health: ")

    assert rules == {
        Kind.VOLUME: (TELEGRAM, "slack"),
        Kind.OPEN_INTEREST: (TELEGRAM,),
        Kind.HEALTH: (),
    }
    assert notify.rules("") == {}


@pytest.mark.parametrize("bad", ["volume", "weather:telegram", "trigger:telegram", "volume:;volume:"])
def test_rules_take_only_what_people_can_be_told(bad: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text may be any
        notify.rules(bad)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("ntfy://ntfy.sh/topic", "ntfy"),
        ("ntfys://host/topic", "ntfy"),
        ("mailto://user:pass@example.org", "email"),
        ("mailtos://user:pass@example.org?smtp=mail.example.org", "email"),
        ("slack://a/b/c/%23general", "slack"),
        ("https://hooks.slack.com/services/A/B/C", "slack"),
        ("https://localhost/hook", "https"),
        ("sns://key/secret/us-east-1/12223334444", "sns"),
        ("night-desk=json://127.0.0.1:9/?a=b", "night-desk"),
    ],
)
def test_an_address_is_called_as_people_call_its_service_unless_it_is_named(url: str, name: str) -> None:
    assert notify.urls(url) == {name: url.removeprefix("night-desk=")}


def test_addresses_have_spaces_between_them() -> None:
    assert notify.urls("  ntfy://host/one   other=ntfy://host/two ") == {
        "ntfy": "ntfy://host/one",
        "other": "ntfy://host/two",
    }
    assert notify.urls("") == {}


@pytest.mark.parametrize(
    "bad",
    [
        "topic",
        "ntfy://host/one ntfy://host/two",
        "ntfy://host/one,json://host",
        "telegram=ntfy://host/one",
        "backend=json://host",
        "Name=ntfy://host/one",
    ],
)
def test_each_address_has_a_name_of_its_own(bad: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text may be any
        notify.urls(bad)


@pytest.mark.parametrize(
    "good",
    ["", "https://discord.com/api/webhooks/123/a_B-c", "http://127.0.0.1:9/api/v10/webhooks/1/x?thread_id=7"],
)
def test_a_webhook_is_taken_as_discord_gives_it(good: str) -> None:
    assert notify.discord_hook(good) == good


@pytest.mark.parametrize(
    "bad", ["discord.com/api/webhooks/1/x", "https://discord.com/1/x", "https://h/webhooks/1/x?a=b"]
)
def test_another_address_is_no_webhook(bad: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text may be any
        notify.discord_hook(bad)


def test_a_channel_is_a_number() -> None:
    assert [notify.discord_channel(text) for text in ("", "123456789012345678")] == ["", "123456789012345678"]
    for bad in ("general", "-1", "１"):
        with pytest.raises(ValueError):  # noqa: PT011 - the text may be any
            notify.discord_channel(bad)


def test_quiet_hours_are_of_a_zone() -> None:
    assert notify.quiet_hours("") is None
    assert notify.quiet_hours("22:00-07:30 Europe/Berlin") == QuietHours(
        time(22), time(7, 30), ZoneInfo("Europe/Berlin")
    )
    assert notify.quiet_hours("01:00-02:00") == QuietHours(time(1), time(2), ZoneInfo("UTC"))


@pytest.mark.parametrize(
    "bad",
    [
        "22:00",
        "22-07 UTC",
        "07:00-07:00",
        "25:00-07:00",
        "22:00-07:60",
        "22:00-07:00 Europe/Atlantis",
        "22:00-07:00 ../UTC",
    ],
)
def test_quiet_hours_are_two_times_that_differ_and_a_known_zone(bad: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text may be any
        notify.quiet_hours(bad)
