"""The dashboard's daemon; what it serves is seen in a browser."""

from collections.abc import Callable

import pytest

from volspike.daemons import dashboard
from volspike.daemons.launch import CannotStartError
from volspike.runtime import sockets
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings


def test_once_has_no_meaning_for_it(daemon: Daemon, settings: Callable[..., Settings]) -> None:
    with pytest.raises(CannotStartError, match="--once has no meaning"):
        dashboard.run(daemon, settings(), True)


def test_a_port_in_use_is_one_line_that_names_it_and_what_to_do(
    daemon: Daemon, settings: Callable[..., Settings]
) -> None:
    with sockets.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CannotStartError) as refused:
            dashboard.run(daemon, settings(dashboard_port=port), False)

    assert str(refused.value).startswith(f"port {port} on 127.0.0.1 is in use by ")
    assert str(refused.value).endswith("; stop it or set DASHBOARD_PORT")
