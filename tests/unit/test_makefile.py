"""What `make` says before it does anything."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def made(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Have it said what would be done, and nothing done."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "PORT"}
    command = ["make", "--dry-run", "demo", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("port", ["abc", "0", "-1", "65533", "99999999999", "08", "9000 9001", ""])
def test_a_port_that_is_none_is_one_line_that_says_what_is_allowed(port: str) -> None:
    refused = made(f"PORT={port}")

    (line,) = refused.stderr.splitlines()
    allowed = f"PORT={port}: must be a number from 1 to 65532, the first of four ports: make demo PORT=9000"
    assert refused.returncode == 2
    assert allowed in line


@pytest.mark.parametrize("port", ["9000", "1", "65532"])
def test_a_port_is_the_first_of_the_demo_s_four(port: str) -> None:
    assert f"up --simulate --simulator-port {port}" in made(f"PORT={port}").stdout


def test_without_a_port_the_usual_ones_are_taken() -> None:
    assert made().stdout.rstrip().endswith("volspike up --simulate")
