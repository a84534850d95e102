"""The app manifest: for Socket Mode, and for HTTP."""

from bot.slack.manifest import EVENTS, SCOPES, manifest
from commands.registry import registry

FORMS = [registered.command for registered in registry().values()]
URL = "https://bot.example.com/slack/events"


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
    assert made["features"]["slash_commands"][0]["url"] == URL


def test_the_usage_names_every_command() -> None:
    hint = manifest("Gurumi", "/k8s", FORMS)["features"]["slash_commands"][0]["usage_hint"]
    assert all(form.name in hint for form in FORMS)
