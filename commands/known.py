"""Known issues that match a text: an error line, a symptom in somebody's own words, a whole ticket."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from commands.command import Command
from commands.dialogue import Answer, Bullets, Code, Context, Offer, Part, Request, Text, Tone
from commands.survey import Survey
from commands.tools import Tools
from knowledge.diagnosis import examine
from knowledge.known_issue import Affected, Fault, KnownIssue, our_shelf, read_shelf
from knowledge.learning import Use
from knowledge.said import Said
from knowledge.search import Index, Match, known
from knowledge.standing import Standing, standing, versions_in, weighed

_NEARLY = 0.85
_MOST_SIBLINGS = 3

COMMAND = Command(
    name="known",
    takes="<words...>",
    says=Said("Known issues that match an error line or a symptom."),
    example="known ImagePullBackOff no basic auth credentials",
)


def handle(request: Request, tools: Tools) -> Answer:
    """With a cluster named (``--cluster``), each match is judged there: what its detector does not find, and what is
    bound to other versions, comes last and says so."""
    text = request.words.strip().partition(" ")[2].strip()  # with its lines, which ``args`` joins
    index = tools.library.index()
    named = index.get(text)
    matches = [Match(named, 1.0)] if named else known(text, index)
    here: dict[str, Standing] = {}
    if request.cluster and matches:
        entry = next((e for e in tools.fleet.clusters() if e.name == request.cluster), None)
        if entry and not tools.may_see(entry, ""):
            return Answer(Said("You may not ask about {cluster}.", cluster=request.cluster), Tone.REFUSED)
        here = _standings(request, tools, matches)
        matches = weighed(matches, here)
    uses: Mapping[str, Use] = {}
    if tools.shelf and matches:
        uses = tools.shelf.issue_uses([m.issue.id for m in matches])
        tools.shelf.issues_seen([matches[0].issue.id], request.at)
    return tell(matches, tools.library.faults(), here, uses)


def _standings(request: Request, tools: Tools, matches: Sequence[Match]) -> dict[str, Standing]:
    """How each match stands in the cluster that is named."""
    kube = tools.fleet.open(request.cluster)
    deadline = tools.clock() + tools.deadline_s
    tools.progress(0, 1, request.cluster)
    at = request.about or request.at
    survey = Survey(request.cluster, kube, request.at, at, tools.clock, deadline, tools.readers)
    seen = survey.place(request.namespace)
    wanted = {m.issue.detector for m in matches}
    judged = examine([plugin for id, plugin in tools.detectors.items() if id in wanted], seen)
    found = {f.detector.id for cause in (*judged.causes, *judged.asides) for f in (cause.finding, *cause.explains)}
    running = versions_in(seen)
    tools.progress(1, 1, request.cluster)
    return {m.issue.id: standing(m.issue, found, judged.judged, running) for m in matches}


def look_up(text: str, shelf: Path) -> Answer:
    """What another shelf knows about a text. Raises OSError where that cannot be read."""
    read = read_shelf(shelf)
    if read.faults and not read.issues:
        return Answer(Said("Nothing on this shelf can be read."), Tone.FAILED, (_told(read.faults),))
    return tell(known(text, Index(read.issues)), read.faults)


def lint(shelf: Path | None) -> Answer:
    """What is wrong on a shelf. Raises OSError where it cannot be read."""
    read = read_shelf(shelf) if shelf else our_shelf()
    data = {"entries": len(read.issues), "faults": _faults(read.faults)}
    if not read.faults:
        return Answer(Said("{n:|entry|entries}, no fault found.", n=len(read.issues)), Tone.INFO, data=data)
    headline = Said("{n:|entry does|entries do} not fit; the other {others} are in force.", n=len(read.faults),
                    others=len(read.issues))  # fmt: skip
    return Answer(headline, Tone.FAILED, (_told(read.faults),), data=data)


def tell(
    matches: Sequence[Match],
    faults: Sequence[Fault],
    here: Mapping[str, Standing] | None = None,
    uses: Mapping[str, Use] | None = None,
) -> Answer:
    """The best match in full, the others by their titles."""
    here, uses = here or {}, uses or {}
    told = [_match(m, here.get(m.issue.id), uses.get(m.issue.id, Use())) for m in matches]
    data = {"matches": told, "faults": _faults(faults)}
    parts: list[Part] = []
    if matches:
        first, *others = matches
        parts += _remarks(first, here, uses)
        parts += in_full(first.issue)
        near = siblings(matches)
        if near:
            parts.append(Bullets(tuple(_told_apart(issue) for issue in near), Said("Which of these do you see?")))
        rest = [m for m in others if m.issue not in near]
        if rest:
            parts.append(Bullets(tuple(_by_title(m.issue, here) for m in rest), Said("It may also be")))
    if faults:
        parts.append(_told(faults))
    if not matches:
        return Answer(Said("Nothing known matches this."), Tone.INFO, tuple(parts), data=data)
    headline = Said("Known: {title} ({id})", title=matches[0].issue.title, id=matches[0].issue.id)
    offers = tuple(Offer(Said("{title}", title=issue.title), f"known {issue.id}") for issue in siblings(matches)[1:])
    return Answer(headline, Tone.FOUND, tuple(parts), offers, data=data)


def siblings(matches: Sequence[Match]) -> list[KnownIssue]:
    """The first and those that fit the words nearly as well: whoever asks can see which it is. Empty when none does."""
    if len(matches) < 2 or matches[1].score < _NEARLY * matches[0].score:
        return []
    return [m.issue for m in matches if m.score >= _NEARLY * matches[0].score][:_MOST_SIBLINGS]


def _told_apart(issue: KnownIssue) -> Said:
    """What shows that it is this one."""
    if issue.confirm:
        return Said("{title}: look at {what}", title=issue.title, what=issue.confirm[0])
    return Said("{title}: {remark}", title=issue.title, remark=issue.cause)


def _remarks(first: Match, here: Mapping[str, Standing], uses: Mapping[str, Use]) -> list[Part]:
    told = []
    if first.issue.id in here:
        told.append(_STANDS[here[first.issue.id]])
    use = uses.get(first.issue.id, Use())
    if use.helped:
        told.append(Said("It helped {n:|time|times} before.", n=use.helped))
    return [Bullets(tuple(told))] if told else []


_STANDS = {
    Standing.PROVEN: Said("Its check finds it in this cluster."),
    Standing.OPEN: Said("Whether it is so in this cluster I could not check."),
    Standing.CLEAN: Said("Its check does not find it in this cluster now."),
    Standing.ELSEWHERE: Said("It concerns versions that do not run in this cluster."),
}


def _by_title(issue: KnownIssue, here: Mapping[str, Standing]) -> Said:
    title = Said("{title} ({id})", title=issue.title, id=issue.id)
    if here.get(issue.id, Standing.OPEN) is Standing.OPEN:
        return title
    return Said("{title}: {remark}", title=title, remark=_STANDS[here[issue.id]])


def in_full(issue: KnownIssue) -> list[Part]:
    """An entry with all that helps."""
    parts: list[Part] = [Text(Said("{text}", text=issue.cause))] if issue.cause else []
    parts += [Code(line) for line in issue.confirm]
    if issue.fix:
        parts.append(Bullets((Said("{text}", text=issue.fix),), Said("What to do")))
    if issue.prevention:
        parts.append(Bullets((Said("{text}", text=issue.prevention),), Said("So that it does not come back")))
    if issue.affected:
        bound = tuple(
            Said("{component}: {versions}", component=a.component, versions=a.versions) for a in issue.affected
        )
        parts.append(Bullets(bound, Said("Versions")))
    if issue.references:
        parts.append(Context(issue.references))
    return parts


def _bound(affected: Affected) -> Said:
    return Said("{component}: {versions}", component=affected.component, versions=affected.versions)


def _match(match: Match, stands: Standing | None, use: Use) -> dict[str, object]:
    issue = match.issue
    return {
        "id": issue.id,
        "title": issue.title,
        "score": round(match.score, 3),
        "severity": issue.severity,
        "detector": issue.detector,
        "cause": issue.cause,
        "confirm": issue.confirm,
        "fix": issue.fix,
        "owner": issue.owner,
        "reviewed": issue.reviewed,
        "here": stands,
        "seen": use.seen,
        "helped": use.helped,
    }


def _told(faults: Sequence[Fault]) -> Part:
    told = tuple(Said("{file}, line {line}: {problem}", file=f.file, line=f.line, problem=f.says) for f in faults)
    return Bullets(told, Said("Not in force"))


def _faults(faults: Sequence[Fault]) -> list[dict[str, object]]:
    return [{"file": f.file, "line": f.line, "says": f.says} for f in faults]
