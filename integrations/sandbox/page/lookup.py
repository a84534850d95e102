"""An external select: what somebody types goes to the app, and what the app suggests can be chosen."""

import json
from typing import Any

from integrations.sandbox.page.elements import begins_with, button, el, icon
from integrations.sandbox.page.hands import Hands
from integrations.sandbox.page.listbox import Listbox
from knowledge.said import Said

Json = dict[str, Any]


class Lookup:
    """A text box with suggestions; of a multi select, with what was chosen above it."""

    def __init__(self, hands: Hands, block: Json, thing: Json, label: str, described: str) -> None:
        self._hands, self._block, self._thing = hands, block, thing
        self._many = thing["type"] == "multi_external_select"
        self._options: list[Json] = []
        self._asked = ""
        waiting = thing.get("placeholder", {}).get("text") or hands.visitor.say(Said("Choose …"))
        with el("div", "lookup"):
            self._chosen = el("div", "lookup-chosen")
            self._box = el("input", "bk-field-box", type="text", placeholder=waiting)
            self._list = Listbox(hands.visitor.say(Said("Suggestions")), self._take)
        self._list.belongs_to(self._box)
        self._box.props["aria-labelledby" if label else "aria-label"] = label or waiting
        if described:
            self._box.props["aria-describedby"] = described
        now = self._now()
        begins_with(self._box, "" if self._many or not now else str(now[0]["text"]["text"]))
        self._box.on("keydown", self._heard, js_handler="(event) => rehearsal.lookupKey(event, emit)")
        for event in ("input", "focus"):
            self._box.on(event, self._heard, js_handler="(event) => rehearsal.lookup(event, emit)")
        self._box.on("blur", self._heard, js_handler="(event) => rehearsal.lookupLeft(event, emit)")
        self._draw()

    def _now(self) -> list[Json]:
        now = self._hands.form.get(self._block["block_id"], self._thing)
        return list(now or []) if self._many else [now] if now else []

    async def _heard(self, event: Any) -> None:
        told = event.args if isinstance(event.args, dict) else {}
        match told.get("kind"):
            case "typed":
                await self._look_up(str(told["text"]))
            case "move":
                self._list.move(int(told["by"]))
            case "take":
                self._list.take()
            case "cleared" if not self._many and self._now():
                self._hands.enter(self._block, self._thing, None)
            case "close":
                self._list.offer([])

    async def _look_up(self, typed: str) -> None:
        self._asked = typed
        found = await self._hands.look_up(self._thing, typed)
        if self._asked == typed:
            self._options = found
            texts = [(o["text"]["text"], o.get("description", {}).get("text", "")) for o in found]
            nothing = self._hands.visitor.say(Said("Nothing fits."))
            self._list.offer(texts or ([(nothing, "")] if typed else []))

    def _take(self, n: int) -> None:
        if n < len(self._options):
            option = self._options[n]
            kept = [*(o for o in self._now() if o != option), option] if self._many else option
            self._hands.enter(self._block, self._thing, kept)
            text = "" if self._many else str(option["text"]["text"])
            self._box.client.run_javascript(f"rehearsal.pick({self._box.id}, {json.dumps(text)})")
            self._draw()
        self._list.offer([])

    def _draw(self) -> None:
        self._chosen.clear()
        if self._many:
            with self._chosen:
                for option in self._now():
                    self._tag(option)

    def _tag(self, option: Json) -> None:
        text = str(option["text"]["text"])
        tag = button("lookup-tag", text, aria_label=self._hands.visitor.say(Said("Remove {name}", name=text)))
        with tag:
            icon("close")

        def removed() -> None:
            self._hands.enter(self._block, self._thing, [o for o in self._now() if o != option])
            self._draw()

        tag.on("click", removed, args=[])
