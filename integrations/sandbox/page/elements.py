"""Plain HTML elements for the page. Text is always text: nothing here can make markup of what somebody wrote."""

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
