"""What the page knows of the installed app besides its shortcuts: the slash command, its words, whether it has a Home
tab."""

from collections.abc import Mapping
from dataclasses import dataclass

from integrations.sandbox.page.completion import Hint


@dataclass(frozen=True)
class App:
    """The app as its manifest describes it."""

    command: str
    hints: tuple[Hint, ...] = ()
    home: bool = False
    assistant: bool = False
    prompts: tuple[Mapping[str, str], ...] = ()
    """What the app suggests to ask when a conversation begins: ``title`` and ``message`` of each."""
