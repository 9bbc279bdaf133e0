"""The liquid universe as the backend and the state file have it."""

from datetime import UTC, datetime

import msgspec

from volspike.model.universe import Member, UniverseRow


def test_a_row_has_the_keys_of_the_backend_and_null_for_a_symbol_that_is_not_new() -> None:
    row = UniverseRow("BTCUSDT", 5e6, None, datetime(2026, 1, 2, 14, tzinfo=UTC))

    assert msgspec.to_builtins(row) == {
        "symbol": "BTCUSDT",
        "quoteVolume24h": 5e6,
        "enteredAt": None,
        "lastSeenAt": "2026-01-02T14:00:00Z",
    }


def test_a_member_has_the_same_names() -> None:
    assert msgspec.to_builtins(Member(5e6, 1.0, 2.0)) == {"quoteVolume24h": 5e6, "enteredAt": 1.0, "lastSeenAt": 2.0}
