"""One Chromium and one demo for all; every tab is watched: nothing it asks for may leave this machine."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.rehearsal import CHROMIUM, Demo, chromium
from tests.browser.stage import Stage, staged

Tab = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        missing = f"no {CHROMIUM}: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    expect.set_options(timeout=30_000)
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def demo(browser: Browser) -> Iterator[Demo]:
    demo = Demo(18765)
    yield demo
    if demo.process.poll() is None:
        demo.end()


@pytest.fixture(scope="session")
def stage(browser: Browser) -> Iterator[Stage]:
    with staged() as stage:
        yield stage


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """Opens an address in a browser of its own; afterwards: no request left, no script failed."""
    asked: list[str] = []
    failed: list[str] = []
    contexts = []

    def open_tab(url: str, width: int = 1360, height: int = 860, **more: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.goto(url)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert [url for url in asked if urlsplit(url).scheme != "data" and urlsplit(url).hostname != "127.0.0.1"] == []
    assert failed == []
