"""What the journal remembers of a node at the time asked about: how it changed, and what was recorded of it."""

from collections.abc import Sequence
from datetime import datetime

from commands.dialogue import Answer, Bullets, Part, Proof, Request, Text, Tone
from commands.memory import Asked, missed, time_of, unknown
from commands.premise import AROUND
from commands.tools import Journal, Tools
from knowledge.finding import Evidence, event_of
from knowledge.journal import Record
from knowledge.reading.question import Question
from knowledge.remembered import node_changes, node_events
from knowledge.said import Said

NAMES = 4
SHOWN = 8


def remembered_node(request: Request, question: Question, tools: Tools, asked: Asked) -> Answer | None:
    """The answer about a node and a time of the past; ``None`` where no node and no time is asked about."""
    when = time_of(request, question)
    if tools.journal is None or when is None:
        return None
    for cluster in asked.clusters:
        for name in _names(cluster, question, asked):
            records = tools.journal.journal_recall(cluster, nodes=(name,))
            if any(record.kind == "Node" for record in records):
                return _tell(cluster, name, records, when, request, tools.journal, asked)
    return None


def _names(cluster: str, question: Question, asked: Asked) -> tuple[str, ...]:
    """The nodes that are asked about; where nothing was found, what may have been one."""
    looks = [look for look in asked.looks if look.cluster == cluster]
    subjects = [look.subject for look in looks if look.subject]
    if subjects:
        return tuple(subject.name for subject in subjects if subject.kind == "Node")
    return () if looks else question.names[:NAMES]


def _tell(
    cluster: str,
    name: str,
    records: Sequence[Record],
    when: tuple[datetime, datetime],
    request: Request,
    journal: Journal,
    asked: Asked,
) -> Answer:
    start, end = when[0] - AROUND, min(when[1] + AROUND, request.at)
    changes = [(at, what) for at, what in node_changes(records, name) if start <= at <= end]
    events = [(at, event) for at, event in node_events(records, name) if start <= at <= end]
    notes = [*missed(cluster, journal.journal_watch(cluster), *when), *_now(cluster, asked)]
    source = Text(Said("From the journal:"))
    if not (changes or events):
        watch = journal.journal_watch(cluster)
        watched = watch is not None and watch.watched(when[0]) and watch.watched(min(when[1], request.at))
        nothing = Said("Nothing was recorded of {name} at {when}, while the journal was watching {cluster}.",
                       name=name, when=when[0], cluster=cluster)  # fmt: skip
        headline = nothing if watched else unknown(name, when[0], cluster, watch)
        return Answer(headline, Tone.CLEAN if watched else Tone.UNSURE, (Bullets(tuple(notes)),) if notes else ())
    recorded = [(at, Said("event {reason}", reason=event.reason)) for at, event in events]
    told = sorted([*changes, *recorded], key=lambda one: one[0])
    first, last = told[0][0], told[-1][0]
    headline = Said(
        "Node {node} between {first} and {last}: {what}.",
        node=name,
        first=first,
        last=last,
        what=tuple(dict.fromkeys(what for _at, what in told))[:3],
    )
    parts: list[Part] = [source, Bullets(tuple(Said("{at}: {what}", at=at, what=what) for at, what in told[:SHOWN]))]
    if notes:
        parts.append(Bullets(tuple(notes)))
    proof: tuple[Evidence, ...] = tuple(event_of(event) for _at, event in events[:SHOWN])
    if proof:
        parts.append(Proof(proof, Said("Proof")))
    return Answer(headline, Tone.FOUND, tuple(parts), data={"source": "journal", "cluster": cluster})


def _now(cluster: str, asked: Asked) -> list[Said]:
    if cluster in asked.silent:
        return [Said("{cluster} cannot be asked now: this is from the journal alone.", cluster=cluster)]
    for look in asked.looks:
        if look.cluster == cluster and look.subject:
            claim = look.headline.finding.says if look.headline else asked.healthy(look)
            return [Said("Now: {claim}", claim=claim)]
    return []
