"""Volume claims: bound to a volume that is made for them, when their class exists and wants it now."""

from typing import Any

from integrations.sandbox.kubernetes.living.ground import Ground

Json = dict[str, Any]

_COMPONENT, _HELD = "persistentvolume-controller", "kubernetes.io/pvc-protection"
_EVERY_S = 15
_DEFAULT = "storageclass.kubernetes.io/is-default-class"


def bind_claims(ground: Ground) -> None:
    claims = ground.all("PersistentVolumeClaim")
    if not claims:
        return
    used = {
        (pod["metadata"]["namespace"], (volume.get("persistentVolumeClaim") or {}).get("claimName")): pod
        for pod in ground.all("Pod")
        for volume in pod["spec"].get("volumes") or []
    }
    for claim in claims:
        meta = claim["metadata"]
        consumer = used.get((meta["namespace"], meta["name"]))
        if meta.get("deletionTimestamp"):
            if consumer is None and _HELD in (meta.get("finalizers") or []):
                ground.change(claim, _released)
        elif claim.get("status", {}).get("phase") == "Pending":
            _provide(ground, claim, consumer)


def _provide(ground: Ground, claim: Json, consumer: Json | None) -> None:
    name = claim["spec"].get("storageClassName")
    found = ground.get("StorageClass", "", name) if name else _default(ground)
    if found is None:
        said = f'storageclass.storage.k8s.io "{name}" not found'
        if name and int(ground.now().timestamp()) % _EVERY_S == 0:
            ground.recorder.tell(claim, "Warning", "ProvisioningFailed", said, _COMPONENT)
        return
    if found.get("volumeBindingMode") == "WaitForFirstConsumer" and not (consumer or {}).get("spec", {}).get(
        "nodeName"
    ):
        return
    meta = claim["metadata"]
    volume, size = f"pvc-{meta['uid']}", claim["spec"]["resources"]["requests"]["storage"]
    if ground.get("PersistentVolume", "", volume) is None:
        ground.create(
            {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": volume},
                "spec": {
                    "capacity": {"storage": size},
                    "accessModes": claim["spec"].get("accessModes", ["ReadWriteOnce"]),
                    "storageClassName": found["metadata"]["name"],
                    "persistentVolumeReclaimPolicy": found.get("reclaimPolicy", "Delete"),
                    "claimRef": {"namespace": meta["namespace"], "name": meta["name"], "uid": meta["uid"]},
                    "csi": {"driver": found["provisioner"], "volumeHandle": meta["uid"]},
                },
            }
        )
        kept = ground.get("PersistentVolume", "", volume)
        if kept:
            ground.status(kept, phase="Bound")
        said = f"Successfully provisioned volume {volume}"
        ground.recorder.tell(claim, "Normal", "ProvisioningSucceeded", said, found["provisioner"])
    modes = claim["spec"].get("accessModes")
    ground.change(claim, lambda now: {**now, "spec": {**now["spec"], "volumeName": volume}})
    ground.status(claim, phase="Bound", capacity={"storage": size}, accessModes=modes)


def _default(ground: Ground) -> Json | None:
    classes = ground.all("StorageClass")
    return next((one for one in classes if (one["metadata"].get("annotations") or {}).get(_DEFAULT) == "true"), None)


def _released(claim: Json) -> Json:
    kept = [one for one in claim["metadata"]["finalizers"] if one != _HELD]
    return {**claim, "metadata": {**claim["metadata"], "finalizers": kept}}
