"""Reads the texts that scheduler, kubelet and controllers put into events, conditions and statuses.

Branch on a reason first and then read its message here. Each reader returns ``None`` for a text that it does not know:
such a text is shown as it is. Readers never raise.
"""

import re
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")


def _reader(pattern: str, shape: type[T], text: str, flags: int = 0) -> T | None:
    match = re.search(pattern, text.strip(), flags)
    if match is None:
        return None
    groups = match.groupdict()
    return shape(**{f.name: (groups.get(f.name) or "").strip() for f in fields(shape)})  # type: ignore[arg-type]


# Scheduler


@dataclass(frozen=True)
class Refusal:
    """Why some nodes, or (``nodes`` 0: a text of a PreFilter plugin) all of them, cannot take a pod."""

    nodes: int
    why: str


@dataclass(frozen=True)
class Unschedulable:
    """``0/5 nodes are available: …``. One node can give several refusals."""

    fitting: int
    total: int
    refusals: tuple[Refusal, ...]
    preemption: str = ""


@dataclass(frozen=True)
class TaintText:
    """``key`` is empty in newer texts, which do not name the taint."""

    key: str
    value: str


_FIT = re.compile(r"^(?P<ok>\d+)/(?P<total>\d+) nodes are available(?:: ?(?P<body>.*))?$", re.DOTALL)
_PREEMPTION = re.compile(
    r"^(?P<filters>.*?)\.?\s*(?:no new claims to deallocate,\s*)?"
    r"(?:preemption:\s*(?P<pre>\d+/\d+ nodes are available: .*))?$",
    re.DOTALL,
)
_NEXT_REASON = re.compile(r",\s(?=\d+\s)")
_REASON = re.compile(r"^(?P<n>\d+)\s(?P<why>.+?)\.?$", re.DOTALL)
_TAINT_OLD = re.compile(r"node\(s\) had (?:untolerated )?taint \{(?P<key>[^:}]+): ?(?P<value>[^}]*)\}")
_TAINT_NEW = re.compile(r"node\(s\) had untolerated taint\(s\)")


def unschedulable(text: str) -> Unschedulable | None:
    """``FailedScheduling`` and the message of the PodScheduled condition."""
    match = _FIT.match(text.strip())
    if match is None:
        return None
    parts = _PREEMPTION.match(match["body"] or "")
    filters = (parts["filters"] if parts else "").strip()
    refusals = []
    for part in _NEXT_REASON.split(filters) if filters else ():
        reason = _REASON.match(part.strip())
        refusals.append(Refusal(int(reason["n"]), reason["why"]) if reason else Refusal(0, part.strip().rstrip(".")))
    return Unschedulable(
        int(match["ok"]), int(match["total"]), tuple(refusals), (parts["pre"] or "").strip() if parts else ""
    )


def taint(why: str) -> TaintText | None:
    """The taint named by a refusal, in its three historical forms."""
    old = _TAINT_OLD.search(why)
    if old:
        return TaintText(old["key"].strip(), old["value"].strip())
    return TaintText("", "") if _TAINT_NEW.search(why) else None


@dataclass(frozen=True)
class PreemptedText:
    by: str
    """The preemptor's uid; ``namespace/name`` in old versions."""
    node: str


def preempted(text: str) -> PreemptedText | None:
    return _reader(r"^Preempted by (?:pod )?(?P<by>\S+) on node (?P<node>[^\s(]+)", PreemptedText, text)


# The kubelet on starting containers


@dataclass(frozen=True)
class BackOff:
    delay: timedelta
    container: str
    pod: str
    namespace: str
    uid: str


_BACK_OFF = re.compile(
    r"^back-off (?P<delay>[\dhms.]+) restarting failed container=(?P<container>\S+) "
    r"pod=(?P<pod>[^_\s]+)_(?P<ns>[^(\s]+)\((?P<uid>[^)]+)\)$"
)


def back_off(text: str) -> BackOff | None:
    """The waiting message of CrashLoopBackOff."""
    match = _BACK_OFF.match(text.strip())
    return BackOff(duration(match["delay"]), *match.group("container", "pod", "ns", "uid")) if match else None


def duration(text: str) -> timedelta:
    """A duration as Go prints it: ``5m0s``, ``1h2m3.5s``, ``20ms``."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
    found = re.findall(r"(\d+(?:\.\d+)?)(ms|h|m|s)", text)
    return timedelta(seconds=min(sum(float(n) * units[u] for n, u in found), 1e9))


@dataclass(frozen=True)
class PullFailure:
    """``cause`` is the registry's or the runtime's own text. ``code`` is the gRPC code, often absent."""

    image: str
    code: str
    cause: str


def pull_failure(text: str) -> PullFailure | None:
    """``Failed to pull image "x": …`` of an event, and what newer kubelets add to ``Back-off pulling image "x"``."""
    code = r"(?:rpc error: code = (?P<code>\w+) desc = )?"
    return _reader(
        rf'^Failed to pull image "(?P<image>[^"]+)": {code}(?P<cause>.*)$', PullFailure, text, re.DOTALL
    ) or _reader(
        rf'^(?:Back-off pulling image "(?P<image>[^"]+)"(?:: \w+)?(?:: {code}(?P<cause>.*))?)$',
        PullFailure,
        text,
        re.DOTALL,
    )


@dataclass(frozen=True)
class MissingRef:
    """A ConfigMap or Secret that a container names. ``key`` is empty when the whole object is missing."""

    kind: str
    namespace: str
    name: str
    key: str = ""


_KINDS = {"configmap": "ConfigMap", "secret": "Secret"}


def missing_ref(text: str) -> MissingRef | None:
    """``configmap "x" not found``, ``couldn't find key k in ConfigMap ns/x``, ``references non-existent … key``."""
    whole = re.search(r'\b(configmap|secret)s? "(?P<name>[^"]+)" not found', text)
    if whole:
        return MissingRef(_KINDS[whole[1]], "", whole["name"])
    key = re.search(r"couldn't find key (?P<key>\S+) in (?P<kind>ConfigMap|Secret) (?P<ns>[^/\s]+)/(?P<name>\S+)", text)
    if key:
        return MissingRef(key["kind"], key["ns"], key["name"], key["key"])
    item = re.search(r"references non-existent (?P<kind>config|secret) key: (?P<key>\S+)", text)
    return MissingRef("ConfigMap" if item["kind"] == "config" else "Secret", "", "", item["key"]) if item else None


@dataclass(frozen=True)
class StartFailure:
    """``what`` could not be executed and ``why``, in the runtime's words."""

    what: str
    why: str


def start_failure(text: str) -> StartFailure | None:
    """``… exec: "wge": executable file not found in $PATH``, ``… chdir to cwd ("/srv") …``."""
    return (
        _reader(r'exec: "(?P<what>[^"]+)": (?:stat [^:]+: )?(?P<why>.+?)(?:: unknown)?$', StartFailure, text)
        or _reader(r'chdir to cwd \("(?P<what>[^"]+)"\)[^:]*: (?P<why>.+?)(?:: unknown)?$', StartFailure, text)
        or _reader(r"exec (?P<what>/\S+): (?P<why>.+?)(?:: unknown)?$", StartFailure, text)
    )


@dataclass(frozen=True)
class ProbeKill:
    container: str
    probe: str
    """``liveness`` or ``startup``."""


def probe_kill(text: str) -> ProbeKill | None:
    return _reader(
        r"^Container (?P<container>\S+) failed (?P<probe>liveness|startup) probe, will be restarted$", ProbeKill, text
    )


@dataclass(frozen=True)
class UnhealthyText:
    probe: str
    """``Liveness``, ``Readiness`` or ``Startup``."""
    how: str
    """``failed``: it answered no; ``errored``: it could not be asked."""
    detail: str


def unhealthy(text: str) -> UnhealthyText | None:
    return _reader(
        r"^(?P<probe>Liveness|Readiness|Startup) probe (?P<how>failed|errored|warning)"
        r"(?:: ?| and resulted in )(?P<detail>[\s\S]*)$",
        UnhealthyText,
        text,
    )


# The kubelet on volumes and sandboxes


@dataclass(frozen=True)
class MountFailure:
    step: str
    """``SetUp``, ``MountDevice``, ``WaitForAttach``."""
    volume: str
    cause: str


def mount_failure(text: str) -> MountFailure | None:
    return _reader(
        r'^MountVolume\.(?P<step>\w+) failed for volume "(?P<volume>[^"]+)" ?: (?P<cause>[\s\S]*)$', MountFailure, text
    )


@dataclass(frozen=True)
class MountWait:
    """Lists are separated by blanks, as the kubelet writes them."""

    unmounted: str
    unattached: str
    failed: str
    cause: str


def mount_wait(text: str) -> MountWait | None:
    return _reader(
        r"^Unable to attach or mount volumes: unmounted volumes=\[(?P<unmounted>[^\]]*)\], "
        r"unattached volumes=\[(?P<unattached>[^\]]*)\](?:, failed to process volumes=\[(?P<failed>[^\]]*)\])?: "
        r"(?P<cause>.*)$",
        MountWait,
        text,
    )


def sandbox_failure(text: str) -> str | None:
    """The cause behind ``Failed to create pod sandbox: …``."""
    match = re.search(r"^Failed to (?:create|start) pod sandbox: (?P<cause>[\s\S]*)$", text.strip())
    return match["cause"].strip() if match else None


# The kubelet on evictions, admission and its node


@dataclass(frozen=True)
class Eviction:
    """One of: ``resource`` (the node ran low), ``condition`` (older texts), or ``limit`` (the pod broke its own)."""

    resource: str = ""
    threshold: str = ""
    available: str = ""
    condition: str = ""
    volume: str = ""
    container: str = ""
    limit: str = ""
    offenders: tuple["Offender", ...] = ()

    @property
    def by_own_limit(self) -> bool:
        return bool(self.limit)


@dataclass(frozen=True)
class Offender:
    who: str
    used: str
    requested: str
    resource: str


_LOW = re.compile(
    r"^The node was low on resource: (?P<resource>[^.]+)\. ?"
    r"(?:Threshold quantity: (?P<threshold>[^,]+), available: (?P<available>[^ ]+?)\.(?:\s+|$))?(?P<rest>.*)$",
    re.DOTALL,
)
_OFFENDER = re.compile(
    r"(?:Container|Pod) (?P<who>\S+) was using (?P<used>[^,]+), request is (?P<requested>[^,]+), "
    r"has larger consumption of (?P<resource>[^.]+)\."
)


def eviction(text: str) -> Eviction | None:
    """``Evicted``: the message of the event and of the pod's status."""
    text = text.strip()
    low = _LOW.match(text)
    if low:
        offenders = tuple(Offender(*m.group("who", "used", "requested", "resource")) for m in _OFFENDER.finditer(text))
        return Eviction(low["resource"], low["threshold"] or "", low["available"] or "", offenders=offenders)
    if match := re.match(r"^The node had condition: \[?(?P<c>[^\].]+)\]?\. ?", text):
        return Eviction(condition=match["c"])
    if match := re.match(r'^Usage of EmptyDir volume "(?P<v>[^"]+)" exceeds the limit "(?P<l>[^"]+)"\.', text):
        return Eviction(volume=match["v"], limit=match["l"])
    if match := re.match(r'^Container (?P<c>\S+) exceeded its local ephemeral storage limit "(?P<l>[^"]+)"\.', text):
        return Eviction(container=match["c"], limit=match["l"])
    match = re.match(
        r"^Pod ephemeral local storage usage exceeds the total limit of containers (?P<l>[^ ]+?)\.(?:\s|$)", text
    )
    return Eviction(limit=match["l"]) if match else None


@dataclass(frozen=True)
class Rejection:
    """Quantities are plain numbers: millicores of CPU, base units of everything else."""

    resource: str
    requested: str
    used: str
    capacity: str


def rejection(text: str) -> Rejection | None:
    """A kubelet that refused a pod on arrival: ``Node didn't have enough resource: …``."""
    return _reader(
        r"^(?:Pod was rejected: |Pod )?Node didn't have enough resource: (?P<resource>[^,]+), "
        r"requested: (?P<requested>\d+), used: (?P<used>\d+), capacity: (?P<capacity>\d+)",
        Rejection,
        text,
    )


@dataclass(frozen=True)
class RebootedText:
    node: str
    boot_id: str


def rebooted(text: str) -> RebootedText | None:
    return _reader(r"^Node (?P<node>\S+) has been rebooted, boot id: (?P<boot_id>\S+)$", RebootedText, text)


@dataclass(frozen=True)
class SystemOom:
    process: str
    pid: str


def system_oom(text: str) -> SystemOom | None:
    return _reader(r"^System OOM encountered, victim process: (?P<process>[^,]*), pid: (?P<pid>\d+)$", SystemOom, text)


# Controllers


@dataclass(frozen=True)
class ScaledText:
    up: bool
    replica_set: str
    before: int | None
    after: int


def scaled(text: str) -> ScaledText | None:
    """``Scaled up replica set X from 0 to 1``; older texts lack ``from``."""
    match = re.match(
        r"^Scaled (?P<dir>up|down) replica set (?P<rs>\S+)(?: from (?P<frm>\d+))? to (?P<to>\d+)$", text.strip()
    )
    if match is None:
        return None
    return ScaledText(match["dir"] == "up", match["rs"], int(match["frm"]) if match["frm"] else None, int(match["to"]))


def timed_out_replica_set(text: str) -> str | None:
    """The ReplicaSet in ``ReplicaSet "x" has timed out progressing.``"""
    match = re.match(r'^ReplicaSet "(?P<rs>[^"]+)" has timed out progressing\.$', text.strip())
    return match["rs"] if match else None


@dataclass(frozen=True)
class Rescaled:
    size: str
    reason: str


def rescaled(text: str) -> Rescaled | None:
    """``SuccessfulRescale`` of a HorizontalPodAutoscaler."""
    return _reader(r"^New size: (?P<size>\d+); reason: (?P<reason>.*)$", Rescaled, text)


@dataclass(frozen=True)
class MissingRequest:
    resource: str
    container: str
    pod: str


def missing_request(text: str) -> MissingRequest | None:
    """What an autoscaler says of a container without a request."""
    return _reader(
        r"missing request for (?P<resource>\S+)(?: in container (?P<container>\S+) of Pod (?P<pod>\S+))?",
        MissingRequest,
        text,
    )


@dataclass(frozen=True)
class QuotaExceeded:
    quota: str
    requested: str
    used: str
    limited: str


def quota_exceeded(text: str) -> QuotaExceeded | None:
    return _reader(
        r"exceeded quota: (?P<quota>[^,]+), requested: (?P<requested>.+?), used: (?P<used>.+?), "
        r"limited: (?P<limited>.+)$",
        QuotaExceeded,
        text,
    )


@dataclass(frozen=True)
class QuotaDemands:
    quota: str
    fields: str


def quota_demands(text: str) -> QuotaDemands | None:
    """``failed quota: q: must specify limits.cpu for: app``."""
    return _reader(r"failed quota: (?P<quota>[^:]+): must specify (?P<fields>.+)$", QuotaDemands, text)


def limit_range(text: str) -> str | None:
    """What a LimitRange said: ``maximum memory usage per Container is 1Gi, but limit is 2Gi``."""
    match = re.search(r"\[?((?:maximum|minimum) \S+ (?:usage|limit)[^\]]*? per (?:Container|Pod) is [^\]]+)", text)
    return match[1].strip() if match else None


@dataclass(frozen=True)
class WebhookFailure:
    """A webhook that could not be asked: the platform's fault. Compare ``denial``."""

    hook: str
    cause: str


def webhook_failure(text: str) -> WebhookFailure | None:
    return _reader(
        r'failed calling webhook "(?P<hook>[^"]+)": (?:failed to call webhook: )?(?P<cause>.*)$', WebhookFailure, text
    )


@dataclass(frozen=True)
class Denial:
    """A rule that said no. ``by`` is a webhook's name, or ``PodSecurity "restricted:latest"``."""

    by: str
    cause: str


def denial(text: str) -> Denial | None:
    return (
        _reader(r'violates (?P<by>PodSecurity "[^"]+"): (?P<cause>.*)$', Denial, text, re.DOTALL)
        or _reader(r'admission webhook "(?P<by>[^"]+)" denied the request: ?(?P<cause>.*)$', Denial, text, re.DOTALL)
        or _reader(
            r"ValidatingAdmissionPolicy '(?P<by>[^']+)' with binding '[^']+' denied request: (?P<cause>.*)$",
            Denial,
            text,
            re.DOTALL,
        )
    )


def missing_service_account(text: str) -> str | None:
    """The ServiceAccount in ``error looking up service account ns/x: …``."""
    match = re.search(r"error looking up service account (?P<ns>[^/\s]+)/(?P<name>[^\s:]+)", text)
    return match["name"] if match else None


@dataclass(frozen=True)
class TaintEviction:
    namespace: str
    pod: str


def taint_eviction(text: str) -> TaintEviction | None:
    return _reader(r"^Marking for deletion (?:Pod )?(?P<namespace>[^/]+)/(?P<pod>\S+)$", TaintEviction, text)


def deleted_node(text: str) -> str | None:
    """The node in ``Deleting node N because it does not exist in the cloud provider``."""
    match = re.match(r"^Deleting node (?P<node>\S+) because it does not exist in the cloud provider$", text.strip())
    return match["node"] if match else None


@dataclass(frozen=True)
class VolumeFailure:
    volume: str
    cause: str


def multi_attach(text: str) -> VolumeFailure | None:
    return _reader(r'^Multi-Attach error for volume "(?P<volume>[^"]+)"\s+(?P<cause>.*)$', VolumeFailure, text)


def attach_failure(text: str) -> VolumeFailure | None:
    return _reader(
        r'^AttachVolume\.Attach failed for volume "(?P<volume>[^"]+)" ?: (?P<cause>[\s\S]*)$', VolumeFailure, text
    )
