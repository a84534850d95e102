"""The app's own surfaces, drawn: the modal on top of a person's screen, and the Home tab."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nicegui.element import Element

from integrations.sandbox.page.blocks import Ink, Pen, wrong_id
from integrations.sandbox.page.dialog import dialog
from integrations.sandbox.page.elements import button, el, icon_button
from integrations.sandbox.page.hands import Hands
from integrations.sandbox.page.rows import Row, Rows
from integrations.sandbox.page.visitor import Visitor
from integrations.sandbox.slack.state import View
from knowledge.said import Said

Json = dict[str, Any]
HandsOn = Callable[[View], Hands]


class Sheet:
    """A view's blocks in a container: a block is drawn again only when it changed, so that what was typed stays."""

    def __init__(self, container: Element, ink: Ink, hands_on: HandsOn) -> None:
        self._rows = Rows(container)
        self._ink, self._hands_on = ink, hands_on

    def show(self, view: View, complaints: Mapping[str, str], language: str) -> None:
        pen = Pen(self._ink, self._hands_on(view))
        rows: list[Row] = []
        for block in view.body["blocks"]:
            looks = language + json.dumps(block, ensure_ascii=False, sort_keys=True)
            rows.append(Row(block["block_id"], looks, partial(pen.block, block)))
            if block["type"] == "input":
                wrong = complaints.get(block["block_id"], "")
                rows.append(self._wrong(view, block["block_id"], wrong))
        self._rows.show(rows)

    def _wrong(self, view: View, block_id: str, wrong: str) -> Row:
        return Row(
            f"{block_id} error",
            f"!{wrong}",
            lambda: el("p", "bk-error", wrong, id=wrong_id(view, block_id), role="alert" if wrong else None),
        )


class Modal:
    """The modal that a person has open, if there is one."""

    def __init__(
        self, visitor: Visitor, host: Element, ink: Ink, hands_on: HandsOn, changed: Callable[[], None]
    ) -> None:
        self._visitor, self._host, self._ink, self._hands_on, self._changed = visitor, host, ink, hands_on, changed
        self._box: Element | None = None
        self._view: View | None = None
        self._frame_looks: object = None

    def refresh(self) -> None:
        view = self._visitor.room.modal(self._visitor.user)
        if view is None or self._view is None or view.id != self._view.id:
            self._close()
        self._view = view
        if view:
            self._draw(view)

    def _close(self) -> None:
        if self._box:
            self._box.delete()
        self._box = self._frame_looks = None

    def _draw(self, view: View) -> None:
        v = self._visitor
        if self._box is None:
            self._open()
        wrong = {block: v.say(said) for block, said in v.form(view).complaints.items()} | view.errors
        self._sheet.show(view, wrong, v.language)
        looks = (view.body.get("title"), view.body.get("submit"), view.body.get("close"), v.waiting(), v.notice, wrong)
        if looks != self._frame_looks:
            self._frame_looks = looks
            self._frame(view)
            if wrong:
                self._host.client.run_javascript("rehearsal.wrong()")

    def _open(self) -> None:
        with self._host:
            self._box = dialog("modal", "modal-title", self._dismiss)
        with self._box, el("form", "modal-form", novalidate=True) as form:
            form.on("submit.prevent", self._submit, args=[])
            self._head = el("div", "modal-head")
            with el("div", "modal-body scroller-of-dialog"):
                self._sheet = Sheet(el("div", "list"), self._ink, self._hands_on)
            self._foot = el("div", "dialog-foot")

    def _frame(self, view: View) -> None:
        v, body = self._visitor, view.body
        self._head.clear()
        with self._head:
            el("span", "avatar small bot", aria_hidden="true")
            el("h2", "dialog-title", body["title"]["text"], id="modal-title")
            icon_button("tool", "close", v.say(Said("Close the form"))).on("click", self._dismiss, args=[])
        self._foot.clear()
        with self._foot:
            if v.notice:
                el("p", "modal-notice", v.say(v.notice), role="alert")
            words = Said("Cancel") if body.get("submit") else Said("Close")
            no = button("bk-button", (body.get("close") or {}).get("text") or v.say(words))
            no.on("click", self._dismiss, args=[])
            if body.get("submit"):
                busy = v.waiting()
                text = v.say(Said("Sending …")) if busy else body["submit"]["text"]
                el("button", "bk-button primary", text, type="submit", aria_disabled="true" if busy else None)

    def _submit(self) -> None:
        if self._view and not self._visitor.waiting():
            self._visitor.submit(self._view)
            self._changed()

    def _dismiss(self) -> None:
        if self._view:
            self._visitor.dismiss(self._view)
            self._changed()


class Home:
    """The Home tab of the app, in a container."""

    def __init__(self, visitor: Visitor, container: Element, ink: Ink, hands_on: HandsOn) -> None:
        self._visitor = visitor
        self._sheet = Sheet(container, ink, hands_on)

    def refresh(self) -> None:
        view = self._visitor.room.home(self._visitor.user)
        if view:
            self._sheet.show(view, {}, self._visitor.language)
