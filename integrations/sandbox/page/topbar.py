"""The bar above everything: who sits at this tab, the tour, the clusters, the language, light or dark."""

from collections.abc import Callable
from dataclasses import dataclass

from nicegui.element import Element

from integrations.sandbox.page.elements import button, el, icon, icon_button
from integrations.sandbox.page.messages import avatar
from integrations.sandbox.page.visitor import ROLES, Visitor
from knowledge.said import Said


@dataclass(frozen=True)
class Turns:
    """What can be turned up there."""

    become: Callable[[str], None]
    speak: Callable[[str], None]
    tour: Callable[[], None]
    clusters: Callable[[], None]


def draw_topbar(v: Visitor, turns: Turns) -> None:
    with el("header", "topbar"):
        menu = icon_button("menu tool", "menu", v.say(Said("Channels")), aria_expanded="false", aria_controls="sidebar")
        menu.on("click", js_handler="() => rehearsal.menu()")
        el("p", "what", v.say(Said("A rehearsal: the real bot, a make-believe Slack, three make-believe clusters.")))
        with el("div", "people", role="group", aria_label=v.say(Said("Who you are"))):
            for user, role in ROLES.items():
                _person(v, user, role, turns)
        with el("div", "switches"):
            tour = _switch("explore", v.say(Said("Tour")), "tour")
            tour.on("click", turns.tour, args=[])
            shown = _switch("dns", v.say(Said("Clusters")), "clusters")
            shown.props["aria-expanded"] = "true" if v.clusters else "false"
            shown.props["aria-controls"] = "clusters"
            shown.on("click", turns.clusters, args=[])
            other = "ko" if v.language == "en" else "en"
            words = button("tool", "한국어" if other == "ko" else "English", lang=other, data_key="language")
            words.on("click", lambda: turns.speak(other), args=[])
            theme = icon_button("tool", "contrast", v.say(Said("Light or dark")), data_key="theme")
            theme.on("click", js_handler="() => rehearsal.theme()")


def _person(v: Visitor, user: str, role: Said, turns: Turns) -> None:
    member, mine = v.room.person(user), user == v.user
    label = f"{member.real_name}, {v.say(role)}"
    choice = button("person on" if mine else "person", aria_label=label, title=label, data_key=user)
    choice.props["aria-pressed"] = "true" if mine else "false"
    choice.on("click", lambda: turns.become(user), args=[])
    with choice:
        avatar(member, small=True)
        with el("span", "person-words"):
            el("span", "person-name", member.real_name)
            el("span", "person-role", v.say(role))


def _switch(sign: str, text: str, key: str) -> Element:
    """A sign and a word; on a phone the sign alone, which keeps its name."""
    made = button("tool switch", aria_label=text, title=text, data_key=key)
    with made:
        icon(sign)
        el("span", "switch-word", text)
    return made
