"""What stands above the page until it is answered: the browser's own ``<dialog>``, which holds the keyboard and knows
Escape."""

from collections.abc import Callable
from typing import Any

from nicegui.element import Element

from integrations.sandbox.page.blocks import Ink
from integrations.sandbox.page.elements import button, el

Json = dict[str, Any]


def dialog(classes: str, title: str, close: Callable[[], None], **attributes: Any) -> Element:
    """An open dialog in the current slot; ``page.js`` shows what is a dialog. ``title`` is the id of its heading.
    ``close`` is called by Escape."""
    box = el("dialog", f"dialog {classes}", aria_labelledby=title, **attributes)
    box.on("cancel.prevent", close, args=[])
    return box


def confirmation(
    ink: Ink, asked: Json, say_ok: str, say_no: str, then: Callable[[], None], otherwise: Callable[[], None]
) -> None:
    """Slack's confirmation of an element: a title, a text, yes and no."""
    title = str(asked.get("title", {}).get("text", ""))

    def answered(what: Callable[[], None]) -> None:
        box.delete()
        what()

    box = dialog("confirm", "confirm-title", lambda: answered(otherwise), role="alertdialog")
    with box:
        el("h2", "dialog-title", title, id="confirm-title")
        with el("div", "dialog-text"):
            ink.text(asked.get("text", {}))
        with el("div", "dialog-foot"):
            no = button("bk-button", str(asked.get("deny", {}).get("text") or say_no))
            no.on("click", lambda: answered(otherwise), args=[])
            style = "danger" if asked.get("style") == "danger" else "primary"
            yes = button(f"bk-button {style}", str(asked.get("confirm", {}).get("text") or say_ok))
            yes.on("click", lambda: answered(then), args=[])
