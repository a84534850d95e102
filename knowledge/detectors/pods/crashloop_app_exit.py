"""A program that starts and then ends by itself with an error, again and again.

The pause between the attempts (CrashLoopBackOff) is not the fault: the first error in its log is.
"""

from collections.abc import Iterator, Mapping

from knowledge.detector import Detector
from knowledge.facts.dependency import dependency_refs
from knowledge.facts.exit_codes import meaning
from knowledge.facts.log_facts import LogFact
from knowledge.facts.log_patterns import FactKind
from knowledge.facts.restart import Manner
from knowledge.facts.runs import (
    Group,
    change_proof,
    facts_of,
    groups,
    last_words,
    lead_of,
    proof_of,
    remedies_of,
    state_of,
    told_since,
)
from knowledge.finding import Confidence, Consent, Finding, Remedy, Severity
from knowledge.objects import Event, Pod, ReplicaSet, Service
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-crashloop-app-exit",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event, ReplicaSet, Service),
    logs=True,
    hides=("pod-container-restarted",),
)

_REASONS: Mapping[FactKind, Said] = {
    FactKind.REFUSED: Said("something that it needs refused the connection"),
    FactKind.TIMED_OUT: Said("something that it needs did not answer in time"),
    FactKind.NO_SUCH_HOST: Said("a host name that it needs does not resolve"),
    FactKind.AUTH_REFUSED: Said("its credentials were refused"),
    FactKind.READ_ONLY: Said("what it writes to is read-only"),
    FactKind.EXHAUSTED: Said("what it depends on takes no more connections"),
    FactKind.NOT_READY: Said("what it depends on is not ready"),
    FactKind.UPSTREAM: Said("a server that it asked answered with an error"),
    FactKind.RBAC: Said("the Kubernetes API forbids what it wants to do"),
    FactKind.CERTIFICATE: Said("a certificate is not accepted"),
    FactKind.ADDRESS_IN_USE: Said("the port that it wants is taken"),
    FactKind.PERMISSION: Said("it lacks a permission"),
    FactKind.READ_ONLY_FS: Said("it writes to a read-only file system"),
    FactKind.NO_SPACE: Said("a disk is full"),
    FactKind.OUT_OF_MEMORY: Said("its own heap is full"),
    FactKind.MISSING_SETTING: Said("a setting is missing"),
    FactKind.BAD_SETTING: Said("a setting has a wrong value"),
    FactKind.BAD_FLAG: Said("it does not know an argument that it is given"),
    FactKind.BAD_CONFIG: Said("its configuration cannot be read"),
    FactKind.MISSING_FILE: Said("a file is missing"),
    FactKind.MIGRATION: Said("a database migration fails or is missing"),
    FactKind.LICENSE: Said("its license is not accepted"),
    FactKind.DEADLOCK: Said("it is in a deadlock"),
}


def detect(seen: Snapshot) -> Iterator[Finding]:
    for group in groups(seen, Manner.EXITED):
        yield _finding(seen, group, lead_of(seen, group.first))


def _finding(seen: Snapshot, group: Group, fact: LogFact | None) -> Finding:
    run = group.first
    dependencies = [ref for f in facts_of(seen, run) for ref in dependency_refs(seen, run.pod, f)]
    return Finding(
        DETECTOR,
        group.workload,
        told_since(seen, group, _says(seen, group, fact)),
        Confidence.PROVEN if fact else Confidence.LIKELY,
        evidence=(*proof_of(run, fact), *change_proof(seen, group)),
        why=Said(
            "The program stops by itself with exit code {code} ({meaning}), and Kubernetes starts it again after a "
            "pause that grows up to five minutes (CrashLoopBackOff). The pause is not the fault: the first error in "
            "its log is.",
            code=run.end.exit_code,
            meaning=meaning(run.end.exit_code),
        ),
        remedies=(*_mending(group, fact), *remedies_of(seen, group)),
        because=tuple(dict.fromkeys(dependencies)),
        pods=group.pods,
        discriminator=group.container,
        at=run.at,
    )


def _says(seen: Snapshot, group: Group, fact: LogFact | None) -> Said:
    run = group.first
    if fact is None:
        words = last_words(seen, run)
        if words:
            return Said(
                "{workload} crashes by itself ({state}); the last line of its log is `{line}`.",
                workload=group.name,
                state=state_of(run),
                line=words,
            )
        return Said(
            "{workload} crashes by itself ({state}); the log of the run that ended was not there to read.",
            workload=group.name,
            state=state_of(run),
        )
    reason = _REASONS.get(fact.kind)
    if reason:
        return Said(
            "{workload} crashes ({state}) because {reason}: its log says `{line}`.",
            workload=group.name,
            state=state_of(run),
            reason=reason,
            line=quoted(fact.line),
        )
    return Said(
        "{workload} crashes by an error of its own ({state}): its log says `{line}`.",
        workload=group.name,
        state=state_of(run),
        line=quoted(fact.line),
    )


def _mending(group: Group, fact: LogFact | None) -> Iterator[Remedy]:
    workload = group.workload
    if fact and fact.kind is FactKind.MISSING_SETTING and fact.name.isupper():
        yield Remedy(
            Said("Set {name} in the pod template, from a ConfigMap or a Secret.", name=fact.name),
            f"kubectl -n {workload.namespace} set env {workload.kind.lower()}/{workload.name} "
            f"-c {group.container} {fact.name}=<value>",
            Consent.ASK,
        )
