"""The Slack app manifest and the scopes we need, each with its reason: nothing is asked for that is not used."""

from collections.abc import Iterable
from typing import Any

from bot.slack.intake import ASK_ABOUT, ASKS, TICKET_ABOUT
from commands.command import Command
from knowledge.said import Said

DESCRIPTION = "Says what is wrong in a Kubernetes cluster, with proof."
SCOPES: dict[str, Said] = {
    "app_mentions:read": Said("to be asked in a channel"),
    "assistant:write": Said("to suggest questions where somebody begins to talk to it"),
    "channels:history": Said("to find its own answer again after a crash, in public channels"),
    "chat:write": Said("to answer"),
    "commands": Said("for the slash command and the shortcuts"),
    "files:write": Said("to attach what is too long for a message"),
    "groups:history": Said("to find its own answer again after a crash, in private channels"),
    "im:history": Said("to be asked in a direct message"),
    "im:write": Said("to answer in a direct message where a channel is closed to it"),
    "usergroups:read": Said("to know the user groups that a policy names"),
    "users:read": Said("to tell times in the asker's zone, and to know guests and strangers"),
    "users:read.email": Said("to know the e-mail addresses that a policy names"),
}
EVENTS = ("app_home_opened", "app_mention", "message.im")
POSTS = ("message.channels", "message.groups")
_SHORTCUTS, _SHORTCUT_NAME, _SHORTCUT_SAYS = 10, 24, 150
_PROMPTS, _DESCRIPTION = 4, 300


def manifest(
    name: str, slash_command: str, commands: Iterable[Command], request_url: str = "", hears_posts: bool = False
) -> dict[str, Any]:
    """What "Create an app from a manifest" takes. Fields and limits: the manifest schema 2.0.0.

    ``request_url``: where Slack reaches the bot over HTTP; without one the app speaks Socket Mode. ``hears_posts``:
    there are channels in which a post opens a ticket, so that posts which mention nobody have to arrive.
    """
    forms = tuple(commands)
    address = {"request_url": request_url} if request_url else {}
    menus = {"message_menu_options_url": request_url} if request_url else {}
    words = ", ".join(c.name for c in forms)
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": name[:35],
            "description": DESCRIPTION,
            "background_color": "#2d6cdf",
        },
        "features": {
            "bot_user": {"display_name": name[:80], "always_online": True},
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "agent_view": {"agent_description": DESCRIPTION[:_DESCRIPTION], "suggested_prompts": _prompts(forms)},
            "shortcuts": _shortcuts(name, forms),
            "slash_commands": [
                {
                    "command": slash_command,
                    "description": "Ask about a Kubernetes workload, in English or Korean",
                    "usage_hint": f"[your question | {words}]"[:1000],
                    "should_escape": False,
                    **({"url": request_url} if request_url else {}),
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": [*EVENTS, *(POSTS if hears_posts else ())], **address},
            "interactivity": {"is_enabled": True, **address, **menus},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not request_url,
            "token_rotation_enabled": False,
        },
    }


def _shortcuts(name: str, commands: Iterable[Command]) -> list[dict[str, str]]:
    """One on messages, and one for each command that has a form of its own."""
    about = f"Ask {name} about this"
    found = [
        {
            "name": about if len(about) <= _SHORTCUT_NAME else "Ask about this",
            "type": "message",
            "callback_id": ASK_ABOUT,
            "description": "The message is the question; the answer comes in its thread.",
        },
        {
            "name": "Open a ticket",
            "type": "message",
            "callback_id": TICKET_ABOUT,
            "description": "The message is the ticket; it is half answered in its thread.",
        },
    ]
    for command in commands:
        if command.form:
            says = {"callback_id": f"{ASKS}{command.name}", "description": str(command.says)[:_SHORTCUT_SAYS]}
            found.append({"name": str(command.form.title)[:_SHORTCUT_NAME], "type": "global", **says})
    return found[:_SHORTCUTS]


def _prompts(commands: Iterable[Command]) -> list[dict[str, str]]:
    """The first questions of somebody who does not know what to ask."""
    examples = [command.example for command in commands if command.example and not command.schedule]
    return [{"title": example, "message": example} for example in examples[:_PROMPTS]]
