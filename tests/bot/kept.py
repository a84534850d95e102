"""Snapshots: what was rendered once, kept as files and compared letter by letter.

``GURUMI_WRITE_SNAPSHOTS=1 pytest tests/bot`` writes them anew; the diff is then read by a person.
"""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "snapshots"


def same_as_kept(name: str, text: str) -> None:
    file = FOLDER / name
    if os.environ.get("GURUMI_WRITE_SNAPSHOTS"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert text == file.read_text()
