"""Every connection and right that is needed, checked one by one, with what is missing and how to grant it."""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import fields

from commands.command import Command
from commands.dialogue import Answer, Bullets, Code, Part, Request, Text, Tone
from commands.places import places
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
    try:
        entries = [e for e in tools.fleet.clusters() if tools.may_see(e, "") and wanted in ("", e.name)]
    except IntegrationError as error:
        if wanted:
            raise
        return _tell([*checks, Check("clusters", False, error.says, error.hint)])
    if wanted and not entries:
        tools.fleet.open(wanted)  # an unknown name raises, with near names
    return _tell([*checks, *_of_clusters(entries, tools)])


def _of_clusters(entries: Sequence[ClusterEntry], tools: Tools) -> list[Check]:
    """All at the same time; one that does not answer holds up no other."""
    names = {tools.pool.submit(_cluster, entry, tools): entry.name for entry in entries}
    ends = tools.clock() + tools.deadline_s
    done: set[Future[Check]] = set()
    while len(done) < len(names) and tools.clock() < ends:
        tools.progress(len(done), len(names), ", ".join(name for job, name in names.items() if job not in done)[:60])
        done |= wait(names.keys() - done, ends - tools.clock(), FIRST_COMPLETED).done
    late = Said("did not answer in time")
    return [job.result() if job in done else Check(name, False, late) for job, name in names.items()]


def _tell(checks: Sequence[Check]) -> Answer:
    bad = [c for c in checks if not c.ok]
    parts: list[Part] = [Bullets(tuple(_line(c) for c in checks))]
    for check in checks:
        if check.hint:
            parts.append(Text(Said("{name}: {hint}", name=check.name, hint=check.hint)))
        if check.command:
            parts.append(Code(check.command))
    data = {"checks": [{f.name: getattr(c, f.name) for f in fields(c)} for c in checks]}
    if not checks:
        return Answer(Said("There is nothing that I could check: you may see no cluster."), Tone.UNSURE, data=data)
    if not bad:
        return Answer(Said("All is well: {n:|check|checks}.", n=len(checks)), Tone.CLEAN, tuple(parts), data=data)
    headline = Said("{bad} of {n} checks found something missing.", bad=len(bad), n=len(checks))
    return Answer(headline, Tone.FAILED, tuple(parts), data=data)


def _line(check: Check) -> Said:
    if not check.ok:
        return Said("MISSING · {name}: {says}", name=check.name, says=check.says)
    if check.hint:
        return Said("NOTE · {name}: {says}", name=check.name, says=check.says)
    return Said("ok · {name}: {says}", name=check.name, says=check.says)


def _cluster(entry: ClusterEntry, tools: Tools) -> Check:
    """Whether a cluster answers and lets us read what the detectors read."""
    try:
        kube = tools.fleet.open(entry.name)
        major, minor = kube.version()
        kinds = [k for k in KINDS.values() if k not in _UNREAD]
        missing = [k for k in kinds if not kube.may("list", k)]
        logs = kube.may("get", Pod, subresource="log")
        mine = tuple(n for n in places(kube) if kube.may("list", Pod, n)) if Pod in missing else ()
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
    if mine:
        says = Said("Kubernetes {version}; may read only in {namespaces}: not in the whole cluster {names}",
                    version=version, namespaces=mine, names=", ".join(names))  # fmt: skip
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
