"""A small table whose cells change in place: what is read is not built anew under somebody's eyes."""

from collections.abc import Mapping, Sequence

from nicegui import ui

from volspike.dashboard.views.health import Tone, Words

TONES = " ".join(Tone)


def tell(label: ui.label, words: Words | str) -> None:
    """Let a label say something else, in its tone if it has one; nothing goes out where that changes nothing."""
    text, tone = words if isinstance(words, Words) else (words, None)
    if label.text != text:
        label.set_text(text)
    if tone is not None and tone not in label.classes:
        label.classes(remove=TONES, add=tone)


class Table:
    """Rows by their names, under heads that each have the classes of their cells."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        self._columns = columns
        self._rows: dict[str, tuple[ui.element, list[ui.label]]] = {}
        with ui.element("table").classes("vs-table"):
            with ui.element("thead"), ui.element("tr"):
                for head, classes in columns.items():
                    with ui.element("th").classes(classes.replace("vs-dot", "")):
                        ui.label(head)
            self._body = ui.element("tbody")

    def show(self, rows: Mapping[str, Sequence[Words | str]]) -> None:
        """Show these rows, and no others."""
        for name in self._rows.keys() - rows.keys():
            self._rows.pop(name)[0].delete()
        for name, cells in rows.items():
            if name not in self._rows:
                self._rows[name] = self._row(name)
            for label, words in zip(self._rows[name][1], cells, strict=True):
                tell(label, words)

    def _row(self, name: str) -> tuple[ui.element, list[ui.label]]:
        labels = []
        with self._body, ui.element("tr") as row:
            row.props["data-name"] = name
            for classes in self._columns.values():
                with ui.element("td").classes(classes.replace("vs-dot", "")):
                    labels.append(ui.label().classes("vs-dot" if "vs-dot" in classes else ""))
        return row, labels
