"""DaemonSets: a pod on every node that takes it, replaced one by one when the template changes."""

from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.kubernetes.living.ground import Ground
from integrations.sandbox.kubernetes.living.replica_sets import alive, pod_of
from integrations.sandbox.kubernetes.living.scheduler import selected, untolerated
from integrations.sandbox.kubernetes.living.stateful_sets import revision_of
from integrations.sandbox.kubernetes.removal import is_ready

Json = dict[str, Any]

_COMPONENT = "daemonset-controller"
_HASH = "controller-revision-hash"
_ALWAYS = [
    {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": effect}
    for key, effect in (
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
    )
]


@dataclass
class DaemonSets:
    ground: Ground
    _templates: dict[str, tuple[Json, str]] = field(default_factory=dict)

    def step(self) -> None:
        for one in self.ground.all("DaemonSet"):
            if not one["metadata"].get("deletionTimestamp"):
                self._keep(one)

    def _keep(self, one: Json) -> None:
        pods = [pod for pod in self.ground.owned("Pod", one) if alive(pod)]
        before = self._templates.get(one["metadata"]["uid"])
        if before is None and pods:  # its status names no revision: its pods do
            said = pods[0]["metadata"]["labels"].get(_HASH, "")
            self._templates[one["metadata"]["uid"]] = one["spec"]["template"], f"{one['metadata']['name']}-{said}"
        revision = revision_of(self._templates, one)
        renewed = before is not None and before[1] != revision
        wanted = [node["metadata"]["name"] for node in self.ground.all("Node") if self._takes(node, one)]
        there = {pod["spec"].get("nodeName"): pod for pod in pods}
        for name in wanted:
            if name not in there:
                self._make(one, name, revision)
        stale = [pod for name, pod in there.items() if name not in wanted or self._stale(pod, revision)]
        if stale and (renewed or all(map(is_ready, pods))):
            self.ground.delete(stale[0])
            self._tell(one, "SuccessfulDelete", f"Deleted pod: {stale[0]['metadata']['name']}")
        self._count(one, pods, wanted, revision)

    def _stale(self, pod: Json, revision: str) -> bool:
        said = pod["metadata"]["labels"].get(_HASH, "")
        return not revision.endswith(said) if said else False

    def _takes(self, node: Json, one: Json) -> bool:
        spec = dict(one["spec"]["template"]["spec"])
        spec["tolerations"] = [*spec.get("tolerations", []), *_ALWAYS]
        return selected(node, spec) and untolerated(node, spec) is None

    def _make(self, one: Json, node: str, revision: str) -> None:
        pod = pod_of(one, one["spec"]["template"], one["metadata"]["name"])
        pod["metadata"]["labels"] = {**pod["metadata"].get("labels", {}), _HASH: revision.rpartition("-")[2]}
        pod["spec"] |= {"nodeName": node, "tolerations": [*pod["spec"].get("tolerations", []), *_ALWAYS]}
        made = self.ground.create(pod)
        self._tell(one, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}")

    def _count(self, one: Json, pods: list[Json], wanted: list[str], revision: str) -> None:
        ready = sum(map(is_ready, pods))
        self.ground.status(
            one,
            desiredNumberScheduled=len(wanted),
            currentNumberScheduled=len(pods),
            updatedNumberScheduled=sum(1 for pod in pods if not self._stale(pod, revision)) or None,
            numberReady=ready,
            numberAvailable=ready or None,
            numberUnavailable=len(wanted) - ready or None,
            numberMisscheduled=0,
            observedGeneration=one["metadata"].get("generation", 1),
        )

    def _tell(self, one: Json, reason: str, message: str) -> None:
        self.ground.recorder.tell(one, "Normal", reason, message, _COMPONENT)
