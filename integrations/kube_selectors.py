"""Label and field selectors as text, judged on our side: a simple server may not apply them."""

import re
from collections.abc import Iterable

from knowledge.objects import LabelSelector, Object
from knowledge.objects.meta import LabelSelectorRequirement

_TERM = re.compile(r"[^,(]+(?:\([^)]*\))?")
_SET = re.compile(r"(?P<key>\S+)\s+(?P<operator>in|notin)\s*\((?P<values>[^)]*)\)")
_EQUAL = re.compile(r"(?P<key>[^=!\s]+)\s*(?P<operator>==|=|!=)\s*(?P<value>\S*)")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def fitting(things: Iterable[Object], namespace: str | None, labels: str, fields: str) -> tuple[Object, ...]:
    """Those of the objects that lie in the namespace and fit both selectors."""
    selector, wanted = label_selector(labels), _field_terms(fields)
    return tuple(
        thing
        for thing in things
        if _lies_in(thing, namespace)
        and (not labels or selector.matches(thing.metadata.labels))
        and all(_holds(thing, *term) for term in wanted)
    )


def label_selector(text: str) -> LabelSelector:
    """``app=cart,tier in (web,api),!canary`` as a selector."""
    return LabelSelector(match_expressions=tuple(_requirement(term.strip()) for term in _TERM.findall(text)))


def _requirement(term: str) -> LabelSelectorRequirement:
    if chosen := _SET.fullmatch(term):
        values = tuple(value.strip() for value in chosen["values"].split(","))
        return LabelSelectorRequirement(chosen["key"], "In" if chosen["operator"] == "in" else "NotIn", values)
    if equal := _EQUAL.fullmatch(term):
        return LabelSelectorRequirement(equal["key"], "NotIn" if equal["operator"] == "!=" else "In", (equal["value"],))
    if term.startswith("!"):
        return LabelSelectorRequirement(term[1:].strip(), "DoesNotExist")
    return LabelSelectorRequirement(term, "Exists")


def _lies_in(thing: Object, namespace: str | None) -> bool:
    return not (namespace and thing.RESOURCE.namespaced) or thing.metadata.namespace in ("", namespace)


def _field_terms(text: str) -> list[tuple[str, str, str]]:
    found = (_EQUAL.fullmatch(term.strip()) for term in text.split(","))
    return [(term["key"], term["operator"], term["value"]) for term in found if term]


def _holds(thing: Object, path: str, operator: str, wanted: str) -> bool:
    """A field that our partial structs do not declare is left to the server's judgement."""
    value: object = thing
    for step in path.split("."):
        value = getattr(value, _HUMP.sub("_", step).lower(), None)
    if value is None:
        return True
    return (str(value) == wanted) is (operator != "!=")
