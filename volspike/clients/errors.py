"""The two kinds of errors an edge may raise; whatever else happens is a bug, ends the process, and is restarted."""


class Transient(Exception):  # noqa: N818 - the kind is the name
    """May work later; `retry_after` is the seconds the other side asked for, or None."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Permanent(Exception):  # noqa: N818 - the kind is the name
    """Will not work however often it is asked; `code` is the vendor's own error code, or None."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class ShutOut(Transient):
    """The vendor refuses everything from this machine for `retry_after` seconds; asking on makes it worse."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message, retry_after)
        self.seconds = retry_after


class Unanswered(Transient):
    """The request went out and no answer came: whether the other side has taken it, nobody knows."""


class Faulted(Transient):
    """The other side failed at this very request (HTTP 500): later may be better, but the request may be the cause."""


class Misdirected(Permanent):
    """The destination itself is wrong, its key or its address: nothing that is sent there will be taken."""
