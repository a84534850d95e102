"""What fields each kind has and of which type, as the official client's own models know them.

A field that nobody knows is told (strictly: refused), a value of another type is refused, as by an API server.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from kubernetes import client

from integrations.sandbox.kubernetes.refusals import Refused, bad_request
from knowledge.objects import Resource

Json = dict[str, Any]

QUANTITY = re.compile(r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$")
_NAMES = {str: "string", bool: "bool", int: "number", float: "number", list: "array", dict: "object"}
_WANTED: dict[str, tuple[type | tuple[type, ...], str]] = {
    "str": (str, "string"),
    "bool": (bool, "bool"),
    "int": (int, "int32"),
    "float": ((int, float), "float64"),
    "datetime": (str, "Time"),
}
_QUANTITIES = ("requests", "limits", "capacity", "allocatable", "hard", "used", "overhead", "default", "defaultRequest")


def unknown_fields(resource: Resource, thing: Json) -> list[str]:
    """Paths of fields that the kind does not have. Raises Refused for a value of the wrong type."""
    model = _model(_name_of(resource))
    try:
        if model is None:  # an extension: all that is known of it is its metadata
            list(_checked(client.V1ObjectMeta, "V1ObjectMeta", thing.get("metadata"), "metadata"))
            return []
        return list(_unknown(model, thing, ""))
    except TypeError as error:
        raise misfit(resource, str(error)) from error


def misfit(resource: Resource, says: str) -> Refused:
    kind = resource.kind
    return bad_request(f'{kind} in version "{resource.version}" cannot be handled as a {kind}: {says}')


def _name_of(resource: Resource) -> str:
    if resource.kind == "Event":
        return "CoreV1Event" if not resource.group else "EventsV1Event"
    return f"{resource.version[0].upper()}{resource.version[1:]}{resource.kind}"


@cache
def _model(name: str) -> Any:
    return getattr(client, name, None)


@cache
def _fields(model: Any) -> dict[str, str]:
    return {key: model.openapi_types[attribute] for attribute, key in model.attribute_map.items()}


def _unknown(model: Any, thing: Json, path: str) -> Iterator[str]:
    known = _fields(model)
    for key, value in thing.items():
        here = f"{path}.{key}" if path else key
        if key not in known:
            yield here
        elif value is not None:
            yield from _checked(model, known[key], value, here)


def _checked(model: Any, wanted: str, value: Any, path: str) -> Iterator[str]:
    listed = re.fullmatch(r"List\[(.+)\]|list\[(.+)\]", wanted)
    keyed = re.fullmatch(r"(?:Dict\[str, |dict\(str, )(.+)[\])]", wanted)
    if listed:
        _fit(model, value, list, f"[]{listed[1] or listed[2]}", path)
        for n, item in enumerate(value):
            yield from _checked(model, listed[1] or listed[2], item, f"{path}[{n}]")
    elif keyed:
        _fit(model, value, dict, f"map[string]{keyed[1]}", path)
        quantities = path.rpartition(".")[2] in _QUANTITIES
        for key, item in value.items():
            if quantities:
                _quantity(item)
            else:
                yield from _checked(model, keyed[1], item, f"{path}[{key}]")
    elif wanted in _WANTED:
        fits, name = _WANTED[wanted]
        if wanted != "str" or not _either(model, path):
            _fit(model, value, fits, name, path)
    elif (below := _model(wanted)) is not None:
        _fit(model, value, dict, wanted, path)
        yield from _unknown(below, value, path)


def _either(model: Any, path: str) -> bool:
    """Quantities, which the client's models call a text and a person may write as a number."""
    last = re.sub(r"\[[^\]]*\]$", "", path).rpartition(".")[2]
    return last in ("sizeLimit", "divisor", "averageValue", "storage") or model.__name__.endswith("MetricTarget")


def _fit(model: Any, value: Any, wanted: type | tuple[type, ...], name: str, path: str) -> None:
    if value is None:
        return
    fits = isinstance(value, wanted) and not (isinstance(value, bool) and wanted is not bool)
    if not fits:
        holder = re.sub(r"^(?:Core)?V\d+(?:alpha\d+|beta\d+)?", "", model.__name__)
        bare = re.sub(r"\[[^\]]*\]", "", path)
        field = f"{holder}.{bare}"
        raise TypeError(f"json: cannot unmarshal {_NAMES[type(value)]} into Go struct field {field} of type {name}")


def _quantity(value: Any) -> None:
    if not QUANTITY.match(str(value)) or isinstance(value, bool):
        raise TypeError(f"quantities must match the regular expression '{QUANTITY.pattern}'")
