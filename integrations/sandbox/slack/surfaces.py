"""views.* and files.*: modals, Home tabs, and uploads in three steps."""

import json
from typing import Any

from integrations.sandbox.slack import validate
from integrations.sandbox.slack.chat import tell_message
from integrations.sandbox.slack.desk import Desk, Refused, named, parsed
from integrations.sandbox.slack.people import BOT_ID, BOT_USER
from integrations.sandbox.slack.state import Message, View

Json = dict[str, Any]


def open_view(desk: Desk, args: Json) -> Json:
    return _opened(desk, args, push=False)


def push_view(desk: Desk, args: Json) -> Json:
    return _opened(desk, args, push=True)


def update_view(desk: Desk, args: Json) -> Json:
    body = checked_view(args)
    wanted, external = args.get("view_id"), args.get("external_id")
    for view in desk.workspace.views.values():
        if view.id == wanted or (external and view.body.get("external_id") == external):
            _replace(desk, view, body, args)
            return {"ok": True, "view": view.json()}
    raise Refused("not_found")


def publish_view(desk: Desk, args: Json) -> Json:
    user = desk.member(args.get("user_id"), "invalid_arguments").id
    body = checked_view(args, ("home",))
    if not desk.workspace.home_enabled:
        raise Refused("not_enabled")
    view = desk.workspace.homes.get(user)
    if view:
        _replace(desk, view, body, args)
    else:
        view = View(desk.workspace.fresh("V"), user, body, desk.workspace.new_hash())
        desk.workspace.homes[user] = view
        desk.workspace.changed()
    return {"ok": True, "view": view.json()}


def checked_view(args: Json, kinds: tuple[str, ...] = ("modal",)) -> Json:
    """The view of a call, without what Slack refuses."""
    view = parsed(args, "view", None, "invalid_arguments")
    if complaints := validate.check_view(view, kinds):
        raise Refused("invalid_arguments", complaints)
    if len(json.dumps(view)) > validate.VIEW_BYTES:
        raise Refused("view_too_large")
    return {**view, "blocks": named(view["blocks"])}


def upload_url(desk: Desk, args: Json) -> Json:
    length = str(args.get("length") or "")
    if not args.get("filename") or not length.isdigit():
        raise Refused("missing_argument")
    if int(length) == 0:
        raise Refused("invalid_arguments", ["length must be more than 0"])
    file_id = desk.workspace.fresh("F")
    desk.workspace.files[file_id] = {"id": file_id, "name": args["filename"], "size": int(length)}
    return {"ok": True, "upload_url": desk.url(f"/upload/{file_id}"), "file_id": file_id}


def complete_upload(desk: Desk, args: Json) -> Json:
    wanted = parsed(args, "files", [], "invalid_arguments")
    files = []
    for entry in wanted:
        file = desk.workspace.files.get(entry.get("id", ""))
        if file is None or "content" not in file:
            raise Refused("file_not_found")
        file["title"] = entry.get("title") or file["name"]
        files.append({key: value for key, value in file.items() if key != "content"})
    if not files:
        raise Refused("invalid_arguments", ["files must not be empty"])
    if args.get("channel_id") or args.get("channels"):
        named = str(args.get("channel_id") or args.get("channels"))
        channel = desk.channel({"channel": named})
        if channel.archived or BOT_USER not in channel.members:
            raise Refused("not_in_channel" if not channel.archived else "is_archived")
        text = str(args.get("initial_comment") or "")
        message = Message(channel.id, desk.workspace.ts(), BOT_USER, text, bot_id=BOT_ID, subtype="file_share")
        message.files, message.thread_ts = files, str(args.get("thread_ts") or "")
        tell_message(desk, channel, desk.workspace.post(message))
    return {"ok": True, "files": files}


def _opened(desk: Desk, args: Json, push: bool) -> Json:
    body = checked_view(args)
    trigger = desk.workspace.spend(str(args.get("trigger_id") or ""))
    if isinstance(trigger, str):
        raise Refused(trigger)
    view = desk.workspace.show(trigger.user, body, push)
    if isinstance(view, str):
        raise Refused(view)
    return {"ok": True, "view": view.json()}


def _replace(desk: Desk, view: View, body: Json, args: Json) -> None:
    if args.get("hash") and args["hash"] != view.hash:
        raise Refused("hash_conflict")
    desk.workspace.replace(view, body)
