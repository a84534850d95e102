"""Every connection and right that is needed, checked one by one, with what is missing and how to grant it."""

from concurrent.futures import wait

from commands.command import Command
from commands.dialogue import Answer, Bullets, Code, Part, Request, Text, Tone
from commands.tools import Check, ClusterEntry, Tools
from integrations.errors import IntegrationError
from knowledge.objects import KINDS, Event, Lease, Namespace, Node, Object, Pod, Secret
from knowledge.said import Said

COMMAND = Command(
    name="doctor",
    takes="[cluster]",
    says=Said("Check every connection and right that is needed, and say how to grant what is missing."),
    slow=True,
)
_ESSENTIAL: tuple[type[Object], ...] = (Pod, Event, Node, Namespace)
_UNREAD: tuple[type[Object], ...] = (Lease, Secret)
"""Secrets are asked for by name only where a pod names one, so listing them is no right that is missed."""


def handle(request: Request, tools: Tools) -> Answer:
    wanted = request.args["cluster"] or request.cluster
    checks = [] if wanted else [check() for check in tools.checks]
    entries = [e for e in tools.fleet.clusters() if tools.may_see(e, "") and wanted in ("", e.name)]
    if wanted and not entries:
        tools.fleet.open(wanted)  # an unknown name raises, with near names
    jobs = [tools.pool.submit(_cluster, e, tools) for e in entries]
    done, _late = wait(jobs, timeout=tools.deadline_s)
    for job, entry in zip(jobs, entries, strict=True):
        checks.append(job.result() if job in done else Check(entry.name, False, Said("did not answer in time")))
    return _tell(checks)


def _tell(checks: list[Check]) -> Answer:
    bad = [c for c in checks if not c.ok]
    lines = tuple(
        Said("ok · {name}: {says}", name=c.name, says=c.says)
        if c.ok
        else Said("MISSING · {name}: {says}", name=c.name, says=c.says)
        for c in checks
    )
    parts: list[Part] = [Bullets(lines)]
    for check in bad:
        if check.hint:
            parts.append(Text(Said("{name}: {hint}", name=check.name, hint=check.hint)))
        if check.command:
            parts.append(Code(check.command))
    data = {"checks": [{"name": c.name, "ok": c.ok, "says": c.says, "hint": c.hint} for c in checks]}
    if not checks:
        return Answer(Said("There is nothing that I could check: you may see no cluster."), Tone.UNSURE, data=data)
    if not bad:
        return Answer(Said("All is well: {n:|check|checks}.", n=len(checks)), Tone.CLEAN, tuple(parts), data=data)
    headline = Said("{bad} of {n} checks found something missing.", bad=len(bad), n=len(checks))
    return Answer(headline, Tone.FAILED, tuple(parts), data=data)


def _cluster(entry: ClusterEntry, tools: Tools) -> Check:
    """Whether a cluster answers and lets us read what the detectors read."""
    try:
        kube = tools.fleet.open(entry.name)
        major, minor = kube.version()
        kinds = [k for k in KINDS.values() if k not in _UNREAD]
        missing = [k for k in kinds if not kube.may("list", k)]
        logs = kube.may("get", Pod, subresource="log")
    except IntegrationError as error:
        return Check(entry.name, False, error.says, error.hint)
    version = f"{major}.{minor}"
    if not missing and logs:
        return Check(entry.name, True, Said("Kubernetes {version}, every right is there", version=version))
    names = [k.RESOURCE.spoken for k in missing] + ([] if logs else ["pods/log"])
    grave = any(k in missing for k in _ESSENTIAL)
    says = (
        Said("Kubernetes {version}; without these little can be told: {names}", version=version, names=", ".join(names))
        if grave
        else Said("Kubernetes {version}; may not read {names}", version=version, names=", ".join(names))
    )
    hint = Said("Let an administrator of {cluster} apply deploy/rbac.yaml, or add these rules:", cluster=entry.name)
    return Check(entry.name, False, says, hint, _rules(missing, logs))


def _rules(missing: list[type[Object]], logs: bool) -> str:
    """The rules of a ClusterRole that grant what is missing."""
    groups: dict[str, list[str]] = {}
    for kind in missing:
        groups.setdefault(kind.RESOURCE.group, []).append(kind.RESOURCE.plural)
    lines = [
        f'- apiGroups: ["{group}"]\n  resources: [{", ".join(sorted(plurals))}]\n  verbs: [get, list]'
        for group, plurals in sorted(groups.items())
    ]
    if not logs:
        lines.append('- apiGroups: [""]\n  resources: [pods/log]\n  verbs: [get]')
    return "\n".join(lines)
