"""deploy/tgcrypto.sh with an interpreter that stands in for pip's."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "deploy/tgcrypto.sh"


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    python = tmp_path / "bin/python"
    python.parent.mkdir()
    python.write_text(
        '#!/bin/sh\n[ "$1" != -V ] || { echo Python 3.13.0; exit 0; }\n'
        f'echo "$@" >{tmp_path}/asked; cat {tmp_path}/said >&2; exit "$(cat {tmp_path}/code)"\n'
    )
    python.chmod(0o755)
    (tmp_path / "said").write_text("a notice of pip")
    return tmp_path


def install(venv: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(SCRIPT), str(venv), "some.lock", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def test_it_is_installed_by_its_hashes_and_nothing_is_said(venv: Path) -> None:
    (venv / "code").write_text("0")

    done = install(venv, "--no-index", "--find-links", "wheels")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    asked = (venv / "asked").read_text()
    assert "install" in asked
    assert asked.strip().endswith("--require-hashes --requirement some.lock --no-index --find-links wheels")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Looking around\nerror: no wheel", "no wheel"),
        ("ERROR: THE PACKAGE DOES NOT MATCH THE HASHES", "THE PACKAGE DOES NOT MATCH THE HASHES"),
        ("Killed", "pip does not say why"),
    ],
)
def test_where_it_cannot_be_installed_the_installation_goes_on_and_says_why_in_one_line(
    venv: Path, said: str, why: str
) -> None:
    (venv / "code").write_text("1")
    (venv / "said").write_text(said)

    done = install(venv)

    assert (done.returncode, done.stdout) == (0, "")
    (line,) = done.stderr.splitlines()
    assert f"not there for Python 3.13.0 ({why}): going on without it" in line
