"""The settings as values, and what follows from them."""

from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from volspike.model.delivery import BACKEND, BACKEND_DEV, DISCORD, TELEGRAM, Destination, Kind
from volspike.model.limits import Limit, Limits
from volspike.rules import hysteresis, loopback, open_interest, polling, volume_spike
from volspike.rules.quiet import QuietHours
from volspike.runtime.clock import Clock
from volspike.settings import channels, limits, notify


class Settings(Struct, frozen=True):
    """Everything that can be set, validated; units are in the names, volumes are USDT, shares are fractions."""

    binance_rest_url: str
    binance_ws_url: str
    binance_proxy_url: str
    ws_funding_enabled: bool
    ws_funding_api_url: str
    funding_api_host: str
    funding_api_port: int
    backend_url: str
    backend_key: str
    backend_dev_url: str
    backend_dev_key: str
    backend_port: int
    telegram_token: str
    chat_id: str
    telegram_api_url: str
    discord_webhook_url: str
    discord_token: str
    discord_channel_id: str
    discord_api_url: str
    notify_urls: dict[Destination, str]
    notify_rules: dict[Kind, tuple[Destination, ...]]
    quiet_hours: QuietHours | None
    telegram_channels: tuple[str, ...]
    telegram_channel_categories: dict[str, str]
    telegram_api_id: int | None
    telegram_api_hash: str
    telegram_web_url: str
    volume_multiple: float
    min_quote_volume: float
    oi_threshold_5min: float
    oi_lookback_5min_seconds: int
    oi_cooldown_5min_seconds: int
    oi_threshold_15min: float
    oi_lookback_15min_seconds: int
    oi_cooldown_15min_seconds: int
    oi_threshold_60min: float
    oi_lookback_60min_seconds: int
    oi_cooldown_60min_seconds: int
    oi_min_delta_contracts: float
    oi_max_requests_per_minute: int
    oi_min_interval_seconds: int
    oi_max_interval_seconds: int
    liquid_enter_quote_24h: float
    liquid_exit_quote_24h: float
    dashboard_port: int
    backup_keep_days: int
    state_dir: Path
    runtime_dir: Path
    healthcheck_ping_url: str
    memory_warning: limits.Memory
    memory_critical: limits.Memory
    cpu_warning: float | None
    cpu_critical: float | None
    disk_warning: float | None
    disk_critical: float | None
    outbox_age_warning: float | None
    outbox_age_critical: float | None
    log_level: str
    log_format: str
    clock: Clock

    @property
    def funding_api_url(self) -> str:
        """Return where the funding API answers on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.funding_api_host, self.funding_api_host)  # noqa: S104
        return f"http://[{host}]:{self.funding_api_port}" if ":" in host else f"http://{host}:{self.funding_api_port}"

    @property
    def uses_embedded_backend(self) -> bool:
        """Tell whether one of the backends is the embedded one."""
        return any(is_embedded(url, self.backend_port) for url in (self.backend_url, self.backend_dev_url))

    @property
    def has_chat(self) -> bool:
        """Tell whether there is a chat to write into."""
        return bool(self.telegram_token)

    def category(self, channel: str) -> str:
        """Return what a Telegram channel is about."""
        return self.telegram_channel_categories.get(channel, channels.GENERAL)

    @property
    def routes(self) -> dict[Kind, tuple[Destination, ...]]:
        """Return where each kind of message goes; to people only where they can be reached."""
        backends = (BACKEND, BACKEND_DEV) if self.backend_dev_url else (BACKEND,)
        return {
            Kind.VOLUME: (*backends, *self._told(Kind.VOLUME)),
            Kind.OPEN_INTEREST: (BACKEND, *self._told(Kind.OPEN_INTEREST)),
            Kind.TRIGGER: (BACKEND,),
            Kind.HEALTH: self._told(Kind.HEALTH),
        }

    def _told(self, kind: Kind) -> tuple[Destination, ...]:
        if not self.notify_rules:
            return self.people if kind in notify.TOLD_UNASKED else ()
        return tuple(name for name in self.notify_rules.get(kind, ()) if name in self.people)

    @property
    def discord(self) -> notify.Discord:
        """Return how Discord is reached."""
        return notify.Discord(
            self.discord_webhook_url, self.discord_token, self.discord_channel_id, self.discord_api_url
        )

    @property
    def people(self) -> tuple[Destination, ...]:
        """Return the destinations where people read."""
        telegram = (TELEGRAM,) if self.has_chat else ()
        return (*telegram, *((DISCORD,) if self.discord.configured else ()), *self.notify_urls)

    @property
    def doubts(self) -> list[str]:
        """Return what is no error, and hardly what was meant."""
        named = {name for names in self.notify_rules.values() for name in names}
        found = [
            f"NOTIFY_RULES names {name}, and nothing is set by which it could be reached"
            for name in sorted(named - set(self.people))
        ]
        if bool(self.discord_token) != bool(self.discord_channel_id) and not self.discord_webhook_url:
            found.append("DISCORD_TOKEN and DISCORD_CHANNEL_ID are of use only together")
        return found

    @property
    def destinations(self) -> tuple[Destination, ...]:
        """Return all destinations, the backends first."""
        return (BACKEND, *((BACKEND_DEV,) if self.backend_dev_url else ()), *self.people)

    @property
    def volume_limits(self) -> volume_spike.Limits:
        """Return what makes a volume spike."""
        return volume_spike.Limits(self.volume_multiple, self.min_quote_volume)

    @property
    def open_interest_thresholds(self) -> open_interest.Thresholds:
        """Return what makes an open-interest alert."""
        timeframe = open_interest.Timeframe
        return open_interest.Thresholds(
            (
                timeframe(
                    "5 min", self.oi_threshold_5min, self.oi_lookback_5min_seconds, self.oi_cooldown_5min_seconds
                ),
                timeframe(
                    "15 min", self.oi_threshold_15min, self.oi_lookback_15min_seconds, self.oi_cooldown_15min_seconds
                ),
                timeframe(
                    "1 hour", self.oi_threshold_60min, self.oi_lookback_60min_seconds, self.oi_cooldown_60min_seconds
                ),
            ),
            self.oi_min_delta_contracts,
        )

    @property
    def polling_pace(self) -> polling.Pace:
        """Return how often open interest is asked for."""
        return polling.Pace(self.oi_max_requests_per_minute, self.oi_min_interval_seconds, self.oi_max_interval_seconds)

    @property
    def liquidity_thresholds(self) -> hysteresis.Thresholds:
        """Return at which volumes a symbol enters the liquid universe and leaves it."""
        return hysteresis.Thresholds(self.liquid_enter_quote_24h, self.liquid_exit_quote_24h)

    @property
    def limits(self) -> Limits:
        """Return from which use on the health monitor warns, and from which on it is critical."""
        warning, critical = self.memory_warning, self.memory_critical
        return Limits(
            memory_share=Limit(warning.machine_share, critical.machine_share),
            suite_bytes=Limit(warning.suite_bytes, critical.suite_bytes),
            cpu_share=Limit(self.cpu_warning, self.cpu_critical),
            disk_share=Limit(self.disk_warning, self.disk_critical),
            outbox_age_seconds=Limit(self.outbox_age_warning, self.outbox_age_critical),
        )


def is_embedded(url: str, backend_port: int) -> bool:
    """Tell whether an address is that of the embedded backend, which listens on one address of this machine alone."""
    parts = urlsplit(url)
    return parts.hostname in (loopback.ADDRESS, loopback.NAME) and parts.port == backend_port
