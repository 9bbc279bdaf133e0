"""An event loop in a thread of its own, for threads that ask an asyncio library."""

import asyncio
import logging
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


class LoopThread:
    """A loop that runs what other threads hand it; nobody waits for its thread at the end of the process."""

    def __init__(self, name: str) -> None:
        """Start it."""
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_tell)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        """Return what a coroutine returns. Raises what it raises, and TimeoutError when it takes longer."""
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, seconds), self._loop).result()

    def close(self, seconds: float) -> None:
        """End what still runs, and the thread if it ends within so many seconds."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(seconds)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()


def _tell(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tell in one line of a task that the library has begun for itself and that has failed: nobody asked for it."""
    problem = repr(context.get("exception") or context["message"])
    log.warning("a task of the library has failed", extra={"problem": problem})
