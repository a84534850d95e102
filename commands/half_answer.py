"""The half of a ticket's answer that needs no person: findings on exactly what it names, known issues, what was asked
before, and what could not be checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from commands.dialogue import Answer, Bullets, Code, Part, Request, Text, Tone
from commands.inquiry import ASKED_AT_ONCE, View, ask_all, chosen, looked_up
from commands.tools import ClusterEntry, Tools
from integrations.errors import IntegrationError
from knowledge.reading.question import Question, Scope
from knowledge.reading.question import read as question_of
from knowledge.reading.ticket import Ticket as Reading
from knowledge.reading.ticket_asks import Kind
from knowledge.reading.ticket_form import fields_of, plain
from knowledge.said import Said
from knowledge.search import Match, known
from knowledge.secrets.redaction import redact
from knowledge.tickets.life import Ticket

_ISSUES = 3
_SURE = 0.5
"""So well a known issue must fit to be the answer by itself; below it is only named."""
_LOOKED = frozenset({Tone.FOUND, Tone.CLEAN})


@dataclass(frozen=True)
class Half:
    """``helps``: there is something to say, so that it is the asker's turn. ``asks``: it is asked back."""

    headline: Said
    tone: Tone
    parts: tuple[Part, ...]
    about: Mapping[str, str]
    data: Mapping[str, object]
    helps: bool


def half_answer(ticket: Ticket, reading: Reading, hidden: Sequence[str], request: Request, tools: Tools) -> Half:
    """``hidden``: clusters that the ticket names and its asker may not ask about, as they were written."""
    looks = _look(ticket.text, reading, request, tools) if _is_to_look(reading) else []
    matches = known(_bare(ticket.text), tools.library.index(), _ISSUES)
    if tools.shelf and matches:
        tools.shelf.issues_seen([matches[0].issue.id], request.at)
    sure = bool(matches) and matches[0].score >= _SURE
    parts: list[Part] = []
    if len(looks) > 1:
        parts.append(Bullets(tuple(_one_line(name, answer) for name, answer in looks), Said("Cluster by cluster")))
    best = _best(looks)
    if best:
        parts += best.parts
    parts += _known(_ranked(matches, best), best is None and sure and reading.kind is not Kind.REQUEST)
    parts += _before(ticket, request, tools)
    parts += _unchecked(reading, hidden, looks, str(ticket.about.get("files") or ""))
    found = bool(best and best.tone in _LOOKED)
    headline, tone = _headline(reading.kind, best, matches if sure else ())
    about = best.about if best and best.about else {"cluster": reading.clusters[0]} if reading.clusters else {}
    data = dict(best.data) if best else {}
    data["known"] = [{"id": m.issue.id, "title": m.issue.title, "score": round(m.score, 3)} for m in matches]
    helps = found or sure or bool(best and best.tone is Tone.ASK)
    return Half(headline, tone, tuple(parts), about, data, helps)


def readable(ticket: Ticket, request: Request, tools: Tools, clusters: Mapping[str, ClusterEntry]) -> bool:
    """Whether somebody may read a ticket: their own, all of them for those who work on tickets, else those that were
    posted openly and name no cluster that this person may not ask about."""
    asker = request.asker
    if request.place.face in ("terminal", "clock") or ticket.concerns(asker.id):
        return True
    if tools.desk.works_here(asker.id, asker.email, asker.groups):
        return True
    if ticket.direct or (ticket.channel not in tools.desk.channels and ticket.channel != request.place.channel):
        return False
    return all(name in clusters and tools.may_see(clusters[name], "") for name in ticket.clusters)


def _is_to_look(reading: Reading) -> bool:
    """A question of policy and a request are not answered by what a cluster looks like just now."""
    if reading.kind is Kind.QUESTION:
        return bool(reading.pods or (reading.workloads and reading.error_lines))
    return reading.kind is Kind.PROBLEM


def _look(text: str, reading: Reading, request: Request, tools: Tools) -> list[tuple[str, Answer]]:
    """What each named cluster has to say; where none is named, what all of them say together."""
    bare = _bare(text)
    entries = [e for e in tools.fleet.clusters() if any(tools.may_see(e, n) for n in ("", *reading.namespaces))]
    question = _question(bare, reading, request, [e.name for e in entries])
    asker = replace(request.asker, name=reading.account or request.asker.name)
    asked = replace(request, asker=asker, args={"question": bare}, context={})
    named = [e for name in reading.clusters for e in entries if e.name == name][:ASKED_AT_ONCE]
    found = named or chosen(asked, question, entries)
    if isinstance(found, Answer):
        return [("", replace(found, offers=()))]
    question, views = _seen(found, asked, question, reading, tools)
    if not named:
        return [("", _told(asked, question, views, tools))]
    return [(view.cluster, _told(asked, question, (view,), tools)) for view in views]


def _seen(
    entries: Sequence[ClusterEntry], asked: Request, question: Question, reading: Reading, tools: Tools
) -> tuple[Question, Sequence[View]]:
    """What the clusters show. A word that was only taken for a name, and names nothing there, is let go of."""
    views = ask_all(entries, asked, question, tools)
    if reading.workloads or reading.pods or not question.names or any(view.looks or view.error for view in views):
        return question, views
    scope = Scope.NAMESPACE if reading.namespaces else Scope.CLUSTER
    question = replace(question, names=(), hosts=(), scope=scope)
    return question, ask_all(entries, asked, question, tools)


def _bare(text: str) -> str:
    """The writer's own words, without the headings of a form."""
    return fields_of(redact(plain(text)), frozenset()).text


def _told(request: Request, question: Question, views: Sequence[View], tools: Tools) -> Answer:
    """What began some time ago and lasts is told as it is now, when nobody saw how it began."""
    answer = looked_up(request, question, views, tools)
    lasts = question.when is not None and question.when.start < request.at <= question.when.end
    if answer.tone is Tone.UNSURE and lasts:
        now = looked_up(request, replace(question, when=None), views, tools)
        answer = now if now.tone is Tone.FOUND else answer
    return replace(answer, offers=())


def _question(text: str, reading: Reading, request: Request, clusters: Sequence[str]) -> Question:
    """The ticket as a question: what the reader of tickets is sure of goes before what a free question may mean."""
    free = question_of(text, now=request.at, zone=request.asker.zone, clusters=clusters)
    names = reading.workloads or (() if reading.pods else reading.nodes or free.names)
    scope = Scope.WORKLOAD if names or reading.pods else Scope.NAMESPACE if reading.namespaces else Scope.CLUSTER
    return replace(
        free,
        clusters=reading.clusters,
        cluster_candidates=reading.cluster_candidates,
        unknown_clusters=reading.unknown_clusters,
        namespaces=reading.namespaces,
        names=names,
        pods=tuple(pod for pod in free.pods if pod.name in reading.pods),
        hosts=free.hosts if names else (),
        when=reading.times[-1] if reading.times else free.when,
        scope=scope,
        follow_up=False,
    )


def _best(looks: Sequence[tuple[str, Answer]]) -> Answer | None:
    """The answer that is told in full: the first that found something, else the first."""
    return next((a for _, a in looks if a.tone is Tone.FOUND), looks[0][1] if looks else None)


def _one_line(cluster: str, answer: Answer) -> Said:
    return Said("{cluster}: {claim}", cluster=cluster, claim=answer.headline)


def _headline(kind: Kind, best: Answer | None, matches: Sequence[Match]) -> tuple[Said, Tone]:
    if best:
        return best.headline, best.tone
    if kind is Kind.REQUEST:
        return Said("This is for a person to do: I pass it on."), Tone.INFO
    if matches:
        return Said("Known: {title} ({id})", title=matches[0].issue.title, id=matches[0].issue.id), Tone.FOUND
    return Said("I know no answer to this: I pass it to a person."), Tone.UNSURE


def _ranked(matches: Sequence[Match], best: Answer | None) -> list[tuple[Match, bool]]:
    """What its own check finds here first; what it looked for in vain last, and told so."""
    if best is None or best.tone not in _LOOKED:
        return [(match, False) for match in matches]
    found = {str(f.get("id")) for f in _list(best.data.get("findings"))}
    blind = {str(name) for name in _list(best.data.get("could_not_tell"))}
    clean = {m.issue.id for m in matches if m.issue.detector and m.issue.detector not in found | blind}
    ranked = sorted(matches, key=lambda m: (m.issue.detector not in found, m.issue.id in clean, -m.score))
    return [(match, match.issue.id in clean) for match in ranked]


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _known(matches: Sequence[tuple[Match, bool]], in_full: bool) -> list[Part]:
    """The known issues that fit the words: the surest with what to do, the others by title."""
    if not matches:
        return []
    first = matches[0][0].issue
    parts: list[Part] = []
    if in_full:
        parts.append(Text(Said("{text}", text=first.cause)))
        parts += [Code(line) for line in first.confirm]
        parts.append(Bullets((Said("{text}", text=first.fix),), Said("What to do")))
        told = [_title(match, clean) for match, clean in matches[1:]]
    else:
        fix = Said("{title} ({id}): {fix}", title=first.title, id=first.id, fix=first.fix)
        told = [_title(m, clean) if clean or n else fix for n, (m, clean) in enumerate(matches)]
    if told:
        parts.append(Bullets(tuple(told), Said("Known issues that the words fit")))
    return parts


def _title(match: Match, clean: bool) -> Said:
    issue = match.issue
    if clean:
        return Said("{title} ({id}): its check does not find it here", title=issue.title, id=issue.id)
    return Said("{title} ({id})", title=issue.title, id=issue.id)


def _before(ticket: Ticket, request: Request, tools: Tools) -> list[Part]:
    """Answered tickets that are alike, as far as the asker may read them."""
    if tools.tickets is None:
        return []
    try:
        alike = tools.tickets.tickets_alike(ticket.text, ticket.number)
        entries = {e.name: e for e in tools.fleet.clusters()}
    except IntegrationError:
        return []
    told = tuple(_earlier(t) for t, _ in alike if readable(t, request, tools, entries))
    return [Bullets(told, Said("Asked before"))] if told else []


def _earlier(ticket: Ticket) -> Said:
    if ticket.resolution:
        return Said(
            "#{number} {title}: {resolution}", number=ticket.number, title=ticket.title, resolution=ticket.resolution
        )
    return Said("#{number} {title}", number=ticket.number, title=ticket.title)


def _unchecked(reading: Reading, hidden: Sequence[str], looks: Sequence[tuple[str, Answer]], files: str) -> list[Part]:
    """What the ticket names and was not looked at."""
    strange = dict.fromkeys((*hidden, *reading.unknown_clusters))
    told = [Said("I know no cluster {name} that you may ask about.", name=name) for name in strange]
    if reading.cluster_candidates and not reading.clusters:
        names = ", ".join(reading.cluster_candidates)
        told.append(Said("It is not clear which cluster is meant: {names}?", names=names))
    left = reading.clusters[ASKED_AT_ONCE:] if looks else ()
    if left:
        told.append(Said("Not asked, because so many are named: {names}", names=", ".join(left)))
    if files:
        told.append(Said("Attachments are not read: {names}", names=files))
    return [Bullets(tuple(told), Said("Not looked at"))] if told else []
