"""The rehearsal room as a newcomer meets it: the installed program, a real browser, the real bot."""

import re
import signal
import socket
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Tab
from tests.browser.rehearsal import Demo

pytestmark = pytest.mark.browser


def composer(page: Page) -> object:
    return page.locator("#main-composer textarea")


def answer(page: Page) -> object:
    """The bot's message in the open thread."""
    return page.locator(".thread .message", has=page.get_by_text("Gurumi", exact=True)).last


def test_the_demo_says_its_address_and_how_long_it_took_to_open(demo: Demo) -> None:
    found = re.search(r"open after (\d+\.\d) s: http://127\.0\.0\.1:\d+", demo.said)
    assert found is not None, demo.said


def test_a_suggested_question_is_answered_in_its_thread_with_the_cause_first(
    demo: Demo, tab: Tab, tmp_path: Path
) -> None:
    page = tab(f"{demo.url}/?as=alex&lang=en")
    page.get_by_role("button", name="why does checkout keep restarting?").click()
    expect(answer(page)).to_contain_text("OOMKilled")
    expect(answer(page)).to_contain_text("512Mi")
    expect(answer(page).locator("strong").nth(1)).to_contain_text("checkout")
    expect(
        page.locator(".conversation .message").last.get_by_role("button", name=re.compile("^1 reply"))
    ).to_be_visible()
    page.screenshot(path=tmp_path / "answer.png")
    assert (tmp_path / "answer.png").stat().st_size > 20_000


def test_a_developer_asks_in_korean_and_is_answered_in_korean(demo: Demo, tab: Tab) -> None:
    page = tab(f"{demo.url}/?as=minji&lang=ko")
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    page.get_by_role("button", name="payment 배포가 왜 안 끝나요?").click()
    expect(answer(page)).to_contain_text("ImagePullBackOff")
    expect(answer(page)).to_contain_text("근거")


def test_a_slash_command_is_answered_to_the_asker_alone(demo: Demo, tab: Tab) -> None:
    alex, minji = tab(f"{demo.url}/?as=alex&lang=en"), tab(f"{demo.url}/?as=minji&lang=en")
    composer(alex).fill("/k8s clusters")
    composer(alex).press("Enter")
    whisper = alex.locator(".conversation .message.whisper").last
    expect(whisper).to_contain_text("Only visible to you")
    expect(whisper).to_contain_text("shop-prod")
    expect(minji.locator(".message.whisper")).to_have_count(0)


def test_the_words_of_the_slash_command_and_the_clusters_are_completed(demo: Demo, tab: Tab) -> None:
    page = tab(f"{demo.url}/?as=alex&lang=en")
    composer(page).press_sequentially("/k8s dia")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    composer(page).press("Tab")
    expect(composer(page)).to_have_value("/k8s diagnose ")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(3)
    composer(page).press("ArrowDown")
    expect(page.get_by_role("listbox").get_by_role("option", selected=True)).to_contain_text("shop-dev")
    composer(page).press("Escape")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(0)


def test_a_direct_message_needs_no_mention(demo: Demo, tab: Tab) -> None:
    page = tab(f"{demo.url}/?as=haneul&lang=en")
    page.get_by_role("navigation").get_by_role("button", name="Gurumi").click()
    expect(page.get_by_text("Nobody has written here yet.")).to_be_visible()
    composer(page).fill("why is sales-report pending?")
    composer(page).press("Enter")
    expect(page.locator(".conversation .message").last).to_contain_text("sales-report")
    expect(page.locator(".conversation .message").last).to_contain_text(re.compile("cordon|unschedulable|CPU|cpu"))


def test_what_help_offers_asks_its_words(demo: Demo, tab: Tab) -> None:
    page = tab(f"{demo.url}/?as=haneul&lang=en")
    composer(page).fill("/k8s help")
    composer(page).press("Enter")
    page.locator(".message.whisper").last.get_by_role("combobox").select_option(label="clusters check")
    expect(page.locator(".message.whisper")).to_have_count(2)
    expect(page.locator(".message.whisper").last).to_contain_text("data-prod")


def test_somebody_else_sits_down_and_speaks_under_their_own_name(demo: Demo, tab: Tab) -> None:
    page = tab(f"{demo.url}/?as=minji&lang=en")
    expect(page.get_by_role("navigation")).not_to_contain_text("on-call")
    page.get_by_role("button", name="Alex Rivera, on-call engineer").click()
    expect(page.get_by_role("button", name="Alex Rivera, on-call engineer")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("navigation")).to_contain_text("on-call")
    composer(page).fill("I am back")
    composer(page).press("Enter")
    expect(page.locator(".conversation .message").last).to_contain_text("Alex Rivera")
    assert "as=U0ALEX" in page.url


def test_two_tabs_see_each_other_and_what_is_new_elsewhere_is_marked(demo: Demo, tab: Tab) -> None:
    alex, minji = tab(f"{demo.url}/?as=alex&lang=en"), tab(f"{demo.url}/?as=minji&lang=en")
    minji.get_by_role("navigation").get_by_role("button", name="random").click()
    expect(minji.get_by_role("heading", level=1)).to_have_text("# random")
    composer(minji).fill("김밥 먹을까요?")
    composer(minji).press("Enter")
    row = alex.get_by_role("navigation").get_by_role("button", name="random")
    expect(row).to_contain_text("1")
    row.click()
    expect(alex.get_by_role("heading", level=1)).to_have_text("# random")
    expect(alex.locator(".conversation .message").last).to_contain_text("김밥 먹을까요?")
    expect(alex.get_by_role("navigation").get_by_role("button", name="random")).not_to_contain_text("1")


def test_shift_and_enter_begin_a_line_and_enter_sends(demo: Demo, tab: Tab) -> None:
    page = tab(f"{demo.url}/?as=alex&lang=en")
    composer(page).press_sequentially("first")
    composer(page).press("Shift+Enter")
    composer(page).press_sequentially("second")
    expect(composer(page)).to_have_value("first\nsecond")
    composer(page).press("Enter")
    expect(page.locator(".conversation .message").last.locator(".md-line")).to_have_text(["first", "second"])


def test_an_enter_that_ends_a_korean_syllable_sends_nothing(demo: Demo, tab: Tab) -> None:
    page = tab(f"{demo.url}/?as=minji&lang=ko")
    composer(page).fill("왜")
    composer(page).dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    expect(composer(page)).to_have_value("왜")


def test_the_page_speaks_the_other_language_at_a_press(demo: Demo, tab: Tab) -> None:
    page = tab(f"{demo.url}/?as=alex&lang=en")
    page.get_by_role("button", name="한국어").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("# k8s-help")
    expect(page.get_by_role("button", name="Alex Rivera, 온콜 엔지니어")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "ko")


def test_at_a_phones_width_the_sidebar_is_a_drawer_and_nothing_is_wider_than_the_screen(
    demo: Demo, tab: Tab, tmp_path: Path
) -> None:
    page = tab(f"{demo.url}/?as=minji&lang=ko", width=390, height=800)
    sidebar = page.get_by_role("navigation", include_hidden=True)
    expect(sidebar).not_to_be_visible()
    page.get_by_role("button", name="채널").click()
    expect(sidebar).to_be_visible()
    sidebar.get_by_role("button", name="general").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("# general")
    expect(sidebar).not_to_be_visible()
    expect(page.get_by_role("button", name="채널", expanded=False)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.screenshot(path=tmp_path / "phone.png")


def test_the_keyboard_reaches_everything_and_shows_where_it_is(demo: Demo, tab: Tab) -> None:
    page = tab(f"{demo.url}/?as=alex&lang=en")
    reached = []
    for _ in range(150):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.innerText")
        )
        assert (
            page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            or (page.evaluate("document.activeElement.tagName")) == "TEXTAREA"
        )
        if page.evaluate("document.activeElement.tagName") == "TEXTAREA":
            break
    assert reached[0] == "Skip to the message box"
    assert reached[-1] == "Message to k8s-help"
    assert "Alex Rivera, on-call engineer" in reached


def test_the_keyboards_place_is_kept_when_the_screen_is_drawn_anew(demo: Demo, tab: Tab) -> None:
    page = tab(f"{demo.url}/?as=minji&lang=en")
    page.get_by_role("button", name="이하늘, platform lead").press("Enter")
    chosen = page.get_by_role("button", name="이하늘, platform lead", pressed=True)
    expect(chosen).to_be_focused()
    page.get_by_role("navigation").get_by_role("button", name="general").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("# general")
    expect(composer(page)).to_be_focused()
    page.get_by_role("log", name="Messages").press("ArrowUp")
    expect(page.locator(".conversation .message").last).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".conversation .message").last.get_by_role("button", name="Reply in thread")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Reply in thread")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Thread")).to_have_count(0)
    expect(composer(page)).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_systems_light_and_dark_and_the_button_turns_it(
    demo: Demo, tab: Tab, tmp_path: Path, scheme: str
) -> None:
    page = tab(f"{demo.url}/?as=alex&lang=en", color_scheme=scheme)
    paper = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(paper)
    assert before == {"light": "rgb(255, 255, 255)", "dark": "rgb(26, 27, 33)"}[scheme]
    page.screenshot(path=tmp_path / f"{scheme}.png")
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate(paper) != before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_taken_port_is_said_and_the_end_is_clean_even_with_a_tab_open(number: int, tab: Tab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        demo = Demo(port)
        assert f"Port {port} is taken" in demo.said
        assert f":{port}" not in demo.url
        tab(demo.url)
        assert demo.end(number) == (0, "")
