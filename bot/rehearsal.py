"""``gurumi demo``: the rehearsal room. Starts a Slack, the demo clusters, the bot itself and the page, on loopback.

The bot is the one of ``gurumi run``, over Socket Mode; only the addresses and tokens that it is given are rehearsed.
"""

import logging
import os
import tempfile
import threading
import time
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import typer

from bot.run import run
from bot.settings import Settings
from bot.signals import stop_on_signals, wait_for
from bot.slack.manifest import manifest
from bot.words import Words
from commands.registry import registry
from integrations.sandbox.kubernetes.room import KubernetesRoom
from integrations.sandbox.page.app import App
from integrations.sandbox.page.completion import Hint
from integrations.sandbox.page.page import RehearsalPage, listen
from integrations.sandbox.page.questions import CHATTER, TOPICS
from integrations.sandbox.slack.people import Channel, Shortcut, rooms
from integrations.sandbox.slack.room import SlackRoom
from integrations.sandbox.slack.state import Message
from integrations.sandbox.world import load
from knowledge.said import Said

PORT = 8765
COMMAND = "/k8s"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_BOT_STARTS_S, _BOT_STOPS_S = 60.0, 14.0
_HELP, _TICKETS = "k8s-help", "k8s-tickets"
_DESK = """
channels: [C0TICKETS]
team: [U0ALEX, U0HANEUL]
call: S0PLATFORM
hours: {zone: Asia/Seoul}
"""
_POLICY = """
rules:
- may: [ask]
  who: everybody
- may: [approve]
  who: [U0HANEUL]
"""


def rehearse(port: int, browser: bool, began: float) -> None:
    """Run until SIGINT or SIGTERM. Raises OSError when no port is free, RuntimeError when a part does not start."""
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s %(message)s")
    stop = stop_on_signals()
    for name in _PROXIES:  # slack_sdk would send even loopback through a proxy
        os.environ.pop(name, None)
        os.environ.pop(name.lower(), None)
    listener = listen(port)
    taken = listener.getsockname()[1] != port
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="gurumi-demo-")))
        features = manifest("Gurumi", COMMAND, (r.command for r in registry().values()))["features"]
        slack = opened.enter_context(SlackRoom(channels=_channels(), shortcuts=_shortcuts(features)))
        world = Path(str(resources.files("integrations.sandbox") / "worlds" / "demo"))
        clusters = opened.enter_context(KubernetesRoom(load(world, datetime.now(UTC))))
        _chat(slack)
        settings = Settings.model_validate(
            slack.environment
            | {
                "KUBECONFIG": str(clusters.kubeconfig(folder / "kubeconfig")),
                "GURUMI_DATABASE_URL": f"sqlite:///{folder / 'gurumi.db'}",
                "GURUMI_INVENTORY": "",
                "GURUMI_POLICY": _file(folder / "policy.yaml", _POLICY),
                "GURUMI_TICKETS": _file(folder / "tickets.yaml", _DESK),
                "GURUMI_SLASH_COMMAND": COMMAND,
            }
        )
        bot = threading.Thread(target=lambda: run(settings, stop=stop), name="bot", daemon=True)
        bot.start()
        app = _app(features, list(clusters.stores))
        page = opened.enter_context(RehearsalPage(slack, clusters, _say, app, listener))
        _await(slack, bot)
        if taken:
            typer.echo(f"Port {port} is taken; the next free one is used.")
        typer.echo(f"The rehearsal room is open after {time.monotonic() - began:.1f} s: {page.url}")
        typer.echo("Ctrl-C closes it.")
        if browser:
            _open(page.url)
        wait_for(stop)
        bot.join(_BOT_STOPS_S)


def _file(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def _await(slack: SlackRoom, bot: threading.Thread) -> None:
    """Returns when the bot has its socket."""
    try:
        slack.wait_for(lambda: slack.sockets.live or not bot.is_alive(), _BOT_STARTS_S)
    except TimeoutError as error:
        raise RuntimeError(f"the bot did not connect within {_BOT_STARTS_S:.0f} s") from error
    if not bot.is_alive():
        raise RuntimeError("the bot ended while it started; what it said stands above")


def _say(said: Said, language: str) -> str:
    return Words(language).say(said)


def _shortcuts(features: Mapping[str, Any]) -> Iterator[Shortcut]:
    """What the manifest offers in Slack's menus."""
    for offer in features.get("shortcuts", ()):
        yield Shortcut(offer["callback_id"], offer["name"], offer["type"] == "message")


def _app(features: Mapping[str, Any], clusters: list[str]) -> App:
    """What else the page draws of the manifest."""
    agent = features.get("agent_view", {})
    return App(
        COMMAND,
        tuple(_hints(clusters)),
        home=bool(features["app_home"]["home_tab_enabled"]),
        assistant=bool(agent),
        prompts=tuple(agent.get("suggested_prompts", ())),
    )


def _hints(clusters: list[str]) -> Iterator[Hint]:
    """The words after the slash command, with the clusters where a command takes one."""
    for registered in registry().values():
        form = registered.command
        choices = tuple(clusters) if "cluster" in form.takes.split(" ")[0] else ()
        yield Hint(form.name, form.takes, form.says, choices)


def _channels() -> list[Channel]:
    """The channels of one company at work, without those that are there to make trouble, and one for tickets."""
    channels = [channel for channel in rooms() if not (channel.shared or channel.archived)]
    helped = next(channel for channel in channels if channel.name == _HELP)
    channels.append(Channel("C0TICKETS", _TICKETS, set(helped.members)))
    for channel in channels:
        channel.topic = TOPICS.get(channel.name, "")
    return channels


def _chat(slack: SlackRoom) -> None:
    """What people said before you came in. Nobody is asked anything, so no event is sent."""
    for minutes_ago, who, channel, text in CHATTER:
        ts = f"{time.time() - minutes_ago * 60:.6f}"
        slack.workspace.post(Message(slack.place(channel).id, ts, slack.person(who).id, text))


def _open(url: str) -> None:
    """A window, where there is a desktop; a browser in the terminal would take the terminal away."""
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return
    if type(found) is not webbrowser.GenericBrowser:
        found.open(url)
