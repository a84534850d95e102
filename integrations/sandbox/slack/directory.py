"""conversations.*, users.*, usergroups.*, auth.test, bots.info, team.info: what the app reads of the workspace."""

from typing import Any

from integrations.sandbox.slack.desk import HISTORY, READ, Desk, Refused, page, yes
from integrations.sandbox.slack.people import APP_ID, BOT_ID, BOT_USER, TEAM, Channel

Json = dict[str, Any]
_TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im"}


def auth_test(_desk: Desk, _args: Json) -> Json:
    who = {"team": TEAM["name"], "team_id": TEAM["id"], "user": "gurumi", "user_id": BOT_USER, "bot_id": BOT_ID}
    url = f"https://{TEAM['domain']}.slack.example/"
    return {"ok": True, "url": url, "is_enterprise_install": False, "app_id": APP_ID, **who}


def open_socket(desk: Desk, _args: Json) -> Json:
    return {"ok": True, "url": desk.ticket()}


def open_conversation(desk: Desk, args: Json) -> Json:
    if args.get("channel"):
        channel = desk.channel(args)
    else:
        users = [user for user in str(args.get("users") or "").split(",") if user]
        if not users:
            raise Refused("users_list_not_supplied")
        if len(users) > 1:
            raise Refused("invalid_user_combination")
        member = desk.member(users[0])
        if member.deleted:
            raise Refused("user_disabled")
        channel = desk.workspace.dm(member.id)
    return {"ok": True, "channel": channel.json() if yes(args, "return_im") else {"id": channel.id}}


def info(desk: Desk, args: Json) -> Json:
    channel = desk.channel(args)
    desk.need(READ[channel.kind])
    shown = channel.json()
    if channel.kind == "im":
        shown["is_user_deleted"] = any(desk.workspace.members[u].deleted for u in channel.members - {BOT_USER})
    if yes(args, "include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"ok": True, "channel": shown}


def list_conversations(desk: Desk, args: Json) -> Json:
    return _channels(desk, args, list(desk.workspace.channels.values()))


def of_user(desk: Desk, args: Json) -> Json:
    user = desk.member(args["user"]).id if args.get("user") else BOT_USER
    return _channels(desk, args, [c for c in desk.workspace.channels.values() if user in c.members])


def members(desk: Desk, args: Json) -> Json:
    channel = desk.channel(args)
    desk.need(READ[channel.kind])
    some, rest = page([{"id": user} for user in sorted(channel.members)], args)
    return {"ok": True, "members": [user["id"] for user in some], "response_metadata": rest}


def join(desk: Desk, args: Json) -> Json:
    channel = desk.channel(args)
    if channel.kind != "channel":
        raise Refused("method_not_supported_for_channel_type")
    if channel.archived:
        raise Refused("is_archived")
    already = BOT_USER in channel.members
    channel.members.add(BOT_USER)
    desk.workspace.changed()
    if not already:
        event = {"type": "member_joined_channel", "user": BOT_USER, "channel": channel.id, "team": TEAM["id"]}
        desk.emit("member_joined_channel", event | {"channel_type": "C", "event_ts": desk.workspace.ts()})
    return {"ok": True, "channel": channel.json(), **({"warning": "already_in_channel"} if already else {})}


def replies(desk: Desk, args: Json) -> Json:
    channel = _readable(desk, args)
    thread = desk.workspace.thread(channel.id, str(args.get("ts") or ""))
    if not thread:
        raise Refused("thread_not_found")
    shown = [message.json() for message in thread]
    if len(shown) > 1:
        users = list(dict.fromkeys(m.user for m in thread[1:]))
        counts = {"reply_count": len(shown) - 1, "reply_users": users, "latest_reply": thread[-1].ts}
        shown[0] |= {"thread_ts": thread[0].ts, **counts}
    some, rest = page(shown, args)
    return {"ok": True, "messages": some, "has_more": bool(rest["next_cursor"]), "response_metadata": rest}


def history(desk: Desk, args: Json) -> Json:
    channel = _readable(desk, args)
    oldest, latest = str(args.get("oldest") or "0"), str(args.get("latest") or "9" * 10)
    kept = [
        message.json()
        for ts, message in sorted(desk.workspace.messages.get(channel.id, {}).items(), reverse=True)
        if (not message.thread_ts or message.thread_ts == ts or message.subtype == "thread_broadcast")
        and (oldest < ts < latest or (yes(args, "inclusive") and ts in (oldest, latest)))
    ]
    some, rest = page(kept, args, 999)
    more = bool(rest["next_cursor"])
    return {"ok": True, "messages": some, "has_more": more, "pin_count": 0, "response_metadata": rest}


def user_info(desk: Desk, args: Json) -> Json:
    member = desk.member(args.get("user"))
    locale = yes(args, "include_locale")
    return {"ok": True, "user": member.json("users:read.email" in desk.scopes, locale)}


def by_email(desk: Desk, args: Json) -> Json:
    email = str(args.get("email") or "").lower()
    for member in desk.workspace.members.values():
        if email and member.email.lower() == email and not member.deleted and member.kind != "bot":
            return {"ok": True, "user": member.json(email=True)}
    raise Refused("users_not_found")


def list_users(desk: Desk, args: Json) -> Json:
    email = "users:read.email" in desk.scopes
    everybody = [m.json(email, yes(args, "include_locale")) for m in desk.workspace.members.values()]
    some, rest = page(everybody, args)
    return {"ok": True, "members": some, "cache_ts": int(desk.workspace.now()), "response_metadata": rest}


def list_groups(desk: Desk, args: Json) -> Json:
    users = yes(args, "include_users")
    return {"ok": True, "usergroups": [group.json(users) for group in desk.workspace.groups.values()]}


def group_users(desk: Desk, args: Json) -> Json:
    group = desk.workspace.groups.get(str(args.get("usergroup") or ""))
    if group is None:
        raise Refused("no_such_subteam")
    return {"ok": True, "users": list(group.users)}


def bot_info(_desk: Desk, args: Json) -> Json:
    if args.get("bot", BOT_ID) != BOT_ID:
        raise Refused("bot_not_found")
    bot = {"id": BOT_ID, "name": "gurumi", "app_id": APP_ID, "user_id": BOT_USER, "deleted": False}
    return {"ok": True, "bot": bot}


def team_info(_desk: Desk, _args: Json) -> Json:
    return {"ok": True, "team": dict(TEAM)}


def _readable(desk: Desk, args: Json) -> Channel:
    channel = desk.channel(args)
    desk.need(HISTORY[channel.kind])
    if BOT_USER not in channel.members:
        raise Refused("not_in_channel")
    return channel


def _channels(desk: Desk, args: Json, channels: list[Channel]) -> Json:
    kinds = {_TYPES[t] for t in str(args.get("types") or "public_channel").split(",") if t in _TYPES}
    for kind in kinds:
        desk.need(READ[kind])
    seen = [
        channel.json()
        for channel in channels
        if channel.kind in kinds
        and (channel.kind == "channel" or BOT_USER in channel.members)
        and not (yes(args, "exclude_archived") and channel.archived)
    ]
    some, rest = page(seen, args)
    return {"ok": True, "channels": some, "response_metadata": rest}
