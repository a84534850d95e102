"""Label and field selectors as the API server parses and refuses them."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from integrations.sandbox.kubernetes.refusals import bad_request
from knowledge.objects import LabelSelector, Resource

Json = dict[str, Any]

_SPLIT = re.compile(r",(?![^(]*\))")
_SET = re.compile(r"^(?P<key>[\w./-]+)\s+(?P<how>in|notin)\s*\((?P<values>[^()]*)\)$")
_COMPARED = re.compile(r"^(?P<key>[\w./-]+)\s*(?P<how>==|!=|=|>|<)\s*(?P<value>[\w.-]*)$")
_PRESENT = re.compile(r"^(?P<not>!?)\s*(?P<key>[\w./-]+)$")

_FIELDS = {
    "pods": "spec.nodeName spec.restartPolicy spec.schedulerName spec.serviceAccountName spec.hostNetwork status.phase "
    "status.podIP status.podIPs status.nominatedNodeName",
    "events": "involvedObject.kind involvedObject.namespace involvedObject.name involvedObject.uid "
    "involvedObject.apiVersion involvedObject.resourceVersion involvedObject.fieldPath reason reportingComponent "
    "source type",
    "namespaces": "status.phase name",
    "nodes": "spec.unschedulable",
    "replicationcontrollers": "status.replicas",
    "secrets": "type",
    "services": "spec.clusterIP spec.type",
    "jobs": "status.successful",
}
_WHERE = {"source": "source.component", "status.successful": "status.succeeded", "name": "metadata.name"}


def by_labels(text: str) -> Callable[[Mapping[str, str]], bool]:
    """Whether labels fit a selector such as ``app=web,tier in (a,b),!old``."""
    tests = [_label_test(term.strip()) for term in _SPLIT.split(text)] if text.strip() else []
    return lambda labels: all(test(labels) for test in tests)


def selects(selector: Any, labels: Mapping[str, str]) -> bool:
    """Whether a ``LabelSelector`` fits. None at all selects nothing, an empty one everything."""
    if selector is None:
        return False
    return msgspec.convert(selector, LabelSelector).matches(labels)


def by_fields(text: str, resource: Resource) -> Callable[[Json], bool]:
    """Whether an object fits a selector such as ``spec.nodeName=n1,status.phase!=Failed``."""
    tests = [_field_test(term, resource) for term in text.split(",")] if text else []
    return lambda thing: all(test(thing) for test in tests)


def _label_test(term: str) -> Callable[[Mapping[str, str]], bool]:
    if found := _SET.match(term):
        key, values = found["key"], {value.strip() for value in found["values"].split(",")}
        if found["how"] == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if found := _COMPARED.match(term):
        return _comparison(found["key"], found["how"], found["value"])
    if found := _PRESENT.match(term):
        key, wanted = found["key"], not found["not"]
        return lambda labels: (key in labels) is wanted
    raise _unreadable(term)


def _comparison(key: str, how: str, value: str) -> Callable[[Mapping[str, str]], bool]:
    match how:
        case "!=":
            return lambda labels: labels.get(key) != value
        case ">" | "<":
            sign = 1 if how == ">" else -1
            return lambda labels: labels.get(key, "").isdecimal() and (int(labels[key]) - int(value)) * sign > 0
    return lambda labels: labels.get(key) == value


def _unreadable(term: str) -> Exception:
    if term.startswith(("=", "<", ">", ",")):
        sign = "==" if term.startswith("==") else term[0]
        return bad_request(f"found '{sign}', expected: !, identifier, or 'end of string'")
    if re.search(r"\b(?:in|notin)\s*\($", term):
        return bad_request("unable to parse requirement: found '', expected: ',', ')' or identifier")
    rest = re.sub(r"^[\w./-]+\s*(?:==|!=|=)?\s*", "", term)
    return bad_request(f"unable to parse requirement: found '{rest[:1]}', expected: identifier")


def _field_test(term: str, resource: Resource) -> Callable[[Json], bool]:
    found = re.match(r"^(?P<label>[^=!]+)(?P<how>==|!=|=)(?P<value>.*)$", term)
    if not found:
        raise bad_request(f"invalid selector: '{term}'; can't understand '{term}'")
    label, value, wanted = found["label"], found["value"], found["how"] != "!="
    own = _FIELDS.get(resource.plural, "").split()
    common = ["metadata.name", *(["metadata.namespace"] if resource.namespaced else [])]
    if label not in own and label not in common:
        raise bad_request(_unsupported(label, resource, bool(own)))
    path = _WHERE.get(label, label).split(".")
    return lambda thing: (_field(thing, path) == value) is wanted


def _unsupported(label: str, resource: Resource, has_own: bool) -> str:
    if resource.plural == "jobs":
        return f'field label "{label}" not supported for Job'
    if has_own:
        return f"field label not supported: {label}"
    return f'"{label}" is not a known field selector: only "metadata.name", "metadata.namespace"'


def _field(thing: Any, path: list[str]) -> str:
    for step in path:
        thing = thing.get(step) if isinstance(thing, dict) else None
    if thing is None:
        return "false" if path[-1] in ("unschedulable", "hostNetwork") else ""
    return str(thing).lower() if isinstance(thing, bool) else str(thing)
