"""Whether somebody still has an account in the workspace; while Slack does not say, they have."""

import re
import threading

from slack_sdk.web import WebClient

from bot.settings import Settings
from bot.slack.post import TIMEOUT_S, Post
from integrations.errors import IntegrationError, NotFound

_PERSON = re.compile(r"[UW][A-Z0-9]{2,}", re.ASCII)


class Presence:
    """Looks people up one at a time: it is asked of few, and seldom."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.slack_bot_token
        base = settings.slack_api_url.rstrip("/") + "/"
        client = WebClient(token=secret.get_secret_value() if secret else None, base_url=base, timeout=TIMEOUT_S)
        self._post = Post(client, threading.Event())

    def is_here(self, person: str) -> bool:
        if not _PERSON.fullmatch(person):
            return True
        try:
            return self._post.person(person).get("deleted") is not True
        except NotFound:
            return False
        except IntegrationError:
            return True
