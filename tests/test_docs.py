"""The documentation is true: settings, JSON fields, scopes, links, programs' words, decisions."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from bot.__main__ import app
from bot.settings import Settings
from bot.slack.manifest import SCOPES
from integrations.inventory import read_inventory
from integrations.records import ClusterEntry
from integrations.sandbox.world import read
from knowledge.access import Policy
from knowledge.known_issue import read_shelf
from tests.sandbox_fixtures import rehearse
from tests.seen import NOW

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
WORLD = ROOT / "integrations" / "sandbox" / "worlds" / "demo"


def page(name: str) -> str:
    return (DOCS / name).read_text()


def first_column(text: str) -> list[str]:
    """The code words at the beginning of a table's rows."""
    return [name for row in re.findall(r"^\| (`.+?) \|", text, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)]


def section(text: str, title: str) -> str:
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_setting_is_documented_with_its_default_and_no_other() -> None:
    fields = {field.alias: field.default for field in Settings.model_fields.values()}
    assert first_column(page("settings.md")) == list(fields)
    rows = {row[0]: row for row in re.findall(r"^\| `(\w+)` \| (.*?) \|", page("settings.md"), re.MULTILINE)}
    assert not [name for name, default in fields.items() if default and f"`{default}`" not in rows[name][1]]


def test_every_scope_is_documented_with_its_reason() -> None:
    assert set(first_column(page("slack.md"))) == set(SCOPES)


def test_every_field_of_an_inventory_is_documented() -> None:
    assert set(first_column(page("inventory.md"))) == set(ClusterEntry.__dataclass_fields__)


def example(name: str) -> str:
    return re.findall(r"^```yaml\n(.*?)^```$", page(name), re.MULTILINE | re.DOTALL)[0]


def test_the_example_of_a_policy_is_understood() -> None:
    assert len(Policy.parse(example("policy.md")).rules) == 3


def test_the_example_of_an_inventory_is_understood(tmp_path: Path) -> None:
    (tmp_path / "inventory.yaml").write_text(example("inventory.md"))
    assert [entry.owner for entry in read_inventory(str(tmp_path))] == ["@shop", "@shop"]


def test_the_example_of_a_known_issue_is_found(tmp_path: Path) -> None:
    (tmp_path / "shelf.yaml").write_text(example("adding-a-known-issue.md"))
    shelf = read_shelf(tmp_path)
    assert ([issue.id for issue in shelf.issues], shelf.faults) == (["image-tag-was-overwritten"], ())


def test_the_example_of_a_world_is_understood() -> None:
    world = read("shop", example("worlds.md"), NOW)
    assert (len(world.logs), len(world.denied)) == (1, 1)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, object]]]:
    """What each command prints about the demo's clusters."""
    calls = {
        "ask": ["ask", "why does checkout keep restarting?"],
        "ask back": ["ask", "why does zookeeper restart?"],
        "diagnose": ["diagnose", "shop-prod", "--namespace", "shop"],
        "clusters": ["clusters", "--check"],
        "doctor": ["doctor"],
        "refused": ["diagnose", "nowhere"],
        "ticket": ["ticket", "--read", str(ROOT / "docs" / "ticket.example.txt")],
        "visit": ["journal", "visit"],
        "known": ["known", "ImagePullBackOff no basic auth credentials"],
    }
    database = f"sqlite:///{tmp_path_factory.mktemp('database') / 'gurumi.db'}"
    with rehearse(WORLD) as kubeconfig:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("GURUMI_", "SLACK_"))}
        environment |= {"KUBECONFIG": str(kubeconfig), "GURUMI_DATABASE_URL": database}
        subprocess.run([sys.executable, "-m", "bot", "migrate"], env=environment, capture_output=True, check=True)
        yield {name: _json(words, environment) for name, words in calls.items()}


def _json(words: list[str], environment: dict[str, str]) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words, "--format", "json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    loaded: dict[str, object] = json.loads(done.stdout)
    return loaded


def documented(*titles: str) -> set[str]:
    """The fields of the first table below each heading."""
    tables = [section(page("json.md"), title).strip().split("\n\n")[0] for title in titles]
    return {name for table in tables for name in first_column(table)}


LOOKED = "`ask` and `diagnose`, when they looked"


@pytest.mark.parametrize(
    ("call", "titles"),
    [
        ("ask", ("Always", LOOKED)),
        ("diagnose", ("Always", LOOKED)),
        ("ask back", ("Always",)),
        ("refused", ("Always",)),
        ("clusters", ("Always", "`clusters`")),
        ("doctor", ("Always", "`doctor`")),
        ("ticket", ("Always", "`ticket`")),
        ("visit", ("Always", "`journal visit`")),
        ("known", ("Always", "`known`")),
    ],
)
def test_the_json_has_exactly_the_documented_fields(
    call: str, titles: tuple[str, ...], printed: dict[str, dict[str, object]]
) -> None:
    assert set(printed[call]) == documented(*titles)


def test_a_finding_has_exactly_the_documented_fields(printed: dict[str, dict[str, object]]) -> None:
    tables = section(page("json.md"), LOOKED).split("\n\n")
    findings = printed["ask"]["findings"]
    assert isinstance(findings, list)
    assert list(findings[0]) == first_column(next(table for table in tables if "| `id` |" in table))


def _links() -> Iterator[tuple[Path, str]]:
    for file in PAGES:
        text = re.sub(r"^```.*?^```$", "", file.read_text(), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\(([^)#\s]+)", text):
            if "://" not in target:
                yield file, target


@pytest.mark.parametrize(("file", "target"), [pytest.param(f, t, id=f"{f.name}-{t}") for f, t in _links()])
def test_a_link_leads_somewhere(file: Path, target: str) -> None:
    assert (file.parent / target).exists()


def test_every_path_that_is_named_exists() -> None:
    named = {
        path
        for file in PAGES
        for path in re.findall(r"`((?:bot|commands|integrations|knowledge|tests|deploy)/[\w/.-]+)`", file.read_text())
    }
    assert named
    assert {path for path in named if not (ROOT / path).exists()} == set()


def _calls() -> Iterator[tuple[str, list[str]]]:
    for file in PAGES:
        text = file.read_text()
        blocks = "\n".join(re.findall(r"^```(?:sh|console)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
        inline = re.findall(r"`(gurumi [^`\n]+)`", text)
        for call in {*re.findall(r"(?:^|\| )(gurumi .+)$", blocks, re.MULTILINE), *inline}:
            yield file.name, shlex.split(call)[1:]


def test_every_call_that_is_written_down_is_one_the_program_knows() -> None:
    program: Any = get_command(app)
    for file, words in _calls():
        named = next((word for word in words if not word.startswith("-")), "")
        command = program.commands.get(named, program)
        assert command is not program or words[0].startswith("--"), f"{file}: gurumi {' '.join(words)}"
        known = {option for p in (*command.params, *program.params) for option in p.opts} | {"--help", "-"}
        used = {word.partition("=")[0] for word in words if word.startswith("-")}
        assert used <= known, f"{file}: gurumi {' '.join(words)}"


def test_a_decision_has_its_four_parts_and_a_number_of_its_own() -> None:
    decisions = sorted((DOCS / "decisions").glob("*.md"))
    numbers = [file.name[:4] for file in decisions]
    assert len(numbers) == len(set(numbers)) >= 10
    parts = ["Context", "Decision", "What it costs us", "When to look again"]
    assert {f.name for f in decisions if re.findall(r"^## (.+)$", f.read_text(), re.MULTILINE) != parts} == set()


def test_every_manifest_is_yaml() -> None:
    files = sorted((ROOT / "deploy").rglob("*.yaml"))
    assert files
    assert all([*yaml.safe_load_all(file.read_text())] for file in files)
