"""Which fate a container has now: the world's documents, held against the pod as it is specified at this moment."""

from dataclasses import dataclass
from typing import Any

from integrations.sandbox.documents import Fate
from integrations.sandbox.kubernetes.living.ground import Ground
from knowledge.facts.quantity import amount

Json = dict[str, Any]


@dataclass(frozen=True)
class Fates:
    ground: Ground
    written: list[Fate]

    def of(self, pod: Json, container: Json) -> Fate | None:
        meta = pod["metadata"]
        for one in self.written:
            named = one.namespace == meta.get("namespace") and one.app == (meta.get("labels") or {}).get("app")
            if named and one.container in ("", container["name"]) and self._holds(one, container):
                return one
        return None

    def missing(self, pod: Json, container: Json) -> str:
        """The ConfigMap or Secret that a container's environment needs and that is not there."""
        for kind, name, key in _needed(container):
            found = self.ground.get(kind, pod["metadata"]["namespace"], name)
            if found is None:
                return f'{kind.lower()} "{name}" not found'
            if key and key not in (found.get("data") or {}):
                return f"couldn't find key {key} in {kind} {pod['metadata']['namespace']}/{name}"
        return ""

    def unmounted(self, pod: Json) -> str:
        """What a kubelet says of a volume whose content is not there."""
        for volume in pod["spec"].get("volumes") or []:
            for source, kind, field in (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")):
                said = volume.get(source) or {}
                name = said.get(field)
                if name and not said.get("optional") and not self.ground.get(kind, pod["metadata"]["namespace"], name):
                    return f'MountVolume.SetUp failed for volume "{volume["name"]}" : {kind.lower()} "{name}" not found'
        return ""

    def _holds(self, fate: Fate, container: Json) -> bool:
        limit = amount(((container.get("resources") or {}).get("limits") or {}).get("memory"))
        env = {one["name"]: one.get("value") for one in container.get("env") or []}
        for key, wanted in fate.when.items():
            match key:
                case "memoryBelow":
                    holds = limit is not None and limit < (amount(wanted) or 0)
                case "unlimited":
                    holds = (limit is None) is bool(wanted)
                case "image":
                    holds = container.get("image") == wanted
                case "env":
                    holds = all(env.get(name) == value for name, value in wanted.items())
                case "livenessTimeoutBelow":
                    probe = container.get("livenessProbe") or {"timeoutSeconds": wanted}
                    holds = probe.get("timeoutSeconds", 1) < wanted
                case "without":
                    holds = not self._serves(fate.namespace, wanted)
                case other:
                    raise ValueError(f"a fate of {fate.app} depends on {other}, which nobody knows")
            if not holds:
                return False
        return True

    def _serves(self, namespace: str, service: str) -> bool:
        for one in self.ground.all("EndpointSlice", namespace):
            if (one["metadata"].get("labels") or {}).get("kubernetes.io/service-name") == service:
                return any(end["conditions"].get("ready") for end in one.get("endpoints") or [])
        return False


def _needed(container: Json) -> list[tuple[str, str, str]]:
    found = []
    for one in container.get("envFrom") or []:
        for source, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            if source in one and not one[source].get("optional"):
                found.append((kind, one[source]["name"], ""))
    for one in container.get("env") or []:
        for source, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            said = (one.get("valueFrom") or {}).get(source)
            if said and not said.get("optional"):
                found.append((kind, said["name"], said["key"]))
    return found
