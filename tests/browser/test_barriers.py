"""Who cannot see or point can use all of it: axe-core finds nothing serious, in the light as in the dark."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Tab
from tests.browser.looks import barriers, keep
from tests.browser.rehearsal import Demo

pytestmark = pytest.mark.browser


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, demo: Demo, tab: Tab) -> Page:
    page = tab(f"{demo.url}/?as=alex&lang=en", color_scheme=request.param, reduced_motion="reduce")
    page.theme = request.param  # type: ignore[attr-defined]
    return page


def seen(page: Page, name: str) -> list[str]:
    keep(page, f"barriers-{page.theme}", name)  # type: ignore[attr-defined]
    return barriers(page)


def test_a_conversation_with_its_thread(page: Page) -> None:
    page.get_by_role("button", name="why does checkout keep restarting?").click()
    expect(page.locator(".thread")).to_contain_text("OOMKilled")
    assert seen(page, "thread") == []


def test_an_answer_for_one_person_with_what_it_offers(page: Page) -> None:
    page.get_by_role("combobox", name="Message to k8s-help").fill("/k8s help")
    page.keyboard.press("Enter")
    expect(page.locator(".whisper").last).to_be_visible()
    assert seen(page, "whisper") == []


def test_the_words_of_a_command_being_completed(page: Page) -> None:
    page.get_by_role("combobox", name="Message to k8s-help").press_sequentially("/k8s ")
    expect(page.get_by_role("listbox").get_by_role("option").first).to_be_visible()
    assert seen(page, "completion") == []


def test_the_clusters_and_what_was_mended(page: Page) -> None:
    page.get_by_role("button", name="Clusters", exact=True).click()
    page.get_by_role("button", name=re.compile("^Mend: ")).first.click()
    expect(page.locator(".deed.done")).to_be_visible()
    assert seen(page, "clusters") == []


def test_the_home_tab(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("button", name="Gurumi").click()
    page.get_by_role("tab", name="Home").click()
    expect(page.locator(".home .bk-section").first).to_be_visible()
    assert seen(page, "home") == []


def test_a_form_and_its_complaints(page: Page) -> None:
    page.get_by_role("button", name="Shortcuts").click()
    expect(page.get_by_role("menuitem").first).to_be_visible()
    assert seen(page, "menu") == []
    page.get_by_role("menuitem").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("dialog").locator("[type=submit]").click()
    expect(page.get_by_role("dialog").get_by_role("alert").first).to_be_visible()
    assert seen(page, "form") == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_tour(page: Page) -> None:
    page.get_by_role("button", name="Tour", exact=True).click()
    page.locator(".tour-next").click()
    expect(page.locator(".tour-card.placed")).to_contain_text("2 /")
    assert seen(page, "tour") == []


def test_the_threads(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("button", name="Threads").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Threads")
    assert seen(page, "threads") == []
