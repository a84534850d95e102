"""Known issues that match a text: an error line, a symptom in somebody's own words, a whole ticket."""

from collections.abc import Sequence
from pathlib import Path

from commands.command import Command
from commands.dialogue import Answer, Bullets, Code, Context, Part, Request, Text, Tone
from commands.tools import Tools
from knowledge.known_issue import Fault, KnownIssue, our_shelf, read_shelf
from knowledge.said import Said
from knowledge.search import Index, Match, known, our_index

COMMAND = Command(
    name="known",
    takes="<words...>",
    says=Said("Known issues that match an error line or a symptom."),
    example="known ImagePullBackOff no basic auth credentials",
)


def handle(request: Request, tools: Tools) -> Answer:
    return tell(known(request.args["words"], our_index()), our_shelf().faults)


def look_up(text: str, shelf: Path | None) -> Answer:
    """What is known about a text, by our shelf or another. Raises OSError where that cannot be read."""
    if shelf is None:
        return tell(known(text, our_index()), our_shelf().faults)
    read = read_shelf(shelf)
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


def tell(matches: Sequence[Match], faults: Sequence[Fault]) -> Answer:
    """The best match in full, the others by their titles."""
    data = {"matches": [_match(m) for m in matches], "faults": _faults(faults)}
    parts: list[Part] = []
    if matches:
        first, *others = matches
        parts += _in_full(first.issue)
        if others:
            listed = tuple(Said("{title} ({id})", title=m.issue.title, id=m.issue.id) for m in others)
            parts.append(Bullets(listed, Said("It may also be")))
    if faults:
        parts.append(_told(faults))
    if not matches:
        return Answer(Said("Nothing known matches this."), Tone.INFO, tuple(parts), data=data)
    headline = Said("Known: {title} ({id})", title=matches[0].issue.title, id=matches[0].issue.id)
    return Answer(headline, Tone.FOUND, tuple(parts), data=data)


def _in_full(issue: KnownIssue) -> list[Part]:
    parts: list[Part] = [Text(Said("{text}", text=issue.cause))]
    parts += [Code(line) for line in issue.confirm]
    parts.append(Bullets((Said("{text}", text=issue.fix),), Said("What to do")))
    if issue.prevention:
        parts.append(Bullets((Said("{text}", text=issue.prevention),), Said("So that it does not come back")))
    if issue.references:
        parts.append(Context(issue.references))
    return parts


def _match(match: Match) -> dict[str, object]:
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
    }


def _told(faults: Sequence[Fault]) -> Part:
    told = tuple(Said("{file}, line {line}: {problem}", file=f.file, line=f.line, problem=f.says) for f in faults)
    return Bullets(told, Said("Not in force"))


def _faults(faults: Sequence[Fault]) -> list[dict[str, object]]:
    return [{"file": f.file, "line": f.line, "says": f.says} for f in faults]
