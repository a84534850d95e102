"""Worlds of workloads whose containers end, for tests: a Deployment with its revisions and one pod."""

from typing import Any

from tests.knowledge.detectors.things import Thing, event, log, thing

UID = "5d1f7a52-0000-4000-8000-000000000001"


def workload(
    name: str = "checkout",
    *,
    code: int | None = 1,
    reason: str = "Error",
    restarts: int = 5,
    looping: bool = True,
    finished: str = "3m ago",
    started: str = "3m2s ago",
    message: str = "",
    lines: str = "",
    container: Thing | None = None,
    spec: Thing | None = None,
    state: Thing | None = None,
    pod_created: str = "10d ago",
    before: Thing | None = None,
    deployed: str = "10d ago",
    **status: Any,
) -> list[Thing]:
    """``code`` None: it never ended. ``before``: the container as revision 1 had it, replaced by revision 2 at
    ``deployed``. ``lines`` is the log of the run that ended."""
    labels = {"app": name, "pod-template-hash": "6d4cf56db6"}
    app = {"name": "app", "image": "registry.example.com/app:1.0", **(container or {})}
    pod_spec = {"nodeName": "node-1", "restartPolicy": "Always", "containers": [app], **(spec or {})}
    end = {"exitCode": code, "reason": reason, "message": message, "startedAt": started, "finishedAt": finished}
    now: Thing = {"running": {"startedAt": finished}}
    if looping:
        text = f"back-off 5m0s restarting failed container=app pod={name}-6d4cf56db6-abcde_shop({UID})"
        now = {"waiting": {"reason": "CrashLoopBackOff", "message": text}}
    held = {"name": "app", "ready": not looping, "restartCount": restarts if code is not None else 0, "state": now}
    if code is not None:
        held["lastState"] = {"terminated": end}
    held.update(state or {})
    revisions = [(1, "5c9b7d8f64", {"containers": [{**app, **before}]})] if before is not None else []
    revisions.append((len(revisions) + 1, "6d4cf56db6", pod_spec))
    sets = [
        thing(
            "ReplicaSet",
            f"{name}-{hashed}",
            labels={"app": name},
            annotations={"deployment.kubernetes.io/revision": str(number)},
            owner=("Deployment", name),
            created=deployed if number > 1 else "20d ago",
            spec={"replicas": 1, "template": {"metadata": {"labels": {"app": name}}, "spec": template}},
        )
        for number, hashed, template in revisions
    ]
    template = {"metadata": {"labels": {"app": name}}, "spec": pod_spec}
    pod = thing(
        "Pod",
        f"{name}-6d4cf56db6-abcde",
        labels=labels,
        owner=("ReplicaSet", f"{name}-6d4cf56db6"),
        created=pod_created,
        spec=pod_spec,
        status={"phase": "Running", "startTime": pod_created, "containerStatuses": [held], **status},
    )
    owner = thing(
        "Deployment",
        name,
        created="20d ago",
        spec={"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": template},
        status={"replicas": 1},
    )
    logs = [log(f"{name}-6d4cf56db6-abcde", *lines.splitlines(), previous=True)] if lines else []
    return [owner, *sets, pod, *logs]


def about(reason: str, message: str, name: str = "checkout", container: str = "app", **fields: Any) -> Thing:
    """An event about the pod of that workload."""
    return event(("Pod", f"{name}-6d4cf56db6-abcde"), reason, message, container=container, **fields)
