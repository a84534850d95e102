"""Reads the protobuf bodies that kubectl sends for some kinds, by the numbers of their fields; answers are JSON anyway.

Only what kubectl itself makes is known here. A field beyond that is not skipped but refused, so that nothing is lost.
"""

import base64
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_ALWAYS = ("replicas", "gracePeriodSeconds", "terminationGracePeriodSeconds", "revisionHistoryLimit")
"""Numbers that mean something when they are zero."""

_FIELDS = {
    "Unknown": "1 typeMeta TypeMeta|2 raw raw|3 contentEncoding str|4 contentType str",
    "TypeMeta": "1 apiVersion str|2 kind str",
    "ObjectMeta": "1 name str|2 generateName str|3 namespace str|4 selfLink str|5 uid str|6 resourceVersion str|"
    "7 generation int|8 creationTimestamp none|11 labels map str|12 annotations map str|14 finalizers list str",
    "SelfSubjectAccessReview": "1 metadata ObjectMeta|2 spec AccessSpec|3 status none",
    "AccessSpec": "1 resourceAttributes ResourceAttributes|2 nonResourceAttributes NonResourceAttributes",
    "ResourceAttributes": "1 namespace str|2 verb str|3 group str|4 version str|5 resource str|6 subresource str|"
    "7 name str",
    "NonResourceAttributes": "1 path str|2 verb str",
    "SelfSubjectRulesReview": "1 metadata ObjectMeta|2 spec RulesSpec|3 status none",
    "RulesSpec": "1 namespace str",
    "SelfSubjectReview": "1 metadata ObjectMeta|2 status none",
    "Eviction": "1 metadata ObjectMeta|2 deleteOptions DeleteOptions",
    "DeleteOptions": "1 gracePeriodSeconds int|2 preconditions Preconditions|3 orphanDependents bool|"
    "4 propagationPolicy str|5 dryRun list str",
    "Preconditions": "1 uid str|2 resourceVersion str",
    "Namespace": "1 metadata ObjectMeta|2 spec NamespaceSpec|3 status none",
    "NamespaceSpec": "1 finalizers list str",
    "ServiceAccount": "1 metadata ObjectMeta",
    "ConfigMap": "1 metadata ObjectMeta|2 data map str|3 binaryData map bytes|4 immutable bool",
    "Secret": "1 metadata ObjectMeta|2 data map bytes|3 type str|4 stringData map str|5 immutable bool",
    "Deployment": "1 metadata ObjectMeta|2 spec DeploymentSpec|3 status none",
    "DeploymentSpec": "1 replicas int|2 selector LabelSelector|3 template PodTemplateSpec|4 strategy Strategy|"
    "5 minReadySeconds int|6 revisionHistoryLimit int|7 paused bool|9 progressDeadlineSeconds int",
    "LabelSelector": "1 matchLabels map str",
    "Strategy": "1 type str",
    "PodTemplateSpec": "1 metadata ObjectMeta|2 spec PodSpec",
    "PodSpec": "2 containers list Container|3 restartPolicy str|4 terminationGracePeriodSeconds int|6 dnsPolicy str|"
    "7 nodeSelector map str|8 serviceAccountName str|9 serviceAccount str|10 nodeName str|11 hostNetwork bool|"
    "12 hostPID bool|13 hostIPC bool|16 hostname str|17 subdomain str|19 schedulerName str|24 priorityClassName str",
    "Container": "1 name str|2 image str|3 command list str|4 args list str|5 workingDir str|"
    "6 ports list ContainerPort|7 env list EnvVar|8 resources none|13 terminationMessagePath str|"
    "14 imagePullPolicy str|16 stdin bool|17 stdinOnce bool|18 tty bool|20 terminationMessagePolicy str",
    "ContainerPort": "1 name str|2 hostPort int|3 containerPort int|4 protocol str|5 hostIP str",
    "EnvVar": "1 name str|2 value str",
}


class Unreadable(ValueError):
    """A body that is no such message, or holds more than is known here."""


def read(body: bytes) -> Json:
    """The object in a body, with its kind and apiVersion."""
    if not body.startswith(_MAGIC):
        raise Unreadable("unexpected EOF")
    outside = _message("Unknown", body[len(_MAGIC) :])
    named = outside.get("typeMeta", {})
    if named.get("kind") not in _FIELDS:
        raise Unreadable(f"no kind {named.get('kind')!r} is known")
    return {**named, **_message(named["kind"], outside.get("raw", b""))}


def _message(name: str, data: bytes) -> Json:
    fields = dict(_parsed(entry) for entry in _FIELDS[name].split("|"))
    found: Json = {}
    for number, value in _pairs(data):
        if number not in fields:
            if value in (0, b""):
                continue
            raise Unreadable(f"field {number} of {name} is not known")
        key, kind = fields[number]
        match kind:
            case ["none"]:
                continue
            case ["map", of]:
                pair = dict(_pairs(value))
                found.setdefault(key, {})[pair.get(1, b"").decode()] = _value(of, pair.get(2, b""))
            case ["list", of]:
                found.setdefault(key, []).append(_value(of, value))
            case [of]:
                plain = _value(of, value)
                if plain not in ("", b"", {}, False) and (plain != 0 or key in _ALWAYS):
                    found[key] = plain
    return found


def _parsed(entry: str) -> tuple[int, tuple[str, list[str]]]:
    number, key, *kind = entry.split(" ")
    return int(number), (key, kind)


def _value(kind: str, value: Any) -> Any:
    match kind:
        case "str":
            return value.decode()
        case "int":
            return value
        case "bool":
            return bool(value)
        case "bytes":
            return base64.b64encode(value).decode()
        case "raw":
            return value
    return _message(kind, value)


def _pairs(data: bytes) -> Iterator[tuple[int, Any]]:
    """Numbers of fields and their values: an int, or the bytes of whatever has a length."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        match tag & 7:
            case 0:
                value, at = _varint(data, at)
                yield tag >> 3, value
            case 2:
                length, at = _varint(data, at)
                if at + length > len(data):
                    raise Unreadable("unexpected EOF")
                yield tag >> 3, data[at : at + length]
                at += length
            case other:
                raise Unreadable(f"wire type {other} is not known")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Unreadable("unexpected EOF")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
