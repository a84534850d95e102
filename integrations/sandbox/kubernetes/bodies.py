"""What a writer sends: read from its content type, held against the kind it is meant for, its options checked."""

from collections.abc import Mapping
from typing import Any

import msgspec
import yaml

from integrations.sandbox.kubernetes import protobuf
from integrations.sandbox.kubernetes.patches import JSON_PATCH, KNOWN
from integrations.sandbox.kubernetes.refusals import (
    Refused,
    bad_request,
    invalid,
    unsupported,
    unsupported_body,
    unsupported_patch,
)
from integrations.sandbox.kubernetes.schema import misfit, unknown_fields
from knowledge.objects import Resource

Json = dict[str, Any]

_JSON, _YAML = "application/json", "application/yaml"
_DELETE = Resource("DeleteOptions", "", "v1", "deleteoptions")
_POLICIES = ("Foreground", "Background", "Orphan")


def content_type(headers: Mapping[str, str]) -> str:
    return headers.get("Content-Type", _JSON).partition(";")[0].strip().lower()


def sent(body: bytes, headers: Mapping[str, str], resource: Resource) -> Json:
    """The object in a POST or PUT; kind and apiVersion may be left out, others than the path's are refused."""
    must = f"the object provided is unrecognized (must be of type {resource.kind}): couldn't get version/kind; "
    thing = decoded(body, headers, must)
    if not isinstance(thing, dict):
        raise bad_request(f"{must}json parse error: json: cannot unmarshal {type(thing).__name__} into Go value")
    return as_kind(thing, resource)


def decoded(body: bytes, headers: Mapping[str, str], must: str = "") -> Any:
    """Whatever a body holds, by its content type."""
    kind = content_type(headers)
    try:
        if kind == protobuf.TYPE:
            return protobuf.read(body)
        if kind not in (_JSON, _YAML, "*/*", ""):
            raise unsupported_body(_JSON, _YAML, protobuf.TYPE)
        return yaml.safe_load(body) if kind == _YAML else msgspec.json.decode(body)
    except protobuf.Unreadable as error:
        raise unsupported_body(_JSON, _YAML) from error
    except (msgspec.DecodeError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise bad_request(f"{must}json parse error: {error} ({body[:20].hex() or '<empty>'})") from error


def without_nulls(value: Any) -> Any:
    """What is null is absent: a server reads it into a structure and forgets it."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def as_kind(thing: Json, resource: Resource) -> Json:
    """The object without its nulls. Refuses another kind's."""
    if resource.kind != "Event":  # some of its times are told to be null
        thing = without_nulls(thing)
    said = str(thing.setdefault("kind", resource.kind))
    version = str(thing.setdefault("apiVersion", resource.api_version))
    if version != resource.api_version:
        bare = version.rpartition("/")[2]
        told = f'no kind "{said}" is registered for version "{version}" in scheme "pkg/runtime/scheme.go:111"'
        raise bad_request(f'{said} in version "{bare}" cannot be handled as a {resource.kind}: {told}')
    if said != resource.kind:
        told = f"converting ({resource.version}.{said}) to ({resource.group or 'core'}.{resource.kind})"
        raise bad_request(
            f'{said} in version "{resource.version}" cannot be handled as a {resource.kind}: {told}: unknown conversion'
        )
    if not isinstance(thing.setdefault("metadata", {}), dict):
        raise misfit(resource, "json: cannot unmarshal into Go struct field ObjectMeta.metadata")
    return thing


def patch_sent(body: bytes, headers: Mapping[str, str]) -> tuple[str, Any]:
    """The content type of a PATCH and what it holds."""
    kind = content_type(headers)
    if kind not in KNOWN:
        raise unsupported_patch()
    try:
        patch = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise bad_request("invalid JSON patch") from error
    if kind == JSON_PATCH and not isinstance(patch, list):
        go = "json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"
        raise bad_request(f"error decoding patch: {go}")
    if kind != JSON_PATCH and not isinstance(patch, dict):
        go = "json: cannot unmarshal array into Go value of type map[string]interface {}"
        raise bad_request(f"error decoding patch: {go}")
    return kind, patch


def dry(query: Mapping[str, str], options: str) -> bool:
    """Whether nothing is to be kept. ``options``: ``CreateOptions``, ``PatchOptions``, …"""
    said = query.get("dryRun", "")
    if said not in ("", "All"):
        raise invalid(f"{options}.meta.k8s.io", "", unsupported("dryRun", [said], "All"))
    return said == "All"


def warnings(resource: Resource, thing: Json, query: Mapping[str, str]) -> list[str]:
    """Fields that the kind does not have, as warnings; refused when the writer is strict about them."""
    told = [f'unknown field "{path}"' for path in unknown_fields(resource, thing)]
    how = query.get("fieldValidation", "Warn")
    if told and how == "Strict":
        raise misfit(resource, f"strict decoding error: {', '.join(told)}")
    return [] if how == "Ignore" else told


def pruned(thing: Any, paths: list[str]) -> None:
    """Takes the fields away that nobody knows, as a server drops them."""
    for path in paths:
        holder = thing
        steps = path.replace("[", ".[").split(".")
        for step in steps[:-1]:
            holder = (
                holder[int(step[1:-1])] if step.startswith("[") and step[1:-1].isdecimal() else holder.get(step, {})
            )
        if isinstance(holder, dict):
            holder.pop(steps[-1], None)


def delete_options(body: bytes, headers: Mapping[str, str], query: Mapping[str, str]) -> Json:
    """``DeleteOptions`` of the body, with what stands in the query laid over them."""
    options: Json = decoded(body, headers, "error decoding DeleteOptions: ") if body.strip() else {}
    if not isinstance(options, dict):
        raise bad_request("error decoding DeleteOptions: it is no object")
    unknown_fields(_DELETE, options)
    for key in ("propagationPolicy", "gracePeriodSeconds", "dryRun"):
        if query.get(key):
            options[key] = query[key]
    _check(options)
    return options


def _check(options: Json) -> None:
    policy, grace = options.get("propagationPolicy"), options.get("gracePeriodSeconds")
    if policy and policy not in _POLICIES:
        said = unsupported("propagationPolicy", policy, *_POLICIES, "nil")
        raise invalid("DeleteOptions.meta.k8s.io", "", said)
    if isinstance(grace, str):
        if not grace.lstrip("+-").isdecimal():
            raise bad_request(f'strconv.ParseInt: parsing "{grace}": invalid syntax')
        options["gracePeriodSeconds"] = int(grace)
    run = options.get("dryRun") or []
    if run not in ([], "All", ["All"]):
        told = [run] if isinstance(run, str) else run
        raise invalid("DeleteOptions.meta.k8s.io", "", unsupported("dryRun", told, "All"))


def refused_for(resource: Resource, name: str, *found: Any) -> Refused:
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    return invalid(kind, name, *found)
