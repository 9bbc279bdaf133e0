"""HTTP to one host, over connections that stay open.

urllib3 itself instead of requests around it: 0.35 instead of 0.62 ms of CPU for a small answer, and there are
thousands a minute.
"""

import socket
import ssl
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Timeout
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError, LocationValueError
from urllib3.util import make_headers, parse_url

from volspike.clients.errors import Permanent, Transient
from volspike.clients.reasons import reason
from volspike.rules.loopback import is_loopback

KEEPALIVE = (
    *HTTPConnection.default_socket_options,
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 45),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 15),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)
"""Between two scans lie minutes: a router that forgets idle connections in silence would cost a time-out each."""
HEADERS = {"User-Agent": "volspike"}
COMPRESSED = {**HEADERS, "Accept-Encoding": "gzip"}


class Transport:
    """The way to one host, for any number of threads, over at most `connections` at once.

    A proxy of the environment is used, except to this machine.
    """

    def __init__(self, url: str, timeout: tuple[float, float], connections: int) -> None:
        """Prepare to ask `url`; `timeout` is for connecting and between two packets, in seconds.

        Raises Permanent for a proxy that is not spoken to in HTTP.
        """
        parts = urlsplit(url)
        proxy = _proxy_to(parts.scheme, parts.hostname or "")
        self._url = url
        self._timeout = Timeout(connect=timeout[0], read=timeout[1])
        try:
            self._pool = _manager(parts.scheme, proxy, connections).connection_from_url(url)
        except LocationValueError:
            raise Permanent(f"the proxy to {url} must be an http:// or https:// address") from None
        whole = proxy and parts.scheme == "http"  # such a proxy is asked for whole addresses
        self._prefix = url if whole else parts.path

    def get(self, target: str, *, compressed: bool) -> BaseHTTPResponse:
        """Return the answer, whatever its status. Raises Transient when there is none.

        `compressed` pays for large answers only.
        """
        headers = COMPRESSED if compressed else HEADERS
        try:
            return self._pool.urlopen(
                "GET",
                self._prefix + target,
                headers=headers,
                retries=False,
                redirect=False,
                assert_same_host=False,  # the pool of a proxy is that of another host
                timeout=self._timeout,
            )
        except HTTPError as error:
            raise Transient(f"Binance cannot be reached at {self._url}: {reason(error)}") from None


def _manager(scheme: str, proxy: str, connections: int) -> PoolManager:
    context = _trusting() if scheme == "https" else None  # one for all connections: each takes 15 ms to make
    if not proxy:
        return PoolManager(1, maxsize=connections, block=True, ssl_context=context, socket_options=KEEPALIVE)
    user = parse_url(proxy).auth
    return ProxyManager(
        proxy,
        1,
        proxy_headers=make_headers(proxy_basic_auth=unquote(user)) if user else None,
        maxsize=connections,
        block=True,
        ssl_context=context,
        socket_options=KEEPALIVE,
    )


def _trusting() -> ssl.SSLContext:
    """Return a context that trusts the usual authorities and those of this machine, such as a company's own."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context


def _proxy_to(scheme: str, host: str) -> str:
    """Return the proxy that the environment names for a host; empty when there is none."""
    if is_loopback(host) or proxy_bypass(host):
        return ""
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all", "")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"
