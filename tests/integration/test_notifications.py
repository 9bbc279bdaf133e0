"""People are told: a real courier and real Apprise, between an outbox and services on loopback that fail."""

import json
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.backends import BackendServer
from tests.mail import MailServer
from tests.processes import DaemonProcess, Suite, until
from tests.simulation import SimulatorProcess
from volspike import settings
from volspike.delivery.ledger import Ledger
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import Destination, Kind, Message
from volspike.runtime import clock as clocks
from volspike.runtime.clock import Clock
from volspike.state import documents

KEY = "backend-5ecret"
MAIL_PASSWORD = "mail-5ecret"  # noqa: S105 - stands for one
PATIENCE_SECONDS = 120.0
pytestmark = pytest.mark.timeout(400)
DISCORD, NTFY, DESK, EMAIL = (Destination(name) for name in ("discord", "ntfy", "desk", "email"))
EVERYBODY = (DISCORD, NTFY, DESK, EMAIL)


class Town:
    """A suite that tells people in Discord, by ntfy, at a desk and by mail; and the backend that gets everything."""

    def __init__(self, directory: Path, stack: ExitStack, rate: float = 1.0) -> None:
        self.clock = clocks.parse(f"{rate}@{time.time()}") if rate != 1.0 else Clock()
        self.services = stack.enter_context(SimulatorProcess(env={"VOLSPIKE_CLOCK_RATE": str(self.clock)}))
        self.mail = stack.enter_context(MailServer())
        self.backend = stack.enter_context(BackendServer())
        self.host = f"127.0.0.1:{self.services.port}"
        self.mail_address = (
            f"mailto://user:{MAIL_PASSWORD}@example.org?smtp=127.0.0.1&port={self.mail.port}&mode=insecure"
            "&to=desk@example.org&from=me@example.org"
        )
        self.suite = stack.enter_context(
            Suite(
                directory,
                VOLSPIKE_API_URL=self.backend.url,
                VOLSPIKE_API_KEY=KEY,
                VOLSPIKE_CLOCK_RATE=str(self.clock),
                DISCORD_WEBHOOK_URL=f"{self.services.rest_url}/api/webhooks/1/demo",
                NOTIFY_URLS=f"ntfy://{self.host}/topic desk=mmost://{self.host}/demo {self.mail_address}",
                LOG_LEVEL="DEBUG",
            )
        )
        path = self.suite.state_dir / documents.OUTBOX
        self.outbox = stack.enter_context(Outbox(path, self.clock, settings.load(self.suite.env).routes))
        self.ledger = stack.enter_context(Ledger(path, self.clock))

    def courier(self, **variables: str) -> DaemonProcess:
        """Start a courier and wait until it is ready."""
        return self.suite.ready("courier", **variables)

    def put(self, *names: str, kind: Kind = Kind.VOLUME) -> None:
        """Put alerts, each of a symbol of its own."""
        now = self.clock.now()
        self.outbox.put([Message(f"{kind}:{name}", kind, f"{name}USDT", now, b"{}", f"{name} up") for name in names])

    def states(self, destination: Destination) -> list[str]:
        """Return what became of the rows of a destination, in their order."""
        return [str(entry.state) for entry in reversed(self.ledger.listing(destinations=[destination], limit=5000))]

    def delivered(self, count: int, *destinations: Destination) -> None:
        """Wait until so many rows are delivered at each of these."""
        for to in destinations:
            until(lambda to=to: self.states(to).count("delivered") == count, PATIENCE_SECONDS, f"{count} at {to}")  # type: ignore[misc]

    def told(self, destination: Destination) -> list[str]:
        """Return the lines that people have read."""
        if destination == EMAIL:
            texts = [str(mail.get_content()) for mail in self.mail.mails]
        else:
            texts = self.services.notices(destination)
        return [line for text in texts for line in text.splitlines() if not line.endswith("alerts:")]

    def asked(self, answer: str) -> int:
        """Return how often a service has given an answer, such as `discord 429`."""
        found: dict[str, int] = self.services._admin("GET", "/sim/notices")["statuses"]
        return found.get(answer, 0)

    def listed(self, *flags: str) -> list[dict[str, Any]]:
        """Return what `volspike outbox list` shows."""
        listed: list[dict[str, Any]] = json.loads(self.suite.volspike("outbox", "list", "--json", *flags).stdout)
        return listed


@pytest.fixture
def town(tmp_path: Path, stack: ExitStack) -> Town:
    return Town(tmp_path, stack)


def test_every_service_is_told_in_its_own_way(town: Town) -> None:
    town.courier()
    town.put("BTC")
    town.delivered(1, *EVERYBODY)

    assert {to: town.told(to) for to in EVERYBODY} == {to: ["BTC up"] for to in EVERYBODY}
    assert len(town.backend.taken) == 1


def test_a_service_that_is_down_hinders_no_other_and_gets_everything_later(town: Town) -> None:
    town.services.fault("service_down", service="ntfy")
    town.mail.replies["RCPT"] = "451 4.7.1 Come again"
    town.courier()
    town.put("BTC", "ETH")
    town.delivered(2, DISCORD, DESK)

    for to in (NTFY, EMAIL):
        assert [row["state"] for row in town.listed("--destination", to)] == ["waiting", "waiting"]
        until(lambda to=to: any(row["problem"] for row in town.listed("--destination", to)), PATIENCE_SECONDS)  # type: ignore[misc]
    town.services.clear()
    town.mail.replies["RCPT"] = "250 Ok"
    town.delivered(2, NTFY, EMAIL)

    assert {to: sorted(town.told(to)) for to in EVERYBODY} == {to: ["BTC up", "ETH up"] for to in EVERYBODY}


def test_a_pause_that_discord_asks_for_is_kept(town: Town) -> None:
    town.services.fault("service_limit", service="discord", seconds=600)
    town.courier()
    town.put("BTC")
    until(lambda: town.asked("discord 429") == 1, PATIENCE_SECONDS, "the refusal")
    town.services.clear()
    for number in range(3):
        town.put(f"ETH{number}")
        town.delivered(number + 2, NTFY)

    assert (town.asked("discord 429"), town.told(DISCORD)) == (1, [])
    assert town.suite.volspike("outbox", "resume", "discord").returncode == 0
    town.delivered(4, DISCORD)
    assert sorted(town.told(DISCORD)) == ["BTC up", "ETH0 up", "ETH1 up", "ETH2 up"]


def test_a_wrong_secret_pauses_its_destination_until_it_is_corrected(town: Town) -> None:
    wrong = {
        "DISCORD_WEBHOOK_URL": f"{town.services.rest_url}/api/webhooks/1/w5ecret",
        "NOTIFY_URLS": f"ntfy://{town.host}/topic desk=mmost://{town.host}/w5ecret {town.mail_address}",
    }
    town.mail.replies["AUTH"] = f"535 5.7.8 {MAIL_PASSWORD} is wrong"
    courier = town.courier(**wrong)
    town.put("BTC")
    town.delivered(1, NTFY)
    until(lambda: set(town.ledger.pauses()) == {DISCORD, DESK, EMAIL}, PATIENCE_SECONDS, "the pauses")
    told = json.loads(town.suite.volspike("outbox", "stats", "--json").stdout)
    courier.end()

    assert told["discord"]["paused"]["reason"].startswith("Discord answered HTTP 404: Unknown Webhook; is DISCORD_")
    assert told["desk"]["paused"]["reason"].startswith("desk answered HTTP 403: ")
    assert told["email"]["paused"]["reason"] == (
        "email: the mail server answered 535; is its address in NOTIFY_URLS right?"
    )
    town.mail.replies["AUTH"] = "235 Ok"
    corrected = town.courier()
    town.delivered(1, DISCORD, DESK)
    assert town.suite.volspike("outbox", "resume", "email").returncode == 0
    town.delivered(1, *EVERYBODY)
    corrected.end()  # else its files come and go while they are read
    files = town.suite.all_files()  # last: reading the outbox's files takes its locks from this process
    assert b"destination paused" in files
    assert b"5ecret" not in files


def test_a_storm_is_lost_by_no_kill(town: Town) -> None:
    names = [f"S{number}" for number in range(200)]
    courier = town.courier()
    town.put(*names[:100])
    until(lambda: town.told(DISCORD), PATIENCE_SECONDS, "the first message")
    courier.end(signal.SIGKILL)
    town.put(*names[100:])
    town.courier()
    town.delivered(200, DISCORD, NTFY, DESK)

    for to in (DISCORD, NTFY, DESK):
        assert {line.split()[0] for line in town.told(to) if line.endswith(" up")} == set(names)
    assert max(len(text) for text in town.services.notices(DISCORD)) <= 2000


def test_of_a_muted_symbol_people_hear_nothing_and_the_backend_everything(town: Town) -> None:
    town.courier()
    assert town.suite.volspike("mute", "BTCUSDT", "4h").returncode == 0
    town.put("BTC", "ETH")
    town.delivered(1, *EVERYBODY)
    until(lambda: len(town.backend.taken) == 2, PATIENCE_SECONDS, "the backend")

    muted = town.listed("--state", "dropped", "--symbol", "BTC")
    assert sorted(row["destination"] for row in muted) == sorted(EVERYBODY)
    assert all(row["problem"].startswith("muted until ") for row in muted)
    assert town.suite.volspike("unmute", "BTC").returncode == 0
    town.put("BTC", kind=Kind.HEALTH)
    town.delivered(2, DISCORD)
    assert town.told(DISCORD) == ["ETH up", "BTC up"]


def test_in_quiet_hours_alerts_wait_for_the_morning_and_what_is_wrong_with_the_suite_does_not(
    tmp_path: Path, stack: ExitStack
) -> None:
    town = Town(tmp_path, stack, rate=60)
    now = datetime.fromtimestamp(town.clock.now(), UTC)
    end = (now + timedelta(minutes=20)).replace(second=0, microsecond=0)
    town.courier(NOTIFY_QUIET_HOURS=f"{now - timedelta(hours=3):%H:%M}-{end:%H:%M}", NOTIFY_URLS="")
    town.put("alarm", kind=Kind.HEALTH)
    town.put("BTC", "ETH")
    town.delivered(3, DISCORD)

    arrived = {notice["text"]: notice["at"] for notice in town.services._admin("GET", "/sim/notices")["notices"]}
    assert list(arrived) == ["alarm up", "BTC up", "ETH up"]
    assert arrived["BTC up"] >= end.timestamp()


def test_who_uses_no_apprise_does_not_pay_for_it(town: Town) -> None:
    script = "import sys, volspike.daemons.courier; sys.exit('apprise' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode == 0
