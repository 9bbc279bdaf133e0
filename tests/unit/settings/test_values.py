"""What follows from the settings."""

import pytest

from tests.unit.settings.environments import MINIMAL
from volspike import settings
from volspike.model.delivery import BACKEND, BACKEND_DEV, DISCORD, TELEGRAM, Kind
from volspike.rules import hysteresis, open_interest, polling, volume_spike


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8888"),
        ("0.0.0.0", "http://127.0.0.1:8888"),
        ("::", "http://[::1]:8888"),
        ("::1", "http://[::1]:8888"),
        ("10.0.0.5", "http://10.0.0.5:8888"),
    ],
)
def test_the_api_is_asked_where_it_can_be_reached_from_this_machine(host: str, url: str) -> None:
    assert settings.load({**MINIMAL, "FUNDING_API_HOST": host}).funding_api_url == url


def test_the_backend_is_the_embedded_one_unless_another_is_named() -> None:
    embedded = settings.load({**MINIMAL, "BACKEND_PORT": "3999"})
    hosted = settings.load({**MINIMAL, "VOLSPIKE_API_URL": "https://api.example/", "VOLSPIKE_API_KEY": "k"})

    assert (embedded.backend_url, embedded.uses_embedded_backend) == ("http://127.0.0.1:3999", True)
    assert (hosted.backend_url, hosted.uses_embedded_backend) == ("https://api.example", False)


@pytest.mark.parametrize(
    ("url", "embedded"),
    [
        ("http://127.0.0.1:3001", True),
        ("http://LOCALHOST:3001", True),
        ("http://127.0.0.1:3002", False),
        ("http://127.0.0.2:3001", False),
        ("http://[::1]:3001", False),
        ("http://localhost.example.org:3001", False),
    ],
)
def test_the_embedded_backend_is_what_listens_on_the_one_address_it_has(url: str, *, embedded: bool) -> None:
    assert settings.is_embedded(url, 3001) is embedded


def test_the_second_backend_may_be_the_embedded_one() -> None:
    hosted = {"VOLSPIKE_API_URL": "https://api.example", "VOLSPIKE_API_KEY": "k"}

    assert settings.load({**MINIMAL, **hosted, "VOLSPIKE_API_URL_DEV": "http://localhost:3001"}).uses_embedded_backend


def test_each_channel_has_a_category() -> None:
    loaded = settings.load({**MINIMAL, "TELEGRAM_CHANNEL_CATEGORIES": "@FedWatch:macro"})

    assert loaded.telegram_channels == ("marketfeed", "watcherguru")
    assert [loaded.category(name) for name in ("marketfeed", "watcherguru", "fedwatch", "other")] == [
        "macro",
        "crypto",
        "macro",
        "general",
    ]


def test_every_kind_has_its_destinations() -> None:
    dev = {"VOLSPIKE_API_URL_DEV": "https://dev.example", "VOLSPIKE_API_KEY_DEV": "k"}
    chat = {"TELEGRAM_TOKEN": "1:a", "CHAT_ID": "-1"}
    told = {"NOTIFY_RULES": "open-interest:telegram"}

    assert settings.load(MINIMAL).routes == {
        Kind.VOLUME: (BACKEND,),
        Kind.OPEN_INTEREST: (BACKEND,),
        Kind.TRIGGER: (BACKEND,),
        Kind.HEALTH: (),
    }
    assert settings.load({**MINIMAL, **dev, **chat}).routes == {
        Kind.VOLUME: (BACKEND, BACKEND_DEV, TELEGRAM),
        Kind.OPEN_INTEREST: (BACKEND,),
        Kind.TRIGGER: (BACKEND,),
        Kind.HEALTH: (TELEGRAM,),
    }
    assert settings.load({**MINIMAL, **chat, **told}).routes == {
        Kind.VOLUME: (BACKEND,),
        Kind.OPEN_INTEREST: (BACKEND, TELEGRAM),
        Kind.TRIGGER: (BACKEND,),
        Kind.HEALTH: (),
    }


def test_without_rules_people_are_told_of_volume_and_health_wherever_they_read() -> None:
    hook = {"DISCORD_WEBHOOK_URL": "https://discord.com/api/webhooks/1/secret"}
    loaded = settings.load({**MINIMAL, **hook, "NOTIFY_URLS": "ntfy://host/topic desk=json://host"})

    assert loaded.people == (DISCORD, "ntfy", "desk")
    assert loaded.destinations == (BACKEND, DISCORD, "ntfy", "desk")
    assert loaded.routes == {
        Kind.VOLUME: (BACKEND, DISCORD, "ntfy", "desk"),
        Kind.OPEN_INTEREST: (BACKEND,),
        Kind.TRIGGER: (BACKEND,),
        Kind.HEALTH: (DISCORD, "ntfy", "desk"),
    }


def test_discord_is_a_webhook_or_a_bot_in_a_channel() -> None:
    bot = {"DISCORD_TOKEN": "secret"}

    assert settings.load({**MINIMAL, **bot}).people == ()
    assert settings.load({**MINIMAL, **bot, "DISCORD_CHANNEL_ID": "123"}).people == (DISCORD,)


@pytest.mark.parametrize(
    ("variables", "doubts"),
    [
        ({}, []),
        ({"NOTIFY_RULES": "volume:telegram; health:discord,telegram"}, ["discord", "telegram"]),
        ({"NOTIFY_RULES": "volume:telegram", "TELEGRAM_TOKEN": "1:a", "CHAT_ID": "1"}, []),
    ],
)
def test_a_rule_for_what_cannot_be_reached_is_a_doubt(variables: dict[str, str], doubts: list[str]) -> None:
    found = [f"NOTIFY_RULES names {name}, and nothing is set by which it could be reached" for name in doubts]

    assert settings.load({**MINIMAL, **variables}).doubts == found


def test_half_a_bot_is_a_doubt() -> None:
    assert settings.load({**MINIMAL, "DISCORD_TOKEN": "secret"}).doubts == [
        "DISCORD_TOKEN and DISCORD_CHANNEL_ID are of use only together"
    ]


def test_the_rules_get_what_is_set_for_them() -> None:
    loaded = settings.load(
        {
            **MINIMAL,
            "VOLUME_MULTIPLE": "4",
            "MIN_QUOTE_VOL": "5e6",
            "OI_SPIKE_THRESHOLD_PCT_15MIN": "0.09",
            "OI_LOOKBACK_WINDOW_60MIN": "1800",
            "OI_ALERT_COOLDOWN_5MIN": "0",
            "OI_MIN_DELTA_CONTRACTS": "0",
            "OI_MAX_REQ_PER_MIN": "1000",
            "OI_LIQUID_ENTER_QUOTE_24H": "7e6",
        }
    )

    assert loaded.volume_limits == volume_spike.Limits(4, 5_000_000)
    assert loaded.open_interest_thresholds.min_delta_contracts == 0
    assert [
        (frame.label, frame.threshold, frame.lookback_seconds, frame.cooldown_seconds)
        for frame in loaded.open_interest_thresholds.timeframes
    ] == [("5 min", 0.03, 300, 0), ("15 min", 0.09, 900, 900), ("1 hour", 0.12, 1800, 3600)]
    assert loaded.polling_pace == polling.Pace(1000, 5, 20)
    assert loaded.liquidity_thresholds == hysteresis.Thresholds(7_000_000, 2_000_000)


def test_the_rules_defaults_and_the_settings_defaults_are_the_same() -> None:
    loaded = settings.load(MINIMAL)

    assert loaded.volume_limits == volume_spike.Limits()
    assert loaded.open_interest_thresholds == open_interest.Thresholds()
    assert loaded.polling_pace == polling.Pace()
    assert loaded.liquidity_thresholds == hysteresis.Thresholds()
