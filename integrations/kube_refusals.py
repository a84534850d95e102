"""An API server's refusal in our words: which error it is, what it says, and what a person can do."""

from dataclasses import dataclass

from integrations.decode import decode_status
from integrations.errors import (
    Conflict,
    Denied,
    IntegrationError,
    Malformed,
    NotFound,
    Overloaded,
    Unauthenticated,
    Unreachable,
)
from integrations.kube_login import SYSTEM
from integrations.kube_wire import Reply
from knowledge.objects import Object
from knowledge.said import Said

_LONGEST_QUOTE = 300
_EVERYWHERE = ("", "apps")


@dataclass(frozen=True)
class About:
    """What was asked for: what a refusal is told with. ``resource`` is the plural, ``pods/log`` for logs."""

    cluster: str
    source: str
    verb: str
    resource: str
    kind: str = ""
    namespace: str = ""
    name: str = ""
    everywhere: bool = False
    """Of a group that no API server is without."""

    @classmethod
    def of(
        cls, cluster: str, source: str, verb: str, kind: type[Object], namespace: str | None, name: str = ""
    ) -> "About":
        known = kind.RESOURCE
        scope = namespace or "" if known.namespaced else ""
        return cls(cluster, source, verb, known.plural, known.kind, scope, name, known.group in _EVERYWHERE)


def refusal(reply: Reply, about: About) -> IntegrationError:
    """The error that a status other than 200 and 201 stands for."""
    status, cluster, quoted = reply.status, about.cluster, quote(reply)
    if status == 401:
        says = Said("The API server of {cluster} does not accept our credential.", cluster=cluster)
        hint = Said("Renew the credential in {file}; kubectl fails with it too.", file=about.source)
        return Unauthenticated(SYSTEM, says, hint)
    if status == 403:
        return _denied(about)
    if status in (429, 503):
        says = Said("The API server of {cluster} is overloaded and asks to come back later.", cluster=cluster)
        wait = (
            Said("It asks for {seconds} s of rest.", seconds=f"{reply.retry_after_s:g}")
            if reply.retry_after_s
            else None
        )
        return Overloaded(SYSTEM, says, wait or Said("Ask again in a minute."))
    if status >= 500:
        says = Said(
            "The API server of {cluster} failed with {status}: {text}", cluster=cluster, status=status, text=quoted
        )
        return Unreachable(SYSTEM, says, Said("Look at the API server and at what stands before it."))
    if is_web_page(reply) or status < 400:
        return no_answer_of_kubernetes(cluster)
    if status == 404:
        return _not_found(reply, about)
    if status in (409, 410):
        says = Said("The objects of {cluster} changed while they were read: {text}", cluster=cluster, text=quoted)
        return Conflict(SYSTEM, says, Said("Ask again."))
    says = Said("The API server of {cluster} refuses the request: {text}", cluster=cluster, text=quoted)
    return Malformed(SYSTEM, says, Said("This is a fault of this bot, or of a server of an unknown kind."))


def no_answer_of_kubernetes(cluster: str) -> Malformed:
    """For HTML, redirects, cut JSON and whatever else answers in the API server's place."""
    says = Said("What answers at the address of {cluster} does not speak as an API server does.", cluster=cluster)
    return Malformed(SYSTEM, says, Said("Look for a proxy, a login page or a load balancer in between."))


def quote(reply: Reply) -> str:
    """The server's own sentence, in short; the bare status where it has none."""
    said = decode_status(reply.body).message
    if not said and not is_web_page(reply):
        said = reply.body[:_LONGEST_QUOTE].decode(errors="replace")
    return " ".join((said or f"HTTP {reply.status}").split())[:_LONGEST_QUOTE]


def is_web_page(reply: Reply) -> bool:
    return reply.body.lstrip()[:1] == b"<"


def _denied(about: About) -> Denied:
    if about.namespace:
        says = Said(
            "I may not {verb} {resource} in namespace {namespace} of {cluster}.",
            verb=about.verb,
            resource=about.resource,
            namespace=about.namespace,
            cluster=about.cluster,
        )
    else:
        says = Said(
            "I may not {verb} {resource} in all of {cluster}.",
            verb=about.verb,
            resource=about.resource,
            cluster=about.cluster,
        )
    hint = Said("A Role or ClusterRole must allow {verb} on {resource}.", verb=about.verb, resource=about.resource)
    return Denied(SYSTEM, says, hint)


def _not_found(reply: Reply, about: About) -> IntegrationError:
    if about.name and decode_status(reply.body).reason == "NotFound":
        says = Said(
            "There is no {kind} {name} in {cluster}.", kind=about.kind, name=_path(about), cluster=about.cluster
        )
        return NotFound(SYSTEM, says, Said("It may have been deleted, or the name is another one."))
    says = Said("{cluster} does not know the kind {kind} ({resource}).",
                cluster=about.cluster, kind=about.kind or None, resource=about.resource)  # fmt: skip
    if about.everywhere and not about.name:  # taken for "there are none", it would be health that nobody saw
        return Malformed(SYSTEM, says, Said("Every API server does: look for a wrong address or path in {file}.",
                                            file=about.source))  # fmt: skip
    return NotFound(SYSTEM, says, Said("It is not installed there, or the cluster is of another version."))


def _path(about: About) -> str:
    return f"{about.namespace}/{about.name}" if about.namespace else about.name
