"""Files as messages show them: the beginning of a text, a picture, and the way to have it whole."""

from pathlib import PurePath
from typing import Any

from integrations.sandbox.page.elements import el, icon
from integrations.sandbox.page.visitor import Visitor
from knowledge.said import Said

Json = dict[str, Any]
PICTURES = {".png": "image/png", ".gif": "image/gif", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
TEXT = "text/plain; charset=utf-8"
_SHOWN_LINES, _SHOWN_CHARACTERS, _WHOLE = 6, 1_200, 100_000
_KB = 1024


def media_type(name: str) -> str:
    """What a file is served as: a picture, else text, never a page."""
    return PICTURES.get(PurePath(name).suffix.lower(), TEXT)


def draw_file(visitor: Visitor, file: Json) -> None:
    say, name = visitor.say, str(file["name"])
    where = f"/files/{file['id']}"
    with el("div", "file"):
        with el("div", "file-head"):
            icon("image" if media_type(name) != TEXT else "description")
            with el("span", "file-name"):
                el("strong", "", str(file.get("title") or name))
                el("span", "file-size", size(int(file["size"])))
            label = say(Said("Download {name}", name=name))
            with el("a", "icon-button tool", href=where, download=name, aria_label=label, title=label):
                icon("download")
        if media_type(name) != TEXT:
            el("img", "file-picture", src=f"{where}?shown=1", alt=str(file.get("title") or name))
        else:
            _beginning(visitor, file)


def _beginning(visitor: Visitor, file: Json) -> None:
    content = visitor.room.workspace.files.get(file["id"], {}).get("content", b"")
    text = content.decode(errors="replace")
    lines = text.splitlines()
    shown = "\n".join(lines[:_SHOWN_LINES])[:_SHOWN_CHARACTERS]
    if len(shown) >= len(text.rstrip("\n")):
        el("pre", "file-text", text, tabindex=0)
        return
    with el("details", "file-more"):
        with el("summary", "", aria_label=visitor.say(Said("Show all of {name}", name=str(file["name"])))):
            el("pre", "file-text short", shown)
            el("span", "file-open", visitor.say(Said("Show all {n} lines", n=len(lines))))
            el("span", "file-close", visitor.say(Said("Show less")))
        rest = "" if len(text) <= _WHOLE else "\n…"
        el("pre", "file-text", text[:_WHOLE] + rest, tabindex=0)


def size(count: int) -> str:
    """``812 B``, ``13 kB``."""
    return f"{count} B" if count < _KB else f"{count / _KB:.0f} kB"
