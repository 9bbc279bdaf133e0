"""The end of the help of each group of commands, by its words: examples for a person in a hurry."""

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "": (
        ("up --simulate", "a whole suite in this terminal, without Binance"),
        ("status", "what runs"),
        ("doctor --quiet", "what is wrong, and what mends it"),
        ("tail", "every alert as it comes"),
        ("logs courier -f", "what a daemon of a server logs, as it comes"),
    ),
    "alerts": (
        ("alerts add BTCUSDT price 65000", "tell me when the price crosses that, in USDT"),
        ("alerts add eth funding -0.01%", "or a funding rate; `oi` is open interest, in USD"),
        ("alerts list", "all of them, with their ids"),
        ("alerts rearm ID", "one that has fired, once more"),
        ("alerts remove ID", "one that is not wanted any more"),
    ),
    "config": (
        ("config get", "all settings, without secrets"),
        ("config set --restart VOLUME_MULTIPLE 4", "one value, in force at once"),
        ("config set CHAT_ID=-100123 TELEGRAM_TOKEN", "two; the secret is asked for"),
        ("config unset VOLUME_MULTIPLE", "back to its default"),
        ("config check", "what is wrong with them"),
    ),
    "outbox": (
        ("outbox stats", "for each destination what waits, and why"),
        ("outbox list --state refused", "what a destination does not take"),
        ("outbox show 17", "one entry, and what was answered"),
        ("outbox retry --refused --expired", "all that could not go, once more"),
        ("outbox drop 17", "one that is not wanted"),
        ("outbox resume backend", "a paused destination is right again"),
    ),
}
