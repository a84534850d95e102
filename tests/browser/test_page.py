"""What the page makes of a workspace: shapes of messages, hostile text, an app that does not react. No bot here."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from integrations.sandbox.slack.people import BOT_USER
from integrations.sandbox.slack.state import Message
from tests.browser.conftest import Tab
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser


def test_hostile_text_stays_text(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=alex&lang=en")
    text = '<img src=x onerror="window.hacked=1"> {{7*7}} <b>bold?</b> <javascript:alert(1)|press me>'
    stage.room.say("minji", "k8s-help", text)
    stage.bot_says("k8s-help", text)
    expect(page.locator(".conversation .message").nth(-2)).to_contain_text("<b>bold?</b>")
    expect(page.locator(".conversation .message").nth(-2)).to_contain_text("{{7*7}}")
    expect(page.locator(".conversation .message").last).to_contain_text("press me")
    assert page.locator(".message img, .message b, .message a").count() == 0
    assert page.evaluate("window.hacked") is None


def test_an_app_that_does_not_react_is_an_error_that_the_person_sees(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=alex&lang=en")
    box = page.locator("#main-composer textarea")
    box.fill("/k8s help")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("did not react in time")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_command_that_nobody_knows_is_named(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=alex&lang=ko")
    box = page.locator("#main-composer textarea")
    box.fill("/kubectl get pods")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("/kubectl: 여기에 없는 명령입니다")


def test_block_kit_is_drawn(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=alex&lang=en")
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "A header"}},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": ":red_circle: *bold* `code`\n• one\n• two\n```\na  b\n```"},
        },
        {"type": "divider"},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Cluster*\nshop-prod"}]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "took 0.2 s"}]},
    ]
    message = stage.bot_says("k8s-help", "told", blocks)
    shown = page.locator(f'[data-ts="{message.ts}"]')
    expect(shown.get_by_role("heading")).to_have_text("A header")
    expect(shown.get_by_role("img", name="red circle")).to_be_visible()
    expect(shown.locator("strong").nth(1)).to_have_text("bold")
    expect(shown.get_by_role("listitem")).to_have_text(["one", "two"])
    expect(shown.locator("pre")).to_have_text("a  b")
    expect(shown.locator("hr")).to_have_count(1)
    expect(shown.locator(".bk-field")).to_contain_text("shop-prod")
    message.text, message.blocks, message.edited = "changed", [], {"user": BOT_USER, "ts": "1"}
    stage.room.workspace.changed()
    expect(shown).to_contain_text("changed")
    expect(shown).to_contain_text("(edited)")


def chosen(stage: Stage, message: Message) -> Any:
    """What the app was told of a choice in a message."""
    delivery = stage.room.wait_for(
        lambda: next(
            (d for d in stage.room.deliveries if d.payload.get("container", {}).get("message_ts") == message.ts), 0
        )
    )
    return delivery.payload["actions"][0]["selected_option"]["value"]


def menu_of(kind: str) -> list[Any]:
    options = [{"text": {"type": "plain_text", "text": n}, "value": n} for n in ("shop-prod", "shop-dev", "data-prod")]
    text = {"type": "mrkdwn", "text": "Which cluster?"}
    menu = {"type": kind, "action_id": "pick", "options": options}
    return [{"type": "section", "block_id": "b", "text": text, "accessory": menu}]


def test_a_select_sends_what_was_chosen(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=alex&lang=en")
    message = stage.bot_says("k8s-help", "?", menu_of("static_select"))
    page.locator(f'[data-ts="{message.ts}"]').get_by_role("combobox", name="Choose …").select_option("shop-dev")
    assert chosen(stage, message) == "shop-dev"


def test_an_overflow_menu_is_opened_and_walked_with_the_keyboard(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=alex&lang=en")
    message = stage.bot_says("k8s-help", "?", menu_of("overflow"))
    opener = page.locator(f'[data-ts="{message.ts}"] .bk-accessory').get_by_role("button", name="More actions")
    opener.press("Enter")
    expect(page.get_by_role("menuitem", name="shop-prod")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(opener).to_be_focused()
    opener.press("Enter")
    expect(page.get_by_role("menuitem", name="shop-prod")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="data-prod")).to_be_focused()
    page.keyboard.press("Enter")
    assert chosen(stage, message) == "data-prod"
    expect(page.get_by_role("menu")).to_have_count(0)


def file_of(stage: Stage, name: str, content: bytes) -> list[Any]:
    file = {"id": f"F0{name.upper()}", "name": name, "size": len(content), "title": name}
    stage.room.workspace.files[file["id"]] = file | {"content": content}
    return [file]


def test_a_file_can_be_had(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=alex&lang=en")
    stage.bot_says("k8s-help", "the log", files=file_of(stage, "app.log", b"<b>line</b>"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Download app.log").click()
    assert Path(download.value.path()).read_bytes() == b"<b>line</b>"


def test_a_long_text_shows_its_beginning_and_opens_on_a_key(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=alex&lang=en")
    text = "\n".join(f"line {n}" for n in range(40)).encode()
    message = stage.bot_says("k8s-help", "the log", files=file_of(stage, "long.log", text))
    shown = page.locator(f'[data-ts="{message.ts}"]')
    expect(shown).to_contain_text("line 5")
    expect(shown.get_by_text("line 39")).not_to_be_visible()
    shown.locator("summary").press("Enter")
    expect(shown.get_by_text("line 39")).to_be_visible()


def test_a_picture_is_shown_and_nothing_else_is_served_to_be_run(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=alex&lang=en")
    dot = bytes.fromhex("47494638396101000100800000ff0000ffffff21f90400000000002c00000000010001000002024401003b")
    message = stage.bot_says("k8s-help", "a dot", files=file_of(stage, "dot.gif", dot))
    picture = page.locator(f'[data-ts="{message.ts}"]').get_by_role("img", name="dot.gif")
    expect(picture).to_have_js_property("naturalWidth", 1)
    stage.bot_says("k8s-help", "a page", files=file_of(stage, "page.html", b"<script>window.hacked = 1</script>"))
    answer = page.request.get(f"{stage.url}/files/F0PAGE.HTML?shown=1")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_ephemeral_message_is_shown_to_one_person(stage: Stage, tab: Tab) -> None:
    alex, minji = tab(f"{stage.url}/?as=alex&lang=en"), tab(f"{stage.url}/?as=minji&lang=en")
    stage.bot_says("k8s-help", "a whisper", to="U0ALEX")
    stage.bot_says("k8s-help", "for all")
    expect(alex.locator(".message.whisper").last).to_contain_text("a whisper")
    expect(minji.locator(".conversation .message").last).to_contain_text("for all")
    expect(minji.get_by_text("a whisper")).to_have_count(0)
