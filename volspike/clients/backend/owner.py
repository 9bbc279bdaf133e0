"""User alerts as their owner manages them; only the embedded backend lets a client do that."""

from urllib.parse import quote

from volspike.clients.backend import wire
from volspike.clients.backend.connection import Answer, Connection
from volspike.clients.backend.wire import OwnAlert
from volspike.clients.errors import Permanent
from volspike.model.alerts import UserAlertType
from volspike.runtime.closing import Closing

PATH = "/api/user-alerts"
TIMEOUT_SECONDS = (3.05, 10.0)
HTTP_NOT_FOUND = 404


class Owner(Closing):
    """The owner of the alerts at one embedded backend.

    What every method may raise: Transient and Permanent; an id that is not known is Permanent.
    """

    def __init__(self, url: str, key: str) -> None:
        self._connection = Connection(url, key, TIMEOUT_SECONDS, 1)

    def close(self) -> None:
        """Close what is open."""
        self._connection.close()

    def add(self, symbol: str, alert_type: UserAlertType, threshold: float) -> OwnAlert:
        """Make an alert, armed, and return it."""
        answer = self._connection.post(PATH, wire.new_alert(symbol, alert_type, threshold))
        return self._connection.parsed(wire.parse_own_alert, answer)

    def alerts(self) -> list[OwnAlert]:
        """Return all alerts, those that have fired among them."""
        return self._connection.parsed(wire.parse_own_alerts, self._connection.get(PATH, {}))

    def rearm(self, alert_id: str) -> OwnAlert:
        """Arm an alert again, without its past, and return it."""
        answer = self._connection.post(f"{PATH}/{quote(alert_id, safe='')}/rearm", b"")
        return self._connection.parsed(wire.parse_own_alert, _known(answer, alert_id))

    def remove(self, alert_id: str) -> None:
        """Remove an alert."""
        answer = self._connection.delete(f"{PATH}/{quote(alert_id, safe='')}")
        self._connection.parsed(wire.parse_success, _known(answer, alert_id))


def _known(answer: Answer, alert_id: str) -> Answer:
    """Return an answer, unless it says that there is no such alert. Raises Permanent."""
    if answer.status == HTTP_NOT_FOUND:
        raise Permanent(f"there is no alert {alert_id}", HTTP_NOT_FOUND)
    return answer
