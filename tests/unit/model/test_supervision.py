"""What a foreground suite leaves for other commands."""

import msgspec

from tests.unit.examples import unit_state
from volspike.model.supervision import Supervision


def test_a_supervisor_s_file_survives_the_way_through_json() -> None:
    written = Supervision(1, 4711, True, {"BINANCE_WS_URL": "ws://127.0.0.1:8890"}, [unit_state()])

    assert msgspec.json.decode(msgspec.json.encode(written), type=Supervision) == written
