"""Known issues that were learned here: drafts out of solved tickets, read and decided on by people."""

from collections.abc import Mapping, Sequence

import msgspec

from commands.command import Command, Role, UsageError
from commands.dialogue import Answer, Bullets, Code, Context, Offer, Part, Request, Text, Tone
from commands.learning import shelf
from commands.tools import Tools
from knowledge.known_issue import KnownIssue
from knowledge.learning import Entry, EntryState, alike, as_yaml, decided
from knowledge.said import Said
from knowledge.secrets.redaction import redact

SHOWN = 20
COMMAND = Command(
    name="drafts",
    takes="[words...]",
    says=Said("Known issues learned from tickets: show, change, approve, reject, retire, export."),
    role=Role.APPROVE,
    example="drafts",
)
_USAGE = Said(
    "drafts · show|approve|reject|retire ID · title|symptom|cause|fix|confirm|detector|owner ID WORDS · export"
)
_FIELDS = ("title", "symptom", "cause", "fix", "confirm", "detector", "owner")
_STATES: Mapping[EntryState, Said] = {
    EntryState.DRAFT: Said("waits to be read"),
    EntryState.APPROVED: Said("in force"),
    EntryState.REJECTED: Said("rejected"),
    EntryState.RETIRED: Said("retired"),
}


def handle(request: Request, tools: Tools) -> Answer:
    words = request.args["words"].split()
    if not words:
        return _listed(tools)
    verb = words[0].lower()
    if verb == "export" and len(words) == 1:
        return _export(tools)
    if len(words) < 2 or verb not in {"show", *_DECISIONS, *_FIELDS}:
        raise UsageError(Said("That is not understood: {usage}", usage=_USAGE))
    entry = shelf(tools).entry(words[1])
    if verb in _FIELDS:
        return _changed(entry, verb, " ".join(words[2:]), request, tools)
    if len(words) > 2:
        raise UsageError(Said("{word} is one word too many: {usage}", word=words[2], usage=_USAGE))
    if verb == "show":
        return tell(entry, tools)
    return _decide(entry, _DECISIONS[verb], request, tools)


_DECISIONS: Mapping[str, EntryState] = {
    "approve": EntryState.APPROVED,
    "reject": EntryState.REJECTED,
    "retire": EntryState.RETIRED,
}


def tell(entry: Entry, tools: Tools) -> Answer:
    """An entry as it would be found, what is alike on the shelf, and the decision to make."""
    issue = entry.issue
    parts: list[Part] = [Bullets(tuple(Said("{text}", text=text) for text in issue.symptoms), Said("As it was told"))]
    cause = (
        Said("{text}", text=issue.cause) if issue.cause else Said("Not told yet: drafts cause {id} WORDS", id=issue.id)
    )
    parts.append(Bullets((cause,), Said("Cause")))
    parts += [Code(line) for line in issue.confirm]
    parts.append(Bullets((Said("{text}", text=issue.fix),), Said("What to do")))
    near = alike(issue, tools.library.index())
    if near and entry.state is EntryState.DRAFT:
        told = tuple(Said("{title} ({id})", title=m.issue.title, id=m.issue.id) for m in near)
        parts.append(Bullets(told, Said("These may say the same already")))
    parts.append(Context((_STATES[entry.state], *_from(entry))))
    headline = Said("{title} ({id})", title=issue.title, id=issue.id)
    return Answer(headline, Tone.INFO, tuple(parts), _offers(entry), data=as_data(entry), topic=f"entry/{issue.id}")


def _from(entry: Entry) -> Sequence[Said]:
    told = []
    if entry.ticket is not None:
        told.append(Said("from ticket {number}", number=entry.ticket))
    if entry.decided_by:
        told.append(Said("decided by {who}", who=entry.decided_by))
    return told


def _offers(entry: Entry) -> tuple[Offer, ...]:
    id = entry.issue.id
    if entry.state is EntryState.APPROVED:
        return (Offer(Said("Retire"), f"drafts retire {id}"),)
    approve = Offer(Said("Approve"), f"drafts approve {id}", primary=True)
    if entry.state is EntryState.DRAFT:
        return (approve, Offer(Said("Reject"), f"drafts reject {id}"))
    return (approve,)


def _decide(entry: Entry, state: EntryState, request: Request, tools: Tools) -> Answer:
    if entry.state is not state or state is EntryState.APPROVED:  # approved again, it counts as read again
        after = decided(entry, state, request.asker.id, request.at)
        shelf(tools).entry_decide(entry, after)
        entry = after
    return tell(entry, tools)


def _changed(entry: Entry, field: str, text: str, request: Request, tools: Tools) -> Answer:
    """One field said anew; a symptom and a way to confirm are added. What is in force already stays in force."""
    if not text:
        raise UsageError(Said("{field} needs its new words: {usage}", field=field, usage=_USAGE))
    if field == "detector" and text not in tools.detectors:
        raise UsageError(Said("There is no check called {id}.", id=text))
    clean = redact(text)
    issue = entry.issue
    after: KnownIssue
    match field:
        case "symptom":
            after = msgspec.structs.replace(issue, symptoms=(*issue.symptoms, clean))
        case "confirm":
            after = msgspec.structs.replace(issue, confirm=(*issue.confirm, clean))
        case _:
            after = msgspec.structs.replace(issue, **{field: clean})
    changed = Entry(after, entry.state, entry.drafted_by, request.at, entry.ticket, entry.decided_by)
    shelf(tools).entry_decide(entry, changed)
    return tell(changed, tools)


def _listed(tools: Tools) -> Answer:
    entries = shelf(tools).entries()
    waiting = [e for e in entries if e.state is EntryState.DRAFT]
    data = {"entries": [as_data(e) for e in entries]}
    if not entries:
        return Answer(Said("Nothing was learned here yet: close a ticket with what solved it."), Tone.INFO, data=data)
    headline = Said(
        "{n:|draft waits|drafts wait} to be read; {others} are in force.",
        n=len(waiting),
        others=sum(e.state is EntryState.APPROVED for e in entries),
    )
    shown = (waiting or entries[::-1])[:SHOWN]
    told = tuple(Said("{title} ({id}): {state}", title=e.issue.title, id=e.issue.id, state=_STATES[e.state])
                 for e in shown)  # fmt: skip
    offers = tuple(Offer(Said("{title}", title=e.issue.title[:60]), f"drafts show {e.issue.id}") for e in shown[:5])
    return Answer(headline, Tone.INFO, (Bullets(told),), offers, data=data)


def _export(tools: Tools) -> Answer:
    """What is in force, as a file of the shelf: for a pull request against the team's files."""
    issues = [entry.issue for entry in shelf(tools).entries(EntryState.APPROVED)]
    headline = Said("{n:|entry|entries} for the files of the shelf.", n=len(issues))
    parts: list[Part] = [Code(as_yaml(issues), "learned.yaml")] if issues else []
    parts.append(Text(Said("Once they are in the files, retire them here: the files go on telling them.")))
    return Answer(headline, Tone.INFO, tuple(parts), data={"yaml": as_yaml(issues)}, private=True)


def as_data(entry: Entry) -> Mapping[str, object]:
    issue = entry.issue
    return {
        "id": issue.id,
        "title": issue.title,
        "state": entry.state,
        "ticket": entry.ticket,
        "symptoms": issue.symptoms,
        "cause": issue.cause,
        "fix": issue.fix,
        "decided_by": entry.decided_by,
    }
