"""A ticket's whole life in the rehearsal room, in both languages: asked, taken, closed, learned, and found again."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Tab
from tests.browser.rehearsal import Demo

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000


@dataclass(frozen=True)
class Case:
    """One ticket, and what is found again of it. ``again``: the same trouble in other words."""

    language: str
    post: str
    found: str
    resolution: str
    again: str


CASES = (
    Case(
        "en",
        "[Q&A] Trouble in production\n1. Target cluster\nshop-prod\n2. User account\nminji.kim\n"
        "3. Message\nThe checkout pods keep restarting with exit code 137 when the autumn vouchers are counted.",
        "OOMKilled",
        "the voucher batch counts in blocks of 500 now",
        "checkout pods keep restarting with exit code 137 while autumn vouchers are counted",
    ),
    Case(
        "ko",
        "[Q&A] 장애 문의\n1. 대상 클러스터\nshop-prod\n2. 사용자 계정\nminji.kim\n"
        "3. 내용\npayment 파드가 새 버전 배포 후 ImagePullBackOff 상태로 멈춰 있고 결제 정산 화면이 안 뜹니다.",
        "ImagePullBackOff",
        "정산 이미지 태그를 4.1.9로 고쳤습니다",
        "payment 파드가 배포 후 ImagePullBackOff로 멈추고 결제 정산 화면이 안 뜨네요",
    ),
)


def type_into(page: Page, words: str) -> None:
    box = page.locator("#main-composer textarea")
    box.fill(words)
    box.press("Enter")


def go(page: Page, name: str) -> None:
    page.get_by_role("navigation").get_by_role("button", name=name).click()


def in_tickets(demo: Demo, tab: Tab, who: str, language: str) -> Page:
    page = tab(f"{demo.url}/?as={who}&lang={language}")
    go(page, "k8s-tickets")
    expect(page.get_by_role("heading", level=1)).to_have_text("# k8s-tickets")
    return page


def open_thread(page: Page, words: str) -> Locator:
    """The replies of the post that says the words."""
    root = page.locator(".conversation .message", has_text=words).last
    root.locator("button.replies").click(timeout=PATIENCE_MS)
    return page.locator(".thread .message")


def whisper(page: Page, command: str, expected: str | re.Pattern[str]) -> Locator:
    """What the slash command is answered with."""
    type_into(page, command)
    told = page.locator(".conversation .message.whisper", has_text=expected).last
    expect(told).to_be_visible(timeout=PATIENCE_MS)
    return told


def press(message: Locator, english: str, korean: str) -> None:
    message.get_by_role("button", name=re.compile(f"^({english}|{korean})$")).last.click()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.language)
def test_a_ticket_is_answered_taken_closed_learned_from_and_found_again(demo: Demo, tab: Tab, case: Case) -> None:
    line = case.post.rsplit("\n", 1)[1]
    minji = in_tickets(demo, tab, "minji", case.language)
    type_into(minji, case.post)
    card = open_thread(minji, line).nth(1)
    expect(card).to_contain_text(case.found, timeout=PATIENCE_MS)
    expect(card).to_contain_text("shop-prod")
    number = re.search(r"#(\d+)", card.inner_text())[1]

    press(card, "Not yet", "아직이요")
    asked_back = minji.locator(".thread .message").nth(2)
    expect(asked_back).to_be_visible(timeout=PATIENCE_MS)
    press(asked_back, "Call a person", "담당자 호출")
    paged = minji.locator(".thread .message", has_text="platform").last
    expect(paged).to_contain_text(f"#{number}", timeout=PATIENCE_MS)

    alex = tab(f"{demo.url}/?as=alex&lang=en")
    go(alex, "Gurumi")
    alex.get_by_role("tab", name="Home").click()
    expect(alex.locator(".home")).to_contain_text("The queue: 1 ticket waits for a person", timeout=PATIENCE_MS)
    expect(alex.locator(".home")).to_contain_text(f"#{number} ")
    go(alex, "k8s-tickets")
    open_thread(alex, line)
    call = alex.locator(
        ".thread .message", has=alex.get_by_role("button", name=re.compile("^(I take it|제가 맡습니다)$"))
    )
    press(call.last, "I take it", "제가 맡습니다")
    expect(card).to_contain_text(re.compile("Alex|alex"), timeout=PATIENCE_MS)
    reply = alex.get_by_role("combobox", name="Reply in thread")
    reply.fill(f"@gurumi tickets done {number} {case.resolution}")
    reply.press("Enter")
    expect(card).to_contain_text(case.resolution, timeout=PATIENCE_MS)

    haneul = in_tickets(demo, tab, "haneul", case.language)
    drafts = whisper(haneul, "/k8s drafts", f"-{number})")
    entry = re.search(rf"\(([a-z0-9-]+-{number})\)", drafts.inner_text())[1]
    draft = whisper(haneul, f"/k8s drafts show {entry}", case.resolution)
    press(draft, "Approve", "승인")
    expect(haneul.get_by_role("button", name=re.compile("^(Retire|폐기)$"))).to_be_visible(timeout=PATIENCE_MS)

    known = whisper(minji, f"/k8s known {case.again}", entry)
    expect(known).to_contain_text(case.resolution)
    type_into(minji, f"{case.again} (shop-prod)")
    again = open_thread(minji, f"{case.again} (shop-prod)").nth(1)
    expect(again).to_contain_text(re.compile("Asked before|이전 문의"), timeout=PATIENCE_MS)
    expect(again).to_contain_text(f"#{number} ")
