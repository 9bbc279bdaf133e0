"""What this machine is called by itself: the only hosts that no resolver and no route leads elsewhere."""

from ipaddress import IPv4Address, IPv6Address

ADDRESS = "127.0.0.1"
"""Where the suite listens for this machine alone."""
NAME = "localhost"


def is_loopback(host: str | None) -> bool:
    """Tell whether a host is this machine: by its name, or an address of RFC 1122 3.2.1.3 or RFC 4291 2.5.3.

    An address of version 6 may be in brackets. A name below `localhost` is not for sure: some resolvers ask for it.
    """
    if host is None:
        return False
    if host.lower() in (NAME, f"{NAME}."):  # the dot makes a name absolute
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        if ":" not in host:
            return IPv4Address(host)
        address = IPv6Address(host[1:-1] if host.startswith("[") and host.endswith("]") else host)
    except ValueError:
        return None
    return address.ipv4_mapped or address  # which Python takes for loopback from 3.13 on
