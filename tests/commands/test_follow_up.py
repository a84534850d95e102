"""Questions that follow another one in its thread, through the door."""

from collections.abc import Iterator

import pytest

from commands.dialogue import Code, Tone
from tests.door import Door, Told, door
from tests.worlds import LIMITED, OOM, deployment, noise

LOG = """---
apiVersion: rehearsal
kind: Log
namespace: shop
pod: checkout-7d9f8b6c54-x2x7k
container: app
previous: true
lines: |
  loading the catalogue
  connecting with password=Tr0ub4dor-and-3 to db
  allocating 512 MiB
"""
ILL = deployment(container=LIMITED, status=OOM) + noise() + LOG
WELL = deployment(ready=True) + noise()


@pytest.fixture(scope="module")
def here() -> Iterator[Door]:
    with door({"shop-prod": ILL, "shop-dev": WELL}) as opened:
        yield opened


@pytest.fixture(scope="module")
def before(here: Door) -> Told:
    return here.ask("why does checkout keep restarting?")


def test_an_answer_says_what_it_was_about(before: Told) -> None:
    assert before.answer.about == {
        "cluster": "shop-prod",
        "namespace": "shop",
        "kind": "Deployment",
        "name": "checkout",
    }


@pytest.mark.parametrize("words", ["and yesterday?", "why?", "그럼 어제는?", "왜?", "since when?"])
def test_a_question_without_a_name_is_about_what_was_talked_about(here: Door, before: Told, words: str) -> None:
    told = here.ask(words, after=before)
    assert told.answer.about["name"] == "checkout"
    assert "checkout" in told.first


@pytest.mark.parametrize("words", ["show me the log", "logs please?", "로그 보여줘"])
def test_its_log_is_shown_without_its_secrets(here: Door, before: Told, words: str) -> None:
    told = here.ask(words, after=before)
    (code,) = [part for part in told.answer.parts if isinstance(part, Code)]
    assert "allocating 512 MiB" in code.body
    assert "Tr0ub4dor" not in told.text
    assert code.title.endswith(".log")


@pytest.mark.parametrize("words", ["which node?", "어느 노드야?", "어느 노드에서 돌아?", "where does it run?"])
def test_its_node_is_named(here: Door, before: Told, words: str) -> None:
    told = here.ask(words, after=before)
    assert "node-1" in told.headline
    assert told.answer.tone is Tone.INFO


def test_a_named_log_needs_no_question_before(here: Door) -> None:
    told = here.ask("show me the log of checkout in shop", cluster="shop-prod")
    assert "allocating 512 MiB" in told.text


def test_another_cluster_may_be_named_for_the_same_thing(here: Door, before: Told) -> None:
    told = here.ask("and in shop-dev?", after=before)
    assert told.answer.about["cluster"] == "shop-dev"
    assert told.answer.about["name"] == "checkout"


def test_a_question_that_names_something_else_leaves_the_thread_behind(here: Door, before: Told) -> None:
    told = here.ask("why does zookeeper restart?", after=before)
    assert "zookeeper" in told.headline


def test_nothing_is_remembered_of_another_thread(here: Door) -> None:
    assert "checkout runs on" not in here.ask("which node?").headline
