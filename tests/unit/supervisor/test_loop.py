"""The loop, where files cannot be written; what it says, what it grants and how it ends, integration tests tell."""

import shutil
from pathlib import Path

import pytest

from tests.unit.supervisor.conftest import ran
from volspike.state import file
from volspike.supervisor import loop


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("harm", ["gone", "a file"])
def test_a_runtime_directory_that_is_lost_does_not_end_the_supervisor(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    monkeypatch.setattr(loop, "STEP_SECONDS", 0.02)
    runtime_dir = tmp_path / "run"
    runtime_dir.mkdir()
    rounds = 0

    def goes_on() -> bool:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            shutil.rmtree(runtime_dir)
            if harm == "a file":
                runtime_dir.write_text("")
        return rounds < 10

    variables = {**environment, "VOLSPIKE_RUNTIME_DIR": str(runtime_dir), "FUNDING_API_PORT": "x"}
    suite = ran(runtime_dir, variables, goes_on=goes_on)

    assert rounds == 10
    assert not any(child.running for child in suite.children)


@pytest.mark.usefixtures("signals", "lock")
def test_a_full_disk_does_not_end_the_supervisor_and_it_says_so_once(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loop, "STEP_SECONDS", 0.02)
    rounds = 0

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    def goes_on() -> bool:
        nonlocal rounds
        rounds += 1
        return rounds < 10

    monkeypatch.setattr(file, "write", full)
    ran(tmp_path, {**environment, "FUNDING_API_PORT": "x"}, goes_on=goes_on)

    assert rounds == 10
    assert caplog.text.count("cannot write state file") == 1
