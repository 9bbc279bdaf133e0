"""timedatectl, with a program in its place that speaks as it does."""

from pathlib import Path

import pytest

from volspike.clients.local import timekeeping
from volspike.model.diagnosis import TimeState


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("NTP=yes\nNTPSynchronized=yes\n", TimeState(True, True)),
        ("NTP=no\nNTPSynchronized=no\n", TimeState(False, False)),
        ("Timezone=UTC\n", TimeState(None, None)),
    ],
)
def test_what_it_says_is_understood(
    said: str, state: TimeState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "timedatectl"
    program.write_text(f"#!/bin/sh\nprintf '{said}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert timekeeping.look() == state


@pytest.mark.parametrize("script", ["", "#!/bin/sh\necho System has not been booted >&2; exit 1\n"])
def test_without_an_answer_nothing_is_known(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if script:
        (tmp_path / "timedatectl").write_text(script)
        (tmp_path / "timedatectl").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert timekeeping.look() == TimeState(None, None)
