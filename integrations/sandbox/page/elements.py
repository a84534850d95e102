"""Plain HTML elements for the page. Text is always text: nothing here can make markup of what somebody wrote."""

from collections.abc import Callable, Sequence
from typing import Any

from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement


def el(tag: str, classes: str = "", text: str = "", **attributes: Any) -> Element:
    """An element in the current slot. ``aria_label`` becomes ``aria-label``, ``for_`` becomes ``for``."""
    made = TextElement(tag=tag, text=text) if text else Element(tag)
    if classes:
        made.classes(classes)
    for name, value in attributes.items():
        if value is not None:
            made.props[name.rstrip("_").replace("_", "-")] = value
    return made


def button(classes: str, text: str = "", **attributes: Any) -> Element:
    return el("button", classes, text, type="button", **attributes)


def icon(name: str) -> Element:
    """A sign of the Material font that NiceGUI brings along, by its name."""
    return el("span", "icon material-icons", name, aria_hidden="true", translate="no")


def icon_button(classes: str, name: str, label: str, **attributes: Any) -> Element:
    made = button(f"icon-button {classes}".strip(), aria_label=label, title=label, **attributes)
    with made:
        icon(name)
    return made


def begins_with(made: Element, value: str) -> Element:
    """What stands in a text field at first. Vue would put ``value`` back over what somebody types."""
    made.props["defaultValue"] = value
    return made


def menu(opener: Element, label: str, items: Sequence[tuple[str, Callable[[], object]]]) -> None:
    """A list that a button opens: the browser closes it, ``page.js`` moves in it with arrows."""
    box = el("div", "popup", role="menu", aria_label=label, popover="auto")
    opener.props["popovertarget"] = f"c{box.id}"
    opener.props["aria-haspopup"] = "menu"
    with box:
        for text, chosen in items:
            item = button("popup-item", text, role="menuitem", tabindex=-1)
            item.on("click", lambda then=chosen: then(), args=[], js_handler="() => { rehearsal.popdown(); emit(); }")
