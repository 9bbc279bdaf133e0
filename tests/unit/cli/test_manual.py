"""The manual: every command has a whole page, and every example, in it or in a document, can be typed."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from tests.unit.cli.conftest import Command
from volspike.cli import manual
from volspike.cli.app import app
from volspike.cli.manual import Page
from volspike.cli.manual_pages import PAGES

ROOT = typer.main.get_command(app)
assert isinstance(ROOT, TyperGroup)
COMMANDS: dict[str, Any] = {name: command for name, command in manual.commands(ROOT) if not command.hidden}
REPOSITORY = Path(__file__).parents[3]
README, RUNBOOK = REPOSITORY / "README.md", REPOSITORY / "docs/runbook.md"


def parse(words: list[str]) -> None:
    """Parse a command line as the app does, and run nothing. Raises UsageError where the app would."""
    command: Any = ROOT
    context = None
    name: str | None = "volspike"
    while isinstance(command, TyperGroup):
        context = command.make_context(name, list(words), parent=context)
        name, command, words = command.resolve_command(context, [*context._protected_args, *context.args])
    command.make_context(name, list(words), parent=context)


def commands_in(text: str) -> Iterator[str]:
    """Return the lines of shell blocks that call the command, without what stands before it and a comment."""
    for block in re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in re.split(r"\n| && ", block):
            called = re.match(r"(?:\$ )?(?:sudo )?(?:\.venv/bin/)?volspike (.*)", line)
            if called:
                yield re.split(r"\s[|>]\s|\s#", called[1])[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_page_and_says_what_it_does_and_takes(name: str) -> None:
    command = COMMANDS[name]

    assert name in PAGES, f"add a page with examples and exit codes for `volspike {name}` to cli/manual_pages.py"
    assert PAGES[name].examples
    assert PAGES[name].group in manual.GROUPS
    assert command.help
    assert [param.name for param in command.params if not getattr(param, "help", None) and param.name != "help"] == []


def test_every_page_is_of_a_command() -> None:
    assert PAGES.keys() <= COMMANDS.keys()


@pytest.mark.parametrize("name", PAGES)
def test_every_example_is_one_that_the_app_takes(name: str) -> None:
    for line, meaning in PAGES[name].examples:
        assert line.startswith(name)
        assert meaning
        parse(shlex.split(line))


@pytest.mark.parametrize("name", PAGES)
def test_whatever_is_referred_to_exists(name: str) -> None:
    assert set(PAGES[name].see_also) <= COMMANDS.keys()


def test_the_readme_shows_commands_that_the_app_takes() -> None:
    lines = list(commands_in(README.read_text(encoding="utf-8")))

    assert len(lines) > 20
    for line in lines:
        parse(shlex.split(line.replace(" ID", " 17")))


def test_the_runbook_shows_commands_that_the_app_takes_in_blocks_and_within_sentences() -> None:
    text = RUNBOOK.read_text(encoding="utf-8")
    blocks = list(commands_in(text))
    sentences = re.findall(r"`(?:sudo )?volspike ([^`]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))

    assert len(blocks) > 20
    assert len(sentences) > 20
    for line in [*blocks, *sentences]:
        parse(shlex.split(line.replace("FILE", str(README))))


def test_a_wrong_example_would_be_noticed() -> None:
    with pytest.raises(typer.BadParameter):
        parse(["up", "--simulator-port", "x"])


@pytest.mark.parametrize("name", ["doctor", "config set", "outbox resume"])
def test_the_end_of_a_page_is_kept_line_by_line(volspike: Command, name: str) -> None:
    page = volspike(*name.split(), "--help").stdout

    for line, meaning in PAGES[name].examples:
        assert re.search(rf"^ +volspike {re.escape(line)} +# {re.escape(meaning)}$", page, re.MULTILINE)
    for code, meaning in PAGES[name].exit_codes:
        assert re.search(rf"^ +{code}  {re.escape(meaning)}$", page, re.MULTILINE)
    assert "See also: volspike " in page


def test_a_command_without_a_page_is_listed_all_the_same() -> None:
    pages = {"up": Page(manual.WORK, (("up", "x"),)), "config get": Page(manual.WORK, (("config get", "x"),))}

    assert list(manual.listed(["fly", "config", "up"], pages)) == [
        (manual.WORK, ["config", "up"]),
        (manual.OTHERS, ["fly"]),
    ]


@pytest.mark.parametrize("group", ["", "config", "alerts", "outbox"])
def test_no_sentence_in_a_list_of_commands_is_cut_off(volspike: Command, group: str) -> None:
    listed = volspike(*group.split(), "--help").stdout.partition("Options:")[2]

    assert "--help" in listed
    assert not re.search(r"\.\.\.$", listed, re.MULTILINE)
