"""A question in words, through the door, about written clusters."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from commands.dialogue import Tone
from tests.door import door
from tests.worlds import LIMITED, OOM, deployment, noise

ILL = deployment(container=LIMITED, status=OOM) + noise()
WELL = deployment(ready=True) + noise()


@pytest.mark.parametrize(
    "words",
    [
        "why does checkout keep restarting?",
        "checkout in shop restarts all the time, why",
        "왜 checkout이 계속 재시작해?",
        "shop 네임스페이스의 checkout 파드가 자꾸 죽어요",
        "why did checkout-7d9f8b6c54-x2x7k restart?",
        "deploy/checkout is crashlooping in -n shop",
        "what is broken in namespace shop?",
        "is anything wrong with cluster rehearsal?",
        "some services in shop are unreachable",
    ],
)
def test_however_it_is_asked_the_cause_is_in_the_first_line(words: str) -> None:
    with door(ILL) as here:
        told = here.ask(words)
    assert told.answer.tone is Tone.FOUND
    for word in ("checkout", "OOMKilled", "128Mi"):
        assert word in told.headline


def test_the_answer_is_in_the_language_of_the_question() -> None:
    with door(ILL) as here:
        assert "메모리" in here.ask("왜 checkout이 재시작해?").headline
        assert "memory" in here.ask("why does checkout restart?").headline


def test_a_healthy_workload_is_called_healthy_with_what_was_looked_at() -> None:
    with door(WELL) as here:
        told = here.ask("is checkout ok?")
    assert told.answer.tone is Tone.CLEAN
    assert "checkout is healthy: 1 of 1 pods" in told.headline


def test_a_restart_that_never_was_is_corrected() -> None:
    with door(WELL) as here:
        told = here.ask("why did checkout restart?")
    assert told.answer.tone is Tone.CLEAN
    assert "has not restarted" in told.headline


def test_a_slip_of_the_finger_is_forgiven_and_said() -> None:
    with door(ILL) as here:
        told = here.ask("why does chekcout restart?")
    assert "OOMKilled" in told.headline
    assert "I took it for checkout" in told.text


def test_a_name_that_nothing_has_is_asked_back_with_near_names() -> None:
    with door(ILL + deployment("checkout-api", ready=True)) as here:
        told = here.ask("why does checkuot-ap restart?")
    assert told.answer.tone in (Tone.ASK, Tone.FOUND, Tone.CLEAN)
    assert "checkout-api" in told.text


def test_a_name_that_resembles_nothing_is_not_guessed() -> None:
    with door(ILL) as here:
        told = here.ask("why does zookeeper restart?")
    assert told.answer.tone is Tone.ASK
    assert "found nothing called zookeeper" in told.headline


def test_the_wrong_namespace_is_noticed() -> None:
    with door(ILL + "---\n{apiVersion: v1, kind: Namespace, metadata: {name: pay}}\n") as here:
        told = here.ask("why does checkout in namespace pay restart?")
    assert "OOMKilled" in told.headline
    assert "There is no checkout in namespace pay; this is the one in shop." in told.text


def test_a_namespace_that_is_not_there_is_not_called_healthy() -> None:
    with door(WELL) as here:
        told = here.ask("what is broken in namespace billing?")
    assert told.answer.tone is Tone.ASK
    assert "billing" in told.headline


def test_the_ill_one_of_two_clusters_answers() -> None:
    with door({"prod": ILL, "dev": WELL}) as here:
        told = here.ask("why does checkout restart?")
    assert "OOMKilled" in told.headline
    assert told.answer.data["cluster"] == "prod"


def test_when_both_are_ill_it_asks_which_with_a_button_each() -> None:
    with door({"prod": ILL, "dev": ILL}) as here:
        told = here.ask("why does checkout restart?")
        assert told.answer.tone is Tone.ASK
        assert {offer.says for offer in told.answer.offers} == {
            "ask why does checkout restart? (cluster prod, namespace shop)",
            "ask why does checkout restart? (cluster dev, namespace shop)",
        }
        again = here.ask(told.answer.offers[0].says)
    assert again.answer.tone is Tone.FOUND
    assert again.answer.data["cluster"] in told.answer.offers[0].says


def test_without_the_right_to_list_pods_nothing_is_called_healthy() -> None:
    with door(WELL + "---\n{apiVersion: rehearsal, kind: Denied, resource: pods}\n") as here:
        told = here.ask("is checkout ok?")
    assert told.answer.tone is Tone.UNSURE
    assert "I may not read pods" in told.text


def test_what_may_not_be_read_is_told_beside_what_was_found() -> None:
    with door(ILL + "---\n{apiVersion: rehearsal, kind: Denied, resource: events}\n") as here:
        told = here.ask("why does checkout restart?")
    assert "OOMKilled" in told.headline
    assert "I may not read events in shop." in told.text


def test_a_cluster_that_hangs_holds_up_no_other() -> None:
    hanging = WELL + "".join(
        f"---\n{{apiVersion: rehearsal, kind: Fault, resource: {r}, answer: hang}}\n"
        for r in ("pods", "deployments", "services", "statefulsets", "daemonsets", "jobs", "cronjobs")
    )
    with door({"prod": ILL, "asleep": hanging}) as here:
        began = time.monotonic()
        told = here.ask("why does checkout restart?")
        took = time.monotonic() - began
    assert "OOMKilled" in told.headline
    assert "asleep could not be asked" in told.text
    assert took < 30, "told within half a minute, though one cluster never answers"


def test_a_cluster_that_points_nowhere_is_said_with_what_to_do(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        "{apiVersion: v1, kind: Config, contexts: [{name: gone, context: {cluster: gone, user: me}}], "
        'clusters: [{name: gone, cluster: {server: "http://127.0.0.1:9"}}], users: [{name: me, user: {}}]}'
    )
    with door(kubeconfig=config) as here:
        told = here.ask("why does checkout restart?")
    assert told.answer.tone is Tone.FAILED
    assert "gone" in told.headline


def test_an_instant_of_which_nothing_is_left_names_no_cause() -> None:
    with door(ILL) as here:
        told = here.ask("why did checkout restart?", about=datetime.now(UTC) - timedelta(days=3))
        named = here.ask("why did checkout restart 3 days ago?")
    assert named.answer.tone is Tone.UNSURE
    assert "I cannot tell what happened to checkout" in named.headline
    assert told.answer.tone is Tone.UNSURE


def test_the_policy_hides_a_cluster_and_says_nothing_of_it(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("rules:\n- {who: [U0MINJI], may: [ask], clusters: [dev]}\n")
    with door({"prod": ILL, "dev": WELL}, policy=policy) as here:
        told = here.ask("why does checkout restart?")
        named = here.ask("why does checkout restart in cluster prod?")
    assert "OOMKilled" not in told.text
    assert "OOMKilled" not in named.text


def test_a_right_for_one_namespace_shows_nothing_of_another(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("rules:\n- {who: [U0MINJI], may: [ask], namespaces: [pay]}\n")
    both = ILL + deployment("billing", "pay", container=LIMITED, status=OOM)
    with door(both, policy=policy) as here:
        mine = here.ask("why does billing in namespace pay restart?")
        others = here.ask("why does checkout in namespace pay restart?")
        flagged = here.ask("why does checkout restart?", namespace="pay")
        all_of_it = here.ask("what is broken in namespace shop?")
    assert "OOMKilled" in mine.headline
    for told in (others, flagged, all_of_it):
        assert "OOMKilled" not in told.text
        assert "128Mi" not in told.text


def test_a_workload_that_is_called_by_an_everyday_word_is_found() -> None:
    with door(deployment("rates", container=LIMITED, status=OOM) + noise()) as here:
        told = here.ask("one of the rates pods went away and came back, app or platform?")
    assert "rates was OOMKilled" in told.headline
