"""The description of the routes: OpenAPI from the schemas, and a page of it that loads nothing from anywhere."""

from collections.abc import Mapping
from html import escape
from typing import Any

import msgspec
from fastapi import FastAPI
from msgspec import Struct

from volspike.backend import schemas

REFERENCE = "#/components/schemas/{name}"
KINDS = tuple(
    kind
    for kind in vars(schemas).values()
    if isinstance(kind, type) and issubclass(kind, Struct) and kind is not Struct
)
KEY_HEADER = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
KEY_QUERY = {"type": "apiKey", "in": "query", "name": "apiKey"}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string"},
    "description": "Names the episode: a repeat answers like the first and inserts nothing.",
}


def described(
    summary: str,
    answer: type[Struct],
    *,
    body: type[Struct] | None = None,
    parameters: type[Struct] | None = None,
    path: str = "",
    key: str = "header",
    refusals: Mapping[int, str] | None = None,
) -> dict[str, Any]:
    """Return what a route says about itself: what FastAPI's decorators take.

    `path` names a part of the path; `key` is where the key is looked for: header, query, body or nowhere.
    """
    extra: dict[str, Any] = {"security": [{key: []}] if key in ("header", "query") else []}
    given: list[dict[str, Any]] = []
    if path:
        given.append({"name": path, "in": "path", "required": True, "schema": {"type": "string"}})
    if parameters is not None:
        given += _parameters(parameters)
    if body is not None:
        given.append(IDEMPOTENCY_KEY)
        extra["requestBody"] = {"required": True, "content": _content(body)}
    failures = {401: "The key is missing or wrong."} if key != "nowhere" else {}
    responses: dict[int, dict[str, Any]] = {200: {"description": "Done.", "content": _content(answer)}}
    for status, words in {**failures, **(refusals or {})}.items():
        responses[status] = {"description": words, "content": _content(schemas.Failure)}
    return {"summary": summary, "responses": responses, "openapi_extra": {**extra, "parameters": given}}


def _parameters(kind: type[Struct]) -> list[dict[str, Any]]:
    _, components = msgspec.json.schema_components([kind], ref_template=REFERENCE)
    schema = components[kind.__name__]
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": form}
        for name, form in schema["properties"].items()
    ]


def _content(kind: type[Struct]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REFERENCE.format(name=kind.__name__)}}}


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Return FastAPI's description of the routes with the schemas and the keys that it refers to."""
    _, components = msgspec.json.schema_components(KINDS, ref_template=REFERENCE)
    document["components"] = {
        "schemas": components,
        "securitySchemes": {"header": KEY_HEADER, "query": KEY_QUERY},
    }
    return document


class Documented(FastAPI):
    """An application whose OpenAPI description has the schemas of msgspec."""

    def openapi(self) -> dict[str, Any]:
        """Return the description, made when it is first asked for."""
        if self.openapi_schema is None:
            complete(super().openapi())
        return super().openapi()


def page(document: Mapping[str, Any]) -> str:
    """Return the description as a page without scripts, fonts or anything else from elsewhere."""
    routes = "".join(
        _route(path, method, route) for path, methods in document["paths"].items() for method, route in methods.items()
    )
    kinds = "".join(_kind(name, form) for name, form in sorted(document["components"]["schemas"].items()))
    title = escape(document["info"]["title"])
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style>"
        f"<h1>{title} {escape(document['info']['version'])}</h1><p>{escape(document['info']['description'])} "
        f"<a href=/openapi.json>openapi.json</a></p>{routes}<h2>Schemas</h2>{kinds}</html>"
    )


def _route(path: str, method: str, route: Mapping[str, Any]) -> str:
    keys = ", ".join(name for scheme in route.get("security", []) for name in scheme)
    body = _shown(route["requestBody"]["content"]["application/json"]["schema"]) if "requestBody" in route else ""
    rows = [("key in", escape(keys))] if keys else []
    rows += [
        (escape(given["name"]), f"{given['in']}, {_shown(given['schema'])} {escape(given.get('description', ''))}")
        for given in route.get("parameters", [])
    ]
    rows += [("body", body)] if body else []
    rows += [(status, _answer(answer)) for status, answer in route["responses"].items()]
    return (
        f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> {escape(route['summary'])}</summary>"
        f"{_table(rows)}</details>"
    )


def _answer(answer: Mapping[str, Any]) -> str:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return f"{escape(answer['description'])} {_shown(schema)}"


def _kind(name: str, form: Mapping[str, Any]) -> str:
    required = form.get("required", [])
    rows = [
        (f"{escape(field)}{'' if field in required else ' (optional)'}", _shown(shape))
        for field, shape in form.get("properties", {}).items()
    ]
    return (
        f"<h3 id={escape(name)}>{escape(name)}</h3><p>{escape(form.get('description', ''))}</p>"
        f"{_table(rows)}{escape(', '.join(map(str, form.get('enum', []))))}"
    )


def _shown(shape: Mapping[str, Any]) -> str:
    """Return a schema in a few words, with links to the ones it is made of."""
    if "$ref" in shape:
        name = escape(shape["$ref"].rpartition("/")[2])
        return f"<a href=#{name}>{name}</a>"
    if "anyOf" in shape:
        words = " or ".join(map(_shown, shape["anyOf"]))
    elif shape.get("type") == "array":
        words = f"list of {_shown(shape.get('items', {}))}"
    else:
        words = escape(str(shape.get("type", "anything")))
    return f"{words} {escape(str(shape.get('description', '')))}".strip()


def _table(rows: list[tuple[str, str]]) -> str:
    return "<table>" + "".join(f"<tr><th>{name}<td>{words}" for name, words in rows) + "</table>"


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "summary{cursor:pointer;padding:.3rem 0}th{text-align:left;padding-right:2rem;font-weight:500;vertical-align:top}"
    "table{margin:.3rem 0 1rem 1.2rem}:root{color-scheme:light dark}"
)
