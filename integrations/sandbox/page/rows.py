"""A list on the screen whose rows are drawn once, and again only when something about them changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nicegui.element import Element

from integrations.sandbox.page.elements import el


@dataclass(frozen=True)
class Row:
    """One thing of the list. It is drawn again when ``looks`` changes."""

    key: str
    looks: str
    draw: Callable[[], object]


class Rows:
    """Holds a list's rows in the order that it is given."""

    def __init__(self, container: Element) -> None:
        self._container = container
        self._shown: dict[str, tuple[str, Element]] = {}

    def show(self, rows: Sequence[Row]) -> None:
        keep = {row.key for row in rows}
        for key in [key for key in self._shown if key not in keep]:
            self._shown.pop(key)[1].delete()
        for index, row in enumerate(rows):
            looks, holder = self._shown.get(row.key, ("", None))
            if holder is None:
                with self._container:
                    holder = el("div", "row-of-list")
                if index < len(self._shown):
                    holder.move(target_index=index)
            elif looks == row.looks:
                continue
            holder.clear()
            with holder:
                row.draw()
            self._shown[row.key] = (row.looks, holder)
