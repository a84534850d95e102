"""Slack's Web API with its limits and faults: Retry-After per method and channel, bounded retries, our own errors."""

import json
import logging
import math
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import RetryHandler
from slack_sdk.web import SlackResponse, WebClient
from slack_sdk.webhook import WebhookClient

from bot.blocks import Block, File, Rendered
from integrations.errors import (
    Denied,
    IntegrationError,
    Malformed,
    NotFound,
    Overloaded,
    Unauthenticated,
    Unreachable,
)
from knowledge.said import Said

_log = logging.getLogger(__name__)

TIMEOUT_S = 8
BRISK_S = 2
NUDGES_A_MINUTE = 20
"""Slack allows some fifty edits a minute, answers included."""
IN_PLACE_S = 3.0
"""Seconds that one post may wait for Slack where it is, Retry-After included; whoever has to wait longer comes back."""
TRIES = 3
PAGES = 5
CLOCKS_APART = timedelta(minutes=10)
"""How far Slack's clock and ours may differ when an own message is looked for."""
EVENT_TYPE = "gurumi_answer"
_FAULTS = (SlackClientError, URLError, OSError, HTTPException, ValueError)
"""What slack_sdk lets through; ValueError: a body that is no JSON."""
_TOKEN = ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type")
_GONE = (
    "channel_not_found",
    "message_not_found",
    "user_not_found",
    "users_not_found",
    "thread_not_found",
    "user_disabled",
    "user_not_visible",
    "used_url",
    "expired_url",
)
_FORBIDDEN = (
    "missing_scope",
    "not_in_channel",
    "is_archived",
    "restricted_action",
    "messages_tab_disabled",
    "cant_update_message",
    "edit_window_closed",
    "user_not_in_channel",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
    "restricted_action_non_threadable_channel",
    "cannot_reply_to_message",
    "cannot_dm_bot",
    "cant_delete_message",
    "streaming_state_conflict",
)
_PASSING = ("internal_error", "fatal_error", "service_unavailable", "team_added_to_org", "request_timeout")


class Later(Overloaded):
    """Slack wants us to come back in ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__("Slack", Said("Slack asks us to wait {seconds:|second|seconds}.", seconds=math.ceil(seconds)))
        self.seconds = seconds


@dataclass(frozen=True)
class Posted:
    """Where a message stands."""

    channel: str
    ts: str


class Post:
    """Posts, edits and looks up. Every method raises an IntegrationError and nothing else."""

    def __init__(self, client: WebClient, stopping: threading.Event) -> None:
        self.client = client
        self._stopping = stopping
        self._until: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()
        self._nudged: deque[float] = deque()

    def message(self, channel: str, thread: str, rendered: Rendered, mark: str, since: datetime) -> Posted:
        """Post into a channel or thread. ``mark`` goes into the metadata, so that a lost answer can be looked up."""

        def found() -> Posted | None:
            return self.look_up(channel, thread, mark, since)

        answer = self._call(
            "chat.postMessage",
            channel,
            {
                "channel": channel,
                "text": rendered.text,
                "blocks": rendered.blocks,
                "thread_ts": thread or None,
                "unfurl_links": False,
                "unfurl_media": False,
                "metadata": {"event_type": EVENT_TYPE, "event_payload": {"delivery": mark}},
            },
            found,
        )
        if isinstance(answer, Posted):
            return answer
        return Posted(str(answer.get("channel") or channel), str(answer.get("ts") or ""))

    def edit(self, where: Posted, rendered: Rendered) -> None:
        self._call(
            "chat.update",
            where.channel,
            {"channel": where.channel, "ts": where.ts, "text": rendered.text, "blocks": rendered.blocks},
        )

    def nudge(self, where: Posted, rendered: Rendered) -> None:
        """Edit, if it can be done at once: what is shown while an answer is on its way may be left out."""
        if self._may_nudge(where.channel):
            body = {"channel": where.channel, "ts": where.ts, "text": rendered.text, "blocks": rendered.blocks}
            self._once("chat.update", where.channel, body)

    def _may_nudge(self, channel: str) -> bool:
        """Answers need the same method: they shall find some of what Slack allows it left."""
        now = time.monotonic()
        with self._lock:
            while self._nudged and self._nudged[0] < now - 60:
                self._nudged.popleft()
            if len(self._nudged) >= NUDGES_A_MINUTE or self._until.get(("chat.update", channel), 0.0) > now:
                return False
            self._nudged.append(now)
            return True

    def open(self, trigger: str, view: Block) -> None:
        """A modal, on the screen of who pulled the trigger; at once or never."""
        self._once("views.open", "", {"trigger_id": trigger, "view": view})

    def publish(self, user: str, view: Block) -> None:
        """Somebody's Home, in place of what it was."""
        self._call("views.publish", user, {"user_id": user, "view": view})

    def suggest(self, channel: str, thread: str, prompts: list[dict[str, str]]) -> None:
        """What somebody may ask in a conversation that has just begun."""
        arguments = {"channel_id": channel, "thread_ts": thread or None, "prompts": prompts}
        self._call("assistant.threads.setSuggestedPrompts", channel, arguments)

    def remove(self, where: Posted) -> None:
        self._call("chat.delete", where.channel, {"channel": where.channel, "ts": where.ts})

    def whisper(self, channel: str, user: str, thread: str, rendered: Rendered) -> None:
        """An ephemeral message: only that person sees it, and only while they are there."""
        self._call(
            "chat.postEphemeral",
            channel,
            {
                "channel": channel,
                "user": user,
                "thread_ts": thread or None,
                "text": rendered.text,
                "blocks": rendered.blocks,
            },
        )

    def open_direct(self, user: str) -> str:
        """The channel of the DM with a person."""
        answer = self._call("conversations.open", user, {"users": user})
        channel = answer.get("channel") if not isinstance(answer, Posted) else None
        return str(channel.get("id", "")) if isinstance(channel, Mapping) else ""

    def respond(self, url: str, rendered: Rendered) -> None:
        """Tell one person through a ``response_url``: works where the bot is no member, five times in 30 minutes."""
        # Its own repeating would post twice when only the answer to the first try was lost.
        hook = WebhookClient(url, timeout=TIMEOUT_S, retry_handlers=_NO_RETRIES)
        began = time.monotonic()
        while True:
            try:
                answer = hook.send(
                    text=rendered.text,
                    blocks=rendered.blocks,
                    response_type="ephemeral",
                    replace_original=False,
                    unfurl_links=False,
                    unfurl_media=False,
                )
            except _FAULTS as error:
                raise Unreachable("Slack", Said("Slack does not answer.")) from error
            if answer.status_code == 200:
                return
            if answer.status_code == 429:
                self._pause(_seconds(answer.headers), began)
                continue
            if answer.status_code >= 500:
                raise Overloaded("Slack", Said("Slack is in trouble (HTTP {status}).", status=answer.status_code))
            if answer.status_code == 400:
                raise Malformed("Slack", Said("Slack does not take this message."))
            raise NotFound("Slack", Said("That question is too old to be answered where it was asked."))

    def upload(self, file: File) -> str:
        """Bring a text to Slack, where nobody sees it yet. Its id."""
        content = file.content.encode()
        asked = self._call("files.getUploadURLExternal", "", {"filename": file.name, "length": len(content)})
        told = asked.data if isinstance(asked, SlackResponse) and isinstance(asked.data, dict) else {}
        request = Request(str(told.get("upload_url") or ""), data=content, method="POST")
        request.add_header("Content-Type", "application/octet-stream")
        try:
            with urlopen(request, timeout=TIMEOUT_S):
                return str(told.get("file_id") or "")
        except (OSError, HTTPException, ValueError) as error:
            raise Unreachable("Slack", Said("Slack does not answer ({method}).", method="upload")) from error

    def attach(self, channel: str, thread: str, name: str, file_id: str) -> None:
        """Show an uploaded file in a channel or thread. Not repeated when nobody knows whether it is there."""
        arguments = {"files": json.dumps([{"id": file_id, "title": name}]), "channel_id": channel}
        arguments |= {"thread_ts": thread} if thread else {}
        self._call("files.completeUploadExternal", channel, arguments, most=1)

    def look_up(self, channel: str, thread: str, mark: str, since: datetime) -> Posted | None:
        """The message with that mark, posted after ``since``, if a post whose answer never came arrived after all.

        Without the right to read there it cannot be told, and counts as not found.
        """
        method = "conversations.replies" if thread else "conversations.history"
        arguments: dict[str, Any] = {"channel": channel, "limit": 200, "include_all_metadata": True}
        arguments |= {"oldest": f"{(since - CLOCKS_APART).timestamp():.6f}"}
        if thread:
            arguments["ts"] = thread
        for _ in range(PAGES):
            try:
                answer = self._call(method, channel, arguments)
            except (NotFound, Denied):
                return None
            body = answer.data if isinstance(answer, SlackResponse) and isinstance(answer.data, dict) else {}
            for message in body.get("messages") or ():
                payload = ((message.get("metadata") or {}).get("event_payload")) or {}
                if payload.get("delivery") == mark:
                    return Posted(channel, str(message.get("ts", "")))
            arguments["cursor"] = (body.get("response_metadata") or {}).get("next_cursor") or ""
            if not arguments["cursor"]:
                break
        return None

    def person(self, user: str) -> Mapping[str, Any]:
        """``users.info``; one try, briefly: no answer waits for a name."""
        try:
            answer = self._brisk().users_info(user=user, include_locale=True)
        except _FAULTS as error:
            raise _ours(error, "users.info") from error
        found = answer.get("user")
        return found if isinstance(found, Mapping) else {}

    def groups(self) -> Mapping[str, frozenset[str]]:
        """User id → ids and handles (``@name``) of the user groups that person is in."""
        answer = self._call("usergroups.list", "", {"include_users": True})
        members: dict[str, set[str]] = {}
        listed = answer.get("usergroups") if not isinstance(answer, Posted) else None
        for group in listed if isinstance(listed, list) else ():
            for user in group.get("users") or ():
                members.setdefault(str(user), set()).update({str(group.get("id")), f"@{group.get('handle')}"})
        return {user: frozenset(ids) for user, ids in members.items()}

    def _call(
        self,
        method: str,
        channel: str,
        arguments: dict[str, Any],
        found: Callable[[], Posted | None] | None = None,
        most: int = TRIES,
    ) -> SlackResponse | Posted:
        """Call a method until it is done, refused, or our patience ends, at ``most`` so often without being told why.

        ``found`` is asked before a call is repeated whose answer never came: it may have been carried out.
        """
        began, tries = time.monotonic(), 0
        body = {key: value for key, value in arguments.items() if value is not None}
        while True:
            self._await_turn(method, channel, began)
            try:
                if _as_json(method, body):
                    return self.client.api_call(method, json=body)
                return self.client.api_call(method, data=body)
            except _FAULTS as error:
                ours = _ours(error, method)
                tries += 1
                if not isinstance(ours, Overloaded | Unreachable) or self._stopping.is_set():
                    raise ours from error
                wait = _retry_after(error)
                if wait is not None:
                    with self._lock:
                        self._until[method, channel] = time.monotonic() + wait
                    continue
                if tries >= most:
                    raise ours from error
                self._pause(0.4 * 2**tries * random.uniform(0.7, 1.3), began)
                if found is not None and (there := found()) is not None:
                    return there

    def _once(self, method: str, channel: str, body: dict[str, Any]) -> None:
        """One try, briefly."""
        try:
            self._brisk().api_call(method, json=body)
        except _FAULTS as error:
            if (wait := _retry_after(error)) is not None:
                with self._lock:
                    self._until[method, channel] = time.monotonic() + wait
            raise _ours(error, method) from error

    def _brisk(self) -> WebClient:
        """A client for what nobody waits for."""
        base, token = self.client.base_url, self.client.token
        return WebClient(token=token, base_url=base, timeout=BRISK_S, retry_handlers=_NO_RETRIES)

    def _await_turn(self, method: str, channel: str, began: float) -> None:
        """Wait as long as Slack asked us to, for this method in this channel alone."""
        with self._lock:
            wait = self._until.get((method, channel), 0.0) - time.monotonic()
        if wait > 0:
            self._pause(wait, began)

    def _pause(self, seconds: float, began: float) -> None:
        if time.monotonic() - began + seconds > IN_PLACE_S:
            raise Later(seconds)
        if self._stopping.wait(seconds):
            raise Overloaded("Slack", Said("The bot is being stopped."))


_NO_RETRIES: list[RetryHandler] = []


def _as_json(method: str, body: Mapping[str, Any]) -> bool:
    """As slack_sdk itself sends: what holds blocks or views as JSON, the rest as a form."""
    return "blocks" in body or method.startswith(("views.", "assistant.")) or method == "conversations.open"


def attempt(client: WebClient, method: str) -> SlackResponse:
    """One call without arguments, once."""
    try:
        return client.api_call(method)
    except _FAULTS as error:
        raise _ours(error, method) from error


def _retry_after(error: Exception) -> float | None:
    if isinstance(error, SlackApiError) and getattr(error.response, "status_code", 0) == 429:
        return _seconds(error.response.headers)
    return None


def _seconds(headers: Mapping[str, Any]) -> float:
    value = next((v for k, v in headers.items() if k.lower() == "retry-after"), "1")
    text = value[0] if isinstance(value, list) and value else value
    try:
        return max(0.1, float(str(text)))
    except ValueError:
        return 1.0


def _code(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        response = error.response
        body = response.data if isinstance(response, SlackResponse) else response
        return str(body.get("error", "")) if isinstance(body, Mapping) else ""
    return type(error).__name__


def _ours(error: Exception, method: str) -> IntegrationError:
    """Slack's error as one of ours, with a sentence."""
    code = _code(error)
    if not isinstance(error, SlackApiError):
        return Unreachable("Slack", Said("Slack does not answer ({method}).", method=method))
    status = getattr(error.response, "status_code", 200)
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return Overloaded("Slack", Said("Slack asks us to slow down ({method}).", method=method))
    if status >= 500 or code in _PASSING or " " in code:  # a page instead of JSON is told as if it were a code
        return Overloaded("Slack", Said("Slack is in trouble (HTTP {status}).", status=status))
    says = Said("Slack refuses {method}: {code}", method=method, code=code or "unknown")
    if code in _TOKEN:
        return Unauthenticated("Slack", says, Said("Check SLACK_BOT_TOKEN: install the app again to get a new one."))
    if code in _GONE:
        return NotFound("Slack", says)
    if code in _FORBIDDEN:
        return Denied("Slack", says)
    return Malformed("Slack", says)
