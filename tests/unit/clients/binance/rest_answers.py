"""What the tests of REST ask for, and answers to it."""

import json

from tests.unit.answers import Answer

NOW = 1_790_856_015.0
TIME = "/fapi/v1/time"
PREMIUM_INDEX = "/fapi/v1/premiumIndex"
ROW = {"symbol": "币安人生USDT", "markPrice": "0.25", "lastFundingRate": "0.0001", "nextFundingTime": 1_790_870_400_000}
TIME_ANSWER = b'{"serverTime":1790856015250}'


def json_answer(status: int, body: object, **headers: str) -> Answer:
    return Answer(status, json.dumps(body).encode(), {name.replace("_", "-"): text for name, text in headers.items()})
