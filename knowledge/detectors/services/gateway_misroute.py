"""A gateway that sends a path to a Service which is not there, or to another one than the path names.

Routes by weight and canaries are somebody's intent, and so is a path that no Service is called after.
"""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.complaints import Complaint, complaints
from knowledge.facts.log_patterns import FactKind
from knowledge.facts.proxy_routes import ProxyRoute, proxy_routes
from knowledge.facts.routes import Route, routes
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, absence_of, field_of
from knowledge.objects import ConfigMap, Ingress, Pod, Service
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="gateway-misroute",
    severity=Severity.ERROR,
    needs=(Pod, Service),
    uses=(ConfigMap, Ingress),
    logs=True,
    hides=("pod-crashloop-app-exit", "pod-container-restarted", "dep-service-missing", "dep-address-wrong"),
)

_CANARY = "nginx.ingress.kubernetes.io/canary"
_KINDS = (FactKind.UPSTREAM, FactKind.NO_SUCH_HOST, FactKind.REFUSED, FactKind.TIMED_OUT)


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[tuple[Ref, str]] = set()
    for pod in seen.all(Pod):
        for route in proxy_routes(seen, pod):
            key = (seen.workload(pod), route.line)
            finding = None if key in told else _of_proxy(seen, pod, route)
            if finding:
                told.add(key)
                yield finding
    for ingress in seen.all(Ingress):
        if _CANARY not in ingress.metadata.annotations:
            yield from (_of_ingress(ingress, r, to) for r in routes(ingress) if (to := _named_by(seen, ingress, r)))


def _of_proxy(seen: Snapshot, pod: Pod, route: ProxyRoute) -> Finding | None:
    to = route.to
    if seen.absent(Service, to.namespace, to.name):
        says = Said(
            "{gateway} sends {path} to `{host}` (ConfigMap {settings}, `{line}`), and no Service {name} exists in "
            "namespace {namespace}.",
            path=route.path or Said("requests"),
            name=to.name,
            namespace=to.namespace,
            **_words(seen, pod, route),
        )
        return _finding(seen, pod, route, says, Confidence.PROVEN)
    meant = _last(route.path)
    if meant and meant != to.name and _confused(meant, to.name) and seen.get(Service, to.namespace, meant):
        says = Said(
            "{gateway} sends {path} to `{host}` (ConfigMap {settings}, `{line}`) instead of Service {meant}, which "
            "exists.",
            path=route.path,
            meant=meant,
            **_words(seen, pod, route),
        )
        said = any(c for c in _upstream(seen, pod) if c.fact.host.partition(".")[0] == to.name)
        return _finding(seen, pod, route, says, Confidence.LIKELY if said else Confidence.POSSIBLE)
    return None


def _words(seen: Snapshot, pod: Pod, route: ProxyRoute) -> dict[str, str]:
    return {
        "gateway": seen.workload(pod).name,
        "host": route.to.host,
        "settings": route.settings.metadata.name,
        "line": route.line,
    }


def _confused(meant: str, name: str) -> bool:
    """Whether one name is the other with something added: ``orders`` and ``orders-archive``."""
    return name.startswith(f"{meant}-") or meant.startswith(f"{name}-") or name.endswith(f"-{meant}")


def _last(path: str) -> str:
    return path.strip("/").rpartition("/")[2]


def _upstream(seen: Snapshot, pod: Pod) -> Iterator[Complaint]:
    return (c for c in complaints(seen, *_KINDS) if c.workload == seen.workload(pod))


def _finding(seen: Snapshot, pod: Pod, route: ProxyRoute, says: Said, confidence: Confidence) -> Finding:
    namespace, workload = pod.metadata.namespace, seen.workload(pod)
    gone = (absence_of("Service", route.to.namespace, route.to.name),) if confidence is Confidence.PROVEN else ()
    complaint = next((c for c in _upstream(seen, pod) if c.fact.host.partition(".")[0] == route.to.name), None)
    return Finding(
        DETECTOR,
        Ref.to(route.settings),
        says,
        confidence,
        evidence=(
            field_of(route.settings, f"data[{route.key}]", route.line),
            *gone,
            *((complaint.evidence(),) if complaint else ()),
        ),
        why=_why(),
        remedies=(
            Remedy(
                Said("Correct the route and restart the gateway if it does not reload by itself."),
                f"kubectl -n {namespace} edit configmap {route.settings.metadata.name}",
                Consent.ASK,
            ),
        ),
        victims=(workload,),
        pods=(workload, Ref.to(pod), Ref("Service", route.to.namespace, _last(route.path) or route.to.name)),
        discriminator=route.line,
        at=complaint.at if complaint else None,
    )


def _why() -> Said:
    return Said("A gateway forwards what its routes say. A route to the wrong place fails although both ends are well.")


def _named_by(seen: Snapshot, ingress: Ingress, route: Route) -> str:
    """The Service that a path is called after, when the route leads to another one of nearly that name."""
    meant, namespace = _last(route.path), ingress.metadata.namespace
    confused = meant and meant != route.service and _confused(meant, route.service)
    both = confused and seen.get(Service, namespace, meant) and seen.get(Service, namespace, route.service)
    return meant if both else ""


def _of_ingress(ingress: Ingress, route: Route, meant: str) -> Finding:
    namespace = ingress.metadata.namespace
    return Finding(
        DETECTOR,
        Ref.to(ingress),
        Said(
            "Ingress {ingress} sends {address} to Service {service} instead of Service {meant}, which exists.",
            ingress=ingress.metadata.name,
            address=route.address,
            service=route.service,
            meant=meant,
        ),
        Confidence.POSSIBLE,
        evidence=(field_of(ingress, f"{route.where}.service.name", route.service),),
        why=_why(),
        remedies=(
            Remedy(
                Said("Compare the route with what the path is meant for."),
                f"kubectl -n {namespace} describe ingress {ingress.metadata.name}",
                Consent.LOOK,
            ),
        ),
        pods=(Ref("Service", namespace, meant), Ref("Service", namespace, route.service)),
        discriminator=route.address,
    )
