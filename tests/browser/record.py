"""README's picture, made from the running demo: ``python -m tests.browser.record [docs/pictures/demo.gif]``.

Somebody asks why nothing answers, mends it, and asks again; then somebody else asks in Korean. A name that ends with
``.png`` makes a picture of the last moment instead.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.rehearsal import Demo, chromium

PICTURE = Path("docs/pictures/demo.gif")
_SIZE = {"width": 1240, "height": 720}
_SHOWN = (1000, 581)
_COLOURS = 256
_TYPED = 9
"""Characters that appear from one frame to the next."""
_QUESTION = "@gurumi why does nobody reach search in shop-dev?"
_MENDS = "shop-dev/fix-search-selector"

Frame = tuple[Image.Image, int]
"""A picture, and how many milliseconds it stands."""


def record(picture: Path) -> None:
    demo = Demo(18965)
    try:
        with chromium() as browser:
            page = browser.new_page(viewport=_SIZE, color_scheme="light", reduced_motion="reduce")
            page.goto(f"{demo.url}/?as=minji&lang=en")
            frames = list(_story(page))
    finally:
        demo.end()
    picture.parent.mkdir(parents=True, exist_ok=True)
    if picture.suffix == ".png":
        frames[-1][0].save(picture, optimize=True)
    else:
        _write(picture, frames)


def _story(page: Page) -> Iterator[Frame]:
    composer = page.get_by_role("combobox", name="Message to k8s-help")
    expect(composer).to_be_visible()
    yield _frame(page, 1200)
    for end in range(len("@gurumi "), len(_QUESTION) + _TYPED, _TYPED):
        composer.fill(_QUESTION[:end])
        yield _frame(page, 130)
    yield _frame(page, 500)
    composer.press("Enter")
    _answered(page, "serach")
    yield _frame(page, 4200)
    page.get_by_role("button", name="Clusters", exact=True).click()
    mend = page.locator(f'[data-key="deed-{_MENDS}"]')
    mend.evaluate("button => button.scrollIntoView({block: 'center'})")
    mend.hover()
    yield _frame(page, 1800)
    mend.click()
    ask = page.locator(f'[data-key="ask-{_MENDS}"]')
    ask.hover()
    yield _frame(page, 1500)
    ask.click()
    page.get_by_role("button", name="Close the clusters").click()
    _answered(page, "search")
    expect(page.locator(".thread .large_green_circle")).to_be_visible()
    yield _frame(page, 3200)
    page.get_by_role("button", name="한국어").click()
    page.get_by_role("button", name="밝게 또는 어둡게").click()
    page.get_by_role("button", name="checkout이 왜 자꾸 재시작돼요?").click()
    _answered(page, "OOMKilled")
    yield _frame(page, 4500)


def _answered(page: Page, words: str) -> None:
    expect(page.locator(".thread .message", has=page.locator(".sign")).last).to_contain_text(words, timeout=30_000)
    page.mouse.move(0, 0)


def _frame(page: Page, stands: int) -> Frame:
    page.wait_for_timeout(350)
    image = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    return image.resize(_SHOWN, Image.Resampling.LANCZOS), stands


def _write(picture: Path, frames: list[Frame]) -> None:
    """All frames in one palette, so that only what changed between two of them is stored."""
    width, height = _SHOWN
    sheet = Image.new("RGB", (width, height * len(frames)))
    for n, (image, _) in enumerate(frames):
        sheet.paste(image, (0, n * height))
    palette = sheet.quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    drawn = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image, _ in frames]
    durations = [stands for _, stands in frames]
    drawn[0].save(picture, save_all=True, append_images=drawn[1:], duration=durations, loop=0, optimize=True)


if __name__ == "__main__":
    record(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
