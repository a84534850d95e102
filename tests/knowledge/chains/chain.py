"""Worlds of chains: what is told first of a world, and what is told under it."""

from typing import Any

from knowledge.diagnosis import Diagnosis
from knowledge.finding import Ref
from tests.knowledge.detectors.things import Thing, deployment, english, log, pod, thing, world
from tests.seen import judge


def headline(*things: Thing | list[Thing], about: Ref) -> tuple[str, str, frozenset[str]]:
    """The headline's detector and words, and the detectors of what is told under it."""
    diagnosis: Diagnosis = judge(world(*things), about=(about,))
    cause = diagnosis.headline
    if cause is None:
        return "", "", frozenset()
    return cause.finding.detector.id, english(cause.finding), frozenset(f.detector.id for f in cause.explains)


def runs(
    name: str,
    *,
    template: Thing | None = None,
    replicas: int = 1,
    ready: bool = True,
    revision: Thing | None = None,
    **fields: Any,
) -> list[Thing]:
    """A Deployment, its ReplicaSet and one pod (none at 0 replicas), which takes ``fields``; the set ``revision``."""
    labels = {"app": name}
    container = fields.get("container", {})
    spec = template or {"containers": [{"name": "app", "image": "registry.example.com/app:1.0", **container}]}
    owner = deployment(name, labels, replicas, template=spec, created="20d ago")
    owned = thing(
        "ReplicaSet",
        f"{name}-6d4cf56db6",
        labels=labels,
        owner=("Deployment", name),
        annotations={"deployment.kubernetes.io/revision": "1"},
        created="20d ago",
        spec={"replicas": replicas, "template": {"metadata": {"labels": labels}, "spec": spec}},
        **(revision or {}),
    )
    for reference in owned["metadata"]["ownerReferences"]:
        reference["controller"] = True
    if not replicas:
        return [owner, owned]
    fields.setdefault("created", "1d ago")
    one = pod(
        f"{name}-6d4cf56db6-abcde",
        {**labels, "pod-template-hash": "6d4cf56db6"},
        ready,
        owner=("ReplicaSet", f"{name}-6d4cf56db6"),
        **fields,
    )
    return [owner, owned, one]


def crashing(name: str, *lines: str, finished: str = "3m ago", **fields: Any) -> list[Thing]:
    """A workload in a crash loop, with the log of its last run."""
    end = {"exitCode": 1, "reason": "Error", "startedAt": "4m ago", "finishedAt": finished}
    state = {
        "ready": False,
        "restartCount": 6,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}},
        "lastState": {"terminated": end},
    }
    things = runs(name, ready=False, state=state, **fields)
    return [*things, log(f"{name}-6d4cf56db6-abcde", *lines, previous=True)]


def complaining(name: str, *lines: str, **fields: Any) -> list[Thing]:
    """A workload that runs and whose log complains."""
    return [*runs(name, **fields), log(f"{name}-6d4cf56db6-abcde", *lines)]


def workload(name: str) -> Ref:
    return Ref("Deployment", "shop", name)


def node(name: str, ready: str = "True", since: str = "20m ago", **fields: Any) -> Thing:
    reason = "KubeletReady" if ready == "True" else "NodeStatusUnknown"
    message = "" if ready == "True" else "Kubelet stopped posting node status."
    conditions = [
        {"type": "Ready", "status": ready, "reason": reason, "message": message, "lastTransitionTime": since},
        *fields.pop("conditions", []),
    ]
    room = {"cpu": "8", "memory": "32Gi", "pods": "110"}
    return thing("Node", name, "", status={"conditions": conditions, "allocatable": room}, **fields)
