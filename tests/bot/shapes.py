"""Payloads as Slack sends them, and the same ones damaged in every way that JSON allows."""

import copy
import json
from typing import Any

from hypothesis import strategies as st

from bot.slack.intake import ASK_ABOUT, ASKS

NAMES = [
    "type", "event", "user", "channel", "ts", "text", "thread_ts", "event_id", "team_id", "bot_id", "subtype",
    "channel_type", "command", "user_id", "channel_id", "trigger_id", "response_url", "actions", "container", "message",
    "view", "payload", "authorizations", "enterprise_id", "callback_id", "private_metadata", "state", "values",
    "blocks", "block_id", "action_id", "value", "selected_option", "tab", "assistant_thread", "attachments",
]  # fmt: skip
KINDS = (
    "event_callback", "block_actions", "block_suggestion", "view_submission", "view_closed", "message_action",
    "shortcut", "message", "app_mention", "app_home_opened", "assistant_thread_started", "url_verification",
)  # fmt: skip
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=30),
    st.sampled_from([*KINDS, "im", "D0X", "1.2", "\x00", "\ud800", "U0MINJI", "C0HELP", "form", "find:clusters"]),
    st.sampled_from(["🙂🙂", "\u202e\u200b", "x" * 40_000, "```\n```", "{" * 2_000, "kept:x", "<!channel>"]),
)
SHAPES = st.recursive(
    LEAVES,
    lambda inside: st.one_of(
        st.lists(inside, max_size=3), st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inside, max_size=8)
    ),
    max_leaves=20,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), SHAPES, max_size=10)

_WHO = {"user": {"id": "U0FUZZ", "team_id": "T0REHEARSAL"}, "team": {"id": "T0REHEARSAL"}, "trigger_id": "1.2.x"}
_METADATA = json.dumps({"form": "ask {question}", "channel": "", "language": "ko"})
_VIEW = {
    "id": "V0FUZZ",
    "type": "modal",
    "callback_id": "form",
    "private_metadata": _METADATA,
    "blocks": [{"type": "input", "block_id": "field:question", "optional": True}],
    "state": {"values": {"field:question": {"value": {"type": "plain_text_input", "value": ""}}}},
}
_MESSAGE = {"type": "message", "user": "U0ALEX", "ts": "1.2", "text": "", "attachments": [{"title": "t", "text": "x"}]}
_EVENT = {"type": "event_callback", "team_id": "T0REHEARSAL", "event_id": "Ev0FUZZ"}
_THREAD = {"user_id": "U0FUZZ", "channel_id": "D0FUZZ", "thread_ts": "1.2"}
WHOLE: tuple[dict[str, Any], ...] = (
    {"type": "view_submission", **_WHO, "view": _VIEW, "response_urls": []},
    {"type": "view_closed", **_WHO, "view": _VIEW, "is_cleared": False},
    {"type": "shortcut", **_WHO, "callback_id": f"{ASKS}nothing-of-ours", "action_ts": "1.2"},
    {"type": "message_action", **_WHO, "callback_id": f"{ASK_ABOUT}-not", "channel": {"id": "C0"}, "message": _MESSAGE},
    {
        "type": "block_suggestion",
        **_WHO,
        "action_id": "find:clusters",
        "block_id": "field:cluster",
        "value": "sh",
        "container": {"type": "view", "view_id": "V0FUZZ"},
        "view": _VIEW,
    },
    {
        "type": "block_actions",
        **_WHO,
        "container": {"type": "view", "view_id": "V0FUZZ"},
        "view": {**_VIEW, "type": "modal"},
        "actions": [
            {"type": "external_select", "action_id": "find:clusters", "block_id": "kept:x", "action_ts": "1.2"}
        ],
    },
    {**_EVENT, "event": {"type": "app_home_opened", "user": "", "channel": "D0FUZZ", "tab": "home"}},
    {**_EVENT, "event": {"type": "assistant_thread_started", "assistant_thread": {**_THREAD, "user_id": ""}}},
)


def _places(thing: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value inside."""
    inside = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    return [place for key, value in inside for place in [(*path, key), *_places(value, (*path, key))]]


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    """A whole payload in which some values were replaced or are missing."""
    payload = copy.deepcopy(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(1, 4))):
        places = _places(payload)
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        holder: Any = payload
        for key in way:
            holder = holder[key]
        if draw(st.booleans()) and isinstance(holder, dict):
            del holder[last]
        else:
            holder[last] = draw(SHAPES)
    return payload
