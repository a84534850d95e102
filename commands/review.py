"""The yearly look at what is known: who looks after an entry is asked whether it still holds, and what no cluster's
version fits any more is retired. A job of the clock."""

from collections.abc import Collection, Sequence
from concurrent.futures import wait

from commands.command import Command, Role
from commands.dialogue import Answer, Bullets, Notice, Offer, Part, Request, Text, Tone
from commands.tools import Tools
from integrations.errors import Conflict, IntegrationError
from knowledge.known_issue import KnownIssue
from knowledge.learning import EntryState, Use, decided, due_for_review
from knowledge.said import Said
from knowledge.standing import Version, span_of

SHOWN = 20
COMMAND = Command(
    name="review",
    says=Said("Known issues that nobody read or saw for a year; the clock asks this every Monday."),
    role=Role.APPROVE,
    schedule="30 0 * * mon",
    example="review",
    slow=True,
)
_KUBERNETES = "kubernetes"


def handle(request: Request, tools: Tools) -> Answer:
    issues = tools.library.index().issues
    uses = tools.shelf.issue_uses([issue.id for issue in issues]) if tools.shelf else {}
    due = [issue for issue in issues if due_for_review(issue, uses.get(issue.id, Use()), request.at)]
    outdated = _outdated(issues, _running(tools))
    retired = _retire(outdated, request, tools)
    left = [issue for issue in outdated if issue.id not in retired]
    ours = {entry.issue.id for entry in tools.shelf.entries(EntryState.APPROVED)} if tools.shelf else set()
    notices = tuple(_asked(issue, issue.id in ours, request) for issue in due if issue.owner)
    parts: list[Part] = []
    if due:
        parts.append(Bullets(_titles(due), Said("To be read again")))
    if retired:
        parts.append(Bullets(_titles([i for i in outdated if i.id in retired]), Said("Retired: no cluster runs it")))
    if left:
        parts.append(Bullets(_titles(left), Said("No cluster runs it: take it out of the files")))
    data = {"due": [i.id for i in due], "retired": list(retired), "outdated": [i.id for i in left]}
    headline = Said("{n:|known issue|known issues} to be read again, {gone} of versions that nobody runs.", n=len(due),
                    gone=len(outdated))  # fmt: skip
    return Answer(headline, Tone.INFO, tuple(parts), notices=notices, data=data)


def _titles(issues: Sequence[KnownIssue]) -> tuple[Said, ...]:
    told = [Said("{title} ({id})", title=issue.title, id=issue.id) for issue in issues[:SHOWN]]
    if len(issues) > SHOWN:
        told.append(Said("And {n} more.", n=len(issues) - SHOWN))
    return tuple(told)


def _asked(issue: KnownIssue, ours: bool, request: Request) -> Notice:
    """A word to whoever looks after it, once a year. ``ours``: learned here, so that a press of a button is enough."""
    how = Said("If it does, set the day of `reviewed` in its file; if not, take it out.")
    offers = (
        Offer(Said("It holds"), f"drafts approve {issue.id}", primary=True),
        Offer(Said("Retire"), f"drafts retire {issue.id}"),
    )
    answer = Answer(
        Said("Does this still hold? {title} ({id})", title=issue.title, id=issue.id),
        Tone.ASK,
        (Text(Said("Nobody has read it or come across it for a year.")), *(() if ours else (Text(how),))),
        offers if ours else (),
    )
    return Notice(issue.owner, answer, f"review/{issue.id}/{request.at.year}")


def _running(tools: Tools) -> Collection[Version] | None:
    """The versions of all clusters; ``None`` unless every one answered."""
    jobs = [tools.pool.submit(_version, entry.name, tools) for entry in tools.fleet.clusters()]
    done, late = wait(jobs, timeout=tools.deadline_s)
    versions = {job.result() for job in done}
    return None if late or None in versions or not versions else {v for v in versions if v}


def _version(cluster: str, tools: Tools) -> Version | None:
    try:
        return tools.fleet.open(cluster).version()
    except IntegrationError:
        return None


def _outdated(issues: Sequence[KnownIssue], running: Collection[Version] | None) -> list[KnownIssue]:
    """Entries bound to versions of Kubernetes that no cluster runs."""
    if running is None:
        return []
    spans = [
        (issue, span)
        for issue in issues
        for affected in issue.affected
        if affected.component == _KUBERNETES and (span := span_of(affected.versions))
    ]
    return [issue for issue, span in spans if not any(span.holds(version) for version in running)]


def _retire(outdated: Sequence[KnownIssue], request: Request, tools: Tools) -> tuple[str, ...]:
    """Retire those that were made here; files are changed by people."""
    if tools.shelf is None:
        return ()
    ids, gone = {issue.id for issue in outdated}, []
    for entry in tools.shelf.entries(EntryState.APPROVED):
        if entry.issue.id in ids:
            try:
                tools.shelf.entry_decide(entry, decided(entry, EntryState.RETIRED, request.asker.id, request.at))
            except Conflict:
                continue
            gone.append(entry.issue.id)
    return tuple(gone)
