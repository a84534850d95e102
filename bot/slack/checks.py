"""What ``gurumi doctor`` asks Slack: the tokens, and the scopes one by one."""

from collections.abc import Callable, Iterator

from slack_sdk.web import WebClient

from bot.settings import Settings
from bot.slack.manifest import SCOPES
from bot.slack.post import attempt
from commands.tools import Check
from integrations.errors import IntegrationError
from knowledge.said import Said

_TIMEOUT_S = 5


def checks(settings: Settings) -> Iterator[Callable[[], Check]]:
    """The checks that fit what is configured; none when no Slack token is set."""
    if settings.slack_bot_token:
        yield lambda: _bot(settings)
    if settings.slack_app_token:
        yield lambda: _app(settings)


def _bot(settings: Settings) -> Check:
    client = _client(settings, settings.slack_bot_token)
    try:
        answer = attempt(client, "auth.test")
    except IntegrationError as error:
        return Check("Slack SLACK_BOT_TOKEN", False, error.says, error.hint)
    header = next((v for k, v in answer.headers.items() if k.lower() == "x-oauth-scopes"), "")
    granted = {scope.strip() for scope in str(header).split(",")}
    missing = [scope for scope in SCOPES if scope not in granted]
    name = "Slack SLACK_BOT_TOKEN"
    if not missing:
        return Check(
            name, True, Said("{user} in {team}, every scope is there", user=answer.get("user"), team=answer.get("team"))
        )
    reasons = tuple(Said("{scope} ({why})", scope=s, why=SCOPES[s]) for s in missing)
    hint = Said(
        "Add the scopes under OAuth & Permissions, then install the app again: gurumi manifest prints all of them."
    )
    return Check(name, False, Said("these scopes are missing: {reasons}", reasons=reasons), hint)


def _app(settings: Settings) -> Check:
    name = "Slack SLACK_APP_TOKEN"
    try:
        attempt(_client(settings, settings.slack_app_token), "apps.connections.open")
    except IntegrationError as error:
        hint = Said("Make an app-level token with the scope connections:write under Basic Information.")
        return Check(name, False, error.says, hint)
    return Check(name, True, Said("Socket Mode may be used"))


def _client(settings: Settings, token: object) -> WebClient:
    value = token.get_secret_value() if hasattr(token, "get_secret_value") else ""
    client = WebClient(token=value, base_url=settings.slack_api_url.rstrip("/") + "/", timeout=_TIMEOUT_S)
    client.retry_handlers.clear()
    return client
