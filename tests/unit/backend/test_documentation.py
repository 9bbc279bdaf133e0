"""The description of the routes is whole, and its page needs nothing from anywhere."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.asgi import ask
from volspike.backend.documentation import KINDS, Documented


@pytest.fixture
def document(app: Documented) -> dict[str, Any]:
    described: dict[str, Any] = ask(app, "/openapi.json").json
    return described


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for key, value in part.items() if key == "$ref")
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for item in part:
            yield from references(item)


def test_every_schema_that_is_referred_to_is_there(document: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    assert set(references(document)) <= known
    assert {kind.__name__ for kind in KINDS} <= document["components"]["schemas"].keys()
    assert all(schema.get("description") for schema in document["components"]["schemas"].values())


def test_every_route_says_what_it_takes_and_answers(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            assert route["summary"], path
            assert "$ref" in route["responses"]["200"]["content"]["application/json"]["schema"]
            assert "422" not in route["responses"]
            assert ("requestBody" in route) == (method == "post" and not path.endswith("/rearm")), path


@pytest.mark.parametrize(
    ("path", "method", "keys"),
    [
        ("/api/volume-alerts/ingest", "post", [{"header": []}]),
        ("/api/user-alerts-trigger/active", "get", [{"query": []}]),
        ("/api/user-alerts-trigger/trigger", "post", []),
        ("/api/market/open-interest/liquid-universe", "get", []),
    ],
)
def test_every_route_says_where_the_key_goes(document: dict[str, Any], path: str, method: str, keys: object) -> None:
    assert document["paths"][path][method]["security"] == keys


def test_parameters_are_described(document: dict[str, Any]) -> None:
    parameters = document["paths"]["/api/alerts"]["get"]["parameters"]
    snapshot = document["paths"]["/api/market/open-interest/snapshot"]["get"]["parameters"]

    assert [given["name"] for given in parameters] == ["kind", "symbol", "limit", "before", "after"]
    assert [given["required"] for given in snapshot] == [True, True]
    assert document["paths"]["/api/user-alerts/{alert_id}"]["delete"]["parameters"][0]["in"] == "path"


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_the_page_shows_every_route_and_loads_nothing(app: Documented, document: dict[str, Any], path: str) -> None:
    reply = ask(app, path)
    text = reply.body.decode()

    assert reply.headers["content-type"].startswith("text/html")
    assert all(f"<code>{route}</code>" in text for route in document["paths"])
    assert all(f"id={name}" in text for name in document["components"]["schemas"])
    assert not re.search(r"<script|<link|<img|@import|url\(|https?:", text)


def test_the_description_is_json_that_others_can_read(app: Documented) -> None:
    assert json.loads(json.dumps(app.openapi()))["openapi"].startswith("3.")
    assert app.openapi() is app.openapi()
