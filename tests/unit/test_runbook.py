"""The runbook: whoever follows a link at night arrives, and every chapter can be found from the first table."""

import re
from pathlib import Path

RUNBOOK = Path(__file__).parents[2] / "docs/runbook.md"
TEXT = RUNBOOK.read_text(encoding="utf-8")
BEFORE_THE_CHAPTERS = {"what-do-you-see", "how-bad-is-it"}
OF_THE_CALENDAR = {"maintenance"}


def anchor(heading: str) -> str:
    """Return what the web shows a heading under."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def chapters(text: str) -> list[str]:
    """Return the anchors of all chapters in their order; what a shell says within a block is none."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [anchor(heading) for heading in re.findall(r"^## (.+)$", prose, re.MULTILINE)]


def links(text: str) -> set[str]:
    """Return the anchors of this document that it points at; a link may be broken over two lines."""
    return set(re.findall(r"\]\(#([^)]+)\)", text))


def test_every_link_within_the_runbook_arrives_at_a_chapter() -> None:
    assert links(TEXT) <= set(chapters(TEXT))


def test_no_two_chapters_have_the_same_name() -> None:
    assert len(chapters(TEXT)) == len(set(chapters(TEXT)))


def test_every_chapter_is_in_the_table_of_what_can_be_seen() -> None:
    table = TEXT.partition("## What do you see?")[2].partition("\n## ")[0]

    assert set(chapters(TEXT)) - links(table) == BEFORE_THE_CHAPTERS | OF_THE_CALENDAR


def test_every_file_that_it_points_at_exists() -> None:
    paths = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", TEXT)

    assert paths
    assert [path for path in paths if not (RUNBOOK.parent / path).exists()] == []
