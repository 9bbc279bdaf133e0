"""Which hosts are this machine itself."""

import pytest

from volspike.rules.loopback import ADDRESS, NAME, is_loopback


@pytest.mark.parametrize(
    "host",
    [
        ADDRESS,
        "127.0.0.2",
        "127.255.255.254",
        NAME,
        "LocalHost",
        "localhost.",
        "::1",
        "[::1]",
        "0:0:0:0:0:0:0:1",
        "::ffff:127.0.0.1",
        "::FFFF:7f00:1",
    ],
)
def test_this_machine_is_known_by_its_name_and_by_all_its_addresses(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        ".",
        "localhost..",
        "localhost.example.org",
        "evil.localhost",
        "127.0.0.1.example.org",
        "127.0.0.1.",
        "127.1",
        "127.0.0.01",
        "2130706433",
        "0x7f000001",
        "0.0.0.0",
        "::",
        "[127.0.0.1]",
        "[::1",
        "128.0.0.1",
        "10.0.0.1",
        "::2",
        "::ffff:10.0.0.1",
        "localhost:80",
        "localhost\n",
        "ⅼocalhost",
        "１２７.0.0.1",
    ],
)
def test_what_a_resolver_may_lead_elsewhere_and_what_is_no_host_is_not_this_machine(host: str | None) -> None:
    assert not is_loopback(host)
