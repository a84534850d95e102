"""The app manifest: generated from the commands, asking for exactly what is used."""

import re
from pathlib import Path

import pytest

import bot.slack
from bot.slack.intake import ASK_ABOUT, ASKS, TICKET_ABOUT
from bot.slack.manifest import EVENTS, SCOPES, manifest
from commands.registry import registry
from integrations.sandbox.slack.api import METHODS

FORMS = [registered.command for registered in registry().values()]
URL = "https://bot.example.com/slack/events"
SOURCES = {file: file.read_text() for file in Path(bot.slack.__path__[0]).glob("*.py")}
CALLED = {
    name for text in SOURCES.values() for name in re.findall(r'"([a-z]+(?:\.[A-Za-z]+)+)"', text) if name in METHODS
} | {"users.info", "auth.test", "apps.connections.open"}
SCOPES_OF_EVENTS = {"app_home_opened": set(), "app_mention": {"app_mentions:read"}, "message.im": {"im:history"}}
NO_METHODS_OWN = {
    "commands": "the slash command and the shortcuts",
    "users:read.email": "a field of users.info",
    "channels:history": "conversations.replies in public channels",
    "groups:history": "conversations.replies in private channels",
}


def test_socket_mode_needs_no_address() -> None:
    made = manifest("Gurumi", "/k8s", FORMS)
    assert made["settings"]["socket_mode_enabled"] is True
    assert "url" not in str(made["settings"])
    assert made["oauth_config"]["scopes"]["bot"] == list(SCOPES)


def test_over_http_the_address_stands_everywhere_and_socket_mode_is_off() -> None:
    made = manifest("Gurumi", "/k8s", FORMS, URL)
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["event_subscriptions"] == {"bot_events": list(EVENTS), "request_url": URL}
    assert made["settings"]["interactivity"]["request_url"] == URL
    assert made["settings"]["interactivity"]["message_menu_options_url"] == URL
    assert made["features"]["slash_commands"][0]["url"] == URL


def test_the_usage_names_every_command() -> None:
    hint = manifest("Gurumi", "/k8s", FORMS)["features"]["slash_commands"][0]["usage_hint"]
    assert all(form.name in hint for form in FORMS)


def test_there_is_a_shortcut_on_messages_and_one_for_each_form() -> None:
    shortcuts = manifest("Gurumi", "/k8s", FORMS)["features"]["shortcuts"]
    assert [s["callback_id"] for s in shortcuts if s["type"] == "message"] == [ASK_ABOUT, TICKET_ABOUT]
    assert {s["callback_id"] for s in shortcuts if s["type"] == "global"} == {
        f"{ASKS}{form.name}" for form in FORMS if form.form
    }


@pytest.mark.parametrize("name", ["Gurumi", "A name that is much longer than any shortcut's"])
def test_no_limit_of_the_schema_is_exceeded(name: str) -> None:
    made = manifest(name, "/k8s", FORMS, URL)
    features = made["features"]
    assert len(features["shortcuts"]) <= 10
    assert all(0 < len(s["name"]) <= 24 and 0 < len(s["description"]) <= 150 for s in features["shortcuts"])
    assert len(features["agent_view"]["suggested_prompts"]) <= 4
    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140


@pytest.mark.parametrize("method", sorted(CALLED))
def test_every_method_that_is_called_may_be_called_with_these_scopes(method: str) -> None:
    scopes = METHODS[method].scopes
    assert not scopes or set(scopes) & set(SCOPES)


@pytest.mark.parametrize("scope", SCOPES)
def test_every_scope_is_used_by_a_method_an_event_or_a_feature(scope: str) -> None:
    by_methods = {s for method in CALLED for s in METHODS[method].scopes}
    by_events = {s for event in EVENTS for s in SCOPES_OF_EVENTS[event]}
    assert scope in by_methods | by_events | set(NO_METHODS_OWN)


def test_every_event_that_is_subscribed_to_is_understood() -> None:
    listener = next(text for file, text in SOURCES.items() if file.name == "intake.py")
    for event in EVENTS:
        assert f'"{event.partition(".")[0]}"' in listener


def test_the_methods_that_are_called_are_found() -> None:
    assert {"chat.postMessage", "views.open", "views.publish", "files.completeUploadExternal"} <= CALLED
