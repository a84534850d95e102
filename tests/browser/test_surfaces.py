"""What the page makes of an app's surfaces: forms with their complaints, searches, confirmations, Home, shortcuts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Tab
from tests.browser.little_app import little_app, plain
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def app(stage: Stage) -> Iterator[None]:
    with little_app(stage.room):
        yield


@pytest.fixture(autouse=True)
def clear_screens(stage: Stage) -> Iterator[None]:
    """A form that somebody left open is open in the next tab, too."""
    yield
    for user in list(stage.room.workspace.stacks):
        stage.room.workspace.close(user)


def opened(page: Page) -> Locator:
    """The form of the global shortcut."""
    page.get_by_role("button", name="Shortcuts").click()
    page.get_by_role("menuitem", name="Ask a question").click()
    dialog = page.get_by_role("dialog", name="Ask a question")
    expect(dialog).to_be_visible()
    return dialog


def choose_cluster(form: Locator, typed: str) -> None:
    form.get_by_role("combobox", name="Cluster").press_sequentially(typed)
    form.get_by_role("option", name=f"shop-{typed}").click()
    expect(form.get_by_role("combobox", name="Cluster")).to_have_value(f"shop-{typed}")


def test_a_form_is_filled_in_complained_about_and_sent(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=alex&lang=en")
    form = opened(page)
    words = form.get_by_role("textbox", name="What happens?")
    form.get_by_role("button", name="Ask").click()
    expect(form.get_by_role("alert")).to_have_text(["Please complete this required field."] * 2)
    expect(words).to_be_focused()
    words.fill("checkout restarts")
    choose_cluster(form, "dev")
    form.get_by_role("textbox", name="Minutes ago").fill("five")
    form.get_by_role("button", name="Ask").click()
    expect(form.get_by_role("alert")).to_have_text(["A number, please."])
    form.get_by_role("textbox", name="Minutes ago").fill("5")
    form.get_by_role("button", name="Ask").click()
    expect(form.get_by_role("alert")).to_have_text(["A question ends with a question mark."])
    expect(words).to_have_attribute("aria-invalid", "true")
    expect(words).to_have_value("checkout restarts")
    words.fill("why does checkout restart?")
    form.get_by_text("network").click()
    form.get_by_role("button", name="Ask").click()
    done = page.get_by_role("dialog", name="Asked")
    expect(done).to_contain_text("Asked of shop-dev: why does checkout restart?")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_form_lies_upon_another_and_what_was_typed_below_stays(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=haneul&lang=en")
    form = opened(page)
    form.get_by_role("textbox", name="What happens?").fill("half a question")
    form.get_by_role("button", name="Explain").click()
    above = page.get_by_role("dialog", name="Explained")
    expect(above).to_contain_text("It asks the bot.")
    above.get_by_role("button", name="Close", exact=True).click()
    expect(
        page.get_by_role("dialog", name="Ask a question").get_by_role("textbox", name="What happens?")
    ).to_have_value("half a question")
    page.get_by_role("button", name="Close the form").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_search_is_chosen_from_with_the_keyboard_and_says_when_nothing_fits(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=minji&lang=en")
    form = opened(page)
    box = form.get_by_role("combobox", name="Cluster")
    box.focus()
    expect(form.get_by_role("option")).to_have_count(3)
    box.press_sequentially("nowhere")
    expect(form.get_by_role("option")).to_have_text(["Nothing fits."])
    box.fill("shop")
    expect(form.get_by_role("option")).to_have_count(2)
    box.press("ArrowDown")
    expect(form.get_by_role("option", selected=True)).to_have_text("shop-dev")
    box.press("Enter")
    expect(box).to_have_value("shop-dev")
    expect(form.get_by_role("option")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_shortcut_on_a_message_takes_the_message_along(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=alex&lang=en")
    message = stage.room.say("minji", "k8s-help", "장바구니가 자꾸 비어요")
    shown = page.locator(f'[data-ts="{message.ts}"]')
    shown.hover()
    shown.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Ask about this").click()
    expect(page.get_by_role("textbox", name="What happens?")).to_have_value("장바구니가 자꾸 비어요")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_home_tab_is_the_apps_and_its_buttons_work(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=minji&lang=en")
    page.get_by_role("navigation").get_by_role("button", name="Gurumi").click()
    page.get_by_role("tab", name="Home").click()
    expect(page.get_by_role("tab", name="Home")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("heading", name="Your clusters")).to_be_visible()
    expect(page.get_by_text("Looked 1 times")).to_be_visible()
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_text("Looked 2 times")).to_be_visible()


def test_a_dangerous_button_asks_first(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=alex&lang=en")
    confirm = {
        "title": plain("Delete it?"),
        "text": {"type": "mrkdwn", "text": "*Nobody* can bring it back."},
        "confirm": plain("Delete"),
        "deny": plain("Keep"),
    }
    button = {"type": "button", "action_id": "delete", "text": plain("Delete"), "style": "danger", "confirm": confirm}
    message = stage.bot_says("k8s-help", "Delete?", [{"type": "actions", "block_id": "b", "elements": [button]}])
    shown = page.locator(f'[data-ts="{message.ts}"]')
    shown.get_by_role("button", name="Delete").click()
    asked = page.get_by_role("alertdialog", name="Delete it?")
    expect(asked).to_contain_text("Nobody can bring it back.")
    asked.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    expect(shown.get_by_role("button", name="Delete")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(shown).to_contain_text("It is gone.")


def test_new_replies_are_marked_at_the_thread_and_in_the_list_of_threads(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=alex&lang=en")
    root = stage.room.say("alex", "general", "Who broke the build?")
    stage.room.say("minji", "general", "Not me.", thread_ts=root.ts)
    threads = page.get_by_role("navigation").get_by_role("button", name="Threads")
    expect(threads).to_contain_text("1 unread")
    threads.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Threads")
    page.locator(f'[data-ts="{root.ts}"]').get_by_role("button", name="1 new").click()
    expect(page.locator(".thread .message").last).to_contain_text("Not me.")
    expect(page.get_by_role("heading", level=1)).to_have_text("# general")
    expect(threads).not_to_contain_text("unread")


def test_what_came_while_one_was_elsewhere_stands_under_a_line(stage: Stage, tab: Tab) -> None:
    page = tab(f"{stage.url}/?as=haneul&lang=en")
    stage.room.say("noor", "random", "Lunch?")
    row = page.get_by_role("navigation").get_by_role("button", name="random")
    expect(row).to_contain_text("1 unread")
    row.click()
    expect(page.locator(".new-line")).to_have_text("New")
    expect(row).not_to_contain_text("unread")
