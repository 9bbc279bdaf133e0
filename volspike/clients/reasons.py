"""Why a request got no answer, told in a few words.

The HTTP libraries nest classes and addresses in their messages, and an address may hold a secret: only words of our
own leave here.
"""

_REASONS = {
    "Unable to connect to proxy": "the proxy cannot be reached",
    "Tunnel connection failed": "the proxy refuses",
    "timed out": "no answer in time",
    "Connection refused": "connection refused",
    "Name or service not known": "its name cannot be resolved",
    "Temporary failure in name resolution": "its name cannot be resolved",
    "No address associated": "its name cannot be resolved",
    "Failed to resolve": "its name cannot be resolved",
    "Network is unreachable": "the network is unreachable",
    "No route to host": "the network is unreachable",
    "CERTIFICATE_VERIFY_FAILED": "its certificate cannot be verified",
    "Connection aborted": "the connection was cut off",
    "Connection reset": "the connection was cut off",
    "Connection broken": "the connection was cut off",
    "Answer too large": "its answer is too large",
    "STARTTLS extension not supported": "it does not encrypt",
}
_SENT = ("Read timed out", "Connection aborted", "Connection reset", "Connection broken", "Answer too large")


def reason(error: Exception) -> str:
    """Return why a request of `requests` or urllib3 failed; the name of its class when it is not among the known."""
    return known(str(error)) or type(error).__name__


def known(text: str) -> str | None:
    """Return which of the known reasons a text tells; None when it tells none of them."""
    return next((words for telling, words in _REASONS.items() if telling in text), None)


def was_sent(error: Exception) -> bool:
    """Tell whether the request had gone out before it failed: the other side may then have taken it."""
    text = str(error)
    return any(known in text for known in _SENT)
