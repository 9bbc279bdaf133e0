"""The processes that measurements need: both sides of each comparison, and what they live on."""

import http.client
import time
from pathlib import Path

from bench.processes import READY_SECONDS, Daemon, Process, free_port, python
from bench.promise import BenchError

OLD_STATE = "old_state.json"


def feeder(workspace: Path) -> Process:
    """Return the exchange's stream; its first line is its port."""
    return Process("feeder", python("-m", "bench.feeder"), workspace)


def funding_ws(workspace: Path, port: str) -> Daemon:
    """Return the suite's daemon on the feeder's stream."""
    return Daemon("funding-ws", workspace, {"BINANCE_WS_URL": f"ws://127.0.0.1:{port}"})


def old_stream(workspace: Path, port: str) -> Process:
    """Return the old script on the same stream."""
    url = f"ws://127.0.0.1:{port}/market/stream"
    return Process("old-stream", python("-m", "bench.old_way.stream", url, OLD_STATE), workspace)


class Api:
    """An API to ask: the process, its port and one connection that stays open."""

    def __init__(self, process: Process, port: int) -> None:
        """Take the process as it is about to be started."""
        self.process = process
        self.port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=READY_SECONDS)

    def get(self, path: str) -> bytes:
        """Return the body of an answer that is 200. Raises BenchError for any other, and for none."""
        try:
            self._connection.request("GET", path)
            answer = self._connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.hang_up()
            raise BenchError(f"{self.process.name} does not answer {path}: {error}") from None
        if answer.status != http.client.OK:
            raise BenchError(f"{self.process.name} answers {path} with {answer.status}: {body[:100].decode()}")
        return body

    def hang_up(self) -> None:
        """Close the connection, before the server tires of it; the next request opens another one."""
        self._connection.close()

    def await_answer(self, path: str) -> float:
        """Wait for the first good answer; return the seconds since the process was started."""
        deadline = self.process.started_at + READY_SECONDS
        while True:
            try:
                self.get(path)
            except BenchError:
                self.process.check()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.005)
            else:
                return time.monotonic() - self.process.started_at


def funding_api(workspace: Path) -> Api:
    """Return the suite's API."""
    port = free_port()
    return Api(Daemon("funding-api", workspace, {"FUNDING_API_PORT": str(port)}), port)


def old_api(workspace: Path) -> Api:
    """Return the old API under the server it was documented with."""
    port = free_port()
    words = ["--port", str(port), "--loop", "asyncio", "--http", "h11"]
    command = python("-m", "uvicorn", "bench.old_way.api:app", *words)
    return Api(Process("old-api", command, workspace, {"OLD_WAY_STATE": OLD_STATE}), port)
