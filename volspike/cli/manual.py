"""The manual: what stands at the end of each command's help, and in which groups the commands are listed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from typer.core import TyperCommand, TyperGroup

from volspike.cli import plain_words

SEEN = "See what happens"
WORK = "Run and mend"
PEOPLE = "Alerts and people"
DATA = "Data and emergencies"
BESIDE = "Beside a suite"
GROUPS = (SEEN, WORK, PEOPLE, DATA, BESIDE)
OTHERS = "Others"
WHOLE = 1000
"""Letters that a command's first sentence may have in a list; none has so many."""

DONE_OR_NOT = ((0, "done"), (1, "not done; one line on standard error says why"), (2, "wrong usage"))


class Page(NamedTuple):
    """What a command's own docstring does not say; examples are words behind `volspike`, each with its meaning."""

    group: str
    examples: tuple[tuple[str, str], ...]
    exit_codes: tuple[tuple[int, str], ...] = DONE_OR_NOT
    see_also: tuple[str, ...] = ()

    def end(self) -> str:
        """Return the end of a help page; each part is kept as it is, line by line."""
        codes = ["Exit codes:", *(f"  {code:>2}  {meaning}" for code, meaning in self.exit_codes)]
        parts = [examples(self.examples), "\b\n" + "\n".join(codes)]
        if self.see_also:
            parts.append(f"\b\nSee also: {', '.join(f'volspike {name}' for name in self.see_also)}")
        return "\n\n".join(parts)


def examples(lines: Sequence[tuple[str, str]]) -> str:
    """Return examples as a part of a help page, which is kept as it is."""
    width = max(len(command) for command, _ in lines)
    shown = (f"  volspike {command:<{width}}  # {meaning}" for command, meaning in lines)
    return "\n".join(("\b", "Examples:", *shown))


class Command(TyperCommand):
    """A command whose help names what it takes in words that people use."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write its arguments and its options."""
        for title, kind in (("Arguments", "argument"), ("Options", "option")):
            params = [param for param in self.get_params(ctx) if param.param_type_name == kind]
            records = [record for param in params if (record := param.get_help_record(ctx))]
            if records:
                with formatter.section(title):
                    formatter.write_dl([(plain_words.name(name), plain_words.bounds(text)) for name, text in records])


class CommandGroup(TyperGroup):
    """Commands, listed with the whole first sentence of their help; on a narrow terminal it goes on below."""

    def sections(self, names: list[str]) -> Iterator[tuple[str, list[str]]]:
        """Return the names under the titles that they are listed by."""
        yield "Commands", names

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands under their titles."""
        shown = {name: self.commands[name] for name in self.list_commands(ctx) if not self.commands[name].hidden}
        for title, names in self.sections(list(shown)):
            with formatter.section(title):
                formatter.write_dl([(name, shown[name].get_short_help_str(WHOLE)) for name in names])


def bind(root: TyperGroup, pages: Mapping[str, Page], of_groups: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    """Give each command and each group the end of its page, and each argument a name that stands out."""
    for name, command in commands(root):
        for param in command.params:
            if param.param_type_name == "argument" and param.metavar is None:
                param.metavar = param.name.upper()
        page = pages.get(name)
        if page is not None:
            command.epilog = page.end()
    for name, group in groups(root):
        if name in of_groups:
            group.epilog = examples(of_groups[name])


def commands(group: TyperGroup, before: str = "") -> Iterator[tuple[str, Any]]:
    """Return every command by its words, those of groups behind the group's."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def groups(root: TyperGroup) -> Iterator[tuple[str, TyperGroup]]:
    """Return every group by its words; those of the whole are none."""
    yield "", root
    yield from ((name, command) for name, command in root.commands.items() if isinstance(command, TyperGroup))


def listed(names: list[str], pages: dict[str, Page]) -> Iterator[tuple[str, list[str]]]:
    """Return the names of the first words in their groups; one without a page is among the others, never lost."""
    group_of = {page_name.partition(" ")[0]: page.group for page_name, page in pages.items()}
    for group in (*GROUPS, OTHERS):
        members = [name for name in names if group_of.get(name, OTHERS) == group]
        if members:
            yield group, members
