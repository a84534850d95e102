"""The guided tour, walked from end to end as a newcomer walks it. Every step leaves a screenshot."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Tab
from tests.browser.looks import keep
from tests.browser.rehearsal import Demo

pytestmark = pytest.mark.browser

TOUR = {"en": "Tour", "ko": "둘러보기"}


@pytest.fixture
def fresh(browser: Browser) -> Iterator[Demo]:
    """A demo in which nothing has been mended yet."""
    demo = Demo(18785)
    yield demo
    demo.end()


def card(page: Page) -> Locator:
    return page.locator(".tour-card")


def answers(page: Page) -> Locator:
    """What Gurumi said in the open thread, without what stands there while it looks."""
    return page.locator(".thread .message", has=page.locator(".sign"))


def stands_within_the_screen(page: Page) -> bool:
    box, size = card(page).bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    right, bottom = box["x"] + box["width"], box["y"] + box["height"]
    return box["x"] >= 0 and box["y"] >= 0 and right <= size["width"] and bottom <= size["height"]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_tour_asks_mends_and_asks_again(fresh: Demo, tab: Tab, language: str, width: int) -> None:
    page = tab(f"{fresh.url}/?as=alex&lang={language}", width=width, height=800)
    page.get_by_role("button", name=TOUR[language], exact=True).click()
    told: list[str] = []
    for number in range(1, 30):
        expect(card(page)).to_have_attribute("data-step", str(number))
        expect(card(page)).to_have_class(re.compile("placed"))
        target = card(page).get_attribute("data-at")
        if target:
            expect(page.locator(target).filter(visible=True).first).to_be_visible()
            expect(page.locator(".tour-ring")).to_be_visible()
        if target and ".thread" in target:
            expect(answers(page).last).to_be_visible(timeout=30_000)
            told.append(answers(page).last.inner_text())
        expect(page.locator(".tour-next")).to_be_focused()
        page.wait_for_timeout(400)  # the card has moved to its place
        keep(page, f"tour-{language}-{width}", f"{number:02}")
        assert stands_within_the_screen(page)
        steps = int(card(page).locator(".tour-count").inner_text().split("/")[1])
        page.keyboard.press("Enter")
        if number == steps:
            break
    expect(card(page)).to_have_count(0)
    assert len(told) == 3
    assert told[1] != told[2]
    assert "Alex" in page.get_by_role("button", pressed=True).inner_text() or width == 390


def test_the_tour_is_turned_with_arrows_and_left_with_escape(demo: Demo, tab: Tab) -> None:
    page = tab(f"{demo.url}/?as=minji&lang=en")
    page.get_by_role("button", name="New here?").click()
    expect(page.locator(".tour-next")).to_be_focused()
    expect(card(page)).to_contain_text("1 /")
    page.keyboard.press("ArrowRight")
    expect(card(page)).to_contain_text("2 /")
    expect(page.locator(".tour-next")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(card(page)).to_contain_text("1 /")
    page.keyboard.press("Escape")
    expect(card(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Tour", exact=True)).to_be_focused()
