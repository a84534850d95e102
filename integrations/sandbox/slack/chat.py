"""chat.*, reactions.*, assistant.threads.*: what the app writes into conversations."""

from typing import Any

from integrations.sandbox.slack.desk import Desk, Refused, content, parsed, yes
from integrations.sandbox.slack.people import BOT_ID, BOT_USER, TEAM, Channel
from integrations.sandbox.slack.state import Message

Json = dict[str, Any]
UPDATE_TEXT, PROMPTS = 4_000, 4
_CHANNEL_TYPES = {"channel": "channel", "group": "group", "im": "im"}


def post_message(desk: Desk, args: Json) -> Json:
    channel = desk.postable(args)
    body = content(args)
    thread_ts = str(args.get("thread_ts") or "")
    if thread_ts:
        parent = desk.workspace.find(channel.id, thread_ts)
        if parent is None:
            raise Refused("cannot_reply_to_message")
        thread_ts = parent.thread_ts or parent.ts
    message = Message(channel.id, desk.workspace.ts(), BOT_USER, thread_ts=thread_ts, bot_id=BOT_ID, **body)
    if thread_ts and yes(args, "reply_broadcast"):
        message.subtype = "thread_broadcast"
    desk.workspace.post(message)
    tell_message(desk, channel, message)
    return {"ok": True, "channel": channel.id, "ts": message.ts, "message": message.json()}


def tell_message(desk: Desk, channel: Channel, message: Message) -> None:
    """The message as an event, if the app is in the channel and listens to its kind."""
    if BOT_USER in channel.members:
        event = message.json() | {"channel": channel.id, "channel_type": _CHANNEL_TYPES[channel.kind]}
        desk.emit("message", event | {"event_ts": message.ts})


def tell_change(desk: Desk, channel: Channel, subtype: str, ts: str, **what: object) -> None:
    if BOT_USER in channel.members:
        event = {"type": "message", "subtype": subtype, "hidden": True, "channel": channel.id, "ts": ts, **what}
        desk.emit("message", event | {"channel_type": _CHANNEL_TYPES[channel.kind], "event_ts": ts})


def update(desk: Desk, args: Json) -> Json:
    channel = desk.workspace.channels.get(str(args.get("channel") or ""))
    if channel is None:
        raise Refused("channel_not_found")
    message = _own(desk, channel, args.get("ts"), "cant_update_message")
    body = content(args, UPDATE_TEXT)
    before = message.json()
    with desk.workspace.lock:
        message.text, message.blocks, message.attachments = body["text"], body["blocks"], body["attachments"]
        message.metadata = body["metadata"] or message.metadata
        message.edited = {"user": BOT_USER, "ts": desk.workspace.ts()}
    desk.workspace.changed()
    now = desk.workspace.ts()
    tell_change(desk, channel, "message_changed", now, message=message.json(), previous_message=before)
    shown = {"channel": channel.id, "ts": message.ts, "text": message.text, "message": message.json()}
    return {"ok": True, **shown}


def delete(desk: Desk, args: Json) -> Json:
    channel = desk.channel(args)
    message = _own(desk, channel, args.get("ts"), "cant_delete_message")
    with desk.workspace.lock:
        del desk.workspace.messages[channel.id][message.ts]
    desk.workspace.changed()
    now = desk.workspace.ts()
    tell_change(desk, channel, "message_deleted", now, deleted_ts=message.ts, previous_message=message.json())
    return {"ok": True, "channel": channel.id, "ts": message.ts}


def post_ephemeral(desk: Desk, args: Json) -> Json:
    channel = desk.postable(args)
    member = desk.workspace.members.get(str(args.get("user") or ""))
    if member is None or member.id not in channel.members:
        raise Refused("user_not_in_channel")
    body = content(args)
    message = Message(channel.id, desk.workspace.ts(), BOT_USER, bot_id=BOT_ID, to=member.id, **body)
    message.thread_ts = str(args.get("thread_ts") or "")
    desk.workspace.post(message)
    return {"ok": True, "message_ts": message.ts}


def permalink(desk: Desk, args: Json) -> Json:
    channel = desk.channel(args)
    ts = str(args.get("message_ts") or "")
    if desk.workspace.find(channel.id, ts) is None:
        raise Refused("message_not_found")
    link = f"https://{TEAM['domain']}.slack.example/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"ok": True, "channel": channel.id, "permalink": link}


def add_reaction(desk: Desk, args: Json) -> Json:
    message, name = _reacted(desk, args)
    who = message.reactions.setdefault(name, [])
    if BOT_USER in who:
        raise Refused("already_reacted")
    who.append(BOT_USER)
    desk.workspace.changed()
    return {"ok": True}


def remove_reaction(desk: Desk, args: Json) -> Json:
    message, name = _reacted(desk, args)
    if BOT_USER not in message.reactions.get(name, []):
        raise Refused("no_reaction")
    message.reactions[name].remove(BOT_USER)
    if not message.reactions[name]:
        del message.reactions[name]
    desk.workspace.changed()
    return {"ok": True}


def set_status(desk: Desk, args: Json) -> Json:
    channel = desk.channel(args, "channel_id")
    desk.workspace.statuses[channel.id, str(args.get("thread_ts") or "")] = str(args.get("status") or "")
    desk.workspace.changed()
    return {"ok": True}


def set_prompts(desk: Desk, args: Json) -> Json:
    channel = desk.channel(args, "channel_id")
    prompts = parsed(args, "prompts", [], "invalid_arguments")
    known = isinstance(prompts, list) and all(isinstance(p, dict) and {"title", "message"} <= set(p) for p in prompts)
    if not known or not 0 < len(prompts) <= PROMPTS:
        raise Refused("invalid_arguments", [f"1 to {PROMPTS} prompts with title and message are needed"])
    desk.workspace.prompts[channel.id, str(args.get("thread_ts") or "")] = prompts
    desk.workspace.changed()
    return {"ok": True}


def _own(desk: Desk, channel: Channel, ts: object, error: str) -> Message:
    message = desk.workspace.find(channel.id, str(ts or ""))
    if message is None:
        raise Refused("message_not_found")
    if message.bot_id != BOT_ID:
        raise Refused(error)
    return message


def _reacted(desk: Desk, args: Json) -> tuple[Message, str]:
    channel = desk.channel(args)
    if channel.archived:
        raise Refused("is_archived")
    message = desk.workspace.find(channel.id, str(args.get("timestamp") or ""))
    if message is None:
        raise Refused("message_not_found")
    name = str(args.get("name") or "")
    if not name or ":" in name or " " in name:
        raise Refused("invalid_name")
    return message, name
