"""The table of the variables: each is declared here once, `.env.example` and the checks come from it."""

from collections.abc import Callable
from typing import NamedTuple

from volspike.runtime import clock
from volspike.settings import channels, limits, notify, parsers

_BOOLEAN = "true or false"
_DIRECTORY = "an absolute path other than /"
_ADDRESS = "an http:// or https:// address"
_PORT = "a port from 1 to 65535"
_FRACTION = "a fraction above 0 and at most 1 (0.03 is 3 %)"
_SECONDS = "seconds from 1 to 10800"
_USDT = "an amount above 0"
_SHARE = "a share above 0% and at most 100%"


class Variable(NamedTuple):
    """One variable: `parse` turns its text into the value of the settings' `field`, or raises ValueError."""

    name: str
    field: str
    default: str
    allowed: str
    meaning: str
    parse: Callable[[str], object]
    section: str
    secret: bool = False
    """A value that must not be shown, not even when it is wrong."""
    alias: str = ""
    """An older name, read when the variable itself is not set."""


def _timeframe(label: str, minutes: int, threshold: str, lookback: str, cooldown: str) -> tuple[Variable, ...]:
    """Return the three variables of one timeframe of the open-interest alerts."""
    section = "Open-interest alerts"
    return (
        Variable(
            f"OI_SPIKE_THRESHOLD_PCT_{minutes}MIN",
            f"oi_threshold_{minutes}min",
            threshold,
            _FRACTION,
            f"By how much open interest must have moved in the timeframe “{label}”.",
            parsers.number(above=0, most=1),
            section,
        ),
        Variable(
            f"OI_LOOKBACK_WINDOW_{minutes}MIN",
            f"oi_lookback_{minutes}min_seconds",
            lookback,
            _SECONDS,
            "Within how many seconds.",
            parsers.whole(1, 10_800),
            section,
        ),
        Variable(
            f"OI_ALERT_COOLDOWN_{minutes}MIN",
            f"oi_cooldown_{minutes}min_seconds",
            cooldown,
            "seconds from 0 to 86400",
            "For how many seconds a symbol then rests in that direction.",
            parsers.whole(0, 86_400),
            section,
        ),
    )


def _limit(
    name: str, what: str, defaults: tuple[str, str], allowed: str, parse: Callable[[str], object]
) -> tuple[Variable, Variable]:
    """Return the two variables of a limit of the health monitor."""
    warning, critical = defaults
    return (
        Variable(
            f"{name}_WARNING",
            f"{name.lower()}_warning",
            warning,
            f"{allowed}, or off",
            f"{what}: from here on the health report warns.",
            parse,
            "Health",
        ),
        Variable(
            f"{name}_CRITICAL",
            f"{name.lower()}_critical",
            critical,
            f"{allowed}, or off; at least what {name}_WARNING is",
            "From here on it is an error, and the suite counts as unhealthy.",
            parse,
            "Health",
        ),
    )


VARIABLES = (
    Variable(
        "BINANCE_REST_URL",
        "binance_rest_url",
        "https://fapi.binance.com",
        _ADDRESS,
        "Binance USDⓈ-M Futures over REST.",
        parsers.url("http", "https"),
        "Exchange",
    ),
    Variable(
        "BINANCE_WS_URL",
        "binance_ws_url",
        "wss://fstream.binance.com",
        "a ws:// or wss:// address without a path",
        "Its streams; the daemon adds the route (/market), without which the exchange stays silent.",
        parsers.url("ws", "wss", bare=True),
        "Exchange",
    ),
    Variable(
        "BINANCE_PROXY_URL",
        "binance_proxy_url",
        "",
        f"{_ADDRESS}, or nothing",
        "Where the liquid universe gets exchangeInfo from instead: <url>/api/binance/futures/info.",
        parsers.url("http", "https", optional=True),
        "Exchange",
    ),
    Variable(
        "WS_FUNDING_ENABLED",
        "ws_funding_enabled",
        "true",
        _BOOLEAN,
        "Whether the funding feed is used; false also skips its checks in the health monitor.",
        parsers.boolean,
        "Funding",
    ),
    Variable(
        "WS_FUNDING_API_URL",
        "ws_funding_api_url",
        "",
        f"{_ADDRESS}, or nothing",
        "The funding API of another machine, for a suite spread over two. Default: the state file of this one.",
        parsers.url("http", "https", optional=True),
        "Funding",
    ),
    Variable(
        "FUNDING_API_HOST",
        "funding_api_host",
        "127.0.0.1",
        "a host name or address",
        "Where the funding API listens. The unit file allows loopback only.",
        parsers.host,
        "Funding",
    ),
    Variable("FUNDING_API_PORT", "funding_api_port", "8888", _PORT, "Its port.", parsers.port, "Funding"),
    Variable(
        "VOLSPIKE_API_URL",
        "backend_url",
        "",
        f"{_ADDRESS}, or nothing",
        "The backend that takes the alerts. Default: the embedded one on this machine.",
        parsers.url("http", "https", optional=True),
        "Backend",
    ),
    Variable(
        "VOLSPIKE_API_KEY",
        "backend_key",
        "",
        "printable ASCII without spaces",
        "Its key. For the embedded backend the installer and volspike up make one.",
        parsers.header_safe,
        "Backend",
        secret=True,
    ),
    Variable(
        "VOLSPIKE_API_URL_DEV",
        "backend_dev_url",
        "",
        f"{_ADDRESS}, or nothing",
        "A second backend that takes the volume alerts too.",
        parsers.url("http", "https", optional=True),
        "Backend",
    ),
    Variable(
        "VOLSPIKE_API_KEY_DEV",
        "backend_dev_key",
        "",
        "printable ASCII without spaces",
        "Its key.",
        parsers.header_safe,
        "Backend",
        secret=True,
    ),
    Variable(
        "BACKEND_PORT",
        "backend_port",
        "3001",
        _PORT,
        "The port of the embedded backend, on 127.0.0.1.",
        parsers.port,
        "Backend",
    ),
    Variable(
        "TELEGRAM_TOKEN",
        "telegram_token",
        "",
        "a bot's token as BotFather gives it (123456:ABC-…), or nothing",
        "The bot that writes into the chat. Older name: TELEGRAM_BOT_TOKEN.",
        parsers.bot_token,
        "Chat",
        secret=True,
        alias="TELEGRAM_BOT_TOKEN",
    ),
    Variable(
        "CHAT_ID",
        "chat_id",
        "",
        "the number of a chat (negative for groups and channels) or a public @name, or nothing",
        "The chat it writes into. Older name: TELEGRAM_CHANNEL_ID.",
        parsers.chat,
        "Chat",
        alias="TELEGRAM_CHANNEL_ID",
    ),
    Variable(
        "TELEGRAM_API_URL",
        "telegram_api_url",
        "https://api.telegram.org",
        _ADDRESS,
        "Telegram's Bot API.",
        parsers.url("http", "https"),
        "Chat",
    ),
    Variable(
        "DISCORD_WEBHOOK_URL",
        "discord_webhook_url",
        "",
        "the address of a webhook as Discord gives it (https://discord.com/api/webhooks/…), or nothing",
        "Discord by a webhook, the easiest way; with a webhook the next two are not used.",
        notify.discord_hook,
        "Notifications",
        secret=True,
    ),
    Variable(
        "DISCORD_TOKEN",
        "discord_token",
        "",
        "printable ASCII without spaces",
        "Or Discord by a bot: its token,",
        parsers.header_safe,
        "Notifications",
        secret=True,
    ),
    Variable(
        "DISCORD_CHANNEL_ID",
        "discord_channel_id",
        "",
        "the number of a channel, or nothing",
        "and the channel it writes into.",
        notify.discord_channel,
        "Notifications",
    ),
    Variable(
        "DISCORD_API_URL",
        "discord_api_url",
        "https://discord.com/api/v10",
        _ADDRESS,
        "Discord's API, for the bot.",
        parsers.url("http", "https"),
        "Notifications",
    ),
    Variable(
        "NOTIFY_URLS",
        "notify_urls",
        "",
        "addresses with spaces between them, each with a name of its own: ntfy://… or name=ntfy://…",
        "Any other service by its Apprise address (https://github.com/caronc/apprise/wiki). It is called by its "
        "scheme, mailto:// email, or by the name in front.",
        notify.urls,
        "Notifications",
        secret=True,
    ),
    Variable(
        "NOTIFY_RULES",
        "notify_rules",
        "",
        "kind:destination,…; … with the kinds volume, open-interest, health and the destinations telegram, discord and "
        "those of NOTIFY_URLS",
        "Which kinds of alerts people are told of, and where. Default: volume and health everywhere.",
        notify.rules,
        "Notifications",
    ),
    Variable(
        "NOTIFY_QUIET_HOURS",
        "quiet_hours",
        "",
        "HH:MM-HH:MM and a time zone that this machine knows, such as 22:00-07:00 Europe/Berlin, or nothing",
        "When alerts wait until these hours end; health comes through. Without a zone: UTC.",
        notify.quiet_hours,
        "Notifications",
    ),
    Variable(
        "TELEGRAM_CHANNELS",
        "telegram_channels",
        "marketfeed,watcherguru",
        "names of public channels or their addresses at t.me, parted by commas; - for none",
        "The channels whose posts go to the backend.",
        channels.channels,
        "Channels",
    ),
    Variable(
        "TELEGRAM_CHANNEL_CATEGORIES",
        "telegram_channel_categories",
        "",
        "name:category,…, a category of at most 40 letters, digits, - and _",
        "What they are about. Default: marketfeed macro, watcherguru crypto, all others general.",
        channels.categories,
        "Channels",
    ),
    Variable(
        "TELEGRAM_API_ID",
        "telegram_api_id",
        "",
        "the number of an application of yours (https://my.telegram.org), or nothing",
        "With it and its hash an account reads the channels, after volspike telegram-login; else the public web does.",
        channels.api_id,
        "Channels",
    ),
    Variable(
        "TELEGRAM_API_HASH",
        "telegram_api_hash",
        "",
        "32 hexadecimal digits, or nothing",
        "Its hash.",
        channels.api_hash,
        "Channels",
        secret=True,
    ),
    Variable(
        "TELEGRAM_WEB_URL",
        "telegram_web_url",
        "https://t.me",
        _ADDRESS,
        "Telegram's public web, where channels are read without an account.",
        parsers.url("http", "https"),
        "Channels",
    ),
    Variable(
        "VOLUME_MULTIPLE",
        "volume_multiple",
        "3",
        "a number above 0 and at most 1000000",
        "How many times the volume of the hour before makes a spike.",
        parsers.number(above=0, most=1_000_000),
        "Volume alerts",
    ),
    Variable(
        "MIN_QUOTE_VOL",
        "min_quote_volume",
        "3000000",
        _USDT,
        "And how many USDT it takes at least.",
        parsers.number(above=0),
        "Volume alerts",
    ),
    *_timeframe("5 min", 5, "0.03", "300", "600"),
    *_timeframe("15 min", 15, "0.07", "900", "900"),
    *_timeframe("1 hour", 60, "0.12", "3600", "3600"),
    Variable(
        "OI_MIN_DELTA_CONTRACTS",
        "oi_min_delta_contracts",
        "5000",
        "a number from 0",
        "No move of fewer contracts (units of the base asset) is told of.",
        parsers.not_negative,
        "Open-interest alerts",
    ),
    Variable(
        "OI_MAX_REQ_PER_MIN",
        "oi_max_requests_per_minute",
        "2000",
        "a whole number from 1 to 2200",
        "How many requests a minute the pace of polling is worked out for.",
        parsers.whole(1, 2_200),
        "Open-interest polling",
    ),
    Variable(
        "OI_MIN_INTERVAL_SEC",
        "oi_min_interval_seconds",
        "5",
        "seconds from 1 to 3600",
        "The shortest time from one sweep over all symbols to the next.",
        parsers.whole(1, 3_600),
        "Open-interest polling",
    ),
    Variable(
        "OI_MAX_INTERVAL_SEC",
        "oi_max_interval_seconds",
        "20",
        "seconds from 1 to 3600",
        "The longest that the formula may make it.",
        parsers.whole(1, 3_600),
        "Open-interest polling",
    ),
    Variable(
        "OI_LIQUID_ENTER_QUOTE_24H",
        "liquid_enter_quote_24h",
        "4000000",
        _USDT,
        "At how many USDT of volume in 24 hours a symbol enters the liquid universe.",
        parsers.number(above=0),
        "Liquid universe",
    ),
    Variable(
        "OI_LIQUID_EXIT_QUOTE_24H",
        "liquid_exit_quote_24h",
        "2000000",
        _USDT,
        "Below how many it leaves.",
        parsers.number(above=0),
        "Liquid universe",
    ),
    Variable(
        "DASHBOARD_PORT",
        "dashboard_port",
        "8501",
        _PORT,
        "The port of the dashboard, on 127.0.0.1.",
        parsers.port,
        "Dashboard",
    ),
    Variable(
        "HEALTHCHECK_PING_URL",
        "healthcheck_ping_url",
        "",
        f"{_ADDRESS}, or nothing",
        "Fetched once a minute while the suite is healthy: a dead man's switch outside this machine.",
        parsers.secret_url,
        "Health",
        secret=True,
    ),
    *_limit(
        "MEMORY",
        "Memory: an amount that all daemons together use, a share of the machine's that is in use, or both",
        ("3GB, 90%", "4GB, 97%"),
        "an amount (3GB, 800MB), a share (80%), both with a comma between them",
        limits.memory,
    ),
    *_limit(
        "CPU",
        "How busy all CPUs of the machine were over the last five minutes",
        ("70%", "90%"),
        _SHARE,
        limits.unless_off(limits.share),
    ),
    *_limit(
        "DISK",
        "How full the disks are that the suite writes to",
        ("85%", "90%"),
        _SHARE,
        limits.unless_off(limits.share),
    ),
    *_limit(
        "OUTBOX_AGE",
        "For how long an alert has waited to be delivered",
        ("5m", "30m"),
        "a time such as 90s, 30m or 2h",
        limits.unless_off(limits.duration),
    ),
    Variable(
        "BACKUP_KEEP_DAYS",
        "backup_keep_days",
        "7",
        "days from 1 to 366",
        "Of how many days a backup of the state directory is kept.",
        parsers.whole(1, 366),
        "Backups",
    ),
    Variable(
        "VOLSPIKE_STATE_DIR",
        "state_dir",
        "",
        _DIRECTORY,
        "What must survive. Default: /var/lib/volspike under systemd, else volspike under $XDG_STATE_HOME.",
        parsers.directory,
        "Places",
    ),
    Variable(
        "VOLSPIKE_RUNTIME_DIR",
        "runtime_dir",
        "",
        _DIRECTORY,
        "What the next second replaces; keep it in memory. Default: /run/volspike under systemd, else volspike under "
        "$XDG_RUNTIME_DIR or the folder for temporary files.",
        parsers.directory,
        "Places",
    ),
    Variable(
        "LOG_LEVEL",
        "log_level",
        "INFO",
        "DEBUG, INFO, WARNING or ERROR",
        "How much is logged.",
        parsers.one_of("DEBUG", "INFO", "WARNING", "ERROR"),
        "Logs",
    ),
    Variable(
        "LOG_FORMAT",
        "log_format",
        "console",
        "console or json",
        "For people, or one JSON object a line.",
        parsers.one_of("console", "json"),
        "Logs",
    ),
    Variable(
        "VOLSPIKE_CLOCK_RATE",
        "clock",
        "1",
        "a number above 0 and at most 3600, or RATE@EPOCH",
        "For tests only: simulated seconds in a real one, for daemons and simulator alike.",
        clock.parse,
        "Tests",
    ),
)


PUBLIC_NAMES = frozenset(variable.name for variable in VARIABLES if not variable.secret)
"""What may be written down for another command of the same suite to read."""
