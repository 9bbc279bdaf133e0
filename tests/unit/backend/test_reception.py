"""What every route begins and ends with: keys, bodies, repeats, times."""

import asyncio
import json
from sqlite3 import Connection
from typing import Any

import msgspec
import pytest
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from tests.unit.backend.conftest import KEY
from volspike.backend.reception import Answer, Decoder, Desk, RefusedError, answered, instant, iso, query, refused


class Body(Struct):
    number: float = 0.0


decode = Decoder(Body, 400, "Invalid body")


def request(query_string: str = "", **headers: str) -> Request:
    sent = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return Request({"type": "http", "headers": sent, "query_string": query_string.encode(), "path": "/"})


def answer_of(refusal: RefusedError) -> tuple[int, Any]:
    return refusal.answer.status, json.loads(refusal.answer.body)


def test_a_body_is_decoded_and_unknown_keys_are_ignored() -> None:
    assert decode(b'{"number":5,"unknown":{"x":[null]}}') == Body(5.0)


@pytest.mark.parametrize(
    "body", [b'{"number":"5"}', b'{"number":null}', b'{"number":true}', b"[]", b'{"number":1e999}']
)
def test_json_of_another_kind_is_refused_as_the_route_does(body: bytes) -> None:
    with pytest.raises(RefusedError) as refusal:
        decode(body)

    status, told = answer_of(refusal.value)
    assert (status, told["error"]) == (400, "Invalid body")
    assert len(told["details"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b'{"number":NaN}', b'{"number":Infinity}', b'{"number":"5","x":NaN}', b'{"number":"5"}}',
        b'{"number":"\xff"}', b'{"number":"\\ud800"}', b'{"x":' + b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_json_is_a_fault(body: bytes) -> None:
    with pytest.raises(RefusedError) as refusal:
        decode(body)

    assert answer_of(refusal.value)[0] == 500


@pytest.mark.parametrize(
    "headers", [{}, {"x_api_key": ""}, {"x_api_key": KEY + "x"}, {"authorization": f"Bearer {KEY}"}]
)
def test_without_the_key_in_its_header_nobody_is_admitted(desk: Desk, headers: dict[str, str]) -> None:
    with pytest.raises(RefusedError) as refusal:
        desk.admit(request(**headers))

    assert answer_of(refusal.value) == (401, {"error": "Invalid API key"})


def test_with_the_key_one_is(desk: Desk) -> None:
    desk.admit(request(x_api_key=KEY))
    desk.check(KEY)


def test_repeats_at_the_same_time_are_done_once(desk: Desk) -> None:
    done: list[int] = []

    def job(_: Connection) -> Answer:
        done.append(len(done))
        return answered(len(done))

    async def many() -> list[Response]:
        return await asyncio.gather(
            *[desk.once(request(idempotency_key=f"episode {number % 3}"), job) for number in range(30)]
        )

    assert sorted({bytes(response.body) for response in asyncio.run(many())}) == [b"1", b"2", b"3"]
    assert len(done) == 3


class Wanted(Struct):
    limit: int = 5
    name: str | None = None


def test_parameters_are_read_as_what_they_are_and_blank_ones_are_not_there() -> None:
    assert query(request("limit=7&name=&unknown=1"), Wanted) == Wanted(7)

    with pytest.raises(RefusedError) as refusal:
        query(request("limit=many"), Wanted)
    assert answer_of(refusal.value)[0] == 400


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-01-02T14:05:00Z", 1_767_362_700_000),
        ("2026-01-02T14:05:00.123456Z", 1_767_362_700_123),
        ("2026-01-02T19:35:00+05:30", 1_767_362_700_000),
        ("2026-01-02T14:05:00", 1_767_362_700_000),
        ("2026-01-02", 1_767_312_000_000),
    ],
)
def test_an_instant_is_read_in_milliseconds_and_without_a_zone_it_is_utc(text: str, at: int) -> None:
    assert instant(text) == at


def test_an_instant_is_told_with_a_z() -> None:
    assert iso(1_767_362_700_123) == "2026-01-02T14:05:00.123Z"


def test_a_refusal_has_details_only_where_there_are_some() -> None:
    assert refused(400, "No") == Answer(400, b'{"error":"No"}')
    assert refused(400, "No", ["why"]) == Answer(400, b'{"error":"No","details":["why"]}')
    assert msgspec.json.decode(answered([1]).body) == [1]
