"""The door over HTTP: who is let in."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from volspike import settings as settings_module
from volspike.assistant.server import LARGEST_REQUEST_BYTES, application

PORT = 8502
HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
ASK = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


def status(directory: Path, content: object, **headers: str) -> int:
    place = {"VOLSPIKE_STATE_DIR": str(directory), "VOLSPIKE_RUNTIME_DIR": str(directory), "VOLSPIKE_API_KEY": "key"}
    app = application(settings_module.load(place), PORT)
    with TestClient(app, base_url=f"http://127.0.0.1:{PORT}") as client:
        return client.post("/mcp", json=content, headers={**HEADERS, **headers}).status_code


@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}"])
def test_a_program_of_this_machine_is_answered(tmp_path: Path, host: str) -> None:
    assert status(tmp_path, ASK, Host=host) == 200


@pytest.mark.parametrize("host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1:9", f"127.0.0.1.evil:{PORT}"])
def test_a_name_that_somebody_has_pointed_here_is_not(tmp_path: Path, host: str) -> None:
    assert status(tmp_path, ASK, Host=host) == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", f"https://127.0.0.1:{PORT}", "http://127.0.0.1:80"])
def test_a_page_of_somewhere_else_is_not(tmp_path: Path, origin: str) -> None:
    assert status(tmp_path, ASK, Origin=origin) == 403


def test_a_request_beyond_reason_is_not(tmp_path: Path) -> None:
    assert status(tmp_path, {**ASK, "params": {"x": "x" * LARGEST_REQUEST_BYTES}}) == 413
