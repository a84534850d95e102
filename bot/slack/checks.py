"""What ``gurumi doctor`` asks Slack: the tokens, and the scopes one by one."""

import re
from collections.abc import Callable, Iterator
from functools import cached_property, partial

from slack_sdk.web import SlackResponse, WebClient

from bot.settings import Settings
from bot.slack.manifest import SCOPES
from bot.slack.post import attempt
from commands.tools import Check
from integrations.errors import IntegrationError
from knowledge.said import Said

_TIMEOUT_S = 5


def checks(settings: Settings) -> Iterator[Callable[[], Check]]:
    """The checks of the way in that is configured, and of the one way out."""
    identity = _Identity(settings)
    yield identity.token
    if settings.slack_bot_token:
        for scope in SCOPES:
            yield partial(identity.scope, scope)
    if settings.slack_app_token:
        yield lambda: _app(settings)
    else:
        yield lambda: _signing(settings)


class _Identity:
    """What Slack says of the bot token, asked once for all checks that want to know."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _answer(self) -> SlackResponse | IntegrationError:
        try:
            return attempt(_client(self._settings, self._settings.slack_bot_token), "auth.test")
        except IntegrationError as error:
            return error

    def token(self) -> Check:
        name = "Slack SLACK_BOT_TOKEN"
        if not self._settings.slack_bot_token:
            hint = Said("It stands under OAuth & Permissions once the app is installed, and begins with xoxb-.")
            return Check(name, False, Said("not set, so the bot can say nothing in Slack"), hint)
        answer = self._answer
        if isinstance(answer, IntegrationError):
            return Check(name, False, answer.says, answer.hint)
        return Check(name, True, Said("{user} in {team}", user=answer.get("user"), team=answer.get("team")))

    def scope(self, scope: str) -> Check:
        name, answer = f"Slack {scope}", self._answer
        if isinstance(answer, IntegrationError):
            return Check(name, False, Said("could not be asked: the bot token does not work"))
        header = next((v for k, v in answer.headers.items() if k.lower() == "x-oauth-scopes"), "")
        granted = {one.strip() for one in str(header).split(",")}
        if scope in granted:
            return Check(name, True, SCOPES[scope])
        hint = Said(
            "Add the scope {scope} under OAuth & Permissions, then install the app again: gurumi manifest prints all.",
            scope=scope,
        )
        return Check(name, False, Said("this scope is missing: it is needed {why}", why=SCOPES[scope]), hint)


def _app(settings: Settings) -> Check:
    name = "Slack SLACK_APP_TOKEN"
    try:
        attempt(_client(settings, settings.slack_app_token), "apps.connections.open")
    except IntegrationError as error:
        hint = Said("Make an app-level token with the scope connections:write under Basic Information.")
        return Check(name, False, error.says, hint)
    return Check(name, True, Said("Socket Mode may be used"))


def _signing(settings: Settings) -> Check:
    """Nobody can be asked whether it is right: only what comes from Slack shows it."""
    name = "Slack SLACK_SIGNING_SECRET"
    hint = Said("The app's signing secret stands under Basic Information: 32 hexadecimal digits.")
    if not settings.slack_signing_secret:
        says = Said("neither it (for HTTP) nor SLACK_APP_TOKEN (for Socket Mode) is set, so Slack reaches no bot")
        return Check(name, False, says, hint)
    if re.fullmatch(r"[0-9a-f]{32}", settings.slack_signing_secret.get_secret_value()):
        return Check(name, True, Said("set, and of the usual form"))
    return Check(name, True, Said("set, but not of the usual form"), hint)


def _client(settings: Settings, token: object) -> WebClient:
    value = token.get_secret_value() if hasattr(token, "get_secret_value") else ""
    client = WebClient(token=value, base_url=settings.slack_api_url.rstrip("/") + "/", timeout=_TIMEOUT_S)
    client.retry_handlers.clear()
    return client
