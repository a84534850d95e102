"""Every sentence that the product says exists in both languages, with the same values."""

import ast
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
FLOORS = ("bot", "commands", "integrations", "knowledge")
FOLDERS = sorted({file.parent for floor in FLOORS for file in (ROOT / floor).rglob("*.py")})


def said_in(folder: Path) -> set[str]:
    """The templates of a folder's modules: the first argument of every ``Said(…)``."""
    found = set()
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Said" and node.args:
                template = node.args[0]
                assert isinstance(template, ast.Constant), f"{file}:{node.lineno}: a template is a literal"
                found.add(template.value)
    return found


def values_of(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: str(f.relative_to(ROOT)))
def test_the_korean_catalogue_says_exactly_what_the_modules_beside_it_say(folder: Path) -> None:
    said = said_in(folder)
    file = folder / "ko.po"
    if not file.exists():
        assert not said, f"{folder} says {len(said)} sentences and has no ko.po"
        return
    with file.open("rb") as stream:
        messages = [message for message in read_po(stream) if message.id]
    translated = {str(message.id): message for message in messages}
    assert sorted(said - set(translated)) == [], "sentences without a translation"
    assert sorted(set(translated) - said) == [], "translations that nobody says any more"
    for template, message in translated.items():
        assert message.string, template
        assert not message.fuzzy, template
        assert values_of(template) == values_of(str(message.string)), template
