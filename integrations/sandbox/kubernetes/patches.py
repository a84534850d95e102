"""The three ways to patch an object: merge (RFC 7386), strategic merge, and JSON patch (RFC 6902)."""

import copy
from typing import Any

from integrations.sandbox.kubernetes.refusals import Refused, bad_request

Json = dict[str, Any]

MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
KNOWN = (JSON_PATCH, MERGE, STRATEGIC)

_KEYS = {
    "containers": "name", "initContainers": "name", "ephemeralContainers": "name", "env": "name", "volumes": "name",
    "volumeMounts": "mountPath", "volumeDevices": "devicePath", "imagePullSecrets": "name", "hostAliases": "ip",
    "conditions": "type", "addresses": "type", "ownerReferences": "uid", "webhooks": "name", "secrets": "name",
    "topologySpreadConstraints": "topologyKey", "podIPs": "ip", "hostIPs": "ip", "schedulingGates": "name",
    "resourceClaims": "name", "readinessGates": "conditionType",
}  # fmt: skip
"""By which field the items of a list are told apart; other lists are replaced whole."""
_INAPPLICABLE = "the server rejected our request due to an error in our request"
_SETS = ("finalizers",)


def patched(kind: str, thing: Json, patch: Any) -> Json:
    """``thing`` as a patch of a content type leaves it; the thing itself is not touched. Refuses what is no patch."""
    if kind == JSON_PATCH:
        return _by_operations(copy.deepcopy(thing), patch)
    if not isinstance(patch, dict):
        raise bad_request(f"the patch is no object: {str(patch)[:40]}")
    try:
        changed: Json = merge(thing, patch) if kind == MERGE else strategic(thing, patch)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise bad_request(f"the patch holds a directive that cannot be followed: {error}") from error
    return changed


def merge(base: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    found = dict(base) if isinstance(base, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merge(found.get(key), value)
    return found


def strategic(base: Any, patch: Any, field: str = "") -> Any:
    """Lists of things with a name are merged by it; ``$patch``, ``$retainKeys`` and the other directives are obeyed."""
    if isinstance(patch, list):
        return _lists(base if isinstance(base, list) else [], patch, field)
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    how = patch.get("$patch", "merge")
    rest = {key: value for key, value in patch.items() if not key.startswith("$")}
    if how == "replace":
        return copy.deepcopy(rest)
    if how == "delete":
        return {}
    found = dict(base) if isinstance(base, dict) else {}
    if "$retainKeys" in patch:
        found = {key: value for key, value in found.items() if key in patch["$retainKeys"]}
    for key, value in rest.items():
        if value is None:
            found.pop(key, None)
        elif field in ("data", "stringData", "labels", "annotations", "matchLabels"):
            found[key] = value
        else:
            found[key] = strategic(found.get(key), value, key)
    return _directed(found, patch)


def _directed(found: Json, patch: Json) -> Json:
    """``$deleteFromPrimitiveList/finalizers`` and ``$setElementOrder/containers``, as ``kubectl apply`` sends them."""
    for key, value in patch.items():
        how, _, field = key.partition("/")
        if how == "$deleteFromPrimitiveList" and field in found:
            found[field] = [item for item in found[field] if item not in value]
        elif how == "$setElementOrder" and isinstance(found.get(field), list):
            found[field] = _ordered(found[field], value, _key_of(field, found[field]))
    return found


def _ordered(items: list[Any], order: list[Any], key: str) -> list[Any]:
    def name(item: Any) -> Any:
        return item.get(key) if key and isinstance(item, dict) else item

    wanted = [name(item) for item in order]
    return sorted(items, key=lambda item: wanted.index(name(item)) if name(item) in wanted else len(wanted))


def _key_of(field: str, items: list[Any]) -> str:
    if field == "ports":  # of a container or of a Service
        return "containerPort" if any("containerPort" in item for item in items if isinstance(item, dict)) else "port"
    return _KEYS.get(field, "")


def _lists(base: list[Any], patch: list[Any], field: str) -> list[Any]:
    if field in _SETS:
        return base + [item for item in patch if item not in base]
    key = _key_of(field, [*base, *patch])
    if not key or not all(isinstance(item, dict) for item in patch):
        return copy.deepcopy(patch)
    if any(item == {"$patch": "replace"} for item in patch):
        return [item for item in patch if item != {"$patch": "replace"}]
    found = list(base)
    for item in patch:
        if key not in item:
            raise Refused(422, "Invalid", f"map: {item} does not contain declared merge key: {key}", {})
        at = next((n for n, one in enumerate(found) if isinstance(one, dict) and one.get(key) == item[key]), None)
        if item.get("$patch") == "delete":
            found = found if at is None else found[:at] + found[at + 1 :]
        elif at is None:
            found.append(strategic({}, item))
        else:
            found[at] = strategic(found[at], item)
    return found


def _by_operations(thing: Any, operations: Any) -> Json:
    if not isinstance(operations, list):
        raise bad_request("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    holder = {"": thing}
    for operation in operations:
        if not isinstance(operation, dict) or "op" not in operation:
            raise bad_request(f"the patch holds what is no operation: {str(operation)[:40]}")
        try:
            _operate(holder, operation)
        except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
            raise Refused(422, "Invalid", _INAPPLICABLE, {}) from error
    found = holder.get("")
    if not isinstance(found, dict):
        raise Refused(422, "Invalid", _INAPPLICABLE, {})
    return found


def _operate(holder: Json, operation: Json) -> None:
    path = _steps(operation.get("path", ""))
    match operation["op"]:
        case "add":
            _put(holder, path, copy.deepcopy(operation["value"]), insert=True)
        case "replace":
            _put(holder, path, copy.deepcopy(operation["value"]), insert=False)
        case "remove":
            _take(holder, path)
        case "move":
            _put(holder, path, _take(holder, _steps(operation["from"])), insert=True)
        case "copy":
            _put(holder, path, copy.deepcopy(_at(holder, _steps(operation["from"]))), insert=True)
        case "test":
            if _at(holder, path, None) != operation.get("value"):
                raise ValueError(operation["path"])
        case other:
            raise ValueError(other)


_ABSENT = object()


def _steps(path: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")]


def _at(holder: Any, path: list[str], default: Any = _ABSENT) -> Any:
    for step in path:
        if isinstance(holder, list):
            holder = holder[int(step)]
        elif step in holder or default is _ABSENT:
            holder = holder[step]
        else:
            return default
    return holder


def _put(holder: Any, path: list[str], value: Any, *, insert: bool) -> None:
    into, last = _at(holder, path[:-1]), path[-1]
    if not isinstance(into, list):
        into[last] = value
    elif last == "-":
        into.append(value)
    elif insert:
        if not 0 <= int(last) <= len(into):
            raise IndexError(last)
        into.insert(int(last), value)
    else:
        into[int(last)] = value


def _take(holder: Any, path: list[str]) -> Any:
    into, last = _at(holder, path[:-1]), path[-1]
    return into.pop(int(last) if isinstance(into, list) else last)
