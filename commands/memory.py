"""Answers from the journal what the live objects cannot tell any more, and says so; without a record, no cause."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from commands.dialogue import Answer, Bullets, Offer, Part, Request, Text, Tone
from commands.premise import AROUND, BEFORE, correct
from commands.telling import Look, tell_cause, tell_clean
from commands.tools import Journal, Tools
from knowledge.diagnosis import examine
from knowledge.facts.history import Turn, history
from knowledge.facts.watching import Watch
from knowledge.finding import Ref
from knowledge.journal import LOG, Record
from knowledge.objects import Event, Pod
from knowledge.reading.question import Question, Topic
from knowledge.relations import settings_of
from knowledge.remembered import (
    Incident,
    as_of,
    event_about,
    incidents,
    nearest,
    node_changed,
    proof,
    removed_by,
    settings_changed,
)
from knowledge.said import Said
from knowledge.snapshot import Snapshot

_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "ReplicaSet", "Pod")
_TOPICS = (
    *(Topic.RESTART, Topic.MISSING, Topic.OTHER, Topic.ROLLOUT, Topic.SCALING),
    *(Topic.HEALTH, Topic.ERRORS, Topic.NOT_STARTING, Topic.LOG),
)
_LATELY = (Topic.RESTART, Topic.MISSING)
ENDS_LATELY = timedelta(days=7)
"""A question that names no time means an end of this age at most,"""
REMOVED_LATELY = timedelta(days=1)
"""or a pod that was removed so long ago at most."""
EVENTS_LIVE = timedelta(hours=1)
"""So long, unless it was told otherwise, a cluster keeps the events about an end."""
_SAME = timedelta(seconds=60)
"""Two ends nearer to each other than this are equally near to what was asked."""
NAMES = 4


@dataclass(frozen=True)
class Asked:
    """What the live side of a question came to. ``silent``: clusters that could not be asked; ``near``: nothing has
    that name, and something has nearly it. ``healthy`` tells how a workload is now."""

    clusters: tuple[str, ...]
    looks: tuple[Look, ...]
    silent: tuple[str, ...]
    near: bool
    healthy: Callable[[Look], Said]


@dataclass(frozen=True)
class _Memory:
    """What the journal holds of one workload."""

    cluster: str
    workload: Ref
    records: tuple[Record, ...]
    found: tuple[Incident, ...]
    look: Look | None


def remembered(request: Request, question: Question, tools: Tools, asked: Asked) -> Answer | None:
    """The answer from the journal, or ``None`` where the live objects answer by themselves."""
    journal = tools.journal
    when = time_of(request, question)
    lately = when is None and (question.topic in _LATELY or bool(asked.silent))
    if journal is None or question.topic not in _TOPICS or (when is None and not lately):
        return None
    memories = [m for cluster in asked.clusters for m in _memories(journal, cluster, question, request, asked)]
    chosen = [(m, i) for m in memories if (i := _chosen(m, when, request)) is not None and not _settled(m, i, when)]
    told = [look for look in asked.looks if look.headline and correct(look, question, request.about) is None]
    if any(not any(look is m.look for m, _i in chosen) for look in told):
        return None  # somebody else is in trouble now, or was at that time, and the living objects say so
    if len({(m.cluster, m.workload.namespace) for m, _i in chosen}) > 1:
        return _which(request, chosen)
    if chosen:
        return _tell(*chosen[0], journal, tools, asked, when)
    if when is None or any(_chosen(m, when, request) for m in memories):
        return None
    return _without(request, question, journal, asked, memories, when)


def time_of(request: Request, question: Question) -> tuple[datetime, datetime] | None:
    if question.when:
        return question.when.start, question.when.end
    return (request.about, request.about) if request.about else None


def _memories(journal: Journal, cluster: str, question: Question, request: Request, asked: Asked) -> Iterator[_Memory]:
    """What is remembered of each workload that the question means: of that very name and no other."""
    namespaces = (request.namespace,) if request.namespace else question.namespaces
    looks = [look for look in asked.looks if look.cluster == cluster and look.about]
    for look in looks:
        subject = _subject(look)
        if subject:
            yield from _of(journal, cluster, (f"{subject.kind}/{subject.name}",), (), subject.namespace, question, look)
    if not looks:
        names = [n for n in question.names if n not in namespaces][:NAMES]
        workloads = [f"{kind}/{name}" for name in names for kind in _KINDS]
        pods = (*(p.name for p in question.pods), *names)
        for pod in question.pods:
            workloads += [f"{kind}/{pod.workload}" for kind in _KINDS if pod.certain]
        for namespace in namespaces or ("",):
            yield from _of(journal, cluster, workloads, pods, namespace, question, None)


def _subject(look: Look) -> Ref | None:
    """The workload that a look is at."""
    workloads = [ref for ref in look.about if ref.kind in _KINDS]
    return next((ref for ref in workloads if ref.kind in ("Deployment", "StatefulSet", "DaemonSet", "CronJob")),
                workloads[-1] if workloads else None)  # fmt: skip


def _of(
    journal: Journal,
    cluster: str,
    workloads: Sequence[str],
    pods: Sequence[str],
    namespace: str,
    question: Question,
    look: Look | None,
) -> Iterator[_Memory]:
    if not (workloads or pods):
        return
    records = journal.journal_recall(cluster, namespace=namespace, workloads=workloads, pods=pods)
    tops = dict.fromkeys((r.namespace, r.workload) for r in records if r.kind in ("Pod", *_KINDS) and r.workload)
    for place, workload in tops:
        kind, _, name = workload.partition("/")
        whole = journal.journal_recall(cluster, namespace=place, workloads=[workload])
        found = incidents(whole)
        named = {pod.name for pod in question.pods}
        exactly = tuple(i for i in found if i.pod in named)
        yield _Memory(cluster, Ref(kind, place, name), tuple(whole), exactly or found, look)


def _chosen(memory: _Memory, when: tuple[datetime, datetime] | None, request: Request) -> Incident | None:
    """The incident that is meant: the nearest to the time asked about, or the last one of late."""
    if when is None:
        late = [
            i
            for i in memory.found
            if request.at - i.at <= (ENDS_LATELY if i.turn is Turn.RESTARTED else REMOVED_LATELY)
        ]
        return late[-1] if late else None
    near = nearest(memory.found, *when, AROUND)
    if near is None and request.about:
        near = nearest(memory.found, when[0] - BEFORE, when[1], timedelta(0))
    return near


def _settled(memory: _Memory, incident: Incident, when: tuple[datetime, datetime] | None) -> bool:
    """Whether the live objects tell the same, or something nearer to the time asked about, by themselves."""
    look = memory.look
    if look is None or look.headline is None:
        return False
    live = [h.at for h in history(look.seen, memory.workload) if h.turn in (Turn.RESTARTED, Turn.REMOVED)]
    if not live:
        return False
    if when is None:
        newest = max(live)
        return newest > incident.at or (newest == incident.at and not _forgotten(look.seen, memory, incident))
    here = min(max(when[0] - at, at - when[1], timedelta(0)) for at in live)
    mine = incident.distance(*when)
    if here > AROUND or here > mine + _SAME:
        return False
    return here < mine - _SAME or not _forgotten(look.seen, memory, incident)


def _forgotten(live: Snapshot, memory: _Memory, incident: Incident) -> bool:
    """Whether the journal holds an event or a log about it that the cluster has lost since."""
    uid = incident.record.uid
    if incident.turn is Turn.RESTARTED and live.now - incident.at > EVENTS_LIVE:
        return True
    there = {event.metadata.name for event in live.all(Event)}
    logged = {key.uid for key in live.logs}
    for record in memory.records:
        if record.kind == LOG and record.at == incident.at and record.uid.startswith(f"{uid}/") and uid not in logged:
            return True
        if record.kind == "Event" and record.name not in there and event_about(record) == uid:
            return True
    return False


def _tell(
    memory: _Memory,
    incident: Incident,
    journal: Journal,
    tools: Tools,
    asked: Asked,
    when: tuple[datetime, datetime] | None,
) -> Answer:
    """The same detectors over the cluster as it was then, so that the same sentences tell the cause."""
    nodes = {r.node for r in memory.records if r.kind == "Pod" and r.node}
    more = journal.journal_recall(memory.cluster, nodes=nodes, on_nodes={incident.record.node} - {""})
    records = list({(r.key, r.seen): r for r in (*memory.records, *more)}.values())
    seen = as_of(memory.cluster, records, incident.moment, incident.at)
    pod = Ref("Pod", memory.workload.namespace, incident.pod)
    about = (memory.workload, pod) if seen.find(pod) else (memory.workload,)
    look = Look(memory.cluster, about, seen, examine(tools.detectors.values(), seen, about))
    source = _source(incident)
    notes = [
        *_settings(journal, memory, incident),
        *node_changed(records, incident.record.node, incident.at),
        *missed(memory.cluster, journal.journal_watch(memory.cluster), incident.began, incident.at),
        *_now(memory, asked),
    ]
    if look.headline and (incident.turn is Turn.RESTARTED or _about_the_pod(look, incident)):
        answer = tell_cause(look, notes)
        parts: tuple[Part, ...] = (Text(source), *answer.parts)
    else:
        says, sure = removed_by(seen, memory.workload, incident, records)
        answer = tell_clean(look, Said("{name}: {what}.", name=memory.workload.name, what=says), notes, proof(incident))
        answer = replace(answer, tone=Tone.FOUND if sure else Tone.UNSURE)
        parts = (Text(source), *answer.parts)
    return replace(
        answer, parts=parts, data={**answer.data, "source": "journal", "recorded": incident.moment.isoformat()}
    )


def _about_the_pod(look: Look, incident: Incident) -> bool:
    """Whether the headline is about the end of the pod, not about some other trouble of its workload."""
    cause = look.headline
    if cause is None:
        return False
    times = [f.at for f in (cause.finding, *cause.explains) if f.at]
    pods = [pod.name for f in (cause.finding, *cause.explains) for pod in f.pods]
    return incident.pod in pods or any(incident.began - AROUND <= at <= incident.at + AROUND for at in times)


def _source(incident: Incident) -> Said:
    if incident.exact and incident.began == incident.at:
        return Said("From the journal: it happened at {at}, recorded by the visit at {seen}.",
                    at=incident.at, seen=incident.moment)  # fmt: skip
    return Said("From the journal: it happened between {began} and {at}, recorded by the visit at {seen}.",
                began=incident.began, at=incident.at, seen=incident.moment)  # fmt: skip


def _settings(journal: Journal, memory: _Memory, incident: Incident) -> list[Said]:
    """ConfigMaps and Secrets of the pod that changed shortly before."""
    pod = incident.record.thing()
    if not isinstance(pod, Pod):
        return []
    from_then = journal.journal_recall(
        memory.cluster,
        namespace=memory.workload.namespace,
        settings=[name for _kind, name in settings_of(pod.spec)],
    )
    return list(settings_changed(from_then, pod, incident.at))


def missed(cluster: str, watch: Watch | None, start: datetime, end: datetime) -> list[Said]:
    """Gaps near a time: something may have been missed there."""
    told = []
    for gap in watch.near(start, end) if watch else ():
        if gap.until:
            says = Said("From {since} to {until} the journal did not see {cluster} ({code}): something may be missing.",
                        cluster=cluster, since=gap.since, until=gap.until, code=gap.code)  # fmt: skip
        else:
            says = Said("The journal has not been able to visit {cluster} since {since} ({code}).",
                        cluster=cluster, since=gap.since, code=gap.code)  # fmt: skip
        told.append(says)
    return told


def _now(memory: _Memory, asked: Asked) -> list[Said]:
    """How it is now, as far as the cluster says so."""
    if memory.cluster in asked.silent:
        return [Said("{cluster} cannot be asked now: this is from the journal alone.", cluster=memory.cluster)]
    if memory.look is None:
        return [Said("{name} is not there any more: this is from the journal alone.", name=memory.workload.name)]
    if memory.look.headline:
        return [Said("Now: {claim}", claim=memory.look.headline.finding.says)]
    return [Said("Now: {claim}", claim=asked.healthy(memory.look))]


def _which(request: Request, chosen: Sequence[tuple[_Memory, Incident]]) -> Answer:
    """The journal remembers something of that name then in several places."""
    words = request.args["question"]
    lines, offers = [], []
    for memory, incident in chosen:
        place = f"{memory.cluster}/{memory.workload.namespace}"
        lines.append(Said("{place}: {pod} at {at}", place=place, pod=incident.pod, at=incident.at))
        narrowed = f"ask {words} (cluster {memory.cluster}, namespace {memory.workload.namespace})"
        offers.append(Offer(Said("{cluster}", cluster=place), narrowed))
    headline = Said("The journal remembers that of {n} places. Which one do you mean?", n=len(offers))
    return Answer(headline, Tone.ASK, (Bullets(tuple(lines)),), tuple(dict.fromkeys(offers)))


def _without(
    request: Request,
    question: Question,
    journal: Journal,
    asked: Asked,
    memories: Sequence[_Memory],
    when: tuple[datetime, datetime],
) -> Answer | None:
    """No record of that time: what was watched decides between "nothing happened" and "nobody can tell"."""
    look = next((look for look in asked.looks if look.about), None)
    if look is None and (asked.near or not (question.names or question.pods)):
        return None
    cluster = look.cluster if look else (*(m.cluster for m in memories), *asked.silent, *asked.clusters)[0]
    subject = (_subject(look) if look else None) or (memories[0].workload if memories else None)
    name = subject.name if subject else (*(p.name for p in question.pods), *question.names)[0]
    premise = correct(look, question, request.about) if look else None
    watch = journal.journal_watch(cluster)
    notes = missed(cluster, watch, *when)
    watched = watch is not None and watch.watched(when[0]) and watch.watched(min(when[1], request.at))
    nothing = Said("Nothing was recorded of {name} at {when}, while the journal was watching {cluster}.",
                   name=name, when=when[0], cluster=cluster)  # fmt: skip
    if look and (premise is None or premise.sure):
        if premise is None or not (watched or notes):
            return None
        told = [nothing] if watched else []
        return tell_clean(look, premise.says, [*told, *notes, *premise.notes], premise.proof)
    silent = [Said("{cluster} cannot be asked now.", cluster=cluster)] if cluster in asked.silent else []
    if look:
        claim = look.headline.finding.says if look.headline else asked.healthy(look)
        notes = [*notes, Said("Now: {claim}", claim=claim)]
    headline = nothing if watched else unknown(name, when[0], cluster, watch)
    if look is None:
        return Answer(headline, Tone.UNSURE, (Bullets((*silent, *notes)),) if silent or notes else ())
    return tell_clean(look, headline, notes, sure=watched and not look.headline)


def unknown(name: str, when: datetime, cluster: str, watch: Watch | None) -> Said:
    """Why nobody can tell."""
    values: dict[str, str | datetime] = {"name": name, "when": when, "cluster": cluster}
    if watch is None or watch.since is None or watch.kept_since is None:
        return Said(
            "I cannot tell what happened to {name} at {when}: the journal has never visited {cluster}.", **values
        )
    if when < watch.kept_since:
        return Said(
            "I cannot tell what happened to {name} at {when}: the journal has watched {cluster} only since {since}.",
            **values,
            since=watch.kept_since,
        )
    return Said(
        "I cannot tell what happened to {name} at {when}: the journal did not watch {cluster} then, its last visit was "
        "at {last}.",
        **values,
        last=watch.last,
    )
