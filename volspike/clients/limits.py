"""How long an answer may take as a whole, and how large it may be: a server that drips bytes holds nobody for ever.

`requests` measures the time between two packets only, and takes a body of any size.
"""

import io
import socket
import time
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from volspike.rules.loopback import is_loopback

PATIENCE = 2.0
"""An answer may take so many times the pause that may lie between two of its packets."""
LARGEST = 1 << 20
"""Bytes: many times what anybody answers to a message."""
LARGEST_LIST = 32 << 20
"""Bytes: more than 100,000 active user alerts are."""
_CHUNK = 1 << 16


class TooLarge(requests.RequestException):
    """An answer that is larger than it may be."""


class Limited(HTTPAdapter):
    """The way of a session to its servers, on which each answer has to be there as a whole in time."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Prepare the connections."""
        super().init_poolmanager(*arguments, **options)
        _limit(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Return the connections by way of a proxy."""
        manager = super().proxy_manager_for(proxy, **options)
        _limit(manager)
        return manager


def session(url: str, **options: Any) -> requests.Session:
    """Return a session with a server, whose answers are limited; the `options` are those of an HTTPAdapter.

    A proxy of the environment is used, except to this machine.
    """
    made = requests.Session()
    made.trust_env = not is_loopback(urlsplit(url).hostname)
    for scheme in ("http://", "https://"):
        made.mount(scheme, Limited(**options))
    return made


def content(response: requests.Response, most_bytes: int) -> bytes:
    """Return the body of an answer that was asked for with `stream`. Raises RequestException, such as TooLarge."""
    with response:
        found = bytearray()
        for chunk in response.iter_content(_CHUNK):
            found += chunk
            if len(found) > most_bytes:
                raise TooLarge("Answer too large")
    return bytes(found)


def _limit(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


class _PunctualReader(io.RawIOBase):
    """What a socket receives, until its time is over: a TimeoutError, as for a packet that does not come."""

    def __init__(self, source: socket.socket) -> None:
        self._source = source
        self._reader = source.makefile("rb", buffering=0)
        self._between_packets = source.gettimeout() or 0.0
        self._end = time.monotonic() + PATIENCE * self._between_packets

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._source.settimeout(min(left, self._between_packets))
        return self._reader.readinto(buffer)

    def close(self) -> None:
        self._reader.close()
        super().close()


class _Punctual(HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_PunctualReader(sock))


class _Connection(HTTPConnection):
    response_class = _Punctual


class _SecureConnection(HTTPSConnection):
    response_class = _Punctual


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
