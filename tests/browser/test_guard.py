"""A page of another site, in the very browser that may see the dashboard, gets nothing from it."""

from typing import Any

import pytest
import requests
from websocket import WebSocketBadStatusException, create_connection

from tests.browser.window import Window
from tests.processes import Suite, until
from tests.unit.answers import Answer, AnsweringServer

SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
ASK = """
const done = arguments[arguments.length - 1];
const socket = new WebSocket(arguments[0]);
socket.onopen = () => done("open");
socket.onerror = () => done("refused");
"""
FRAME = """
const done = arguments[arguments.length - 1];
const frame = document.createElement("iframe");
frame.onload = () => done(frame.contentDocument === null ? "not readable" : frame.contentDocument.body.innerText);
frame.src = arguments[0];
document.body.append(frame);
"""


def test_a_page_of_another_site_can_neither_open_the_socket_nor_frame_the_page(driver: Any, suite: Suite) -> None:
    with AnsweringServer() as foreign:
        foreign.answers["/"] = Answer(200, b"<!doctype html><title>foreign</title>", {"Content-Type": "text/html"})
        driver.get(foreign.url)
        driver.set_script_timeout(60)

        opened = driver.execute_async_script(ASK, f"ws://127.0.0.1:{suite.dashboard_port}{SOCKET}")
        driver.execute_async_script(FRAME, f"http://127.0.0.1:{suite.dashboard_port}/")
        complaints: list[str] = []

        def is_said() -> bool:
            complaints.extend(entry["message"] for entry in driver.get_log("browser"))
            return any("frame" in message and "127.0.0.1" in message for message in complaints)

        until(is_said, 60, f"a word of the browser that it did not frame the page; it said {complaints}")

    assert opened == "refused"


def test_the_dashboard_s_own_page_may(window: Window, suite: Suite) -> None:
    window.open("/health")

    address = f"ws://127.0.0.1:{suite.dashboard_port}{SOCKET}"
    assert window.driver.execute_async_script(ASK, address) == "open"


@pytest.mark.parametrize("origin", ["https://example.org", "null", "http://127.0.0.1:1"])
def test_a_socket_for_another_origin_is_refused(suite: Suite, origin: str) -> None:
    with pytest.raises(WebSocketBadStatusException, match="403"):
        create_connection(f"ws://127.0.0.1:{suite.dashboard_port}{SOCKET}", origin=origin, timeout=20)


def test_a_name_that_was_pointed_at_this_machine_is_not_answered(suite: Suite) -> None:
    url = f"http://127.0.0.1:{suite.dashboard_port}/health"

    assert requests.get(url, headers={"Host": "rebound.example.org"}, timeout=20).status_code == 403
    assert requests.get(url, timeout=20).status_code == 200
