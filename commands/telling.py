"""Tells a diagnosis: from plain data to an Answer, the cause first, its proof under it, then what could not be read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from commands.dialogue import Answer, Bullets, Code, Context, Offer, Part, Proof, Text, Tone
from knowledge.detector import Layer
from knowledge.diagnosis import Cause, Diagnosis
from knowledge.finding import Confidence, Evidence, Finding, Ref, Remedy, Who
from knowledge.said import Said
from knowledge.search import told_by
from knowledge.snapshot import Gap, Snapshot

PROOFS = 6
OTHERS = 4
GAPS = 6
LISTED = 15
_SKEW = timedelta(minutes=1)


@dataclass(frozen=True)
class Look:
    """One look at one cluster, judged. ``about``: what was asked for; empty means everything that was read, of one
    namespace where ``place`` names it."""

    cluster: str
    about: tuple[Ref, ...]
    seen: Snapshot
    diagnosis: Diagnosis
    place: str = ""

    @property
    def headline(self) -> Cause | None:
        return self.diagnosis.headline

    @property
    def subject(self) -> Ref | None:
        return self.about[0] if self.about else None


def tell_cause(look: Look, notes: Iterable[Said] = (), offers: Iterable[Offer] = ()) -> Answer:
    """The answer when something was found. ``notes``: remarks on the question itself, told right after the cause."""
    first, *others = look.diagnosis.causes
    finding = first.finding
    parts: list[Part] = []
    notes = (*notes, *_ahead(finding, look.seen))
    if notes:
        parts.append(Bullets(notes))
    also = [Bullets(tuple(_sure(c.finding) for c in others[:OTHERS]), Said("Also found here"))] if others else []
    if not look.about:  # of a whole place, what else is ill in it is as much the answer
        parts += also
    if first.explains:
        parts.append(Bullets(tuple(_chain(first)), Said("What follows from it")))
    if finding.why:
        parts.append(Text(finding.why))
    parts.append(Proof(_proof(first), Said("Proof")))
    parts += _remedies(finding)
    parts += _known(finding)
    if look.about:
        parts += also
    parts += _asides(look)
    parts += _gaps(look)
    parts.append(_where(look))
    return Answer(_sure(finding), Tone.FOUND, tuple(parts), tuple(offers), data=as_data(look))


def _ahead(finding: Finding, seen: Snapshot) -> tuple[Said, ...]:
    """Whoever wrote a time that is still to come has a clock that runs ahead."""
    if finding.at is None or finding.at - seen.now < _SKEW:
        return ()
    return (
        Said(
            "The cluster says that this happens in {ahead}: the clock of a node runs ahead, so take its times with "
            "care.",
            ahead=finding.at - seen.now,
        ),
    )


def tell_list(look: Look, headline: Said) -> Answer:
    """The answer when a whole place was asked about: every cause with what it explains, the gravest first."""
    parts: list[Part] = []
    for cause in look.diagnosis.causes[:LISTED]:
        parts.append(Text(_sure(cause.finding)))
        if cause.explains:
            parts.append(Bullets(tuple(_chain(cause))))
    if len(look.diagnosis.causes) > LISTED:
        parts.append(Text(Said("And {n} more.", n=len(look.diagnosis.causes) - LISTED)))
    parts += _asides(look)
    parts += _gaps(look)
    parts.append(_where(look))
    return Answer(headline, Tone.FOUND, tuple(parts), data=as_data(look))


def tell_clean(
    look: Look, headline: Said, notes: Iterable[Said] = (), proof: Iterable[Evidence] = (), sure: bool = True
) -> Answer:
    """The answer when nothing is wrong, or could be told: then the gaps come first."""
    parts: list[Part] = []
    notes = tuple(notes)
    unsure = bool(blind(look)) or not sure
    if unsure:
        parts += _gaps(look)
    if notes:
        parts.append(Bullets(notes))
    proof = tuple(proof)
    if proof:
        parts.append(Proof(proof[:PROOFS], Said("Proof")))
    parts += _asides(look)
    if not unsure:
        parts += _gaps(look)
    parts.append(_where(look))
    return Answer(headline, Tone.UNSURE if unsure else Tone.CLEAN, tuple(parts), data=as_data(look))


def tell_found(look: Look, headline: Said, notes: Iterable[Said], proof: Iterable[Evidence]) -> Answer:
    """The answer when what is asked is wrong in itself, though no object is."""
    return replace(tell_clean(look, headline, notes, proof), tone=Tone.FOUND)


def blind(look: Look) -> tuple[Gap, ...]:
    """The gaps without which "all is well" cannot be said: what every diagnosis rests on."""
    return tuple(g for g in look.diagnosis.gaps if g.kind in ("Pod", "") or g.code in ("unreachable", "timed-out"))


def _sure(finding: Finding) -> Said:
    """The claim with how sure it is; what is proven needs no word."""
    match finding.confidence:
        case Confidence.PROVEN:
            return finding.says
        case Confidence.LIKELY:
            return Said("Likely: {claim}", claim=finding.says)
        case Confidence.POSSIBLE:
            return Said("Possibly: {claim}", claim=finding.says)


def _chain(cause: Cause) -> list[Said]:
    """What a cause explains, once for each sentence."""
    return list(dict.fromkeys(f.says for f in cause.explains))[:OTHERS]


def _proof(cause: Cause) -> tuple[Evidence, ...]:
    items = [*cause.finding.evidence, *(e for f in cause.explains for e in f.evidence[:2])]
    return tuple(dict.fromkeys(items))[:PROOFS]


def _known(finding: Finding) -> list[Part]:
    """The known issue that a finding is, where its own words say so."""
    issue = told_by(finding.detector.id, " ; ".join(e.value for e in finding.evidence))
    return [Text(Said("Known issue: {title} ({id})", title=issue.title, id=issue.id))] if issue else []


def _remedies(finding: Finding) -> list[Part]:
    if not finding.remedies:
        return []
    platform = any(r.who is Who.PLATFORM for r in finding.remedies)
    owner = any(r.who is Who.OWNER for r in finding.remedies)
    title = Said("What to do")
    if platform and not owner:
        title = Said("What to do (this is not your fault: your platform team has to act)")
    parts: list[Part] = [Bullets(tuple(_remedy(r) for r in finding.remedies), title)]
    parts += [Code(r.command) for r in finding.remedies if r.command]
    return parts


def _remedy(remedy: Remedy) -> Said:
    if remedy.who is Who.PLATFORM:
        return Said("{what} (platform team)", what=remedy.says)
    return remedy.says


def _asides(look: Look) -> list[Part]:
    """What was seen on the way and has nothing to do with the question: at most a few, hygiene last."""
    graver = [c.finding for c in look.diagnosis.asides if c.finding.depth is not Layer.HYGIENE]
    if look.about:  # a neighbour's trouble is none of this question's; the node's or the cluster's may be
        graver = [f for f in graver if not f.subject.namespace]
    habits = [c.finding for c in look.diagnosis.asides if c.finding.depth is Layer.HYGIENE]
    mine = [f for f in habits if not look.about or f.subject in look.about]
    shown = (graver + mine)[:OTHERS]
    return [Bullets(tuple(_sure(f) for f in shown), Said("Seen on the way"))] if shown else []


def _gaps(look: Look) -> list[Part]:
    told = dict.fromkeys(gap.says for gap in look.diagnosis.gaps)
    broken = dict.fromkeys(u.says for u in look.diagnosis.unclear if u.says not in told)
    items = [*told, *broken]
    if len(items) > GAPS:
        items = [*items[:GAPS], Said("And {n} more.", n=len(items) - GAPS)]
    return [Bullets(tuple(items), Said("What I could not check"))] if items else []


def _where(look: Look) -> Part:
    items: list[Said | str] = [Said("cluster {cluster}", cluster=look.cluster)]
    namespace = look.subject.namespace if look.subject else look.place
    if namespace:
        items.append(Said("namespace {namespace}", namespace=namespace))
    items.append(Said("as of {now}", now=look.seen.now))
    return Context(tuple(items))


def as_data(look: Look) -> Mapping[str, object]:
    """What ``--format json`` adds: the diagnosis as plain values, sentences in the asker's language."""
    return {
        "cluster": look.cluster,
        "subject": _ref(look.subject) if look.subject else None,
        "findings": [_finding(c) for c in look.diagnosis.causes],
        "asides": [_finding(c) for c in look.diagnosis.asides],
        "gaps": [
            {"kind": g.kind, "namespace": g.namespace, "code": g.code, "says": g.says} for g in look.diagnosis.gaps
        ],
        "could_not_tell": [u.detector for u in look.diagnosis.unclear],
        "looked_at": len(look.seen.objects),
    }


def _finding(cause: Cause) -> dict[str, object]:
    finding = cause.finding
    return {
        "id": finding.detector.id,
        "severity": finding.gravity.name.lower(),
        "confidence": finding.confidence.name.lower(),
        "subject": _ref(finding.subject),
        "says": finding.says,
        "why": finding.why,
        "at": finding.at.isoformat() if finding.at else None,
        "evidence": [
            {
                "source": str(e.source),
                "object": str(e.about),
                "path": e.path,
                "value": e.value,
                "at": e.at.isoformat() if e.at else None,
            }
            for e in finding.evidence
        ],
        "remedies": [
            {"says": r.says, "command": r.command, "consent": str(r.consent), "who": str(r.who)}
            for r in finding.remedies
        ],
        "explains": [f.detector.id for f in cause.explains],
    }


def _ref(ref: Ref) -> dict[str, str]:
    return {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name}
