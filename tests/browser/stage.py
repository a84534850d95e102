"""The page over a rehearsed Slack without a bot: what stands on it is what a test puts there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.words import Words
from integrations.sandbox.kubernetes.room import KubernetesRoom
from integrations.sandbox.page.app import App
from integrations.sandbox.page.completion import Hint
from integrations.sandbox.page.page import RehearsalPage, listen
from integrations.sandbox.slack.people import BOT_ID, BOT_USER
from integrations.sandbox.slack.room import SlackRoom
from integrations.sandbox.slack.state import Message
from knowledge.said import Said
from tests.browser.little_app import SHORTCUTS


class Stage:
    def __init__(self, room: SlackRoom, url: str) -> None:
        self.room, self.url = room, url

    def bot_says(self, channel: str, text: str = "", blocks: list[Any] | None = None, **more: Any) -> Message:
        workspace = self.room.workspace
        message = Message(self.room.place(channel).id, workspace.ts(), BOT_USER, text, blocks or [], bot_id=BOT_ID)
        for name, value in more.items():
            setattr(message, name, value)
        return workspace.post(message)


@contextmanager
def staged() -> Iterator[Stage]:
    """There can be one of it a process."""

    def say(said: Said, language: str) -> str:
        return Words(language).say(said)

    app = App("/k8s", (Hint("help", "", Said("Show these words.")),), home=True)
    with (
        SlackRoom(shortcuts=SHORTCUTS) as room,
        KubernetesRoom({}) as clusters,
        RehearsalPage(room, clusters, say, app, listen(18865)) as page,
    ):
        yield Stage(room, page.url)
