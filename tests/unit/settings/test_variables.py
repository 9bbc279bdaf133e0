"""The table of the variables."""

from volspike import settings
from volspike.settings import PUBLIC_NAMES, VARIABLES


def test_every_field_has_exactly_one_variable() -> None:
    assert sorted(variable.field for variable in VARIABLES) == sorted(settings.Settings.__struct_fields__)
    assert len({variable.name for variable in VARIABLES}) == len(VARIABLES)


def test_no_secret_may_be_written_down() -> None:
    secret = {"VOLSPIKE_API_KEY", "VOLSPIKE_API_KEY_DEV", "TELEGRAM_TOKEN", "TELEGRAM_API_HASH", "HEALTHCHECK_PING_URL",
              "DISCORD_WEBHOOK_URL", "DISCORD_TOKEN", "NOTIFY_URLS"}  # fmt: skip

    assert {variable.name for variable in VARIABLES} - PUBLIC_NAMES == secret
