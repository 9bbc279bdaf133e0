"""What stands at the end of the help of a group of commands: examples for a person in a hurry."""

import re
import shlex

import pytest

from tests.unit.cli.conftest import Command
from tests.unit.cli.test_manual import ROOT, parse
from volspike.cli import manual
from volspike.cli.manual_groups import EXAMPLES

WIDEST = 100


def test_every_group_has_examples_and_every_examples_are_of_a_group() -> None:
    assert EXAMPLES.keys() == dict(manual.groups(ROOT)).keys()  # type: ignore[arg-type]
    assert {"", "alerts", "config", "outbox"} <= EXAMPLES.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_of_its_group_and_one_that_the_app_takes(name: str) -> None:
    for line, meaning in EXAMPLES[name]:
        assert line.startswith(name)
        assert meaning
        parse(shlex.split(line))


@pytest.mark.parametrize("name", EXAMPLES)
def test_they_stand_at_the_end_of_its_help_line_by_line(volspike: Command, name: str) -> None:
    end = volspike(*name.split(), "--help").stdout.partition("Examples:\n")[2].splitlines()

    assert len(end) == len(EXAMPLES[name])
    for shown, (line, meaning) in zip(end, EXAMPLES[name], strict=True):
        assert re.fullmatch(rf" +volspike {re.escape(line)} +# {re.escape(meaning)}", shown)
        assert len(shown) <= WIDEST
