"""Who is in the workspace: people, channels and user groups as Slack describes them, and a cast to begin with."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]

TEAM = {"id": "T0REHEARSAL", "name": "Rehearsal", "domain": "rehearsal"}
OTHER_TEAM = "T0ELSEWHERE"
APP_ID, BOT_ID, BOT_USER = "A0GURUMI", "B0GURUMI", "U0GURUMI"


@dataclass
class Member:
    """One account. ``kind`` is ``person``, ``guest`` (of some channels), ``visitor`` (a guest of one channel),
    ``stranger`` (of another organisation) or ``bot``."""

    id: str
    name: str
    real_name: str
    tz: str = ""
    locale: str = "en-US"
    email: str = ""
    kind: str = "person"
    deleted: bool = False
    admin: bool = False

    @property
    def team(self) -> str:
        return OTHER_TEAM if self.kind == "stranger" else TEAM["id"]

    def json(self, email: bool, locale: bool = False) -> Json:
        """The user object of users.info; the e-mail needs a scope of its own."""
        profile: Json = {"real_name": self.real_name, "display_name": self.name}
        if email and self.email and self.kind != "bot":
            profile["email"] = self.email
        if self.kind == "bot":
            profile |= {"api_app_id": APP_ID, "bot_id": f"B{self.id[1:]}"}
        user: Json = {"id": self.id, "team_id": self.team, "name": self.name, "deleted": self.deleted}
        user |= {"real_name": self.real_name, "profile": profile, "is_bot": self.kind == "bot", "is_app_user": False}
        user |= {"is_stranger": self.kind == "stranger", "is_restricted": self.kind in ("guest", "visitor")}
        user |= {"is_ultra_restricted": self.kind == "visitor", "is_admin": self.admin, "is_owner": False}
        if self.tz:
            offset = datetime.now(ZoneInfo(self.tz)).utcoffset()
            user |= {"tz": self.tz, "tz_label": self.tz, "tz_offset": int(offset.total_seconds()) if offset else 0}
        return user | ({"locale": self.locale} if locale else {})


@dataclass
class Channel:
    """A public channel, a private one (``group``) or a DM (``im``)."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    kind: str = "channel"
    archived: bool = False
    shared: bool = False
    topic: str = ""
    created: int = 1_700_000_000

    def json(self, asker: str = BOT_USER) -> Json:
        """The conversation object of conversations.info, as one member sees it."""
        shown: Json = {"id": self.id, "created": self.created, "is_archived": self.archived, "is_mpim": False}
        shown |= {"is_im": self.kind == "im", "is_channel": self.kind == "channel", "is_group": self.kind == "group"}
        shown |= {"is_private": self.kind != "channel", "is_ext_shared": self.shared, "is_shared": self.shared}
        if self.kind == "im":
            return shown | {"user": next(iter(self.members - {asker}), asker), "is_user_deleted": False}
        shown |= {"name": self.name, "is_member": asker in self.members, "is_general": self.name == "general"}
        shown |= {"creator": "U0ADMIN", "is_org_shared": False, "context_team_id": TEAM["id"]}
        return shown | {"topic": {"value": self.topic}, "purpose": {"value": ""}}


@dataclass(frozen=True)
class Shortcut:
    """One entry of the app's menu: in the composer, or on a ``message``."""

    callback_id: str
    name: str
    message: bool = False


@dataclass
class Group:
    """A user group."""

    id: str
    handle: str
    users: list[str]

    def json(self, users: bool) -> Json:
        shown: Json = {"id": self.id, "team_id": TEAM["id"], "is_usergroup": True, "handle": self.handle}
        shown |= {"name": self.handle, "description": "", "is_external": False, "date_delete": 0}
        return shown | {"user_count": len(self.users)} | ({"users": self.users} if users else {})


def cast() -> list[Member]:
    """Three people to be (a developer, an on-call engineer, a platform lead) and those who make trouble."""
    seoul = "Asia/Seoul"
    return [
        Member("U0MINJI", "minji", "김민지", seoul, "ko-KR", "minji@example.com"),
        Member("U0ALEX", "alex", "Alex Rivera", seoul, "en-US", "alex@example.com"),
        Member("U0HANEUL", "haneul", "이하늘", seoul, "ko-KR", "haneul@example.com", admin=True),
        Member("U0GUS", "gus", "Gus Guest", "Europe/Berlin", email="gus@contractor.example", kind="guest"),
        Member("U0STELLA", "stella", "Stella Stranger", "America/New_York", kind="stranger"),
        Member("U0DEPLOYBOT", "deploybot", "Deploy Bot", kind="bot"),
        Member("U0DORA", "dora", "Dora Departed", seoul, email="dora@example.com", deleted=True),
        Member("U0NOOR", "noor", "Noor"),
    ]


def rooms() -> list[Channel]:
    """Channels with and without the bot, public and private, one shared with another organisation, one archived."""
    staff = {"U0MINJI", "U0ALEX", "U0HANEUL", "U0NOOR", "U0DEPLOYBOT"}
    return [
        Channel("C0HELP", "k8s-help", staff | {"U0GUS", BOT_USER}),
        Channel("C0GENERAL", "general", staff | {BOT_USER}),
        Channel("C0RANDOM", "random", set(staff)),
        Channel("C0ONCALL", "on-call", {"U0ALEX", "U0HANEUL", BOT_USER}, kind="group"),
        Channel("C0SECRET", "secret", {"U0HANEUL"}, kind="group"),
        Channel("C0SHARED", "shared-partner", {"U0MINJI", "U0STELLA", BOT_USER}, shared=True),
        Channel("C0OLD", "old-help", staff | {BOT_USER}, archived=True),
    ]


def groups() -> list[Group]:
    return [Group("S0PLATFORM", "platform", ["U0ALEX", "U0HANEUL"])]
