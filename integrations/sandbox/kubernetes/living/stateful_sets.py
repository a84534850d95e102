"""StatefulSets: pods with numbers, made one after the other from the first, replaced one by one from the last."""

from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.kubernetes.living.ground import Ground
from integrations.sandbox.kubernetes.living.replica_sets import pod_of
from integrations.sandbox.kubernetes.living.shares import hashed
from integrations.sandbox.kubernetes.refusals import Refused
from integrations.sandbox.kubernetes.removal import is_ready

Json = dict[str, Any]

_COMPONENT = "statefulset-controller"
_REVISION = "controller-revision-hash"


@dataclass
class StatefulSets:
    ground: Ground
    templates: dict[str, tuple[Json, str]] = field(default_factory=dict)
    """The template that was seen last of each, and the revision it has."""

    def step(self) -> None:
        for one in self.ground.all("StatefulSet"):
            if not one["metadata"].get("deletionTimestamp"):
                self._keep(one)

    def _keep(self, one: Json) -> None:
        pods = {_number(pod): pod for pod in self.ground.owned("Pod", one)}
        wanted, revision = int(one["spec"].get("replicas", 1)), revision_of(self.templates, one)
        self._count(one, list(pods.values()), revision)
        for number in range(wanted):
            if number not in pods:
                self._make(one, number, revision)
                return
            if not is_ready(pods[number]) and pods[number]["metadata"]["labels"].get(_REVISION) == revision:
                return  # the next one waits for it
        for number in sorted(pods, reverse=True):
            pod = pods[number]
            stale = pod["metadata"]["labels"].get(_REVISION) != revision
            if (number >= wanted or stale) and not pod["metadata"].get("deletionTimestamp"):
                self._drop(one, pod)
                return
            if pod["metadata"].get("deletionTimestamp"):
                return

    def _make(self, one: Json, number: int, revision: str) -> None:
        meta = one["metadata"]
        name = f"{meta['name']}-{number}"
        pod = pod_of(one, one["spec"]["template"], meta["name"], exact=name)
        more = {
            _REVISION: revision,
            "statefulset.kubernetes.io/pod-name": name,
            "apps.kubernetes.io/pod-index": str(number),
        }
        pod["metadata"]["labels"] = {**pod["metadata"].get("labels", {}), **more}
        pod["spec"] |= {"hostname": name, "subdomain": one["spec"].get("serviceName", "")}
        what = f"create Pod {name} in StatefulSet {meta['name']}"
        try:
            self.ground.create(pod)
        except Refused as refused:
            self._tell(one, "FailedCreate", f"{what} failed error: {refused}", "Warning")
        else:
            self._tell(one, "SuccessfulCreate", f"{what} successful")

    def _drop(self, one: Json, pod: Json) -> None:
        self.ground.delete(pod)
        said = f"delete Pod {pod['metadata']['name']} in StatefulSet {one['metadata']['name']} successful"
        self._tell(one, "SuccessfulDelete", said)

    def _count(self, one: Json, pods: list[Json], revision: str) -> None:
        ready = sum(map(is_ready, pods))
        updated = [pod for pod in pods if pod["metadata"]["labels"].get(_REVISION) == revision]
        settled = len(updated) == len(pods)
        status = one.get("status", {})
        self.ground.status(
            one,
            replicas=len(pods),
            readyReplicas=ready or None,
            availableReplicas=ready,
            updatedReplicas=len(updated) or None,
            currentReplicas=(len(pods) if settled else len(pods) - len(updated)) or None,
            currentRevision=revision if settled else status.get("currentRevision", revision),
            updateRevision=revision,
            observedGeneration=one["metadata"].get("generation", 1),
        )

    def _tell(self, one: Json, reason: str, message: str, kind: str = "Normal") -> None:
        self.ground.recorder.tell(one, kind, reason, message, _COMPONENT)


def revision_of(templates: dict[str, tuple[Json, str]], one: Json) -> str:
    """The revision of the template as it is now: the recorded one until the template is another."""
    uid, template = one["metadata"]["uid"], one["spec"]["template"]
    recorded = str(one.get("status", {}).get("updateRevision", ""))
    seen, revision = templates.get(uid) or (template, recorded)
    if not revision or seen != template:
        revision = f"{one['metadata']['name']}-{hashed(template)}"
    templates[uid] = template, revision
    return revision


def _number(pod: Json) -> int:
    text = pod["metadata"]["name"].rpartition("-")[2]
    return int(text) if text.isdecimal() else 0
