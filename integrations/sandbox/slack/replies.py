"""What an interaction is answered with: posts to its ``response_url``, and the payload of its acknowledgement."""

from typing import Any

from integrations.sandbox.slack.desk import Desk, Refused, content
from integrations.sandbox.slack.elements import OPTIONS, option_object
from integrations.sandbox.slack.people import BOT_ID, BOT_USER
from integrations.sandbox.slack.state import RESPONSE_URL_SECONDS, RESPONSE_URL_USES, Message
from integrations.sandbox.slack.surfaces import checked_view

Json = dict[str, Any]


def answer_response_url(desk: Desk, name: str, body: Json) -> tuple[int, str]:
    """Posts, replaces or deletes; an HTTP status and a word."""
    url = desk.workspace.response_urls.get(name)
    if url is None:
        return 404, "not_found"
    if desk.workspace.now() - url.born > RESPONSE_URL_SECONDS:
        return 404, "expired_url"
    if url.uses >= RESPONSE_URL_USES:
        return 404, "used_url"
    url.uses += 1
    if body.get("delete_original") and url.source:
        _remove(desk, url.source)
        return 200, "ok"
    try:
        said = content(body)
    except Refused as refused:
        return 400, refused.body["error"]
    if body.get("replace_original") and url.source:
        url.source.text, url.source.blocks = said["text"], said["blocks"]
        url.source.edited = {"user": BOT_USER, "ts": desk.workspace.ts()}
        desk.workspace.changed()
        return 200, "ok"
    public = body.get("response_type") == "in_channel"
    message = Message(url.channel, desk.workspace.ts(), BOT_USER, bot_id=BOT_ID, to="" if public else url.user, **said)
    message.thread_ts = str(body.get("thread_ts") or "")
    desk.workspace.post(message)
    return 200, "ok"


def apply_command_ack(desk: Desk, payload: Json, ack: Json) -> str:
    """The text of an acknowledgement becomes a message; the error code if Slack refuses it."""
    if not (ack.get("text") or ack.get("blocks")):
        return ""
    try:
        said = content(ack)
    except Refused as refused:
        return str(refused.body["error"])
    to = "" if ack.get("response_type") == "in_channel" else payload["user_id"]
    desk.workspace.post(Message(payload["channel_id"], desk.workspace.ts(), BOT_USER, bot_id=BOT_ID, to=to, **said))
    return ""


def apply_view_ack(desk: Desk, payload: Json, ack: Json) -> str:
    """What happens to the modal that was submitted; the error code if Slack refuses the answer."""
    workspace, user = desk.workspace, payload["user"]["id"]
    view = workspace.views.get(payload["view"]["id"])
    match ack.get("response_action"):
        case None:
            workspace.close(user, every=False)
        case "clear":
            workspace.close(user)
        case "errors" if view:
            known = {block.get("block_id") for block in view.body["blocks"] if block["type"] == "input"}
            errors = ack.get("errors")
            if not isinstance(errors, dict) or not errors or not set(errors) <= known:
                return "invalid_arguments"
            view.errors = errors
            workspace.changed()
        case ("update" | "push") as action if view:
            try:
                body = checked_view(ack)
            except Refused as refused:
                return str(refused.body["error"])
            if action == "update":
                workspace.replace(view, body)
            else:
                pushed = workspace.show(user, body, push=True)
                return pushed if isinstance(pushed, str) else ""
        case _:
            return "invalid_arguments"
    return ""


def apply_options_ack(desk: Desk, payload: Json, ack: Json) -> str:
    """What an external select shows; the error code if Slack refuses the options."""
    flat, groups = ack.get("options"), ack.get("option_groups")
    listed = groups if isinstance(groups, list) else []
    lists = [flat] if groups is None else [group.get("options") for group in listed if isinstance(group, dict)]
    if ("options" in ack) == ("option_groups" in ack) or len(lists) > OPTIONS:
        return "invalid_arguments"
    if not all(isinstance(some, list) and len(some) <= OPTIONS for some in lists):
        return "invalid_arguments"
    options: list[Json] = [option for some in lists if some for option in some]
    if any(complaint for option in options for complaint in option_object(option, False, "/options")):
        return "invalid_arguments"
    desk.workspace.offered[payload["block_id"], payload["action_id"]] = options
    desk.workspace.changed()
    return ""


def _remove(desk: Desk, message: Message) -> None:
    with desk.workspace.lock:
        if message.to:
            desk.workspace.ephemerals = [m for m in desk.workspace.ephemerals if m is not message]
        else:
            desk.workspace.messages.get(message.channel, {}).pop(message.ts, None)
    desk.workspace.changed()
