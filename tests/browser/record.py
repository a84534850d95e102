"""README's picture, made from the running demo: ``python -m tests.browser.record [docs/pictures/demo.png]``.

A developer asks in Korean, an on-call engineer in English; the picture is what then stands on the screen.
"""

import sys
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.rehearsal import Demo, chromium

PICTURE = Path("docs/pictures/demo.png")
_SIZE = {"width": 1360, "height": 820}


def record(picture: Path) -> None:
    demo = Demo(18965)
    try:
        with chromium() as browser:
            page = browser.new_page(viewport=_SIZE, color_scheme="light")
            page.goto(f"{demo.url}/?as=minji&lang=en")
            page.get_by_role("button", name="checkout이 왜 자꾸 재시작돼요?").click()
            expect(page.locator(".thread .message")).to_have_count(2, timeout=15_000)
            page.get_by_role("button", name="Alex Rivera, on-call engineer").click()
            page.get_by_role("button", name="why does checkout keep restarting?").click()
            expect(page.locator(".thread")).to_contain_text("OOMKilled", timeout=15_000)
            page.mouse.move(0, 0)
            page.wait_for_timeout(300)
            picture.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=picture)
    finally:
        demo.end()


if __name__ == "__main__":
    record(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
