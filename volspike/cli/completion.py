"""`volspike completion`: the script by which a shell completes the command."""

import os
import sys
from enum import StrEnum
from typing import Annotated

import typer

VARIABLE = "_VOLSPIKE_COMPLETE"
"""By it the script tells the command that it is asked for completions."""


class Shell(StrEnum):
    """A shell that can complete."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(shell: Annotated[Shell, typer.Argument(help="The shell.")]) -> None:
    """Write the script that lets a shell complete commands, options, daemons, settings and symbols.

    A server has it already for bash, with the package bash-completion.
    """
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    script = get_completion_script(prog_name="volspike", complete_var=VARIABLE, shell=shell)
    sys.stdout.write(f"{script}\n")


def prepare() -> None:
    """Get ready to answer a shell that asks for completions, if one does; nobody else pays for it."""
    if VARIABLE in os.environ:
        from typer.completion import completion_init  # type: ignore[attr-defined]

        completion_init()
