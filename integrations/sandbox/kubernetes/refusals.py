"""The answers of an API server that are not what was asked for: ``Status`` bodies, word for word as it gives them."""

import json
from dataclasses import dataclass
from typing import Any

from knowledge.objects import Resource

Json = dict[str, Any]

_INCONSISTENT = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


class Refused(Exception):
    """An answer other than success. ``body`` is a ``Status``, or plain text where no handler is registered."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        details: Json | None = None,
        metadata: Json | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.headers = headers or {}
        self.body: Json | str = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": metadata or {},
            "status": "Failure",
            "message": message,
            **({"reason": reason} if reason else {}),
            **({"details": details} if details is not None else {}),
            "code": code,
        }


def no_such_page() -> Refused:
    """A path that nothing serves, such as a group that is not installed."""
    refused = Refused(404, "NotFound", "404 page not found")
    refused.body = "404 page not found\n"
    return refused


def no_such_resource() -> Refused:
    return Refused(404, "NotFound", "the server could not find the requested resource", {})


def not_found(resource: Resource, name: str) -> Refused:
    return Refused(404, "NotFound", f'{qualified(resource)} "{name}" not found', _details(resource, name))


def forbidden(user: str, verb: str, resource: Resource, subresource: str, namespace: str, name: str) -> Refused:
    asked = f"{resource.plural}/{subresource}" if subresource else resource.plural
    subject = f'{qualified(resource)} "{name}"' if name else qualified(resource)
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    message = (
        f'{subject} is forbidden: User "{user}" cannot {verb} resource "{asked}" '
        f'in API group "{resource.group}" {where}'
    )
    return Refused(403, "Forbidden", message, _details(resource, name))


def unauthorized() -> Refused:
    return Refused(401, "Unauthorized", "Unauthorized")


def method_not_allowed() -> Refused:
    message = "the server does not allow this method on the requested resource"
    return Refused(405, "MethodNotAllowed", message, {})


def unsupported_body(*accepted: str) -> Refused:
    message = f"the body of the request was in an unknown format - accepted media types include: {', '.join(accepted)}"
    return Refused(415, "UnsupportedMediaType", message)


def unsupported_patch() -> Refused:
    return Refused(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})


def bad_request(message: str) -> Refused:
    return Refused(400, "BadRequest", message)


def invalid(kind: str, name: str, *faults: "Fault") -> Refused:
    """``kind`` as it is qualified: ``Deployment.apps``, ``Pod``."""
    causes = [{"reason": fault.reason, "message": fault.message, "field": fault.field} for fault in faults]
    bare, _, group = kind.partition(".")
    details = {"name": name, "group": group, "kind": bare, "causes": causes}
    told = [f"{fault.field}: {fault.message}" for fault in faults]
    said = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    told_details = {key: value for key, value in details.items() if value}
    return Refused(422, "Invalid", f'{kind} "{name}" is invalid: {said}', told_details)


def unfit_patch(thing: Json, says: str) -> Refused:
    """A patch that makes something of an object which its kind cannot hold."""
    why = says.partition(": ")[2] or says
    return invalid("", "", wrong("patch", json.dumps(thing, separators=(",", ":")), why))


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an object."""

    reason: str
    field: str
    message: str


def required(field: str, says: str = "") -> Fault:
    return Fault("FieldValueRequired", field, f"Required value: {says}" if says else "Required value")


def wrong(field: str, value: Any, says: str) -> Fault:
    shown = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return Fault("FieldValueInvalid", field, f"Invalid value: {shown}: {says}")


def unsupported(field: str, value: Any, *supported: str) -> Fault:
    names = ", ".join(f'"{name}"' for name in supported)
    shown = json.dumps(value, ensure_ascii=False)
    return Fault("FieldValueNotSupported", field, f"Unsupported value: {shown}: supported values: {names}")


def duplicate(field: str, value: Any) -> Fault:
    return Fault("FieldValueDuplicate", field, f"Duplicate value: {json.dumps(value)}")


def forbidden_change(field: str, says: str) -> Fault:
    return Fault("FieldValueForbidden", field, f"Forbidden: {says}")


def already_exists(resource: Resource, name: str) -> Refused:
    return Refused(409, "AlreadyExists", f'{qualified(resource)} "{name}" already exists', _details(resource, name))


def conflict(resource: Resource, name: str, says: str = "") -> Refused:
    says = says or "the object has been modified; please apply your changes to the latest version and try again"
    message = f'Operation cannot be fulfilled on {qualified(resource)} "{name}": {says}'
    return Refused(409, "Conflict", message, _details(resource, name))


def precondition_failed(resource: Resource, name: str, what: str, wanted: str, found: str) -> Refused:
    """A delete names the bare kind, where other writes name the resource."""
    since = "deleted and then recreated" if what == "UID" else "modified"
    message = (
        f'Operation cannot be fulfilled on {resource.kind}{"." + resource.group if resource.group else ""} "{name}": '
        f"the {what} in the precondition ({wanted}) does not match the {what} in record ({found}). "
        f"The object might have been {since}"
    )
    details = {"name": name, "group": resource.group, "kind": resource.kind}
    return Refused(409, "Conflict", message, {key: value for key, value in details.items() if value})


def terminating(resource: Resource, name: str, namespace: str) -> Refused:
    message = (
        f'{qualified(resource)} "{name}" is forbidden: unable to create new content in namespace {namespace} '
        "because it is being terminated"
    )
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {namespace} is being terminated",
        "field": "metadata.namespace",
    }
    return Refused(403, "Forbidden", message, {**_details(resource, name), "causes": [cause]})


def no_impersonation(user: str, kind: str, name: str) -> Refused:
    """``kind`` is ``users`` or ``groups``."""
    message = (
        f'{kind} "{name}" is forbidden: User "{user}" cannot impersonate resource "{kind}" '
        'in API group "" at the cluster scope'
    )
    return Refused(403, "Forbidden", message, {"name": name, "kind": kind})


def budget_spent(budget: str, needs: int, has: int) -> Refused:
    """An eviction that a PodDisruptionBudget does not allow."""
    said = f"The disruption budget {budget} needs {needs} healthy pods and has {has} currently"
    return Refused(
        429,
        "TooManyRequests",
        "Cannot evict pod as it would violate the pod's disruption budget.",
        {"causes": [{"reason": "DisruptionBudget", "message": said}]},
    )


def internal(message: str) -> Refused:
    said = f"Internal error occurred: {message}"
    return Refused(500, "InternalError", said, {"causes": [{"message": message}]})


def too_old_to_continue(token: str) -> Refused:
    return Refused(410, "Expired", _INCONSISTENT, metadata={"continue": token})


def too_old_for_list() -> Refused:
    return Refused(410, "Expired", "The resourceVersion for the provided list is too old.")


def too_old_to_watch(asked: int, oldest: int) -> Refused:
    return Refused(410, "Expired", f"too old resource version: {asked} ({oldest})")


def too_large_version(asked: int, current: int) -> Refused:
    causes = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]
    message = f"Timeout: Too large resource version: {asked}, current: {current}"
    return Refused(504, "Timeout", message, {"causes": causes, "retryAfterSeconds": 1})


def broken(code: int) -> Refused:
    """What a world's Fault with a number says."""
    reason, message = _BROKEN.get(code, ("", f"the server answered with the status {code}"))
    slow = code in (429, 503)
    return Refused(
        code,
        reason,
        message,
        {"retryAfterSeconds": 1} if slow else {},
        headers={"Retry-After": "1"} if slow else None,
    )


def qualified(resource: Resource) -> str:
    """``pods``, ``deployments.apps``: a resource as an error names it."""
    return f"{resource.plural}.{resource.group}" if resource.group else resource.plural


def _details(resource: Resource, name: str) -> Json:
    details = {"name": name, "group": resource.group, "kind": resource.plural}
    return {key: value for key, value in details.items() if value}


_BROKEN = {
    401: ("Unauthorized", "Unauthorized"),
    403: ("Forbidden", "forbidden"),
    404: ("NotFound", "the server could not find the requested resource"),
    429: ("TooManyRequests", "too many requests, please try again later"),
    500: ("InternalError", "Internal error occurred: etcdserver: request timed out"),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
    504: ("Timeout", "the server was unable to return a response in the time allotted"),
}
