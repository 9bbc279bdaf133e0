"""`volspike doctor`: everything that may be wrong around the suite, each finding with the command that mends it."""

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from volspike import settings as settings_module
from volspike.cli import suite
from volspike.model.diagnosis import Diagnosis, Level, Symptom
from volspike.rules import diagnosis
from volspike.settings import PRODUCTION_ENV_FILE, Problem, Settings, SettingsError
from volspike.state import documents

if TYPE_CHECKING:
    from volspike.cli.doctor_checks import Check

AT_ONCE = 8
PATIENCE_SECONDS = 20.0
"""Of all checks together; one of them may hang where neither a time-out nor a signal reaches, as in a name lookup."""
COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.BAD: "bold red"}
CHECK_WIDTH = 10
ONCE_MORE = "volspike doctor  # once more"


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="The findings as one JSON object, for machines.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Leave out what is as it should be.")] = False,
) -> None:
    """Look for everything that may be wrong around the suite, and say for each finding what mends it.

    Looked at are Python, packages and settings; owners and permissions; disks and clock; ports; whether Binance,
    backends and chats can be reached; the weight account; releases, units and unit files. Nothing is changed; Binance
    is not asked while it has shut this machine out, and where it says so now, all are told. How the daemons do their
    work is in `volspike health`.
    """
    from volspike.cli import doctor_checks

    env_file = PRODUCTION_ENV_FILE if suite.is_production() else Path(".env")
    variables = suite.environment()
    settings, problems = _settings(variables)
    symptoms = _of_settings(problems)
    if settings is not None:
        patient = doctor_checks.seen_by_root(settings, env_file, installed=suite.is_production())
        suite.become_service_user()
        symptoms += _examine(doctor_checks.checks(patient))
    result = diagnosis.conclude(symptoms, settings.clock.now() if settings else 0.0)
    if as_json:
        sys.stdout.write(documents.encode(result).decode() + "\n")
    else:
        _show(result, quiet=quiet)
    raise SystemExit(0 if result.healthy else 1)


def _settings(variables: Mapping[str, str]) -> tuple[Settings | None, list[Problem]]:
    """Return the settings with the wrong ones at their defaults, and what is wrong; None where that is not enough."""
    try:
        return settings_module.load(variables), []
    except SettingsError as error:
        problems = error.problems
    wrong = {problem.variable for problem in problems}
    try:
        return settings_module.load({name: value for name, value in variables.items() if name not in wrong}), problems
    except SettingsError:
        return None, problems


def _of_settings(problems: Sequence[Problem]) -> list[Symptom]:
    """Return what is wrong, with one command for all of it: a file that stays wrong is not changed."""
    wanted = [
        problem.variable if problem.variable in suite.SECRETS else f"{problem.variable}=…" for problem in problems
    ]
    sudo = "sudo " if suite.is_production() else ""
    remedy = f"{sudo}volspike config set {' '.join(dict.fromkeys(wanted))}"
    return [diagnosis.bad("settings", str(problem), remedy) for problem in problems]


def _examine(checks: "Mapping[str, Check]") -> list[Symptom]:
    """Return what all checks find, made at once, in the order of the checks; who does not answer in time is named."""
    from volspike.runtime.errands import Crew

    crew = Crew(AT_ONCE)
    going_on = {name: crew.begin(check) for name, check in checks.items()}
    with Console(stderr=True).status("looking") as status:
        deadline = monotonic() + PATIENCE_SECONDS
        while (names := [name for name, future in going_on.items() if not future.done()]) and monotonic() < deadline:
            status.update(f"{len(going_on) - len(names)} of {len(going_on)} done, looking at {', '.join(names)}")
            wait([going_on[name] for name in names], deadline - monotonic(), FIRST_COMPLETED)
    crew.dismiss()
    return [symptom for name, future in going_on.items() for symptom in _found(name, future)]


def _found(name: str, future: Future[Sequence[Symptom]]) -> Sequence[Symptom]:
    if not future.done():
        return [diagnosis.bad("doctor", f"{name}: no answer within {PATIENCE_SECONDS:.0f} s", ONCE_MORE)]
    try:
        return future.result()
    except OSError as error:  # what may not be seen has a finding of its own, among the files
        text = f"{name}: {error.filename} cannot be looked at ({error.strerror})"
        return [diagnosis.warn("doctor", text, f"{ONCE_MORE}, when the files are mended")]
    except SystemExit:  # it would end this command, with all that the other checks have found
        return [diagnosis.bad("doctor", f"{name}: given up; why is on standard error", ONCE_MORE)]


def _show(result: Diagnosis, *, quiet: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for symptom in result.symptoms:
        if quiet and symptom.level is Level.OK:
            continue
        level = (f"{symptom.level:<4}  ", COLOURS[symptom.level])
        console.print(Text.assemble(level, f"{symptom.check:<{CHECK_WIDTH}}  {symptom.text}"))
        if symptom.remedy:
            console.print(Text.assemble(" " * (CHECK_WIDTH + 8), ("→ ", "dim"), (symptom.remedy, "bold")))
    counts = {level: sum(symptom.level is level for symptom in result.symptoms) for level in Level}
    console.print(f"{counts[Level.OK]} ok, {counts[Level.WARN]} to look at, {counts[Level.BAD]} bad")
