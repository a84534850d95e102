"""Jobs that are suspended and updates that are held back on purpose: what decides, from both sides."""

from typing import Any

import pytest

from tests.knowledge.detectors.things import Thing, first, proof, thing, told, world
from tests.seen import judge

SUSPENDED, HELD = "job-suspended", "rollout-held-back"
SINCE = {"type": "Suspended", "status": "True", "lastTransitionTime": "2h ago"}


def job(*conditions: Thing, suspend: bool = True, active: int = 0, queue: str = "") -> Thing:
    labels = {"labels": {"kueue.x-k8s.io/queue-name": queue}} if queue else {}
    return thing(
        "Job", "import", spec={"suspend": suspend}, status={"active": active, "conditions": list(conditions)}, **labels
    )


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (job(SINCE), "suspended (spec.suspend: true) since 2026-01-15 03:30 UTC, so it makes no pods."),
        (job(), "suspended (spec.suspend: true), so it makes no pods."),
        (job({"type": "Other", "status": "True", "lastTransitionTime": "9h ago"}), "(spec.suspend: true), so"),
        (job({**SINCE, "status": "False"}), "(spec.suspend: true), so"),
        (job(SINCE, queue="team-a"), "so it makes no pods; it waits in the queue team-a."),
        (job({"type": "Complete", "status": "False"}), "is suspended"),
        (job(SINCE, suspend=False), ""),
        (job(active=1), ""),
        (job({"type": "Complete", "status": "True"}), ""),
        (job({"type": "Failed", "status": "True"}), ""),
    ],
)
def test_a_job_that_waits_to_be_let_go(one: Thing, words: str) -> None:
    said = told(judge(world(one), SUSPENDED))
    assert (words in said[0]) if words else said == []


def test_nobody_is_told_to_go_around_a_queue() -> None:
    assert first(judge(world(job(queue="team-a")), SUSPENDED)).remedies == ()
    assert len(proof(judge(world(job(queue="team-a")), SUSPENDED))) == 2
    alone = judge(world(job()), SUSPENDED)
    assert len(first(alone).remedies) == 1
    assert len(proof(alone)) == 1


def stateful(updated: int = 1, now: str = "a", then: str = "b", **strategy: Any) -> Thing:
    status = {"currentRevision": now, "updateRevision": then, "updatedReplicas": updated}
    return thing("StatefulSet", "db", spec={"replicas": 3, "updateStrategy": strategy}, status=status)


def daemon(updated: int = 1, **strategy: Any) -> Thing:
    status = {"desiredNumberScheduled": 3, "updatedNumberScheduled": updated}
    return thing("DaemonSet", "db", spec={"updateStrategy": strategy}, status=status)


PART = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
DELETED = {"type": "OnDelete"}


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (stateful(**PART), "2 pods of db stay on the older revision: its update strategy has partition 2"),
        (stateful(**DELETED), "OnDelete: a pod is renewed only when it is deleted"),
        (stateful(3, **PART), ""),
        (stateful(then="a", **PART), ""),
        (stateful(then="", **PART), ""),
        (stateful(type="RollingUpdate"), ""),
        (stateful(type="RollingUpdate", rollingUpdate={"partition": 0}), ""),
        (daemon(**DELETED), "2 pods of db stay on the older revision"),
        (daemon(3, **DELETED), ""),
        (daemon(**PART), ""),
    ],
)
def test_an_update_that_waits_on_purpose(one: Thing, words: str) -> None:
    said = told(judge(world(one), HELD))
    assert (words in said[0]) if words else said == []


def test_how_an_update_goes_on_is_told_by_what_holds_it() -> None:
    parted, deleted = (judge(world(stateful(**strategy)), HELD) for strategy in (PART, DELETED))
    assert proof(parted) == ["spec.updateStrategy.rollingUpdate.partition: 2"]
    assert proof(deleted) == ["spec.updateStrategy.type: OnDelete"]
    assert "Lower the partition" in str(first(parted).remedies)
    assert "Delete its pods one by one" in str(first(deleted).remedies)
