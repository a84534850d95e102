"""What the app is told: the event wrapper, slash commands, clicks, submissions, shortcuts, and the state of inputs."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from integrations.sandbox.slack.desk import interactive
from integrations.sandbox.slack.elements import INPUT_LENGTH, choices_of
from integrations.sandbox.slack.people import APP_ID, BOT_USER, TEAM, Channel, Member
from integrations.sandbox.slack.state import Message, View

Json = dict[str, Any]
Offered: TypeAlias = Mapping[tuple[str, str], Sequence[Json]]
"""What external selects showed last, by block id and action id."""
NOTHING: Offered = {}

TOKEN = "rehearsal-verification"
_PICKED = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_users_select": "selected_users",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
_OPTION = ("static_select", "external_select", "radio_buttons", "overflow")
_OPTIONS = ("multi_static_select", "multi_external_select", "checkboxes")
_INITIAL = {
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "value": "initial_value",
    **{name: f"initial_{name.removeprefix('selected_')}" for name in _PICKED.values()},
}


def event_callback(event: Json, at: float, shared: bool = False) -> Json:
    """The wrapper of an event, with an id that stays the same when it is delivered again."""
    wrapper: Json = {"token": TOKEN, "team_id": TEAM["id"], "api_app_id": APP_ID, "event": event}
    wrapper |= {"type": "event_callback", "event_id": f"Ev{uuid.uuid4().hex[:10].upper()}", "event_time": int(at)}
    installed = {"enterprise_id": None, "team_id": TEAM["id"], "user_id": BOT_USER, "is_bot": True}
    wrapper["authorizations"] = [installed | {"is_enterprise_install": False}]
    return wrapper | {"is_ext_shared_channel": shared, "event_context": f"4-{uuid.uuid4().hex}"}


def slash_command(member: Member, channel: Channel, command: str, text: str, url: str, trigger: str) -> Json:
    place = {"im": "directmessage", "group": "privategroup"}.get(channel.kind, channel.name)
    who: Json = {"token": TOKEN, "api_app_id": APP_ID, "team_id": member.team, "team_domain": TEAM["domain"]}
    who |= {"user_id": member.id, "user_name": member.name, "channel_id": channel.id, "channel_name": place}
    return who | {
        "command": command,
        "text": text,
        "response_url": url,
        "trigger_id": trigger,
        "is_enterprise_install": "false",
    }


def interaction(kind: str, member: Member, trigger: str = "") -> Json:
    """What all interactions have in common."""
    user = {"id": member.id, "username": member.name, "name": member.name, "team_id": member.team}
    shared: Json = {"type": kind, "user": user, "api_app_id": APP_ID, "token": TOKEN, "enterprise": None}
    shared |= {"team": {"id": TEAM["id"], "domain": TEAM["domain"]}, "is_enterprise_install": False}
    return shared | ({"trigger_id": trigger} if trigger else {})


def about_message(message: Message, channel: Channel) -> Json:
    """Where a click on a message came from; an ephemeral one is not repeated."""
    hidden = bool(message.to)
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": channel.id, "is_ephemeral": hidden}
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    name = {"im": "directmessage", "group": "privategroup"}.get(channel.kind, channel.name)
    place: Json = {"container": container, "channel": {"id": channel.id, "name": name}}
    return place if hidden else place | {"message": message.json()}


def about_view(view: View) -> Json:
    return {"container": {"type": "view", "view_id": view.id}, "view": view.json()}


def action(block: Json, thing: Json, at: str, value: Any, offered: Offered = NOTHING) -> Json:
    """One entry of ``actions``."""
    told = {"type": thing["type"], "action_id": thing["action_id"], "block_id": block["block_id"], "action_ts": at}
    if thing["type"] == "button":
        return told | {"text": thing["text"]} | ({"value": thing["value"]} if "value" in thing else {})
    return told | entered(block, thing, value, offered)


def entered(block: Json, thing: Json, value: Any, offered: Offered = NOTHING) -> Json:
    """What a person put into an element, as ``state.values`` tells it. Raises ValueError for what nobody could."""
    kind = thing["type"]
    known = offered.get((block["block_id"], thing["action_id"]), ())
    if kind in _OPTION:
        return {"type": kind, "selected_option": _option(thing, value, known) if value is not None else None}
    if kind in _OPTIONS:
        return {"type": kind, "selected_options": [_option(thing, one, known) for one in value or ()]}
    if kind == "plain_text_input" and value:
        least, most = thing.get("min_length", 0), thing.get("max_length", INPUT_LENGTH)
        if not least <= len(value) <= most:
            raise ValueError(f"{thing['action_id']} takes {least} to {most} characters")
    return {"type": kind, _PICKED.get(kind, "value"): value}


def state_of(blocks: list[Json], typed: Json, offered: Offered = NOTHING) -> Json:
    """``state.values`` for what was typed: by action id, else what the element began with."""
    values: Json = {}
    for block in blocks:
        for thing in interactive(block):
            if thing["type"] in ("button", "overflow"):
                continue
            given = typed.get(block["block_id"], typed)
            given = given if isinstance(given, dict) else typed
            if thing["action_id"] in given:
                state = entered(block, thing, given[thing["action_id"]], offered)
            else:
                state = {k: thing.get(_INITIAL.get(k, k), v) for k, v in entered(block, thing, None).items()}
            values.setdefault(block["block_id"], {})[thing["action_id"]] = state
    return values


def missing(blocks: list[Json], values: Json) -> list[str]:
    """The required inputs that are empty: Slack itself keeps such a modal open."""
    empty = []
    for block in blocks:
        if block["type"] == "input" and not block.get("optional"):
            state = values[block["block_id"]][block["element"]["action_id"]]
            if not any(value for key, value in state.items() if key != "type"):
                empty.append(block["block_id"])
    return empty


def _option(thing: Json, value: Any, known: Sequence[Json]) -> Json:
    began = [thing["initial_option"]] if "initial_option" in thing else thing.get("initial_options", [])
    offers: list[Json] = [*choices_of(thing), *known, *began]
    for option in offers:
        if value in (option, option["value"]):
            return option
    raise ValueError(f"{thing['action_id']} offers no {value!r}")
