"""Listening, and who else does."""

import os
import socket

import pytest

from volspike.runtime import sockets
from volspike.runtime.sockets import PortInUseError


def test_a_listener_takes_connections_and_does_not_block() -> None:
    with sockets.listen("127.0.0.1", 0) as listener:
        assert not listener.getblocking()
        with socket.create_connection(listener.getsockname(), timeout=30):
            pass


def test_a_taken_port_names_itself_and_the_process_that_holds_it() -> None:
    with sockets.listen("127.0.0.1", 0) as holder:
        port = holder.getsockname()[1]

        with pytest.raises(PortInUseError) as refused:
            sockets.listen("127.0.0.1", port)

    assert str(refused.value).startswith(f"port {port} on 127.0.0.1 is in use by ")
    assert f"(pid {os.getpid()})" in str(refused.value)


def test_a_port_that_nobody_holds_cannot_be_attributed() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))  # bound, but not listening

        assert sockets.holder(probe.getsockname()[1]) == "another process (not visible to this user)"


def test_an_address_of_another_machine_is_the_system_s_error() -> None:
    with pytest.raises(OSError, match="assign requested address"):
        sockets.listen("192.0.2.1", 0)


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_an_address_with_colons_is_ipv6() -> None:
    try:
        listener = sockets.listen("::1", 0)
    except OSError as error:
        pytest.skip(f"no loopback over IPv6: {error.strerror}")
    with listener:
        assert listener.family is socket.AF_INET6


def test_who_listens_is_found_and_nobody_is_none() -> None:
    with sockets.listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        found = sockets.find_holder(port)

    assert found is not None
    assert found.pid == os.getpid()
    assert sockets.find_holder(port) is None
