"""Corrects a question whose premise does not hold: what is said to have restarted did not, or not at that time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from commands.telling import Look
from knowledge.facts.history import Happening, Turn, history
from knowledge.finding import Evidence, Ref, field_of
from knowledge.objects import Pod
from knowledge.reading.question import Question, Topic
from knowledge.relations import subject_pods
from knowledge.said import Said

AROUND = timedelta(minutes=20)
"""How far from the instant asked about something may lie and still be what was meant."""


@dataclass(frozen=True)
class Premise:
    """What is true instead. ``sure`` is false where nobody can tell any more what was then."""

    says: Said
    notes: tuple[Said, ...] = ()
    proof: tuple[Evidence, ...] = ()
    sure: bool = True


_ENDS = (Turn.RESTARTED, Turn.REMOVED)
BEFORE = timedelta(hours=6)
"""How long before an instant given beside the question (``--at``) the last end may lie: it is asked as of then."""


def correct(look: Look, question: Question, about: datetime | None = None) -> Premise | None:
    """The correction, or ``None`` when the question's premise holds or cannot be judged."""
    subject = next((ref for ref in look.about if ref.kind not in ("Service", "Ingress", "Node")), look.subject)
    if subject is None or question.topic not in (Topic.RESTART, Topic.MISSING):
        return None
    pods = subject_pods(look.seen, subject)
    told = history(look.seen, subject)
    if question.when is None and about is None:
        return None if look.headline or question.topic is Topic.MISSING else _never(subject, pods, told)
    if question.when:
        start, end = question.when.start - AROUND, question.when.end + AROUND
    elif about:
        start, end = about - BEFORE, about + AROUND
    if any(start <= h.at <= end for h in told if h.turn is not Turn.SCALED or not look.headline):
        return None if look.headline else _instead(subject, [h for h in told if start <= h.at <= end])
    if look.headline and (_holds_then(look, start, end) or not any(h.turn in _ENDS for h in told)):
        return None
    return _not_since(subject, pods, told, start + AROUND, end - AROUND) or _not_then(
        look, subject, pods, told, start + AROUND if question.when else end - AROUND, end - AROUND
    )


def _holds_then(look: Look, start: datetime, end: datetime) -> bool:
    """Whether the cause happened in the time asked about, or is a state that has no time."""
    cause = look.headline
    if cause is None:
        return False
    times = [f.at for f in (cause.finding, *cause.explains) if f.at]
    return not times or any(start <= at <= end for at in times)


def _never(subject: Ref, pods: Sequence[Pod], told: Sequence[Happening]) -> Premise | None:
    """Asked why it restarted: no pod of it ever did."""
    restarts = sum(s.restart_count for pod in pods for s in pod.lasting_statuses())
    if not pods or restarts:
        return None
    since = min((p.status.start_time for p in pods if p.status.start_time), default=None)
    says = (
        Said(
            "{name} has not restarted: its {n:|pod runs|pods run} without a restart, the oldest since {since}.",
            name=subject.name,
            n=len(pods),
            since=since,
        )
        if since
        else Said("{name} has not restarted: none of its pods counts a restart.", name=subject.name)
    )
    return Premise(says, _what_did(told), _counts(pods))


def _instead(subject: Ref, happened: Sequence[Happening]) -> Premise | None:
    """Nothing is wrong and something ordinary happened then: a rollout, a scaling."""
    last = happened[-1]
    if last.turn is Turn.RESTARTED:
        return None
    if last.turn is Turn.REPLACED:
        says = Said(
            "I cannot tell why: {what}, at {at}, and nothing of that one is left to read.", what=last.says, at=last.at
        )
        return Premise(says, tuple(_line(h) for h in happened[:-1]), last.evidence, sure=False)
    says = Said("{name} did not crash: {what}, at {at}.", name=subject.name, what=last.says, at=last.at)
    proof = tuple(e for h in happened for e in h.evidence)
    return Premise(says, tuple(_line(h) for h in happened[:-1]), proof)


def _not_since(
    subject: Ref, pods: Sequence[Pod], told: Sequence[Happening], start: datetime, end: datetime
) -> Premise | None:
    """Every pod is older than the span asked about, and the last end of every container, which Kubernetes keeps, lies
    before it: nothing restarted in it."""
    ends = [h for h in told if h.turn is Turn.RESTARTED]
    older = all(p.status.start_time and p.status.start_time < start for p in pods)
    counted = sum(1 for p in pods for s in p.lasting_statuses() if s.restart_count)
    if not (pods and older and ends) or len(ends) < counted or max(h.at for h in ends) >= start:
        return None
    last = max(h.at for h in ends)
    says = Said(
        "{name} did not restart between {start} and {end}: its last restart was at {last}.",
        name=subject.name,
        start=start,
        end=end,
        last=last,
    )
    return Premise(says, _what_did(told), tuple(e for h in ends for e in h.evidence))


def _not_then(
    look: Look, subject: Ref, pods: Sequence[Pod], told: Sequence[Happening], start: datetime, end: datetime
) -> Premise | None:
    older = all(p.status.start_time and p.status.start_time < start for p in pods)
    when = (
        Said("between {start} and {end}", start=start, end=end) if end - start > AROUND * 4 else Said("at {at}", at=end)
    )
    ends = [h for h in told if h.turn is Turn.RESTARTED]
    if pods and older and not ends:
        says = Said(
            "{name} did not restart {when}: its {n:|pod has|pods have} been running since before then, without a "
            "restart.",
            name=subject.name,
            n=len(pods),
            when=when,
        )
        return Premise(says, _what_did(told), _counts(pods))
    says = Said(
        "I cannot tell what happened to {name} {when}: nothing of it is left to read.", name=subject.name, when=when
    )
    notes = [Said("Kubernetes keeps events for an hour and one end of each container: the last.")]
    if look.headline:
        notes.append(Said("What is known of now: {claim}", claim=look.headline.finding.says))
    return Premise(says, (*notes, *_what_did(told)), tuple(e for h in ends for e in h.evidence), sure=False)


def _what_did(told: Sequence[Happening]) -> tuple[Said, ...]:
    """The last things that did happen, newest first."""
    return tuple(_line(h) for h in reversed(told[-3:]))


def _line(happening: Happening) -> Said:
    return Said("{at}: {what}", at=happening.at, what=happening.says)


def _counts(pods: Sequence[Pod]) -> tuple[Evidence, ...]:
    return tuple(
        field_of(pod, f"status.containerStatuses[{status.name}].restartCount", status.restart_count)
        for pod in pods[:3]
        for status in pod.status.container_statuses
    )
