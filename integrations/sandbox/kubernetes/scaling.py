"""The ``scale`` subresource: how many replicas a workload is to have, in a form that is the same for all kinds."""

from typing import Any

import msgspec

from integrations.sandbox.kubernetes.patches import patched
from integrations.sandbox.kubernetes.refusals import conflict, invalid, not_found, wrong
from integrations.sandbox.kubernetes.schema import unknown_fields
from integrations.sandbox.kubernetes.store import Kept
from integrations.sandbox.kubernetes.writing import Writer
from knowledge.objects import LabelSelector, Resource

Json = dict[str, Any]


def scale_of(kept: Kept) -> Json:
    meta, spec, status = kept.meta, kept.thing.get("spec") or {}, kept.thing.get("status") or {}
    shown = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    selector = msgspec.convert(spec.get("selector") or {}, LabelSelector).as_query()
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: meta[key] for key in shown if key in meta},
        "spec": {"replicas": spec.get("replicas", 1)},
        "status": {"replicas": status.get("replicas", 0), "selector": selector},
    }


def rescale(writer: Writer, before: Kept, scale: Json, *, dry: bool) -> Json:
    """PUT of a whole Scale."""
    name, replicas = before.meta["name"], (scale.get("spec") or {}).get("replicas", 0)
    if replicas < 0:
        said = wrong("spec.replicas", replicas, "must be greater than or equal to 0")
        raise invalid("Scale.autoscaling", name, said)
    version = (scale.get("metadata") or {}).get("resourceVersion")
    if version and version != before.meta["resourceVersion"]:
        raise conflict(before.kind.resource, name)

    def change(thing: Json) -> Json:
        return {**thing, "spec": {**thing["spec"], "replicas": replicas}}

    return scale_of(writer.change(before.kind, *before.place, change, dry=dry))


def patch_scale(writer: Writer, before: Kept, how: str, patch: Any, *, dry: bool) -> Json:
    scale = patched(how, scale_of(before), patch)
    unknown_fields(Resource("Scale", "autoscaling", "v1", "scales"), scale)
    return rescale(writer, before, scale, dry=dry)


def found(writer: Writer, kind: Any, namespace: str, name: str) -> Kept:
    kept = writer.store.get(kind, namespace, name)
    if kept is None:
        raise not_found(kind.resource, name)
    return kept
