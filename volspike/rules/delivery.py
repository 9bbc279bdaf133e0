"""What becomes of a delivery, when a destination is tried again, and how fast a chat may be written to.

Two memories are kept, and every time in them is that of a clock which no step can move. The Condition is that of a
destination: while it cannot be reached, one message at a time goes there, after pauses that grow. The Trouble is that
of one row: what a destination answers 500 to may itself be the cause, and must not hold up the others.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from volspike.model.delivery import Kind

WIDTH = 8
"""How many messages are on their way to one destination at once."""
FIRST_BACKOFF_SECONDS = 1.0
MOST_BACKOFF_SECONDS = 60.0
MOST_SILENCE_SECONDS = 30.0
"""A destination that was down is back half a minute later at most, whatever the pauses had grown to."""
FAULTS_TO_REFUSE = 5
PASSING_SECONDS = 120.0
"""How long one message that was taken shows that others pass."""
EXPIRY_SECONDS = 3600.0
WAY_SECONDS = 900.0
"""A trigger never expires, so one that does not get through gives way to the others of its symbol after this time.
Nothing is lost by it: each trigger fires another user's alert, and fires it once."""
HELD = (Kind.VOLUME, Kind.OPEN_INTEREST)
"""What waits for the end of quiet hours; what is wrong with the suite does not."""
KEPT_DELIVERED_SECONDS = 48 * 3600.0
KEPT_UNDELIVERED_SECONDS = 30 * 86_400.0
DIGEST_ABOVE = 5
CHAT_GAP_SECONDS = 1.0
GROUP_MESSAGES, GROUP_SECONDS = 20, 60.0
NEVER = float("-inf")


class Result(StrEnum):
    """What a destination made of a message."""

    TAKEN = "taken"
    LATER = "later"
    UNANSWERED = "unanswered"
    FAULTED = "faulted"
    MISDIRECTED = "misdirected"
    REFUSED = "refused"
    UNSENDABLE = "unsendable"
    """It never got there: sending it is a bug."""


class Answer(Struct, frozen=True):
    """A result, when the message was sent and when it came; `jitter`, in [0, 1), is this answer's share of luck."""

    result: Result
    sent_at: float
    at: float
    jitter: float
    retry_after: float | None = None


class Condition(Struct, frozen=True):
    """What is known of a destination."""

    failures: int = 0
    """How often in a row it could not be reached; what was on its way together counts as one."""
    failing_since: float | None = None
    failed_at: float = NEVER
    open_at: float = NEVER
    """When it may be tried next."""
    passed_at: float = NEVER
    """When the latest message was sent that it has taken."""


class Trouble(Struct, frozen=True):
    """What one row has met so far."""

    attempts: int = 0
    faults: int = 0
    """Answers of 500 that came while others passed."""
    faulted_at: float | None = None
    retry_at: float = NEVER
    unanswered: bool = False
    """Whether it may have been taken already."""


class Verdict(StrEnum):
    """What is to be done with a row."""

    DELIVERED = "delivered"
    RETRY = "retry"
    REFUSE = "refuse"
    PAUSE = "pause"
    """Nothing is wrong with the row, but with its destination."""


def backoff(failures: int, jitter: float, most_seconds: float) -> float:
    """Return the seconds to wait after so many failures in a row: anything up to 1, 2, 4 … `most_seconds`.

    Full jitter: what failed together does not come back together.
    """
    doubled = FIRST_BACKOFF_SECONDS * 2.0 ** min(max(failures - 1, 0), 10)
    return min(doubled, most_seconds) * jitter


def step(condition: Condition, answer: Answer) -> Condition:
    """Return what is known of a destination after an answer.

    A fault tells nothing of it: the message may be the cause. So may one that fails after a later one has been taken,
    unless the destination asks for a pause. Nor does what was sent before it failed end its pause.
    """
    match answer.result:
        case Result.TAKEN | Result.REFUSED:
            passed_at = answer.sent_at if answer.result is Result.TAKEN else NEVER
            known = condition if answer.sent_at < condition.failed_at else Condition()
            return replace(known, passed_at=max(condition.passed_at, passed_at))
        case Result.LATER | Result.UNANSWERED:
            return _failed(condition, answer)
        case _:
            return condition


def _failed(condition: Condition, answer: Answer) -> Condition:
    if answer.retry_after is None and condition.passed_at > answer.sent_at:
        return condition
    together = answer.sent_at < condition.failed_at
    failures = condition.failures if together else condition.failures + 1
    pause = backoff(failures, answer.jitter, MOST_SILENCE_SECONDS)
    if answer.retry_after is not None:
        pause = max(answer.retry_after, 0.0)
    elif together:
        pause = 0.0
    return replace(
        condition,
        failures=failures,
        failing_since=answer.at if condition.failing_since is None else condition.failing_since,
        failed_at=max(condition.failed_at, answer.at),
        open_at=max(condition.open_at, answer.at + pause),
    )


def room(condition: Condition, now: float, under_way: int) -> int:
    """Return how many more messages may be sent to a destination: one as long as it is not known to be back."""
    if now < condition.open_at:
        return 0
    return max(0, (1 if condition.failures else WIDTH) - under_way)


def decide(trouble: Trouble, condition: Condition, answer: Answer) -> tuple[Trouble, Verdict]:
    """Return what a row has met with this answer, and what is to be done with it.

    Five faults refuse it if others have passed meanwhile: ones that were sent after its first fault, so that the end
    of a common outage condemns nobody.
    """
    match answer.result:
        case Result.TAKEN:
            return trouble, Verdict.DELIVERED
        case Result.REFUSED | Result.UNSENDABLE:
            return trouble, Verdict.REFUSE
        case Result.MISDIRECTED:
            return trouble, Verdict.PAUSE
        case Result.FAULTED:
            trouble = _faulted(trouble, condition, answer)
        case _:
            trouble = replace(trouble, unanswered=trouble.unanswered or answer.result is Result.UNANSWERED)
    if trouble.faults >= FAULTS_TO_REFUSE:
        return trouble, Verdict.REFUSE
    attempts = trouble.attempts + 1
    if answer.result is Result.FAULTED:
        pause = max(backoff(attempts, answer.jitter, MOST_BACKOFF_SECONDS), answer.retry_after or 0.0)
    else:
        pause = backoff(attempts, answer.jitter, MOST_SILENCE_SECONDS)
    return replace(trouble, attempts=attempts, retry_at=answer.at + pause), Verdict.RETRY


def _faulted(trouble: Trouble, condition: Condition, answer: Answer) -> Trouble:
    if trouble.faulted_at is None:
        return replace(trouble, faulted_at=answer.at, faults=1)
    passing = condition.passed_at > trouble.faulted_at and answer.at - condition.passed_at <= PASSING_SECONDS
    return replace(trouble, faults=trouble.faults + 1) if passing else trouble


def expires_after(kind: Kind) -> float | None:
    """Return the age in seconds at which a message of a kind is no news any more; None when it always is."""
    return None if kind is Kind.TRIGGER else EXPIRY_SECONDS


def unhindered(rows: Iterable[tuple[int, str]], resting: Collection[int]) -> list[int]:
    """Return the rows, (id, symbol) in their order, that neither rest nor come after a resting one of their symbol."""
    behind: set[str] = set()
    ready = []
    for number, symbol in rows:
        if number in resting:
            behind.add(symbol)
        if symbol not in behind:
            ready.append(number)
    return ready


def is_group(chat: str) -> bool:
    """Tell whether a chat is a group or a channel, whose pace is another one than a person's."""
    return chat.startswith(("-", "@"))


def chat_delay(sent: tuple[float, ...], now: float, *, group: bool) -> float:
    """Return the seconds until a chat may get its next message: one a second, twenty a minute in a group.

    https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this. `sent` are the times of the
    latest messages, oldest first; see :func:`note_sent`.
    """
    delay = sent[-1] + CHAT_GAP_SECONDS - now if sent else 0.0
    if group and len(sent) >= GROUP_MESSAGES:
        delay = max(delay, sent[-GROUP_MESSAGES] + GROUP_SECONDS - now)
    return max(0.0, delay)


def note_sent(sent: tuple[float, ...], now: float) -> tuple[float, ...]:
    """Return the times of the latest messages with this one among them."""
    return (*sent[1 - GROUP_MESSAGES :], now)
