"""The News page in a real browser: posts as they come, their words as text, their links apart from the page."""

import json
from typing import Any

import pytest
import requests

from tests.browser.window import Window
from tests.processes import Suite

TEXTS = ".vs-post-text"


def post(suite: Suite, number: int, text: str, *, title: str = "Market Feed", links: tuple[str, ...] = ()) -> None:
    """Let the backend take a post, as the poller would hand it over."""
    channel = {"id": -1009, "username": "browsertest", "title": title}
    message: dict[str, Any] = {
        "id": number, "text": text, "date": f"2030-01-01T00:{number:02}:00Z", "sender_name": None, "views": 1200,
        "forwards": None, "has_media": False, "media_type": None, "links": links,
    }  # fmt: skip
    answer = requests.post(
        f"http://127.0.0.1:{suite.backend_port}/api/telegram/ingest",
        data=json.dumps({"channel": channel, "messages": [message]}),
        headers={"X-API-Key": suite.env["VOLSPIKE_API_KEY"], "Content-Type": "application/json"},
        timeout=20,
    )
    assert answer.json()["inserted"] + answer.json()["duplicates"] == 1, answer.text


def test_a_post_comes_before_the_eyes_and_above_the_older_ones(window: Window, suite: Suite) -> None:
    post(suite, 1, "the first post")
    window.open("/news")
    window.until(lambda: "the first post" in window.texts(TEXTS), "the first post")

    post(suite, 2, "the second post")

    window.until(lambda: "the second post" in window.texts(TEXTS), "the second post")
    own = ["the second post", "the first post"]
    window.until(lambda: [text for text in window.texts(TEXTS) if text in own] == own, "the older one below it")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (3, "<script>document.title='taken'</script><b>bold</b>"),
        (4, "</script><img src=x onerror=\"document.title='taken'\">"),
        (5, "{{ 7 * 7 }} ${7*7}"),
    ],
)
def test_a_stranger_s_words_are_text(window: Window, suite: Suite, number: int, text: str) -> None:
    post(suite, number, text, title=text)

    window.open("/news")

    window.until(lambda: text in window.texts(TEXTS), "the words as they are")
    assert text in window.texts(".vs-channel")
    assert window.driver.title == "News · VolSpike"
    assert window.all(".vs-post b, .vs-post img, .vs-post script") == []


def test_a_link_opens_apart_from_the_page_and_only_the_web_is_one(window: Window, suite: Suite) -> None:
    post(suite, 6, "with links", links=("https://example.org/a", "javascript:document.title='taken'"))

    window.open("/news")

    window.until(lambda: "with links" in window.texts(TEXTS), "the post")
    card = "[...document.querySelectorAll('.vs-post')].find((card) => card.innerText.includes('with links'))"
    links = window.script(f"return [...{card}.querySelectorAll('a')].map((link) => [link.href, link.target, link.rel])")
    assert links == [
        ["https://t.me/browsertest/6", "_blank", "noopener noreferrer"],
        ["https://example.org/a", "_blank", "noopener noreferrer"],
    ]
