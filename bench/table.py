"""The results as a table for people, or as JSON."""

from rich.console import Console
from rich.table import Table

from bench.promise import Outcome, Result, verdict

COLOURS = {"yes": "green", "NO": "bold red", "skipped": "yellow", "failed": "bold red"}
HUNDREDS = 100


def show(results: list[Result], footnotes: list[str]) -> None:
    """Print the table, and under it what belongs to it."""
    table = Table(title="VolSpike: what it promises, and what it measured", title_justify="left")
    table.add_column("promise")
    for heading in ("must", "measured", "old way", "ratio"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("holds?")
    table.add_column("how", style="dim")
    for result in results:
        word = verdict(result)
        shown = f"[{COLOURS[word]}]{word}[/]"
        if isinstance(result, Outcome):
            table.add_row(result.promise, *cells(result), shown, result.note)
        else:
            table.add_row(result.promise, "", "", "", "", shown, result.reason)
    console = Console()
    if not console.is_terminal:
        console = Console(width=180)
    console.print(table)
    for line in footnotes:
        console.print(line, style="dim", highlight=False)


def cells(outcome: Outcome) -> tuple[str, str, str, str]:
    """Return what was demanded, what was measured here and there, and the ratio."""
    sign = "≥" if outcome.at_least else "≤"
    must = f"{sign} {outcome.must:g} ×" if outcome.by_ratio else f"{sign} {outcome.must:g} {outcome.unit}"
    return (
        must,
        _figure(outcome.measured, outcome.unit),
        "" if outcome.old_way is None else _figure(outcome.old_way, outcome.unit),
        "" if outcome.ratio is None else f"{outcome.ratio:.1f} ×",
    )


def _figure(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if value >= HUNDREDS else f"{value:.2f} {unit}"


def as_json(results: list[Result], machine: dict[str, object]) -> dict[str, object]:
    """Return the results as a document."""
    rows = []
    for result in results:
        row: dict[str, object] = {"promise": result.promise, "verdict": verdict(result)}
        if isinstance(result, Outcome):
            row |= {
                "must": result.must,
                "must_bounds": "ratio" if result.by_ratio else "measured",
                "at_least": result.at_least,
                "measured": result.measured,
                "old_way": result.old_way,
                "ratio": result.ratio,
                "unit": result.unit,
                "note": result.note,
            }
        else:
            row["reason"] = result.reason
        rows.append(row)
    return {"machine": machine, "results": rows}
