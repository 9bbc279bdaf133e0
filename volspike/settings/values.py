"""Environment → frozen Settings: every bad value is reported, all of them together."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from volspike.model.delivery import BACKEND, BACKEND_DEV, DISCORD, TELEGRAM, Destination, Kind
from volspike.model.limits import Limit, Limits
from volspike.rules import hysteresis, open_interest, polling, volume_spike
from volspike.rules.quiet import QuietHours
from volspike.runtime.clock import Clock
from volspike.settings import channels, limits, notify
from volspike.settings.variables import VARIABLES, Variable

EX_CONFIG = 78
PRODUCTION_STATE_DIR = Path("/var/lib/volspike")
PRODUCTION_RUNTIME_DIR = Path("/run/volspike")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


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


class Problem(NamedTuple):
    """A bad value: the variable, what it holds, and what is allowed."""

    variable: str
    value: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.variable}={self.value!r}: {self.allowed}"


class SettingsError(Exception):
    """All the bad values of an environment."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def load(environment: Mapping[str, str]) -> Settings:
    """Return the settings of an environment; an empty value counts as not set.

    Raises SettingsError with every bad value, and with the good ones that contradict each other.
    """
    settings, problems = examine(environment)
    if problems:
        raise SettingsError(problems)
    return settings


def examine(environment: Mapping[str, str]) -> tuple[Settings, list[Problem]]:
    """Return the settings of an environment with the bad ones at their defaults, and all that is wrong with them."""
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for variable in VARIABLES:
        text = given(variable, environment) or _default(variable, environment)
        try:
            values[variable.field] = variable.parse(text)
        except ValueError:
            shown = "(not shown)" if variable.secret else text
            problems.append(Problem(variable.name, shown, f"must be {variable.allowed}"))
            values[variable.field] = variable.parse(_default(variable, {}))
    values["backend_url"] = values["backend_url"] or f"http://127.0.0.1:{values['backend_port']}"
    settings = Settings(**values)  # type: ignore[arg-type]
    if is_embedded(settings.backend_dev_url, settings.backend_port) and not settings.backend_dev_key:
        settings = replace(settings, backend_dev_key=settings.backend_key)
    bad = {problem.variable for problem in problems}  # what these were meant to be, nothing can contradict
    problems += [found.problem for found in _contradictions(settings) if bad.isdisjoint(found.variables)]
    return settings, problems


def require_backend_key(settings: Settings) -> None:
    """Raise SettingsError when there is no key for the embedded backend: whoever speaks to it needs one."""
    if not settings.backend_key:
        raise SettingsError([Problem("VOLSPIKE_API_KEY", "", "must be set; volspike up and the installer make one")])


def is_embedded(url: str, backend_port: int) -> bool:
    """Tell whether an address is that of the embedded backend."""
    parts = urlsplit(url)
    return parts.hostname in LOOPBACK and parts.port == backend_port


def given(variable: Variable, environment: Mapping[str, str]) -> str:
    """Return what an environment says of a variable, or nothing: an empty value counts as not set."""
    return environment.get(variable.name, "").strip() or environment.get(variable.alias, "").strip()


class _Contradiction(NamedTuple):
    """A problem of values that are good each by itself, and the variables that it comes from."""

    problem: Problem
    variables: tuple[str, ...]


def _wrong(variable: str, value: str, allowed: str, *others: str) -> _Contradiction:
    return _Contradiction(Problem(variable, value, allowed), (variable, *others))


def _contradictions(settings: Settings) -> Iterator[_Contradiction]:
    """Yield what is wrong with values that are good each by itself."""
    yield from _missing_keys(settings)
    yield from _unknown_destinations(settings)
    token, api_id, api_hash = "TELEGRAM_TOKEN", "TELEGRAM_API_ID", "TELEGRAM_API_HASH"
    if settings.telegram_token and not settings.chat_id:
        yield _wrong("CHAT_ID", "", f"must be set when {token} is", token)
    if settings.telegram_api_hash and settings.telegram_api_id is None:
        yield _wrong(api_id, "", f"must be set when {api_hash} is", api_hash)
    if settings.telegram_api_id is not None and not settings.telegram_api_hash:
        yield _wrong(api_hash, "", f"must be set when {api_id} is", api_id)
    yield from _shared_ports(settings)
    if settings.liquid_exit_quote_24h > settings.liquid_enter_quote_24h:
        shown, most = f"{settings.liquid_exit_quote_24h:.0f}", "OI_LIQUID_ENTER_QUOTE_24H"
        yield _wrong("OI_LIQUID_EXIT_QUOTE_24H", shown, f"must be at most what {most} is", most)
    if settings.oi_min_interval_seconds > settings.oi_max_interval_seconds:
        shown, most = str(settings.oi_min_interval_seconds), "OI_MAX_INTERVAL_SEC"
        yield _wrong("OI_MIN_INTERVAL_SEC", shown, f"must be at most what {most} is", most)
    for name, critical in limits.inverted(settings.limits):
        least = f"{name}_WARNING"
        yield _wrong(f"{name}_CRITICAL", critical, f"must be at least what {least} is", least)


def _missing_keys(settings: Settings) -> Iterator[_Contradiction]:
    for suffix, url, key in (
        ("", settings.backend_url, settings.backend_key),
        ("_DEV", settings.backend_dev_url, settings.backend_dev_key),
    ):
        if url and not key and not is_embedded(url, settings.backend_port):
            allowed = f"must be set for the backend at {url}"
            yield _wrong(f"VOLSPIKE_API_KEY{suffix}", "", allowed, f"VOLSPIKE_API_URL{suffix}", "BACKEND_PORT")
    is_second = is_embedded(settings.backend_dev_url, settings.backend_port)
    if is_second and settings.backend_key and settings.backend_dev_key != settings.backend_key:
        allowed = "must be what VOLSPIKE_API_KEY is, or nothing: the embedded backend has one key"
        others = ("VOLSPIKE_API_KEY", "VOLSPIKE_API_URL_DEV", "BACKEND_PORT")
        yield _wrong("VOLSPIKE_API_KEY_DEV", "(not shown)", allowed, *others)


def _unknown_destinations(settings: Settings) -> Iterator[_Contradiction]:
    """Yield the names in NOTIFY_RULES that nothing else has, and those in NOTIFY_URLS that something else has too."""
    known = dict.fromkeys((TELEGRAM, DISCORD, *settings.notify_urls))
    named = dict.fromkeys(name for names in settings.notify_rules.values() for name in names)
    allowed = f"must be one of {', '.join(known)}; names beside telegram and discord come from NOTIFY_URLS"
    for name in named:
        if name not in known:
            yield _wrong("NOTIFY_RULES", name, allowed, "NOTIFY_URLS")
    if settings.discord.configured and DISCORD in settings.notify_urls:
        yield _wrong("NOTIFY_URLS", DISCORD, "must have another name than what DISCORD_… sets")


def _shared_ports(settings: Settings) -> Iterator[_Contradiction]:
    taken = {settings.funding_api_port: "FUNDING_API_PORT"}
    ports = [("DASHBOARD_PORT", settings.dashboard_port)]
    urls = ("VOLSPIKE_API_URL", "VOLSPIKE_API_URL_DEV")  # they say whether the backend's port is of use
    if settings.uses_embedded_backend:
        ports.insert(0, ("BACKEND_PORT", settings.backend_port))
    for name, port in ports:
        if port in taken:
            allowed = f"must be another port than {taken[port]}: two services cannot have the same one"
            others = (taken[port], *(urls if "BACKEND_PORT" in (name, taken[port]) else ()))
            yield _wrong(name, str(port), allowed, *others)
        taken.setdefault(port, name)


def _default(variable: Variable, environment: Mapping[str, str]) -> str:
    if variable.field == "state_dir":
        return str(default_state_dir(environment))
    if variable.field == "runtime_dir":
        return str(default_runtime_dir(environment))
    return variable.default


def default_state_dir(environment: Mapping[str, str]) -> Path:
    """Return where an ordinary user's suite keeps what must survive."""
    base = environment.get("XDG_STATE_HOME") or Path(environment.get("HOME") or "/root") / ".local/state"
    return Path(base) / "volspike"


def default_runtime_dir(environment: Mapping[str, str]) -> Path:
    """Return where an ordinary user's suite keeps what the next second replaces."""
    base = environment.get("XDG_RUNTIME_DIR")
    return Path(base) / "volspike" if base else Path(tempfile.gettempdir()) / f"volspike-{os.getuid()}"
