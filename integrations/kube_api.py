"""One cluster's API, read: kinds as typed partial objects, logs, the version, and what this bot may do."""

import re
from typing import TypeVar, cast
from urllib.parse import quote as url_quoted

from integrations.decode import NotTheKind, Page, decode_list, decode_object, decode_plain, decode_status
from integrations.errors import Conflict, NotFound
from integrations.kube_config import Way
from integrations.kube_login import SYSTEM
from integrations.kube_refusals import About, no_answer_of_kubernetes, quote, refusal
from integrations.kube_selectors import fitting
from integrations.kube_wire import Patience, Reply, Usage, Wire
from integrations.records import Listing
from knowledge.objects import Event, Object, Pod, Resource
from knowledge.objects.event import RegardingEvent
from knowledge.said import Said
from knowledge.snapshot import Log

K = TypeVar("K", bound=Object)

PAGE = 500
LOG_BYTES = 256 * 1024
_PATIENCE = Patience()
_METADATA_ONLY = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
_ADD_ONS = frozenset({"metrics.k8s.io"})
"""Groups that a program of the cluster serves behind the API server: it may hang or be gone while all else is well."""
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_FAILED_CHECK = re.compile(r"^\[-\](\S+) failed", re.MULTILINE)
_NO_LOG_AT_THE_RUNTIME = b"unable to retrieve container logs for "


class _Gone(Exception):
    """The continue token expired and the server gave no other."""


class KubeApi:
    """Implements ``commands.tools.Kube``. Thread-safe and independent of every other client."""

    def __init__(self, cluster: str, way: Way, *, patience: Patience = _PATIENCE, page: int = PAGE) -> None:
        self.cluster = cluster
        self._way = way
        self._page = page
        self._wire = Wire(cluster, way, patience)
        self._served: dict[type[Object], Resource] = {}
        """Under which version this server serves a kind that older ones serve under another."""

    @property
    def usage(self) -> Usage:
        """Requests and bytes so far."""
        return self._wire.usage

    @property
    def namespace(self) -> str:
        """The namespace that the way here names: all that some may look at."""
        return self._way.namespace

    def list(
        self,
        kind: type[Object],
        namespace: str | None = None,
        *,
        labels: str = "",
        fields: str = "",
        limit: int | None = None,
    ) -> Listing:
        """All objects of a kind, page by page. What a simple server does not select is selected here."""
        try:
            listing = self._listing(kind, namespace, labels, fields, limit, self._page)
            if kind is Event and not listing.items and self._regards(namespace):
                listing = self._listing(kind, namespace, labels, fields, limit, self._page)
            return listing
        except _Gone:
            pass
        try:
            return self._listing(kind, namespace, labels, fields, limit, None)
        except _Gone as error:
            says = Said("The list of {kind} in {cluster} expires again and again.",
                        kind=kind.RESOURCE.kind, cluster=self.cluster)  # fmt: skip
            raise Conflict(SYSTEM, says, Said("Ask again.")) from error

    def metadata(self, kind: type[Object], namespace: str | None = None) -> Listing:
        """All objects of a kind without spec, status and data, which then never leave the server."""
        try:
            return self._listing(kind, namespace, "", "", None, self._page, _METADATA_ONLY)
        except _Gone:
            return self._listing(kind, namespace, "", "", None, None, _METADATA_ONLY)

    def get(self, kind: type[K], namespace: str, name: str) -> K:
        about = self._about("get", kind, namespace, name)
        if not name.strip(".") or (kind.RESOURCE.namespaced and not namespace.strip(".")):
            raise self._absent(kind, namespace, name)
        reply = self._wire.ask(self._path(kind, namespace, name), brief=kind.RESOURCE.group in _ADD_ONS)
        if reply.status == 404 and self._is_older(kind, namespace):
            reply = self._wire.ask(self._path(kind, namespace, name))
        if reply.status != 200:
            raise refusal(reply, about)
        try:
            return decode_object(kind, reply.body)
        except NotTheKind as error:
            raise no_answer_of_kubernetes(self.cluster) from error

    def log(self, namespace: str, pod: str, container: str, *, previous: bool = False, tail: int = 200) -> Log:
        """The kubelet cuts what is too long at its *end*, so a cut answer is asked for again with fewer lines."""
        if not (pod.strip(".") and namespace.strip(".")):
            raise self._absent(Pod, namespace, pod)
        wanted = tail
        while True:
            reply = self._log_reply(namespace, pod, container, previous, wanted + 1)
            lines = _lines(reply.body)
            whole = len(reply.body) < LOG_BYTES and not reply.cut
            if whole or wanted == 1:
                return Log(tuple(lines[-wanted:]), cut=not whole or len(lines) > wanted or wanted < tail)
            wanted = max(1, min(len(lines), wanted) // 2)

    def version(self) -> tuple[int, int]:
        reply = self._wire.ask("/version")
        if reply.status != 200:
            raise refusal(reply, About(self.cluster, self._way.source, "get", "/version"))
        try:
            said = decode_plain(reply.body)
        except NotTheKind as error:
            raise no_answer_of_kubernetes(self.cluster) from error
        text = f"{said.get('major')}.{said.get('minor')} {said.get('gitVersion')}"
        found = re.search(r"(\d+)\.(\d+)", text)
        if not found:
            raise no_answer_of_kubernetes(self.cluster)
        return int(found[1]), int(found[2])

    def failing(self) -> tuple[str, ...]:
        reply = self._wire.ask("/readyz", [("verbose", "true")])
        failed = _FAILED_CHECK.findall(reply.body.decode(errors="replace"))
        if reply.status != 200 and not failed:
            raise refusal(reply, About(self.cluster, self._way.source, "get", "/readyz"))
        return tuple(failed) if reply.status != 200 else ()

    def may(self, verb: str, kind: type[Object], namespace: str | None = None, subresource: str = "") -> bool:
        known = kind.RESOURCE
        asked = {"verb": verb, "group": known.group, "resource": known.plural, "subresource": subresource}
        if namespace and known.namespaced:
            asked["namespace"] = namespace
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": asked},
        }
        reply = self._wire.ask(_REVIEWS, body=review)
        if reply.status not in (200, 201):
            raise refusal(reply, About(self.cluster, self._way.source, "create", "selfsubjectaccessreviews"))
        try:
            status = decode_plain(reply.body).get("status")
        except NotTheKind as error:
            raise no_answer_of_kubernetes(self.cluster) from error
        if not isinstance(status, dict):
            raise no_answer_of_kubernetes(self.cluster)
        return status.get("allowed") is True

    def _listing(
        self,
        kind: type[K],
        namespace: str | None,
        labels: str,
        fields: str,
        limit: int | None,
        page_size: int | None,
        accept: str = "application/json",
    ) -> Listing:
        regards = self._served.get(kind) is RegardingEvent.RESOURCE
        asked = {
            "labelSelector": labels,
            "fieldSelector": fields.replace("involvedObject.", "regarding.") if regards else fields,
        }
        if fields.startswith("metadata.name="):
            asked["resourceVersion"] = "0"  # from the server's memory, where it need not look through its store
        if page_size is not None:
            asked["limit"] = str(page_size if limit is None else min(page_size, limit))
        kept: list[Object] = []
        unreadable = size = 0
        token, tokens = "", {""}
        while True:
            reply = self._wire.ask(self._path(kind, namespace), [(k, v) for k, v in asked.items() if v], accept=accept)
            if reply.status == 404 and self._is_older(kind, namespace):
                continue
            size += len(reply.body)
            if reply.status == 410:
                token = decode_status(reply.body).continue_
                if token in tokens:
                    raise _Gone
            else:
                page = self._page_of(kind, namespace, reply)
                kept += fitting(page.items, namespace, labels, fields)
                unreadable += page.unreadable
                token = page.token
                if not token or (limit is not None and len(kept) >= limit):
                    cut = limit is not None and (len(kept) > limit or bool(token))
                    return Listing(tuple(kept[:limit]), cut, unreadable, size)
                if token in tokens:
                    raise no_answer_of_kubernetes(self.cluster)  # it would give the same page for ever
            tokens.add(token)
            asked["continue"] = token

    def _path(self, kind: type[Object], namespace: str | None = None, name: str | None = None) -> str:
        return _path(self._served.get(kind, kind.RESOURCE), namespace, name)

    def _is_older(self, kind: type[Object], namespace: str | None) -> bool:
        """Whether a kind that was not found turns out to be served under an older version. Asked once a kind."""
        if kind in self._served or not kind.RESOURCE.older:
            return False
        for resource in (kind.RESOURCE, *kind.RESOURCE.before()):
            if self._wire.ask(_path(resource, namespace), [("limit", "1")]).status != 404:
                self._served[kind] = resource
                return resource is not kind.RESOURCE
        self._served[kind] = kind.RESOURCE
        return False

    def _regards(self, namespace: str | None) -> bool:
        """Whether a server that shows no events as ``v1`` shows some as ``events.k8s.io/v1``. Asked once."""
        if Event in self._served:
            return False
        self._served[Event] = Event.RESOURCE
        reply = self._wire.ask(_path(RegardingEvent.RESOURCE, namespace), [("limit", "1")])
        try:
            shows = reply.status == 200 and bool(decode_list(RegardingEvent, reply.body).items)
        except NotTheKind:
            return False
        if shows:
            self._served[Event] = RegardingEvent.RESOURCE
        return shows

    def _page_of(self, kind: type[K], namespace: str | None, reply: Reply) -> Page[K]:
        if reply.status != 200:
            raise refusal(reply, self._about("list", kind, namespace))
        try:
            if kind is Event and self._served.get(Event) is RegardingEvent.RESOURCE:
                page = decode_list(RegardingEvent, reply.body)
                events = tuple(regarding.as_event() for regarding in page.items)
                return Page(cast(tuple[K, ...], events), page.token, page.unreadable)
            return decode_list(kind, reply.body)
        except NotTheKind as error:
            raise no_answer_of_kubernetes(self.cluster) from error

    def _log_reply(self, namespace: str, pod: str, container: str, previous: bool, lines: int) -> Reply:
        query = [("container", container), ("tailLines", str(lines)), ("limitBytes", str(LOG_BYTES))]
        if previous:
            query.append(("previous", "true"))
        reply = self._wire.ask(f"{_path(Pod.RESOURCE, namespace, pod)}/log", query, at_most=LOG_BYTES)
        if reply.status == 200 and not reply.body.startswith(_NO_LOG_AT_THE_RUNTIME):
            return reply
        if reply.status in (200, 400):
            raise self._no_log(reply, pod, container)
        raise refusal(reply, About(self.cluster, self._way.source, "get", "pods/log", "Pod", namespace, pod))

    def _no_log(self, reply: Reply, pod: str, container: str) -> NotFound:
        """The kubelet has no code for these; its sentences are all there is."""
        text, which = quote(reply), {"pod": pod, "container": container}
        if "previous terminated container" in text:
            says = Said("Nothing is kept of an earlier run of container {container} of pod {pod}.", **which)
        elif "waiting to start" in text:
            says = Said("Container {container} of pod {pod} has not started yet, so it has no log.", **which)
        elif "is not valid for pod" in text:
            says = Said("Pod {pod} has no container {container}.", **which)
        elif "no logs found for container" in text or _NO_LOG_AT_THE_RUNTIME.decode() in text:
            says = Said("The node keeps no log of container {container} of pod {pod} any more.", **which)
        else:
            says = Said("There is no log of container {container} of pod {pod}: {text}", text=text, **which)
        return NotFound(SYSTEM, says)

    def _about(self, verb: str, kind: type[Object], namespace: str | None, name: str = "") -> About:
        return About.of(self.cluster, self._way.source, verb, kind, namespace, name)

    def _absent(self, kind: type[Object], namespace: str, name: str) -> NotFound:
        """Names that a URL would take for something else: empty, or dots alone."""
        says = Said("{name} is no name of a {kind}.", name=f"{namespace}/{name}", kind=kind.RESOURCE.kind)
        return NotFound(SYSTEM, says)


def _path(resource: Resource, namespace: str | None = None, name: str | None = None) -> str:
    return resource.path(namespace and url_quoted(namespace, safe=""), name and url_quoted(name, safe=""))


def _lines(body: bytes) -> list[str]:
    lines = body.decode(errors="replace").split("\n")
    return [line.rstrip("\r") for line in (lines if lines[-1] else lines[:-1])]
