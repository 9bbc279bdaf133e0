"""Help pages and refusals without the words of libraries."""

import re

import pytest

from tests.unit.cli.conftest import Command
from tests.unit.cli.test_manual import COMMANDS
from volspike.cli import plain_words

JARGON = re.compile(r"<|list\[|range|<=|>=|Input should|unable to parse|\bstr\b")


@pytest.mark.parametrize("name", COMMANDS)
def test_no_type_of_a_program_stands_in_the_help_of_a_command(volspike: Command, name: str) -> None:
    arguments_and_options = volspike(*name.split(), "--help").stdout.partition("  Examples:")[0]

    for line in arguments_and_options.splitlines():
        assert not JARGON.search(line), line


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("DAEMON <list[str]>", "DAEMON"),
        ("SHELL <bash|zsh|fish>", "SHELL bash|zsh|fish"),
        ("--kind <list[volume|health]>", "--kind volume|health"),
        ("--symbol <str>", "--symbol TEXT"),
        ("--fault <list[str]>", "--fault TEXT"),
        ("-n, --lines <int range>", "-n, --lines NUMBER"),
        ("--multiple <float>", "--multiple NUMBER"),
        ("--close-after <float range>", "--close-after NUMBER"),
        ("--to <path>", "--to PATH"),
        ("--klines FILE", "--klines FILE"),
        ("--json", "--json"),
    ],
)
def test_a_type_is_a_word_that_people_use(name: str, plain: str) -> None:
    assert plain_words.name(name) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Port.  [default: 8890; 1<=x<=65535]", "Port.  [default: 8890; 1 to 65535]"),
        ("The last so many. [x>=0]", "The last so many. [0 or more]"),
        ("So many. [x<=9; required]", "So many. [9 or less; required]"),
        ("Of this kind.", "Of this kind."),
    ],
)
def test_bounds_are_told_in_words(text: str, plain: str) -> None:
    assert plain_words.bounds(text) == plain


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("outbox list --limit 0", "Invalid value for '--limit': must be at least 1"),
        ("up --simulator-port 70000", "Invalid value for '--simulator-port': must be at most 65535"),
        ("tail -n x", "Invalid value for '--lines' / '-n': must be a whole number"),
        ("tail -n 1.5", "Invalid value for '--lines' / '-n': must be a whole number"),
        ("simulate --latency-ms x", "Invalid value for '--latency-ms': must be a number"),
        ("run nope", "Invalid value for 'NAME': 'nope' is not one of 'backend', "),
        ("mute --nope", "No such option: --nope"),
    ],
)
def test_a_refusal_says_what_must_be(volspike: Command, arguments: str, told: str) -> None:
    result = volspike(*arguments.split())

    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(f"Error: {told}")


def test_what_nobody_has_put_into_words_is_told_as_it_is() -> None:
    assert plain_words.refusal("Value error, that is odd") == "that is odd"
    assert plain_words.refusal("that is odd") == "that is odd"
