"""What doctor says of Slack: the tokens, and each scope by itself."""

import os
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from bot.settings import Settings
from bot.slack.checks import checks
from bot.slack.manifest import SCOPES
from bot.words import Words
from commands.tools import Check
from integrations.sandbox.slack.room import SlackRoom


@pytest.fixture
def room() -> Iterator[SlackRoom]:
    no_proxy = {name: "" for name in os.environ if "proxy" in name.lower()}
    with patch.dict(os.environ, no_proxy), SlackRoom() as opened:
        yield opened


def found(room: SlackRoom, **changed: str) -> dict[str, Check]:
    settings = Settings.model_validate({**room.environment, **changed})
    return {check.name: check for check in (look() for look in checks(settings))}


def test_where_all_is_granted_each_scope_says_what_it_is_for(room: SlackRoom) -> None:
    told = found(room)
    assert all(told[name].ok for name in ("Slack SLACK_BOT_TOKEN", "Slack SLACK_APP_TOKEN"))
    for scope, why in SCOPES.items():
        assert told[f"Slack {scope}"] == Check(f"Slack {scope}", True, why)
    assert len([name for name, _ in room.calls if name == "auth.test"]) == 1


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_that_is_missing_is_named_alone_with_how_to_grant_it(room: SlackRoom, scope: str) -> None:
    room.desk.scopes.discard(scope)
    bad = [check for check in found(room).values() if not check.ok]
    assert [check.name for check in bad] == [f"Slack {scope}"]
    assert bad[0].hint
    assert f"Add the scope {scope}" in Words("en").say(bad[0].hint)


def test_a_revoked_token_is_one_complaint_and_every_scope_an_open_question(room: SlackRoom) -> None:
    room.faults.revoked = True
    told = found(room)
    assert not any(check.ok for check in told.values())
    assert "token_revoked" in Words("en").say(told["Slack SLACK_BOT_TOKEN"].says)
    assert "xoxb" not in str(told)


def test_without_any_token_nothing_is_asked_and_the_way_to_one_is_told(room: SlackRoom) -> None:
    told = found(room, SLACK_BOT_TOKEN="", SLACK_APP_TOKEN="")
    assert not told["Slack SLACK_BOT_TOKEN"].ok
    assert told["Slack SLACK_BOT_TOKEN"].hint
    assert room.calls == []
