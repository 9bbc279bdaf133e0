"""An event loop in a thread of its own."""

import asyncio
import gc
import threading
from concurrent.futures import CancelledError

import pytest

from volspike.clients.telegram.loop import LoopThread
from volspike.runtime import errands


async def name_of_thread() -> str:
    return threading.current_thread().name


def test_a_coroutine_runs_in_the_thread_of_the_loop() -> None:
    loop = LoopThread("telegram")

    assert loop.run(name_of_thread(), 10.0) == "telegram"

    loop.close(10.0)


def test_what_a_coroutine_raises_is_raised() -> None:
    async def fail() -> None:
        raise ValueError("why")

    loop = LoopThread("telegram")

    with pytest.raises(ValueError, match="why"):
        loop.run(fail(), 10.0)

    loop.close(10.0)


def test_what_takes_too_long_is_given_up() -> None:
    loop = LoopThread("telegram")

    with pytest.raises(TimeoutError):
        loop.run(asyncio.sleep(60.0), 0.01)

    loop.close(10.0)


def test_the_end_ends_what_still_runs() -> None:
    began, ended = threading.Event(), threading.Event()

    async def hang() -> None:
        began.set()
        try:
            await asyncio.sleep(60.0)
        finally:
            ended.set()

    loop = LoopThread("telegram")
    failed: list[BaseException | None] = []
    waiting = threading.Thread(target=lambda: failed.append(errands.attempt(lambda: loop.run(hang(), 60.0))))
    waiting.start()
    assert began.wait(20.0)

    loop.close(20.0)

    assert ended.is_set()
    waiting.join(20.0)
    assert isinstance(failed[0], CancelledError)


def test_a_task_that_nobody_waits_for_and_that_fails_is_told_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("why")

    async def begin() -> None:
        task = asyncio.create_task(fail())
        await asyncio.wait([task])

    loop = LoopThread("telegram")
    loop.run(begin(), 10.0)
    loop.close(10.0)
    gc.collect()

    (record,) = caplog.records
    assert (record.levelname, record.__dict__["problem"]) == ("WARNING", "ValueError('why')")
    assert record.exc_info is None
