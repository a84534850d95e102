"""A Service some of whose pods are not ready."""

from tests.knowledge.detectors.things import denied, deployment, pod, service, told, unsure, world
from tests.seen import judge

ID = "svc-partially-ready"
WEB = service("web", {"app": "web"})
PODS = [
    pod("web-1", {"app": "web"}, owner=("Deployment", "web")),
    pod("web-2", {"app": "web"}, owner=("Deployment", "web")),
    pod("web-3", {"app": "web"}, ready=False, owner=("Deployment", "web")),
]


def test_one_pod_of_three_that_is_not_ready_for_long_is_told() -> None:
    assert told(judge(world(PODS, WEB), ID)) == [
        "Service web runs on 2 of its 3 pods; not ready: web-3 (1x running but not Ready)."
    ]


def test_all_ready_is_clean() -> None:
    assert told(judge(world(PODS[:2], WEB), ID)) == []


def test_without_pods_to_look_at_it_cannot_tell() -> None:
    assert unsure(judge(world(PODS, WEB, denied("pods")), ID)) == (ID,)


def test_a_rollout_in_progress_stays_silent() -> None:
    progressing = {"conditions": [{"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}]}
    assert told(judge(world(PODS, WEB, deployment("web", {"app": "web"}, 3, status=progressing)), ID)) == []


def test_a_pod_that_is_being_deleted_stays_silent() -> None:
    leaving = pod("web-3", {"app": "web"}, ready=False, deleted="20m ago")
    assert told(judge(world(PODS[:2], leaving, WEB), ID)) == []
