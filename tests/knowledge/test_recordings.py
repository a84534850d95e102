"""A cluster that was recorded months ago and is served as it was is judged as of then."""

from dataclasses import replace
from datetime import timedelta

import pytest

from knowledge.catalogue import detectors
from knowledge.diagnosis import Diagnosis, examine
from tests.knowledge.detectors.ended import about, workload
from tests.knowledge.detectors.things import Thing, endpoints, english, event, pod, service, thing, world
from tests.seen import NOW, seen

LATER = timedelta(days=300)


def judged_later(text: str, later: timedelta = LATER) -> Diagnosis:
    recorded = seen(text)
    return examine(detectors().values(), replace(recorded, now=NOW + later, at=NOW + later))


PULL = 'Failed to pull image "registry.example.com/app:9": not found'
WAITING = {"reason": "ImagePullBackOff", "message": f"Back-off pulling image: {PULL}"}
PENDING = [
    pod(
        "web-1",
        ready=False,
        created="1h ago",
        container={"image": "registry.example.com/app:9"},
        state={"state": {"waiting": WAITING}},
        status={"phase": "Pending"},
    ),
    event(("Pod", "web-1"), "Failed", PULL, 5),
]
UNPLACED = [
    pod(
        "web-1",
        spec={"nodeName": "", "nodeSelector": {"disk": "ssd"}},
        created="1h ago",
        status={
            "phase": "Pending",
            "containerStatuses": [],
            "conditions": [
                {
                    "type": "PodScheduled",
                    "status": "False",
                    "reason": "Unschedulable",
                    "message": "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
                    "lastTransitionTime": "1h ago",
                }
            ],
        },
    ),
    event(("Pod", "web-1"), "FailedScheduling", "0/1 nodes are available", 5),
]
LOST = [
    service("web", {"app": "web"}),
    pod("web-1", {"app": "web"}, ready=False, state={"state": {"waiting": {"reason": "CrashLoopBackOff"}}}),
    endpoints("web", unready=("web-1",)),
    event(("Pod", "web-1"), "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", 50),
]


@pytest.mark.parametrize(
    ("things", "says"),
    [
        (workload(code=137, reason="OOMKilled"), "OOMKilled"),
        (workload(lines="panic: no config"), "panic: no config"),
        (
            [
                *workload(looping=False, lines="panic: no config", restarts=3, finished="5m ago"),
                event(("Pod", "checkout-6d4cf56db6-abcde"), "Started", "Started container app"),
            ],
            "panic: no config",
        ),
        (PENDING, "registry.example.com/app:9"),
        (UNPLACED, "disk"),
        (LOST, "Service web has no ready endpoint"),
    ],
    ids=["out of memory", "crash loop", "restarted and runs", "pull", "unplaced", "no endpoint"],
)
def test_a_state_of_then_is_told_as_it_was(things: list[Thing], says: str) -> None:
    diagnosis = judged_later(world(things))
    told = [english(f) for c in diagnosis.causes for f in (c.finding, *c.explains)]
    assert any(says in one for one in told)
    now = [english(c.finding) for c in examine(detectors().values(), seen(world(things))).causes]
    assert [english(c.finding) for c in diagnosis.causes] == now


def test_a_living_cluster_keeps_its_present_and_its_old_restarts_stay_history() -> None:
    node = thing(
        "Node",
        "node-1",
        "",
        status={"conditions": [{"type": "Ready", "status": "True", "lastHeartbeatTime": "1m ago"}]},
    )
    old = workload(looping=False, finished="40d ago", started="41d ago", restarts=1, lines="panic: no config")
    assert seen(world(old, node)).recorded is None
    assert examine(detectors().values(), seen(world(old, node))).causes == ()


def test_an_instant_that_was_asked_for_is_kept() -> None:
    recorded = seen(world(workload(), about("BackOff", "Back-off restarting failed container")), at=NOW)
    assert recorded.as_recorded() is recorded
