"""As much of ``/openapi/v3`` as kubectl asks before it writes: what can be patched, and that fields are checked."""

from typing import Any

from integrations.sandbox.kubernetes.kinds import Kind, Kinds

Json = dict[str, Any]

_CHECKED = {"name": "fieldValidation", "in": "query", "schema": {"type": "string", "uniqueItems": True}}
_DRY = {"name": "dryRun", "in": "query", "schema": {"type": "string", "uniqueItems": True}}


def index(kinds: Kinds) -> Json:
    """``/openapi/v3``: where each group and version is described."""
    found = {_root(kind): {"serverRelativeURL": f"/openapi/v3/{_root(kind)}?hash=1"} for kind in kinds.all()}
    return {"paths": found}


def described(kinds: Kinds, root: str) -> Json | None:
    """``/openapi/v3/apis/apps/v1``, ``None`` where nothing is served."""
    mine = [kind for kind in kinds.all() if _root(kind) == root]
    if not mine:
        return None
    paths = {_path(kind): {"patch": _patch(kind)} for kind in mine}
    info = {"title": "Kubernetes", "version": "v1.34.4"}
    return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": {}}}


def _root(kind: Kind) -> str:
    resource = kind.resource
    return f"apis/{resource.group}/{resource.version}" if resource.group else f"api/{resource.version}"


def _path(kind: Kind) -> str:
    scope = "/namespaces/{namespace}" if kind.resource.namespaced else ""
    return f"/{_root(kind)}{scope}/{kind.resource.plural}/{{name}}"


def _patch(kind: Kind) -> Json:
    """Without a schema, so that kubectl takes the one that is built into it."""
    resource = kind.resource
    named = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    return {
        "parameters": [_DRY, _CHECKED],
        "requestBody": {"content": {"application/merge-patch+json": {}, "application/json-patch+json": {}}},
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": named,
    }
