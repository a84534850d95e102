"""Which cluster, which object, what is wrong with it, and how sure that is: a question asked of clusters.

``ask`` puts a free question here, a ticket what was read from it.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace

from commands.dialogue import Answer, Bullets, Offer, Pick, Request, Text, Tone
from commands.follow_up import about, lean, special
from commands.locate import Located, locate, refused
from commands.memory import Asked, remembered
from commands.node_memory import remembered_node
from commands.places import exists
from commands.premise import correct
from commands.survey import Survey
from commands.telling import Look, blind, tell_cause, tell_clean, tell_found
from commands.tools import ClusterEntry, Tools
from commands.web_address import unrouted
from integrations.errors import IntegrationError
from knowledge.diagnosis import examine, visible, within
from knowledge.finding import Ref, Severity
from knowledge.objects import (
    CronJob,
    DaemonSet,
    Deployment,
    HorizontalPodAutoscaler,
    Job,
    Node,
    Object,
    Pod,
    PodDisruptionBudget,
    StatefulSet,
)
from knowledge.reading.near import near_names
from knowledge.reading.question import Question, Scope, Topic, read
from knowledge.reading.question_words import NEVER_NAMES
from knowledge.relations import subject_pods
from knowledge.said import Said
from knowledge.snapshot import Gap, Snapshot

ASKED_AT_ONCE = 12
"""Clusters that a question which names none is asked of; with more, the answer asks back."""
CHOICES = 6
NEAR = 4
"""Subjects of nearly the asked name that are looked at: the one that is ill is meant."""
_WORD = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_NETWORK = (Topic.UNREACHABLE, Topic.SLOW, Topic.ERRORS)
_TALK = (*_NETWORK, Topic.LOG)
_DRAINS = (Topic.NODE, Topic.OTHER)
_OF_SOMETHING = (Topic.RESTART, Topic.MISSING, Topic.NOT_STARTING, Topic.ROLLOUT, Topic.SCALING)
"""What happens to one thing: a question about it that names none is told that everything was looked at."""
_SCALES = (Topic.SCALING, Topic.SLOW, Topic.HEALTH, Topic.OTHER)
_ASKS_HOW = (Topic.ROLLOUT, Topic.HEALTH, Topic.OTHER)
"""Asked so, a rollout that went well is good news, not a cause."""
_NEWS = "pod-replaced-by-rollout"
_PAST = (Topic.RESTART, Topic.MISSING, Topic.SCALING, Topic.OTHER)


@dataclass(frozen=True)
class View:
    """What one cluster had to say: looks (one a subject), or near names, or why it could not be asked. ``wide``:
    nothing was named, so that the look is at everything."""

    cluster: str
    looks: tuple[Look, ...] = ()
    located: Located | None = None
    error: IntegrationError | None = None
    late: bool = False
    wide: bool = False


def inquire(request: Request, tools: Tools) -> Answer:
    """The answer to a free question, ``request.args["question"]``."""
    every = tools.fleet.clusters()
    named = _read(request, every).namespaces
    entries = [e for e in every if any(tools.may_see(e, n) for n in ("", request.namespace, *named))]
    question = _read(request, entries)
    request, question = lean(request, question)
    found = chosen(request, question, entries)
    if isinstance(found, Answer):
        return found
    return looked_up(request, question, ask_all(found, request, question, tools), tools)


def looked_up(request: Request, question: Question, views: Sequence[View], tools: Tools) -> Answer:
    """What the clusters' views say, and what the journal adds to them."""
    try:
        told = _remembered(request, question, views, tools)
    except IntegrationError as error:  # our own memory failed: what the clusters say counts all the same
        lost = Bullets((Said("The journal could not be read: {why}", why=error.says),))
        answer = _tell(request, question, views)
        return replace(answer, parts=(*answer.parts, lost))
    return told or _tell(request, question, views)


def _read(request: Request, entries: Sequence[ClusterEntry]) -> Question:
    names = [e.name for e in entries]
    return read(request.args["question"], now=request.at, zone=request.asker.zone, clusters=names)


def _remembered(request: Request, question: Question, views: Sequence[View], tools: Tools) -> Answer | None:
    """What the journal has to say that the live objects cannot tell by themselves."""
    if question.scope in (Scope.CLUSTER, Scope.FLEET):
        return None
    sure = [v for v in views if not _guessed(v)]  # what only resembles the name must not answer for it
    asked = Asked(
        tuple(v.cluster for v in views),
        tuple(look for view in sure for look in view.looks),
        tuple(v.cluster for v in views if v.error or v.late),
        any(v.located and v.located.near for v in views),
        healthy,
    )
    return remembered_node(request, question, tools, asked) or remembered(request, question, tools, asked)


def chosen(request: Request, question: Question, entries: Sequence[ClusterEntry]) -> list[ClusterEntry] | Answer:
    """The clusters to ask: those named, else the asker's own, else (when they are few) all."""
    if not entries:
        return Answer(Said("There is no cluster that you may ask about."), Tone.REFUSED)
    if request.cluster:
        named = [e for e in entries if e.name == request.cluster]
        return named or replace(_unknown(request, request.cluster, entries), tone=Tone.FAILED)
    if question.clusters:
        return [e for name in question.clusters for e in entries if e.name == name]
    if question.cluster_candidates and not (question.names or question.pods or question.namespaces or question.hosts):
        headline = Said("Which cluster do you mean?")
        return Answer(headline, Tone.ASK, offers=_offers(request, question.cluster_candidates))
    if question.unknown_clusters:
        return _unknown(request, question.unknown_clusters[0], entries)
    mine = [e for e in entries if _belongs(e, request)] or list(entries)
    if len(mine) > ASKED_AT_ONCE:
        headline = Said("You have {n} clusters: please name the one you mean.", n=len(mine))
        says = f"ask {request.args['question']} (cluster {{choice}})"
        search = Pick(Said("Cluster"), among="clusters", says=says)
        return Answer(headline, Tone.ASK, (search,), _offers(request, [e.name for e in mine])[:5])
    return mine


def _belongs(entry: ClusterEntry, request: Request) -> bool:
    asker = request.asker
    names = {asker.id, asker.name, asker.email} - {""}
    return entry.owner in names or not names.isdisjoint(entry.members)


def _unknown(request: Request, name: str, entries: Sequence[ClusterEntry]) -> Answer:
    near = near_names(name, [e.name for e in entries], CHOICES)
    words = request.args["question"]
    meant = tuple(Offer(Said("{cluster}", cluster=n), f"ask {words.replace(name, n)} (cluster {n})") for n in near)
    listed = near or tuple(e.name for e in entries[:CHOICES])
    says = Said("Do you mean {names}?", names=listed) if near else Said("Clusters that you may ask about: {names}",
                                                                        names=listed)  # fmt: skip
    return Answer(Said("I know no cluster called {name}.", name=name), Tone.ASK, (Text(says),), meant)


def _offers(request: Request, clusters: Sequence[str]) -> tuple[Offer, ...]:
    words = request.args["question"]
    return tuple(Offer(Said("{cluster}", cluster=name), f"ask {words} (cluster {name})") for name in clusters[:CHOICES])


def ask_all(entries: Sequence[ClusterEntry], request: Request, question: Question, tools: Tools) -> tuple[View, ...]:
    """Ask every cluster at the same time; one that hangs is told and holds up no other."""
    deadline = tools.clock() + tools.deadline_s
    jobs: dict[Future[View], ClusterEntry] = {
        tools.pool.submit(_ask_one, e, request, question, tools, deadline): e for e in entries
    }
    done: set[Future[View]] = set()
    waiting = set(jobs)
    tools.progress(0, len(jobs), "")
    while waiting and tools.clock() < deadline:
        finished, waiting = wait(waiting, timeout=min(1.0, max(0.0, deadline - tools.clock())))
        done |= finished
        tools.progress(len(done), len(jobs), "")
        if waiting and any(view.looks and view.looks[0].headline for view in (j.result() for j in done)):
            # An answer is there: whoever has not even been found by now gets a little longer and no more.
            finished, waiting = wait(waiting, timeout=min(4.0, max(0.0, deadline - tools.clock())))
            done |= finished
            break
    return tuple(job.result() if job in done else View(entry.name, late=True) for job, entry in jobs.items())


def _ask_one(entry: ClusterEntry, request: Request, question: Question, tools: Tools, deadline: float) -> View:
    try:
        kube = tools.fleet.open(entry.name)
        namespaces = (request.namespace,) if request.namespace else question.namespaces
        at = request.about or (question.when.end if question.when else None) or request.at

        def survey() -> Survey:
            return Survey(
                entry.name,
                kube,
                request.at,
                min(at, request.at),
                tools.clock,
                deadline,
                tools.readers,
                network=question.topic in _NETWORK,
                talk=question.topic in _TALK,
                past=question.topic in _PAST,
                drain=question.topic in _DRAINS,
                change=question.about_change or question.topic is Topic.ROLLOUT,
                since=question.when.start if question.when and not request.about else None,
            )

        def may(namespace: str) -> bool:
            return tools.may_see(entry, namespace)

        def judged(seen: Snapshot, about: tuple[Ref, ...]) -> Look:
            told = examine(tools.detectors.values(), seen, about)
            return Look(entry.name, about, seen, told if may("") else visible(told, may))

        def place(namespace: str) -> Look:
            seen = survey().place(namespace)
            spelt = _spelt(seen, request.args["question"], (entry.name, namespace, *namespaces))
            look = judged(seen, _about(seen, spelt, question.topic) if spelt else ())
            if not namespace or spelt:
                return look
            return replace(look, diagnosis=within(look.diagnosis, namespace), place=namespace)

        def subject(refs: Sequence[Ref], known: Sequence[Object] = ()) -> Look:
            seen = survey().subject(refs, known)
            return judged(seen, _about(seen, refs, question.topic))

        names = [n for n in question.names if n not in namespaces]
        clues = names or question.pods or question.hosts or question.images
        if not clues or (question.scope in (Scope.CLUSTER, Scope.FLEET) and not question.images):
            there = [n for n in namespaces if may(n) and exists(kube, n)]
            if not there and (namespaces or not may("")):
                return View(entry.name, located=Located(name=namespaces[0] if namespaces else ""))
            wide = not there and question.topic in _OF_SOMETHING
            return View(entry.name, tuple(place(n) for n in there or ("",)), wide=wide)
        located = locate(kube, question, namespaces, tools.readers).among(may)
        if not located.hits and located.guess:
            guessed = located.guess[0]
            look = place(guessed.name) if guessed.kind == "Namespace" else subject(located.guess)
            return View(entry.name, (look,), located)
        if not located.hits:
            if len(located.errors) and not located.near and _down(located):
                return View(entry.name, error=located.errors[0])
            near = _apart(r for r in located.near if r.kind != "Namespace")[:NEAR]
            ill = [look for refs in near if (look := subject(refs)).headline and _grave(look)]
            if (
                len({look.headline.finding.key for look in ill if look.headline}) == 1
            ):  # one cause, however many it hits
                located.guess = ill[0].about[:1]
                return View(entry.name, (ill[0],), located)
            meant = [n for n in namespaces if may(n) and any(ref.namespace == n for ref in located.near)]
            around = [look for n in meant if (look := place(n)).headline]
            return View(entry.name, tuple(around), located)
        if type(located.hits[0]).RESOURCE.kind == "Namespace":
            return View(entry.name, (place(located.hits[0].metadata.name),), located)
        found = []
        for group in _groups(located.hits, question.topic in _NETWORK)[:CHOICES]:
            found.append(subject([Ref.to(thing) for thing in group], group))
        if located.elsewhere and not any(look.headline for look in found):
            # What is named lives elsewhere and is well: the namespace that was given may be what is meant.
            places = [look for name in namespaces if may(name) and (look := place(name)).headline]
            return View(entry.name, tuple(places or found), None if places else located)
        return View(entry.name, tuple(found), located)
    except IntegrationError as error:
        return View(entry.name, error=error)


def _spelt(seen: Snapshot, text: str, places: Sequence[str]) -> tuple[Ref, ...]:
    """Workloads whose very name stands in the text, though it reads like an everyday word (``rates``, ``nightly``)."""
    words = set(_WORD.findall(text.lower())) - NEVER_NAMES - set(places)
    kinds = (Deployment, StatefulSet, DaemonSet, CronJob, Job)
    return tuple(Ref.to(t) for kind in kinds for t in seen.all(kind) if t.metadata.name in words)


def _apart(refs: Iterable[Ref]) -> list[tuple[Ref, ...]]:
    """Near names, one subject each: a Deployment and the Service of its name are one."""
    groups: dict[tuple[str, str], list[Ref]] = {}
    for ref in refs:
        groups.setdefault((ref.namespace, ref.name), []).append(ref)
    return [tuple(group) for group in groups.values()]


def _grave(look: Look) -> bool:
    return bool(look.headline and look.headline.finding.gravity >= Severity.ERROR)


def _down(located: Located) -> bool:
    return not located.answered and all(
        error.code in ("unreachable", "timed-out", "unauthenticated", "malformed", "overloaded", "misconfigured")
        for error in located.errors
    )


def _groups(hits: Sequence[Object], together: bool) -> list[list[Object]]:
    """One subject a namespace: a Deployment and the Service of its name, and whatever else the question names there.

    ``together``: the question is about a way between the named, so what stands in another namespace belongs to it.
    """
    first = hits[0].metadata.name
    groups: dict[str, list[Object]] = {}
    for thing in hits:
        groups.setdefault(thing.metadata.namespace, []).append(thing)
    if len(groups) > 1 and hits[0].metadata.namespace:  # nodes and the like belong to whatever is named with them
        shared = groups.pop("", [])
        groups = {place: [*group, *shared] for place, group in groups.items()}
    main = [group for group in groups.values() if any(t.metadata.name == first for t in group)]
    rest = [group for group in groups.values() if group not in main]
    if not together:
        return [*main, *rest]
    return [group + [thing for other in rest for thing in other] for group in main]


def _about(seen: Snapshot, refs: Sequence[Ref], topic: Topic) -> tuple[Ref, ...]:
    """The subjects, the workloads behind them, and whoever scales these when that may be what is asked."""
    tops = [seen.workload(pod) for ref in refs if ref.kind != "Node" for pod in subject_pods(seen, ref)]
    found = dict.fromkeys([*refs, *tops])
    if topic in _SCALES:
        for hpa in seen.all(HorizontalPodAutoscaler):
            target = hpa.spec.scale_target_ref
            if Ref(target.kind, hpa.metadata.namespace, target.name) in found:
                found.setdefault(Ref.to(hpa))
    if topic in _DRAINS:
        for budget in seen.all(PodDisruptionBudget):
            if _guards(seen, budget, found):
                found.setdefault(Ref.to(budget))
    return tuple(found)


def _guards(seen: Snapshot, budget: PodDisruptionBudget, about: Collection[Ref]) -> bool:
    """Whether a budget keeps pods of the subjects, or pods on a node among them."""
    selector = budget.spec.selector
    if selector is None:
        return False
    pods = seen.matching(Pod, selector, budget.metadata.namespace)
    return any(seen.workload(pod) in about or Ref("Node", "", pod.spec.node_name) in about for pod in pods)


def _tell(request: Request, question: Question, views: Sequence[View]) -> Answer:
    silent = [v for v in views if v.error or v.late]
    if any(v.looks and not _guessed(v) for v in views):
        views = [v for v in views if not _guessed(v)]
    looks = [look for view in views for look in view.looks]
    notes = _notes(request, question, views)
    if not looks:
        return _nothing(request, question, views, silent)
    ill = [look for look in looks if look.headline]
    if len(ill) > 1:
        return _which(request, ill, silent)
    look = (ill or looks)[0]
    answer = special(request, question, look) or _judged(request, question, look, bool(ill), notes, silent)
    return replace(answer, about=about(look))


def _judged(
    request: Request, question: Question, look: Look, ill: bool, notes: list[Said], silent: Sequence[View]
) -> Answer:
    if ill:
        premise = correct(look, question, request.about)
        if premise:
            return tell_clean(look, premise.says, [*notes, *premise.notes], premise.proof, premise.sure)
        if question.topic in _ASKS_HOW and _only_news(look):
            return tell_clean(look, healthy(look), [look.diagnosis.causes[0].finding.says, *notes])
        return tell_cause(look, [*notes, *_silences(silent)])
    return _well(request, question, look, [*notes, *_silences(silent)])


def _only_news(look: Look) -> bool:
    """Whether all that there is to tell is a rollout, and it has gone well."""
    return not _unready(look) and all(c.finding.detector.id == _NEWS for c in look.diagnosis.causes)


def _guessed(view: View) -> bool:
    """Whether a cluster's look is at something whose name is only nearly the one asked about."""
    return view.located is not None and bool(view.located.guess)


def _well(request: Request, question: Question, look: Look, notes: list[Said]) -> Answer:
    premise = correct(look, question, request.about)
    if premise:
        return tell_clean(look, premise.says, [*notes, *premise.notes], premise.proof, premise.sure)
    lost = unrouted(look, question.hosts)
    if lost:
        return tell_found(look, lost[0], notes, lost[1])
    if blind(look):
        return tell_clean(look, Said("I could not tell what is wrong: {why}", why=blind(look)[0].says), notes)
    unready = _unready(look)
    if unready:
        return tell_clean(look, unready, notes, sure=False)
    if look.subject is None and look.diagnosis.unclear:
        return tell_clean(look, Said("{well} Not everything could be read.", well=healthy(look)), notes, sure=False)
    return tell_clean(look, healthy(look), notes)


def _unready(look: Look) -> Said | None:
    """Pods that are not ready and of which nothing else is known: that is not health."""
    if look.subject is None:
        return None
    alive = [p for p in subject_pods(look.seen, look.subject) if p.status.phase not in ("Succeeded", "Failed")]
    ready = [p for p in alive if (c := p.condition("Ready")) and c.status == "True"]
    if not alive and _wanted(look.seen, look.subject):
        return Said("I see no pod of {kind} {name} in {namespace}, and cannot tell why.", kind=look.subject.kind,
                    name=look.subject.name, namespace=look.subject.namespace)  # fmt: skip
    if len(ready) == len(alive):
        return None
    return Said(
        "{ready} of {n} pods of {name} in {namespace} are ready, and I cannot tell yet why the others are not.",
        ready=len(ready),
        n=len(alive),
        name=look.subject.name,
        namespace=look.subject.namespace,
    )


def _wanted(seen: Snapshot, ref: Ref) -> bool:
    """Whether a workload should have pods."""
    deployed = any(Ref.to(d) == ref and d.spec.replicas != 0 for d in seen.all(Deployment))
    return deployed or any(Ref.to(s) == ref and s.spec.replicas != 0 for s in seen.all(StatefulSet))


def healthy(look: Look) -> Said:
    """What was looked at and found well."""
    subject = look.subject
    if subject is None and look.place:
        return Said(
            "I found nothing wrong in namespace {namespace} of {cluster}.", namespace=look.place, cluster=look.cluster
        )
    if subject is None:
        return Said("I found nothing wrong in {cluster}.", cluster=look.cluster)
    node = look.seen.get(Node, "", subject.name) if subject.kind == "Node" else None
    state = node.condition("Ready") if node else None
    if state and state.status == "True":
        return Said(
            "Node {node} is Ready since {since}, and I found nothing wrong with it.",
            node=subject.name,
            since=state.last_transition_time,
        )
    pods = subject_pods(look.seen, subject)
    ready = sum(1 for p in pods if (c := p.condition("Ready")) and c.status == "True")
    restarts = sum(s.restart_count for p in pods for s in p.lasting_statuses())
    if not pods:
        return Said(
            "I found nothing wrong with {kind} {name} in {namespace}.",
            kind=subject.kind,
            name=subject.name,
            namespace=subject.namespace or look.cluster,
        )
    return Said(
        "{name} is healthy: {ready} of {n} pods in {namespace} are ready, {restarts:|restart|restarts} so far.",
        name=subject.name,
        ready=ready,
        n=len(pods),
        namespace=subject.namespace,
        restarts=restarts,
    )


def _notes(request: Request, question: Question, views: Sequence[View]) -> list[Said]:
    """Remarks on the question: another namespace than was said, one cluster of several."""
    notes = []
    if any(view.wide for view in views):
        notes.append(Said("The question names nothing that I can look up, so I looked at everything."))
    for view in views:
        if view.looks and view.located and view.located.guess:
            real = view.located.guess[0].name
            notes.append(Said("There is no {asked}; I took it for {real}.", asked=view.located.name, real=real))
        elif view.looks and view.looks[0].place and view.located and view.located.name and not view.located.hits:
            asked, place = view.located.name, view.looks[0].place
            notes.append(
                Said("There is no {asked} in {namespace}; this is what ails there.", asked=asked, namespace=place)
            )
        if view.looks and view.located and view.located.elsewhere:
            subject = view.looks[0].subject
            notes.append(
                Said(
                    "There is no {name} in namespace {asked}; this is the one in {found}.",
                    name=view.located.name,
                    asked=request.namespace or ", ".join(question.namespaces),
                    found=subject.namespace if subject else "",
                )
            )
    return notes


def _silences(silent: Sequence[View]) -> list[Said]:
    return [Said("{cluster} could not be asked: {why}", cluster=v.cluster, why=_why(v)) for v in silent]


def _why(view: View) -> Said:
    return view.error.says if view.error else Said("it did not answer in time.")


def _which(request: Request, looks: Sequence[Look], silent: Sequence[View]) -> Answer:
    """Several subjects fit and more than one is ill: one line each, and a button each."""
    words = request.args["question"]
    lines, offers = [], []
    for look in looks[:CHOICES]:
        cause, subject = look.headline, look.subject
        if cause is None:
            continue
        namespace = subject.namespace if subject else ""
        place = f"{look.cluster}/{namespace}" if namespace else look.cluster
        lines.append(Said("{place}: {claim}", place=place, claim=cause.finding.says))
        narrowed = f"ask {words} (cluster {look.cluster}" + (f", namespace {namespace})" if namespace else ")")
        offers.append(Offer(Said("{cluster}", cluster=place), narrowed))
    headline = Said("That fits {n} places, and more than one is in trouble.", n=len(looks))
    parts = (Bullets(tuple(lines)), *((Bullets(tuple(_silences(silent))),) if silent else ()))
    return Answer(headline, Tone.ASK, parts, tuple(offers))


def _nothing(request: Request, question: Question, views: Sequence[View], silent: Sequence[View]) -> Answer:
    """Nothing has that name: near names, or what kept us from looking."""
    asked = [v for v in views if v.located]
    name = next((v.located.name for v in asked if v.located and v.located.name), "") or " ".join(question.names[:1])
    near = [(v.cluster, ref) for v in asked if v.located for ref in v.located.near]
    errors = [e for v in asked if v.located for e in v.located.errors]
    if not asked and silent:
        headline = Said("I could not ask {cluster}: {why}", cluster=silent[0].cluster, why=_why(silent[0]))
        hints = tuple(v.error.hint for v in silent if v.error and v.error.hint)
        rest = tuple(_silences(silent[1:]))
        more = (Bullets((*hints, *rest)),) if hints or rest else ()
        return Answer(headline, Tone.FAILED, more, data=_silent_data(silent))
    words = request.args["question"]
    lines = [Said("{place}: {kind} {name}", place=f"{c}/{r.namespace}", kind=r.kind, name=r.name) for c, r in near]
    offers = tuple(
        Offer(Said("{name}", name=ref.name), f"ask {words.replace(name, ref.name)} (cluster {cluster})")
        for cluster, ref in near[:CHOICES]
    )
    troubles = [*dict.fromkeys(e.says for e in errors), *_silences(silent)]
    parts = tuple(Bullets(tuple(items)) for items in (lines[:CHOICES], troubles[:CHOICES]) if items)
    if near:
        return Answer(Said("I found no {name}. Do you mean one of these?", name=name), Tone.ASK, parts, offers)
    if refused(errors) or silent:
        only = tuple(dict.fromkeys(n for v in asked if v.located for n in v.located.only))
        headline = (
            Said("I found no {name} in {namespaces}, and I may not look anywhere else.", name=name, namespaces=only)
            if only
            else Said("I could not find {name}: I may not look everywhere. Please name its namespace.", name=name)
        )
        return Answer(headline, Tone.UNSURE, parts)
    if errors:
        says = Said("I could not tell whether there is a {name}: not everything could be read.", name=name)
        return Answer(says, Tone.UNSURE, parts)
    clusters = ", ".join(v.cluster for v in asked)
    return Answer(Said("I found nothing called {name} in {clusters}.", name=name, clusters=clusters), Tone.ASK, parts)


def _silent_data(silent: Sequence[View]) -> dict[str, object]:
    gaps = [Gap("", "", _why(v), v.error.code if v.error else "timed-out") for v in silent]
    return {"gaps": [{"kind": g.kind, "namespace": g.namespace, "code": g.code, "says": g.says} for g in gaps]}
