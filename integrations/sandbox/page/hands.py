"""What a person can do with the elements of one message or view: press, choose, enter, look something up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nicegui import run

from integrations.sandbox.page.form import Form
from integrations.sandbox.page.visitor import Visitor
from integrations.sandbox.slack.state import Message, View

Json = dict[str, Any]
_PATIENCE_S = 4.0


@dataclass(frozen=True)
class Hands:
    """``source`` is what the elements stand in. ``ask(confirm, then, otherwise)`` shows a confirmation first."""

    visitor: Visitor
    source: Message | View
    changed: Callable[[], None]
    ask: Callable[[Json, Callable[[], None], Callable[[], None]], None]
    form: Form

    def press(self, thing: Json, value: Any = None, otherwise: Callable[[], None] = lambda: None) -> None:
        """Tells the app, after the confirmation that an element may want; ``otherwise`` when it is not given."""

        def told() -> None:
            self.visitor.press(self.source, thing["action_id"], value)
            self.changed()

        if thing.get("confirm"):
            self.ask(thing["confirm"], told, otherwise)
        else:
            told()

    def enter(self, block: Json, thing: Json, value: Any, otherwise: Callable[[], None] = lambda: None) -> None:
        """Something was entered or chosen. Only outside of input blocks, or where one asks for it, the app hears."""
        self.form.put(block["block_id"], thing["action_id"], value)
        if block["type"] != "input" or block.get("dispatch_action"):
            self.press(thing, value, otherwise)

    async def look_up(self, thing: Json, typed: str) -> list[Json]:
        """What the app suggests for what was typed; nothing while it is too little."""
        room = self.visitor.room
        try:
            delivery = room.suggest(self.visitor.user, self.source, thing["action_id"], typed)
        except ValueError:
            return []
        await run.io_bound(delivery.done.wait, _PATIENCE_S)
        return [] if delivery.seen_error or not delivery.acked else room.options(self.source, thing["action_id"])

    def members(self) -> list[tuple[str, str]]:
        """People to choose from."""
        people = self.visitor.room.workspace.members.values()
        return [(member.id, member.real_name) for member in people if not member.deleted and member.kind != "bot"]

    def channels(self) -> list[tuple[str, str]]:
        return [(channel.id, f"#{channel.name}") for channel in self.visitor.channels()]
