"""Which objects to read next, given what has been seen: relations walked as data, each round one step further.

A Want names one read of the API: one object, the objects a label selector fits, the events of one object, or the end
of one log. ``wanted`` is asked again after every round until nothing new is wanted. It never wants a whole cluster.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from knowledge.facts.dependency import behind, mentions
from knowledge.facts.gone import about_pods, whose
from knowledge.facts.log_facts import LogFact, facts
from knowledge.facts.log_patterns import FactKind
from knowledge.finding import Ref
from knowledge.objects import (
    KINDS,
    ClusterRole,
    ConfigMap,
    ControllerRevision,
    CronJob,
    DaemonSet,
    Deployment,
    EndpointSlice,
    Event,
    HorizontalPodAutoscaler,
    Ingress,
    Job,
    LabelSelector,
    Lease,
    LimitRange,
    MutatingWebhookConfiguration,
    Namespace,
    NetworkPolicy,
    Node,
    Object,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    PodDisruptionBudget,
    PodMetrics,
    PodSpec,
    ReplicaSet,
    ResourceQuota,
    Role,
    RoleBinding,
    Secret,
    Service,
    ServiceAccount,
    StatefulSet,
    StorageClass,
    ValidatingWebhookConfiguration,
)
from knowledge.snapshot import LogKey, Snapshot

NODE_LIMIT = 50
"""Nodes read when a pod cannot be placed: a node is 5 to 15 KB, and the whole answer shall stay below 2 MB."""
NAMESPACE_LIMIT = 200
"""Objects of one kind read from a namespace around a subject."""
PODS_LOOKED_INTO = 3
"""Pods of one workload whose events and logs are read: the worst ones."""
SPEAKERS = 12
"""Workloads of a place whose logs are read though nothing ails them."""
ILL_ON_NODE = 6
"""Workloads with ill pods on one node that get a closer look."""
PLACES = 10
"""Namespaces of the pods of one node whose disruption budgets are read."""
EVENT_LIMIT = 1000
"""Events read from a namespace when those about pods that are gone are wanted: about 700 bytes each."""
NAMESPACES_ON_NODE = 20
"""Namespaces whose disruption budgets are read for a node."""
CONTROL_LOOPS = ("kube-controller-manager", "kube-scheduler")
"""Leases in kube-system whose holders renew them every few seconds."""
TRUSTED = ("kube-root-ca.crt", "extension-apiserver-authentication")
"""ConfigMaps in kube-system that hold the certificates of the cluster's own authorities."""
REGISTRIES = ("gurumi", "registries")
"""The ConfigMap by which a cluster says where its images may come from: ``allowed``, one host or path a line."""
RECENT = timedelta(days=1)
_DNS_NAMESPACE, _DNS_LABELS = "kube-system", "k8s-app=kube-dns"


@dataclass(frozen=True)
class Want:
    """One read. ``name``: that object (of an Event: those about an object of that name); ``labels``: those they fit;
    ``about``: events of that uid; ``node``: pods bound there; none of them: the namespace's, at most ``limit``."""

    kind: type[Object]
    namespace: str = ""
    name: str = ""
    labels: str = ""
    about: str = ""
    node: str = ""
    limit: int = NAMESPACE_LIMIT


@dataclass(frozen=True)
class LogWant:
    """The end of one container's log."""

    namespace: str
    pod: str
    key: LogKey


WORKLOADS: tuple[type[Object], ...] = (Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, CronJob)


def wanted(
    seen: Snapshot,
    about: Collection[Ref],
    tried: Collection["Want | LogWant"] = (),
    network: bool = False,
    talk: bool = False,
    past: bool = False,
    drain: bool = False,
    change: bool = False,
) -> Iterator[Want | LogWant]:
    """The next reads for these subjects. ``tried``: reads that were made already. ``network``: the question is about
    reaching something; ``talk``: it needs logs also of pods that look well; ``past``: of pods that may be gone;
    ``drain``: about pods that shall go and may not; ``change``: about something that was changed."""
    subjects = set(about) | set(dependencies(seen, about))
    if talk and not seen.named:
        subjects.update(speakers(seen))
    for ref in sorted(subjects):
        thing = seen.find(ref)
        if thing is None:
            if ref.kind in KINDS:  # a scaled target may be of a kind that nobody here knows
                yield Want(KINDS[ref.kind], ref.namespace, ref.name)
            continue
        yield _events_about(thing)
        yield from _around(thing)
        yield from _of_workload(seen, thing, tried, network)
        if drain:
            pods = seen.on_node(ref.name) if ref.kind == "Node" else subject_pods(seen, ref)
            for namespace in sorted({p.metadata.namespace for p in pods})[:PLACES]:
                yield Want(PodDisruptionBudget, namespace)
        if past and ref.namespace and selector_of(thing) is not None:
            yield Want(Event, ref.namespace, limit=EVENT_LIMIT)
            yield from _left(seen, ref)
    for pods in _pods_by_subject(seen, subjects):
        yield from _of_pods(seen, pods, talk or network)
        if change:
            yield from _settings(pods[0])


def of_cluster(seen: Snapshot) -> Iterator[Want]:
    """What a look at a whole cluster reads beside its lists: whether the control loops and the kubelets of silent
    nodes still renew their Leases, the certificates that everybody in the cluster trusts, and which registries may be
    used."""
    for loop in CONTROL_LOOPS:
        yield Want(Lease, "kube-system", loop)
    for node in seen.all(Node)[:NODE_LIMIT]:
        yield from _sign_of_life(node)
    for name in TRUSTED:
        yield Want(ConfigMap, "kube-system", name)
    yield Want(ConfigMap, *REGISTRIES)


def _sign_of_life(node: Node) -> Iterator[Want]:
    """The Lease of a node that is not ready: when its kubelet was last heard of."""
    ready = node.condition("Ready")
    if ready is None or ready.status != "True":
        yield Want(Lease, "kube-node-lease", node.metadata.name)


def speakers(seen: Snapshot) -> tuple[Ref, ...]:
    """The workloads of a place whose logs may tell why it fails though all are well: those that others call first,
    then those that call most."""
    calls: Counter[Ref] = Counter()
    called: Counter[Ref] = Counter()
    workloads: tuple[Deployment | StatefulSet | DaemonSet, ...] = (
        *seen.all(Deployment),
        *seen.all(StatefulSet),
        *seen.all(DaemonSet),
    )
    for workload in workloads:
        spec, namespace = workload.spec.template.spec, workload.metadata.namespace
        told = {m.address for container in spec.containers for m in mentions(seen, container, namespace)}
        services = (seen.get(Service, to.namespace, to.name) for to in told)
        for peer in {Ref.to(w) for service in services if service for w in behind(seen, service)}:
            calls[Ref.to(workload)] += 1
            called[peer] += 1
    ordered = sorted({*calls, *called}, key=lambda ref: (-called[ref], -calls[ref], ref))
    return tuple(ordered)[:SPEAKERS]


def _left(seen: Snapshot, workload: Ref) -> Iterator[Want]:
    """The nodes that pods of a workload have left: what happened there may be why they are gone."""
    hosts = (
        event.source.host
        for about, event in about_pods(seen, "Killing")
        if event.source.host and seen.find(about) is None and whose(seen, about) == workload
    )
    for host in list(dict.fromkeys(hosts))[-PODS_LOOKED_INTO:]:
        yield Want(Node, name=host)
        yield Want(Event, "default", name=host)


def _events_about(thing: Object) -> Want:
    """A kubelet's events about its Node carry the node's name as uid, so they are asked for by name."""
    if isinstance(thing, Node):
        return Want(Event, "default", name=thing.metadata.name)
    return Want(Event, thing.metadata.namespace or "default", about=thing.metadata.uid)


def _around(thing: Object) -> Iterator[Want]:
    """What an object names, and what shows its effect."""
    namespace = thing.metadata.namespace
    match thing:
        case Service():
            if thing.spec.selector:
                yield Want(Pod, namespace, labels=_query(thing.spec.selector))
            yield Want(EndpointSlice, namespace, labels=f"kubernetes.io/service-name={thing.metadata.name}")
        case Ingress():
            for name in _backends(thing):
                yield Want(Service, namespace, name)
            for tls in thing.spec.tls:
                if tls.secret_name:
                    yield Want(Secret, namespace, tls.secret_name)
            yield Want(KINDS["IngressClass"])
        case PersistentVolumeClaim():
            yield from _of_claim(thing)
        case HorizontalPodAutoscaler():
            target = thing.spec.scale_target_ref
            if target.kind in KINDS:
                yield Want(KINDS[target.kind], namespace, target.name)
        case Node():
            yield Want(Pod, node=thing.metadata.name)
            yield from _sign_of_life(thing)
        case Pod():
            for owner in thing.metadata.owner_references:
                if owner.controller and owner.kind in KINDS:
                    yield Want(KINDS[owner.kind], namespace, owner.name)


def _of_workload(seen: Snapshot, thing: Object, tried: Collection[Want | LogWant], network: bool) -> Iterator[Want]:
    namespace = thing.metadata.namespace
    selector = selector_of(thing)
    if selector is not None:
        yield Want(Pod, namespace, labels=selector.as_query())
        if isinstance(thing, Deployment):
            yield Want(ReplicaSet, namespace, labels=selector.as_query())
            for owned in seen.replica_sets(Ref.to(thing))[:2]:
                yield Want(Event, namespace, about=owned.metadata.uid)
        if isinstance(thing, Deployment | StatefulSet | DaemonSet):
            yield Want(Service, namespace)
            yield Want(HorizontalPodAutoscaler, namespace)
        if isinstance(thing, StatefulSet):
            for claim in thing.spec.volume_claim_templates:
                for n in range(min(wished(thing), PODS_LOOKED_INTO)):
                    yield Want(PersistentVolumeClaim, namespace, f"{claim.metadata.name}-{thing.metadata.name}-{n}")
        for service in seen.all(Service, namespace):
            if _sends_to(service, thing):
                yield from _around(service)
                yield Want(Event, namespace, about=service.metadata.uid)
        few = _read(seen, Want(Pod, namespace, labels=selector.as_query()), tried) and lacking(seen, thing)
        if few or refused(seen, thing):
            yield Want(Namespace, name=namespace)
            yield Want(ResourceQuota, namespace)
            yield Want(LimitRange, namespace)
            yield Want(ValidatingWebhookConfiguration)
            yield Want(MutatingWebhookConfiguration)
            yield from _hook_backends(seen, namespace)
            account = spec_of(thing)
            if account and account.service_account_name:
                yield Want(ServiceAccount, namespace, account.service_account_name)
    if isinstance(thing, CronJob):
        yield Want(Job, namespace)
        for job in seen.all(Job, namespace):
            if seen.owner(job) == Ref.to(thing):
                yield Want(Event, namespace, about=job.metadata.uid)
                yield Want(Pod, namespace, labels=f"job-name={job.metadata.name}")
    if isinstance(thing, Service) and thing.spec.selector and _nobody_behind(seen, thing, tried):
        # Nobody carries the labels: whoever was meant is among the namespace's workloads.
        yield Want(Deployment, namespace)
        yield Want(StatefulSet, namespace)
        yield Want(Pod, namespace)
    if network:
        yield Want(Ingress, namespace)
        yield from _of_network(namespace)
    if isinstance(thing, StatefulSet | DaemonSet) and selector is not None:
        yield Want(ControllerRevision, namespace, labels=selector.as_query())
    if isinstance(thing, Node):
        for place in sorted({pod.metadata.namespace for pod in seen.on_node(thing.metadata.name)})[:NAMESPACES_ON_NODE]:
            yield Want(PodDisruptionBudget, place)


def _of_network(namespace: str) -> Iterator[Want]:
    """What decides whether a connection is let through: the policies of a namespace, and the labels of namespaces."""
    yield Want(NetworkPolicy, namespace, limit=0)
    yield Want(Namespace)
    yield Want(Service, namespace)


def _of_facts(seen: Snapshot, pod: Pod) -> Iterator[Want]:
    """What a pod's log calls for: the cluster's DNS, the rights of its account, the policies in its way."""
    namespace, said = pod.metadata.namespace, _said(seen, pod)
    if {fact.kind for fact in said} & {FactKind.TIMED_OUT, FactKind.NO_SUCH_HOST}:
        yield from _of_network(namespace)
        yield Want(Pod, _DNS_NAMESPACE, labels=_DNS_LABELS)
        yield Want(Service, _DNS_NAMESPACE, labels=_DNS_LABELS)
        for resolver in seen.matching(Pod, {"k8s-app": "kube-dns"}, _DNS_NAMESPACE):
            if trouble(resolver, seen):
                yield Want(Event, _DNS_NAMESPACE, about=resolver.metadata.uid)
    if any(fact.kind is FactKind.RBAC for fact in said):
        yield Want(RoleBinding, namespace)
        yield Want(Role, namespace)
        for binding in seen.all(RoleBinding, namespace):
            if binding.role_ref.kind == "ClusterRole" and binding.role_ref.name:
                yield Want(ClusterRole, name=binding.role_ref.name)
    if any(fact.about_dependency for fact in said):
        yield from _settings(pod)
        for fact in said:
            if fact.kind in (FactKind.TIMED_OUT, FactKind.REFUSED) and "." in fact.host:
                other = fact.host.split(".")[1]
                if _is_service_name(fact) and not other.isdecimal() and other != namespace:
                    yield Want(NetworkPolicy, other, limit=0)


def _said(seen: Snapshot, pod: Pod) -> list[LogFact]:
    """The facts of every log of a pod that was read."""
    keys = [(c.name, previous) for c in (*pod.spec.containers, *pod.spec.init_containers) for previous in (True, False)]
    logs = [seen.log(pod, name, previous) for name, previous in keys]
    return [fact for log in logs if log for fact in facts(log)]


def _hook_backends(seen: Snapshot, namespace: str) -> Iterator[Want]:
    """Whoever stands behind the webhooks that events of a namespace name."""
    texts = [event.message for event in seen.all(Event, namespace) if "webhook" in event.message]
    configurations: list[ValidatingWebhookConfiguration | MutatingWebhookConfiguration] = [
        *seen.all(ValidatingWebhookConfiguration),
        *seen.all(MutatingWebhookConfiguration),
    ]
    for configuration in configurations:
        for hook in configuration.webhooks:
            backend = hook.client_config.service
            if backend and any(hook.name in text for text in texts):
                yield Want(Service, backend.namespace, backend.name)
                yield Want(EndpointSlice, backend.namespace, limit=0)


def _read(seen: Snapshot, want: Want, tried: Collection[Want | LogWant]) -> bool:
    """Whether a read was made, by itself or as part of a whole list: before that, absence means nothing."""
    return want in tried or seen.whole(want.kind, want.namespace)


def _nobody_behind(seen: Snapshot, service: Service, tried: Collection[Want | LogWant]) -> bool:
    selector, namespace = service.spec.selector, service.metadata.namespace
    looked = _read(seen, Want(Pod, namespace, labels=_query(selector)), tried)
    return looked and not any(seen.matching(Pod, selector, namespace))


def _of_pods(seen: Snapshot, pods: Iterable[Pod], talk: bool) -> Iterator[Want | LogWant]:
    """What the worst pods of one workload need: their events, nodes, settings, disks and logs."""
    ordered = sorted(pods, key=lambda pod: trouble(pod, seen), reverse=True)
    for pod in ordered[:PODS_LOOKED_INTO]:
        namespace = pod.metadata.namespace
        yield Want(Event, namespace, about=pod.metadata.uid)
        yield from _around(pod)
        if pod.spec.node_name:
            yield Want(Node, name=pod.spec.node_name)
            if trouble(pod, seen):
                yield Want(Event, "default", name=pod.spec.node_name)
            node = seen.get(Node, "", pod.spec.node_name)
            if node:
                yield from _sign_of_life(node)
        bad = trouble(pod, seen)
        if (bad or talk) and _limited(pod):
            yield Want(PodMetrics, namespace, pod.metadata.name)
        if bad:
            yield from _settings(pod)
        if pod.spec.node_name and seen.events(pod, "FailedCreatePodSandBox"):
            yield Want(Pod, node=pod.spec.node_name)
        if not pod.spec.node_name and not pod.metadata.deletion_timestamp:
            yield Want(Node, limit=NODE_LIMIT)
            for node in seen.all(Node)[: PODS_LOOKED_INTO + 1]:
                yield Want(Pod, node=node.metadata.name)
        for volume in pod.spec.volumes:
            if volume.persistent_volume_claim and (bad or not pod.spec.node_name):
                name = volume.persistent_volume_claim.claim_name
                yield Want(PersistentVolumeClaim, namespace, name)
                claim = seen.get(PersistentVolumeClaim, namespace, name)
                if claim:
                    yield from _of_claim(claim)
        yield from logs_wanted(pod, talk)
        yield from _of_facts(seen, pod)


def _limited(pod: Pod) -> bool:
    """Whether a pod is running and may use only so much: then what it uses just now is worth a read."""
    named = any(c.resources.limits for c in pod.lasting_containers())
    return pod.status.phase == "Running" and (named or bool(pod.spec.resources and pod.spec.resources.limits))


def logs_wanted(pod: Pod, talk: bool = False) -> Iterator[LogWant]:
    """The logs that may tell why: of runs that ended, of containers that are not ready or not done."""
    for status in (*pod.status.init_container_statuses, *pod.status.container_statuses):
        end = status.last_end
        ended = end is not None and (end.exit_code != 0 or status.restart_count > 0) and end.reason != "Evicted"
        if ended:
            previous = status.state.terminated is None
            yield LogWant(pod.metadata.namespace, pod.metadata.name, LogKey(pod.metadata.uid, status.name, previous))
        if status.state.running and (not status.ready or talk or ended):
            yield LogWant(pod.metadata.namespace, pod.metadata.name, LogKey(pod.metadata.uid, status.name))


def _settings(pod: Pod) -> Iterator[Want]:
    """ConfigMaps, Secrets and the account that a pod names."""
    namespace = pod.metadata.namespace
    for kind, name in settings_of(pod.spec):
        yield Want(kind, namespace, name)
    for secret in pod.spec.image_pull_secrets:
        yield Want(Secret, namespace, secret.name)
    if pod.spec.service_account_name:
        yield Want(ServiceAccount, namespace, pod.spec.service_account_name)


def settings_of(spec: PodSpec) -> frozenset[tuple[type[Object], str]]:
    """The ConfigMaps and Secrets that a pod's containers and volumes name."""
    found: set[tuple[type[Object], str]] = set()
    for container in (*spec.containers, *spec.init_containers):
        for env in container.env:
            source = env.value_from
            if source and source.config_map_key_ref:
                found.add((ConfigMap, source.config_map_key_ref.name))
            if source and source.secret_key_ref:
                found.add((Secret, source.secret_key_ref.name))
        for whole in container.env_from:
            if whole.config_map_ref:
                found.add((ConfigMap, whole.config_map_ref.name))
            if whole.secret_ref:
                found.add((Secret, whole.secret_ref.name))
    for volume in spec.volumes:
        if volume.config_map:
            found.add((ConfigMap, volume.config_map.name))
        if volume.secret:
            found.add((Secret, volume.secret.secret_name))
        for part in volume.projected.sources if volume.projected else ():
            if part.config_map:
                found.add((ConfigMap, part.config_map.name))
            if part.secret:
                found.add((Secret, part.secret.name))
    return frozenset((kind, name) for kind, name in found if name and name != "kube-root-ca.crt")


def _of_claim(claim: PersistentVolumeClaim) -> Iterator[Want]:
    yield Want(Event, claim.metadata.namespace, about=claim.metadata.uid)
    if claim.spec.volume_name:
        yield Want(PersistentVolume, name=claim.spec.volume_name)
        yield Want(KINDS["VolumeAttachment"])
    yield Want(StorageClass)


def dependencies(seen: Snapshot, about: Collection[Ref]) -> Iterator[Ref]:
    """Services that the subjects' failing programs name in their logs, and the workloads behind those Services.

    Four steps at most: a chain of programs that wait for each other ends somewhere.
    """
    reached: set[Ref] = set(about)
    front = set(about)
    for _step in range(4):
        found = {ref for subject in front for ref in _next(seen, subject)} - reached
        yield from found
        reached |= found
        front = found
        if not front:
            return


def _next(seen: Snapshot, subject: Ref) -> Iterator[Ref]:
    for pod in subject_pods(seen, subject):
        for host in _hosts(seen, pod):
            yield from _services(seen, host, pod.metadata.namespace)
        if subject.kind != "Node":
            top = seen.workload(pod)
            if top.kind in KINDS and top != subject:
                yield top
    thing = seen.find(subject)
    match thing:
        case Service():
            namespace = thing.metadata.namespace
            for kind in (Deployment, StatefulSet, DaemonSet):
                for workload in seen.all(kind, namespace):
                    if _sends_to(thing, workload):
                        yield Ref.to(workload)
        case Ingress():
            for name in _backends(thing):
                yield Ref("Service", thing.metadata.namespace, name)
        case HorizontalPodAutoscaler():
            target = thing.spec.scale_target_ref
            yield Ref(target.kind, thing.metadata.namespace, target.name)


def _services(seen: Snapshot, host: str, namespace: str) -> Iterator[Ref]:
    """The Service that a host means: by its name, or by its cluster IP."""
    if host[0].isdigit():
        yield from (Ref.to(s) for s in seen.all(Service) if s.spec.cluster_ip == host)
    else:
        name, _, rest = host.partition(".")
        yield Ref("Service", rest.partition(".")[0] or namespace, name)


def _hosts(seen: Snapshot, pod: Pod) -> Iterator[str]:
    """Hosts of log facts that can be a Service: its name or an IP address; a name with a public suffix is none."""
    yield from (fact.host for fact in _said(seen, pod) if _is_service_name(fact))


def _is_service_name(fact: LogFact) -> bool:
    host = fact.host
    if not host or host in ("localhost", "127.0.0.1", "0.0.0.0") or not host[0].isalnum() or ":" in host:
        return False
    if host.replace(".", "").isdecimal():
        return True
    labels = host.split(".")
    return len(labels) <= 2 or labels[2] == "svc"


def subject_pods(seen: Snapshot, subject: Ref) -> tuple[Pod, ...]:
    """The pods that a subject stands for: itself, a workload's, a Service's."""
    thing = seen.find(subject)
    match thing:
        case Pod():
            return (thing,)
        case Service():
            return tuple(seen.matching(Pod, thing.spec.selector, subject.namespace)) if thing.spec.selector else ()
        case CronJob():
            jobs = [job for job in seen.all(Job, subject.namespace) if seen.owner(job) == subject]
            return tuple(
                pod for job in jobs for pod in seen.all(Pod, subject.namespace) if seen.owner(pod) == Ref.to(job)
            )
    return seen.pods_of(subject)


def _pods_by_subject(seen: Snapshot, subjects: Iterable[Ref]) -> Iterator[tuple[Pod, ...]]:
    for subject in sorted(subjects):
        if subject.kind == "Node":
            ill = [pod for pod in seen.on_node(subject.name) if trouble(pod, seen) > 1]
            yield from _by_workload(seen, sorted(ill, key=lambda pod: trouble(pod, seen), reverse=True))
        elif pods := subject_pods(seen, subject):
            yield pods


def _by_workload(seen: Snapshot, pods: Iterable[Pod]) -> tuple[tuple[Pod, ...], ...]:
    """Pods grouped by whose they are, so many groups as get a closer look."""
    groups: dict[Ref, list[Pod]] = {}
    for pod in pods:
        groups.setdefault(seen.workload(pod), []).append(pod)
    return tuple(map(tuple, groups.values()))[:ILL_ON_NODE]


def trouble(pod: Pod, seen: Snapshot) -> int:
    """How much a pod deserves a look: 0 is well, more is worse."""
    score, now = 0, seen.recorded or seen.at
    if pod.status.phase in ("Failed", "Pending", "Unknown"):
        score += 3
    for status in (*pod.status.container_statuses, *pod.status.init_container_statuses):
        end = status.last_end
        if status.state.waiting and status.state.waiting.reason not in ("", "PodInitializing", "ContainerCreating"):
            score += 4
        if end and end.exit_code and (end.finished_at is None or abs(now - end.finished_at) < RECENT):
            score += 3
        if status.restart_count:
            score += 1
    ready = pod.condition("Ready")
    if pod.status.phase == "Running" and ready and ready.status != "True":
        score += 2
    if pod.metadata.deletion_timestamp:
        score += 1
    return score


def selector_of(thing: Object) -> LabelSelector | None:
    """The pod selector of a workload."""
    match thing:
        case Deployment() | StatefulSet() | DaemonSet() | ReplicaSet():
            return thing.spec.selector
        case Job():
            return thing.spec.selector or LabelSelector(match_labels={"job-name": thing.metadata.name})
    return None


def spec_of(thing: Object) -> PodSpec | None:
    """The pod spec that a workload makes its pods from."""
    match thing:
        case Deployment() | StatefulSet() | DaemonSet() | ReplicaSet() | Job():
            return thing.spec.template.spec
        case CronJob():
            return thing.spec.job_template.spec.template.spec
        case Pod():
            return thing.spec
    return None


def wished(thing: Object) -> int:
    """How many pods a workload shall have; an absent number means one."""
    match thing:
        case Deployment() | StatefulSet() | ReplicaSet():
            return 1 if thing.spec.replicas is None else thing.spec.replicas
        case DaemonSet():
            return thing.status.desired_number_scheduled
    return 1


def lacking(seen: Snapshot, thing: Object) -> bool:
    """Whether a workload has fewer pods than it shall have."""
    selector = selector_of(thing)
    if selector is None or isinstance(thing, ReplicaSet):
        return False
    if isinstance(thing, Job):
        return not thing.status.active and not thing.status.succeeded and not thing.status.failed
    return len(seen.pods_of(Ref.to(thing))) < wished(thing)


def refused(seen: Snapshot, thing: Object) -> bool:
    """Whether the API refuses pods of a Deployment's newest revision, though the pods of older ones may suffice."""
    newest = seen.replica_sets(Ref.to(thing))[:1] if isinstance(thing, Deployment) else ()
    for owner in newest:
        made = [pod for pod in seen.pods_of(Ref.to(thing)) if seen.owner(pod) == Ref.to(owner)]
        return len(made) < wished(thing) and bool(seen.events(owner, "FailedCreate"))
    return False


def _sends_to(service: Service, workload: Object) -> bool:
    """Whether a Service selects the pods that a workload makes."""
    match workload:
        case Deployment() | StatefulSet() | DaemonSet():
            labels = workload.spec.template.metadata.labels
            return bool(service.spec.selector) and service.spec.selector.items() <= labels.items()
    return False


def _backends(ingress: Ingress) -> frozenset[str]:
    backends = [path.backend for rule in ingress.spec.rules if rule.http for path in rule.http.paths]
    if ingress.spec.default_backend:
        backends.append(ingress.spec.default_backend)
    return frozenset(b.service.name for b in backends if b.service)


def _query(labels: dict[str, str]) -> str:
    return LabelSelector(match_labels=labels).as_query()
