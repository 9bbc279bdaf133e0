"""Whom the doctor asks, with servers on loopback in their places."""

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.cli.conftest import Command
from volspike.cli import doctor_network, suite
from volspike.clients.binance import weight
from volspike.clients.binance.weight import WeightAccount
from volspike.model.diagnosis import Level, Symptom
from volspike.model.documents import VERSION, EmergencyStop
from volspike.runtime.clock import Clock
from volspike.state import emergency


def asked(volspike: Command, **variables: str) -> list[Symptom]:
    """Return what is found where Binance is asked."""
    return list(doctor_network.binance(suite.load_settings({**volspike.environment, **variables}), installed=True))


def test_binance_is_asked_for_the_time_and_its_streams_for_an_answer(volspike: Command) -> None:
    with AnsweringServer() as binance:
        binance.answers["/fapi/v1/time"] = Answer(body=b'{"serverTime":%d}' % (Clock().now() * 1000))
        symptoms = asked(volspike, BINANCE_REST_URL=binance.url, BINANCE_WS_URL=binance.url.replace("http", "ws"))

    assert [symptom.level for symptom in symptoms] == [Level.OK] * 4
    assert [symptom.check for symptom in symptoms] == ["weight", "reach", "clock", "reach"]


def test_while_shut_out_nothing_is_asked(volspike: Command) -> None:
    account = WeightAccount(volspike.runtime_dir, Clock())
    account.close_until(Clock().now() + 600)
    with AnsweringServer() as binance:
        (symptom,) = asked(volspike, BINANCE_REST_URL=binance.url)

        assert binance.asked == []
    assert (symptom.check, symptom.level) == ("weight", Level.BAD)


@pytest.mark.parametrize(
    ("answer", "check", "text"),
    [
        (Answer(418, b'{"code":-1003,"msg":"banned"}', {"Retry-After": "60"}), "weight", "has shut this machine out"),
        (Answer(451, b"{}"), "reach", "HTTP 451: Binance refuses requests from this country or network"),
        (Answer(200, b'{"serverTime":1}'), "clock", "ahead of Binance's"),
    ],
)
def test_what_binance_refuses_is_told(volspike: Command, answer: Answer, check: str, text: str) -> None:
    with AnsweringServer() as binance:
        binance.answers["/fapi/v1/time"] = answer
        symptoms = asked(volspike, BINANCE_REST_URL=binance.url, BINANCE_WS_URL=binance.url.replace("http", "ws"))

    (bad,) = [symptom for symptom in symptoms if symptom.level is Level.BAD]
    assert bad.check == check
    assert text in bad.text


def test_a_ban_that_the_doctor_meets_is_told_truly_and_nobody_asks_again(volspike: Command) -> None:
    with AnsweringServer() as binance:
        binance.answers["/fapi/v1/time"] = Answer(418, b'{"code":-1003,"msg":"banned"}', {"Retry-After": "60"})
        *_, met = asked(volspike, BINANCE_REST_URL=binance.url)
        (again,) = asked(volspike, BINANCE_REST_URL=binance.url)

        assert binance.asked == ["/fapi/v1/time"]
    assert met.text == (
        "Binance has shut this machine out for another 60 s; it has just said so and was asked nothing more"
    )
    assert again.text.endswith(" s; it was not asked anything")
    account = weight.peek(volspike.runtime_dir)
    assert account is not None
    assert account.closed_until == pytest.approx(Clock().now() + 60, abs=5)


def test_a_ban_is_told_where_there_is_no_suite_to_remember_it(volspike: Command) -> None:
    (volspike.place / "run").rmdir()
    with AnsweringServer() as binance:
        binance.answers["/fapi/v1/time"] = Answer(418, b'{"code":-1003,"msg":"banned"}', {"Retry-After": "60"})

        *_, met = asked(volspike, BINANCE_REST_URL=binance.url)

    assert "has shut this machine out" in met.text


def test_during_an_emergency_stop_binance_is_not_asked(volspike: Command) -> None:
    emergency.begin(volspike.place / "state", EmergencyStop(VERSION, Clock().now()))
    with AnsweringServer() as binance:
        (symptom,) = asked(volspike, BINANCE_REST_URL=binance.url)

        assert binance.asked == []
    assert (symptom.check, symptom.level) == ("weight", Level.OK)


def test_whom_the_suite_speaks_to_is_asked_by_host_and_a_secret_address_is_not_told(volspike: Command) -> None:
    with AnsweringServer() as other:
        settings = suite.load_settings(
            {
                **volspike.environment,
                "HEALTHCHECK_PING_URL": f"{other.url}/hush",
                "TELEGRAM_WEB_URL": other.url,
                "NOTIFY_URLS": f"pager={other.url.replace('http', 'json')}/hush mailto://hush:hush@example.org",
            }
        )
        found = {address.name: address.look() for address in doctor_network.addresses(settings)}

        assert set(other.asked) == {"/"}
    assert set(found) == {
        f"Telegram's public web ({other.url})",
        f"pager of NOTIFY_URLS ({other.url})",
        "the host of HEALTHCHECK_PING_URL",
    }
    assert [symptom.level for symptoms in found.values() for symptom in symptoms] == [Level.OK] * 3
    assert "hush" not in repr(found)


def test_a_backend_elsewhere_is_vital_and_the_embedded_one_is_judged_by_its_port(volspike: Command) -> None:
    own = suite.load_settings(volspike.environment)
    other = suite.load_settings(
        {**volspike.environment, "VOLSPIKE_API_URL": "http://127.0.0.1:9", "VOLSPIKE_API_KEY": "hush"}
    )

    assert not [address for address in doctor_network.addresses(own) if "backend" in address.name]
    backend = next(address for address in doctor_network.addresses(other) if "backend" in address.name)
    assert [(symptom.level, symptom.remedy) for symptom in backend.look()] == [
        (Level.BAD, "curl -sSI http://127.0.0.1:9  # what is in between")
    ]
