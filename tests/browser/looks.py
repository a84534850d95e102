"""What the page looked like, kept; and what axe-core finds wrong with it for people who cannot see or point."""

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
_GRAVE = ("serious", "critical")


def keep(page: Page, folder: str, name: str) -> Path:
    """A screenshot of the page as it stands, in a folder that Git ignores."""
    picture = SCREENSHOTS / folder / f"{name}.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=picture, animations="disabled")
    return picture


def barriers(page: Page) -> list[str]:
    """The serious and critical violations, with the elements that they are about."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:160]}"
        for violation in found
        if violation["impact"] in _GRAVE
        for node in violation["nodes"]
    ]
