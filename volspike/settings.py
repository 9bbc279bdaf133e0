"""The suite's settings: environment → frozen Settings. The only reader of the environment's variables.

Each variable is declared once, in VARIABLES: its name, default, meaning and parser. `.env.example` and the README's
table come from there. Every bad value is reported, all of them together; a daemon then exits with EX_CONFIG (78)
and systemd does not restart it.
"""

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from dotenv import dotenv_values
from msgspec import Struct

from volspike.runtime import clock
from volspike.runtime.clock import Clock

EX_CONFIG = 78
PRODUCTION_ENV_FILE = Path("/etc/volspike/volspike.env")
PRODUCTION_STATE_DIR = Path("/var/lib/volspike")
PRODUCTION_RUNTIME_DIR = Path("/run/volspike")
MAX_PORT = 65_535


class Settings(Struct, frozen=True):
    """Everything that can be set, validated."""

    binance_rest_url: str
    binance_ws_url: str
    ws_funding_enabled: bool
    funding_api_host: str
    funding_api_port: int
    state_dir: Path
    runtime_dir: Path
    healthcheck_ping_url: str
    log_level: str
    log_format: str
    clock: Clock

    @property
    def funding_api_url(self) -> str:
        """Return where the funding API answers on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.funding_api_host, self.funding_api_host)  # noqa: S104
        return f"http://[{host}]:{self.funding_api_port}" if ":" in host else f"http://{host}:{self.funding_api_port}"


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


def _url(*schemes: str, bare: bool = False) -> Callable[[str], str]:
    """Return a parser of base addresses; they appear in logs, so none carries a user or a password."""

    def parse(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError(text)
        if bare and parts.path.strip("/"):
            raise ValueError(text)
        _ = parts.port
        return text.rstrip("/")

    return parse


def _secret_url(text: str) -> str:
    if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname):
        raise ValueError(text)
    return text


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        folded = {word.lower(): word for word in allowed}
        if text.lower() not in folded:
            raise ValueError(text)
        return folded[text.lower()]

    return parse


def _boolean(text: str) -> bool:
    words = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    if text.lower() not in words:
        raise ValueError(text)
    return words[text.lower()]


def _port(text: str) -> int:
    number = int(text)
    if not 0 < number <= MAX_PORT:
        raise ValueError(text)
    return number


def _directory(text: str) -> Path:
    path = Path(text)
    if not path.is_absolute() or not path.name or "\0" in text:
        raise ValueError(text)
    return path


def _host(text: str) -> str:
    if not text or any(character.isspace() or character == "/" for character in text):
        raise ValueError(text)
    return text


_BOOLEAN = "true or false"
_DIRECTORY = "an absolute path other than /"

VARIABLES = (
    Variable(
        "BINANCE_REST_URL",
        "binance_rest_url",
        "https://fapi.binance.com",
        "an http:// or https:// address",
        "Binance USDⓈ-M Futures over REST.",
        _url("http", "https"),
        "Exchange",
    ),
    Variable(
        "BINANCE_WS_URL",
        "binance_ws_url",
        "wss://fstream.binance.com",
        "a ws:// or wss:// address without a path",
        "Its streams; the daemon adds the route (/market), without which the exchange stays silent.",
        _url("ws", "wss", bare=True),
        "Exchange",
    ),
    Variable(
        "WS_FUNDING_ENABLED",
        "ws_funding_enabled",
        "true",
        _BOOLEAN,
        "Whether the funding feed is used; false also skips its checks in the health monitor.",
        _boolean,
        "Funding",
    ),
    Variable(
        "FUNDING_API_HOST",
        "funding_api_host",
        "127.0.0.1",
        "a host name or address",
        "Where the funding API listens. The unit file allows loopback only.",
        _host,
        "Funding",
    ),
    Variable(
        "FUNDING_API_PORT",
        "funding_api_port",
        "8888",
        "a port from 1 to 65535",
        "Its port.",
        _port,
        "Funding",
    ),
    Variable(
        "HEALTHCHECK_PING_URL",
        "healthcheck_ping_url",
        "",
        "an http:// or https:// address, or nothing",
        "Fetched once a minute while the suite is healthy: a dead man's switch outside this machine.",
        _secret_url,
        "Health",
        secret=True,
    ),
    Variable(
        "VOLSPIKE_STATE_DIR",
        "state_dir",
        "",
        _DIRECTORY,
        "What must survive. Default: /var/lib/volspike under systemd, else volspike under $XDG_STATE_HOME.",
        _directory,
        "Places",
    ),
    Variable(
        "VOLSPIKE_RUNTIME_DIR",
        "runtime_dir",
        "",
        _DIRECTORY,
        "What the next second replaces; keep it in memory. Default: /run/volspike under systemd, else volspike under "
        "$XDG_RUNTIME_DIR or the folder for temporary files.",
        _directory,
        "Places",
    ),
    Variable(
        "LOG_LEVEL",
        "log_level",
        "INFO",
        "DEBUG, INFO, WARNING or ERROR",
        "How much is logged.",
        _one_of("DEBUG", "INFO", "WARNING", "ERROR"),
        "Logs",
    ),
    Variable(
        "LOG_FORMAT",
        "log_format",
        "console",
        "console or json",
        "For people, or one JSON object a line.",
        _one_of("console", "json"),
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


def load(environment: Mapping[str, str]) -> Settings:
    """Return the settings of an environment; an empty value counts as not set.

    Raises SettingsError with every bad value.
    """
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for variable in VARIABLES:
        text = environment.get(variable.name, "").strip() or _default(variable, environment)
        try:
            values[variable.field] = variable.parse(text)
        except ValueError:
            shown = "(not shown)" if variable.secret else text
            problems.append(Problem(variable.name, shown, f"must be {variable.allowed}"))
    if problems:
        raise SettingsError(problems)
    return Settings(**values)  # type: ignore[arg-type]


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


def environment(env_file: Path | None = None) -> dict[str, str]:
    """Return the process's environment, laid over the settings of an env file (default: `.env` in this folder)."""
    return {**read_file(env_file or Path(".env")), **os.environ}


def of_process() -> Settings:
    """Return the settings of this process's own environment alone: what started it has read the files.

    Raises SettingsError with every bad value.
    """
    return load(os.environ)


def read_file(env_file: Path) -> dict[str, str]:
    """Return the variables of an env file; none when it does not exist. Raises SettingsError when it is no text."""
    try:
        values = dotenv_values(env_file, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([Problem(str(env_file), str(error), "must be readable text in UTF-8")]) from None
    return {name: value for name, value in values.items() if value is not None}


def example() -> str:
    """Return the text of `.env.example`."""
    lines = [
        "# Settings of VolSpike, all optional. Production: /etc/volspike/volspike.env; development: .env",
        "# Put comments on lines of their own: systemd takes a trailing one as part of the value.",
    ]
    section = ""
    for variable in VARIABLES:
        if variable.section != section:
            section = variable.section
            lines += ["", f"## {section}"]
        lines += [f"# {variable.meaning} ({variable.allowed})", f"#{variable.name}={variable.default}"]
    return "\n".join(lines) + "\n"


def commented_variables(env_file: Path) -> list[str]:
    """Return the variables of an env file whose value carries a trailing `# comment`, which systemd would keep.

    Their values are not returned: they may be secrets.
    """
    found = []
    for line in env_file.read_text(encoding="utf-8").splitlines():
        name, separator, value = line.partition("=")
        if (
            separator
            and not name.lstrip().startswith("#")
            and " #" in value
            and not value.strip().startswith(('"', "'"))
        ):
            found.append(name.strip())
    return found
