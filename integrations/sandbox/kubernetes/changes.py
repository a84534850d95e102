"""Answers every request that changes something: which writer it is for, what it sent, and what it is told."""

from dataclasses import dataclass
from typing import Any

from integrations.sandbox.kubernetes.bodies import (
    delete_options,
    dry,
    patch_sent,
    pruned,
    sent,
    warnings,
)
from integrations.sandbox.kubernetes.kinds import Kind
from integrations.sandbox.kubernetes.pages import fitting
from integrations.sandbox.kubernetes.refusals import Refused, unfit_patch
from integrations.sandbox.kubernetes.removal import Remover
from integrations.sandbox.kubernetes.scaling import found, patch_scale, rescale
from integrations.sandbox.kubernetes.schema import unknown_fields
from integrations.sandbox.kubernetes.wire import Reply, Request, Target, in_json
from integrations.sandbox.kubernetes.writing import Writer
from knowledge.objects import Resource

Json = dict[str, Any]

_SCALE = Kind(Resource("Scale", "autoscaling", "v1", "scales"))
_EVICTION = Kind(Resource("Eviction", "policy", "v1", "evictions"))


@dataclass(frozen=True)
class Changes:
    writer: Writer

    @property
    def remover(self) -> Remover:
        return Remover(self.writer)

    def answer(self, verb: str, target: Target, request: Request) -> Reply:
        if target.subresource == "eviction":
            return self._evict(target, request)
        match verb:
            case "create":
                return self._create(target, request)
            case "update":
                return self._update(target, request)
            case "patch":
                return self._patch(target, request)
            case "delete":
                options = delete_options(request.body, request.headers, request.query)
                return in_json(self.remover.delete(target.kind, target.namespace, target.name, options))
        return self._sweep(target, request)

    def _create(self, target: Target, request: Request) -> Reply:
        nothing_kept = dry(request.query, "CreateOptions")
        thing, told = self._known(target, request)
        kept = self.writer.create(target.kind, target.namespace, thing, dry=nothing_kept)
        return in_json(kept.whole, 201, told)

    def _update(self, target: Target, request: Request) -> Reply:
        nothing_kept = dry(request.query, "UpdateOptions")
        if target.subresource == "scale":
            before = found(self.writer, target.kind, target.namespace, target.name)
            scale = sent(request.body, request.headers, _SCALE.resource)
            unknown_fields(_SCALE.resource, scale)
            return in_json(rescale(self.writer, before, scale, dry=nothing_kept))
        thing, told = self._known(target, request)
        part = "spec" if target.subresource == "finalize" else target.subresource
        kept = self.writer.replace(target.kind, target.namespace, target.name, thing, part, dry=nothing_kept)
        return in_json(kept.whole, 200, told)

    def _patch(self, target: Target, request: Request) -> Reply:
        nothing_kept = dry(request.query, "PatchOptions")
        how, patch = patch_sent(request.body, request.headers)
        if target.subresource == "scale":
            before = found(self.writer, target.kind, target.namespace, target.name)
            return in_json(patch_scale(self.writer, before, how, patch, dry=nothing_kept))
        told: list[str] = []

        def known(thing: Json) -> None:
            if target.kind.custom:
                return
            try:
                told[:] = warnings(target.kind.resource, thing, request.query)
            except Refused as refused:
                raise unfit_patch(thing, str(refused)) from refused
            pruned(thing, unknown_fields(target.kind.resource, thing))

        place = (target.kind, target.namespace, target.name)
        kept = self.writer.patch(*place, how, patch, target.subresource, known=known, dry=nothing_kept)
        return in_json(kept.whole, 200, _warned(told))

    def _evict(self, target: Target, request: Request) -> Reply:
        eviction = sent(request.body, request.headers, _EVICTION.resource)
        unknown_fields(_EVICTION.resource, eviction)
        if dry(request.query, "CreateOptions"):
            eviction["deleteOptions"] = {**(eviction.get("deleteOptions") or {}), "dryRun": ["All"]}
        return in_json(self.remover.evict(target.kind, target.namespace, target.name, eviction), 201)

    def _sweep(self, target: Target, request: Request) -> Reply:
        """Deletes everything of a kind that fits the selectors, and lists what it was."""
        fits = fitting(target.kind, request.query)
        options = delete_options(request.body, request.headers, request.query)
        revision, kept = self.writer.store.all(target.kind, target.namespace)
        mine = [one for one in kept if fits(one)]
        for one in mine:
            self.remover.delete(target.kind, *one.place, options)
        resource = target.kind.resource
        meta = {"resourceVersion": str(revision)}
        items = [one.item for one in mine]
        return in_json(
            {"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": meta, "items": items}
        )

    def _known(self, target: Target, request: Request) -> tuple[Json, dict[str, str]]:
        """What was sent, without the fields that nobody knows; they are told in a warning."""
        thing = sent(request.body, request.headers, target.kind.resource)
        if target.kind.custom:
            unknown_fields(target.kind.resource, thing)
            return thing, {}
        told = warnings(target.kind.resource, thing, request.query)
        pruned(thing, unknown_fields(target.kind.resource, thing))
        return thing, _warned(told)


def _warned(told: list[str]) -> dict[str, str]:
    quoted = (text.replace('"', '\\"') for text in told)
    return {"Warning": ", ".join(f'299 - "{text}"' for text in quoted)} if told else {}
