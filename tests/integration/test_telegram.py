"""The bot and the simulated Telegram, over a real connection."""

from collections.abc import Iterator

import pytest

from tests.processes import until
from tests.simulation import SimulatorProcess
from volspike.clients.errors import Faulted, Misdirected, Transient, Unanswered
from volspike.clients.telegram.bot import Bot
from volspike.rules import digest

TOKEN = "1:demo"  # noqa: S105 - known to everybody
GROUP = "-1001"
PRIVATE = "1001"


@pytest.fixture
def bot(exchange: SimulatorProcess) -> Iterator[Bot]:
    with Bot(exchange.rest_url, TOKEN, GROUP) as made:
        yield made


def texts(exchange: SimulatorProcess) -> list[str]:
    return [message["text"] for message in exchange.telegram()["messages"]]


def test_a_storm_arrives_as_digests_that_name_every_alert(bot: Bot, exchange: SimulatorProcess) -> None:
    storm = [f"{number} hourly volume 150.00M (3.50× prev) — VOLUME SPIKE! 🚀" for number in range(150)]

    for part in digest.parts(storm):
        bot.send(part.text)

    assert [line for text in texts(exchange) for line in text.split("\n")[1:]] == storm


def test_haste_is_refused_with_the_pause_that_is_due(bot: Bot, exchange: SimulatorProcess) -> None:
    def haste() -> None:
        for _ in range(30):
            bot.send("text")

    with pytest.raises(Transient, match="Too Many Requests") as refused:
        haste()

    assert refused.value.retry_after in range(1, 61)
    assert 3 <= exchange.telegram()["sent"] < 30


def test_a_wrong_token_and_a_wrong_chat_are_misdirected(exchange: SimulatorProcess) -> None:
    with Bot(exchange.rest_url, "2:other", GROUP) as bot, pytest.raises(Misdirected, match="Unauthorized"):
        bot.send("text")
    with Bot(exchange.rest_url, TOKEN, "-7") as bot, pytest.raises(Misdirected, match="chat not found"):
        bot.send("text")


def test_an_outage_passes(bot: Bot, exchange: SimulatorProcess) -> None:
    bot.send("before")
    exchange.fault("telegram_down")
    with pytest.raises(Transient, match="cut off"):
        bot.send("during")
    exchange.clear("telegram_down")
    exchange.fault("telegram_error", status=500)
    with pytest.raises(Faulted):
        bot.send("during")
    exchange.clear()
    bot.send("after")

    assert texts(exchange) == ["before", "after"]


def test_an_answer_that_is_late_may_mean_that_it_has_arrived(exchange: SimulatorProcess) -> None:
    exchange.fault("telegram_slow", seconds=20)

    with Bot(exchange.rest_url, TOKEN, PRIVATE, timeout=(10.0, 0.2)) as bot, pytest.raises(Unanswered):
        bot.send("text")

    until(lambda: texts(exchange) == ["text"], what="the message")


def test_a_group_that_became_a_supergroup_still_gets_its_alerts(bot: Bot, exchange: SimulatorProcess) -> None:
    bot.send("before")
    exchange.fault("telegram_moved", to=-1_009)
    bot.send("after")

    assert [message["chat"] for message in exchange.telegram()["messages"]] == [-1001, -1009]
