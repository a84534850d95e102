"""Which clusters exist, where and whose; with ``check``, whether each answers."""

from concurrent.futures import wait
from dataclasses import dataclass

from commands.command import Command
from commands.dialogue import Answer, Bullets, Part, Pick, Request, Table, Text, Tone
from commands.tools import ClusterEntry, Tools
from integrations.errors import IntegrationError
from knowledge.said import Said

COMMAND = Command(
    name="clusters",
    takes="[check]",
    says=Said("List your clusters; with the word check, also whether each answers."),
    example="clusters check",
)
_ON_PAGE = 15


def handle(request: Request, tools: Tools) -> Answer:
    entries = [e for e in tools.fleet.clusters() if tools.may_see(e, "")]
    if not entries:
        return Answer(Said("There is no cluster that you may ask about."), Tone.INFO, data={"clusters": []})
    asked = _states(entries, tools) if request.args["check"] else {}
    states = {name: state.says for name, state in asked.items()}
    columns = [Said("Cluster"), Said("Zone"), Said("Owner"), Said("Purpose")]
    if states:
        columns.append(Said("State"))
    rows = []
    for e in entries:
        row: list[Said | str] = [e.name, e.zone or "-", e.owner or "-", e.purpose or "-"]
        if states:
            row.append(states[e.name])
        rows.append(tuple(row))
    data = [
        {"name": e.name, "zone": e.zone, "owner": e.owner, "purpose": e.purpose, "state": states.get(e.name)}
        for e in entries
    ]
    silent = sum(not state.answers for state in asked.values())
    headline = Said("{n:|cluster|clusters}", n=len(entries))
    if silent:
        headline = Said("{n:|cluster|clusters}, of which {silent} did not answer as they should", n=len(entries),
                        silent=silent)  # fmt: skip
    tone = Tone.FAILED if asked and silent == len(asked) else Tone.INFO
    return Answer(headline, tone, (Table(tuple(columns), tuple(rows)),), data={"clusters": data})


def home(request: Request, tools: Tools) -> list[Part]:
    """The asker's own clusters, else all, as the journal last saw them: no cluster is asked."""
    asker = request.asker
    me = {asker.id, asker.name, asker.email} - {""}
    seen = [e for e in tools.fleet.clusters() if tools.may_see(e, "")]
    mine = [e for e in seen if e.owner in me or not me.isdisjoint(e.members)] or seen
    if not mine:
        return [Text(Said("There is no cluster that you may ask about."))]
    lines = tuple(_last_seen(e, tools) for e in mine[:_ON_PAGE])
    more = len(mine) - len(lines)
    title = Said("Your clusters") if len(mine) < len(seen) else Said("Clusters")
    parts: list[Part] = [Text(title, strong=True), Bullets(lines)]
    if more:
        parts.append(Text(Said("And {n} more.", n=more)))
    parts.append(Pick(Said("Look for known problems in one of them"), among="clusters", says="diagnose {choice}"))
    return parts


def _last_seen(entry: ClusterEntry, tools: Tools) -> Said:
    watch = tools.journal.journal_watch(entry.name) if tools.journal else None
    if watch is None or (watch.last is None and not watch.missed):
        return Said("{cluster}: not visited yet", cluster=entry.name)
    broken = next((gap for gap in watch.missed if gap.until is None), None)
    if broken:
        return Said(
            "{cluster}: does not answer since {since} ({why})", cluster=entry.name, since=broken.since, why=broken.code
        )
    return Said("{cluster}: answered {at:ago}", cluster=entry.name, at=watch.last)


@dataclass(frozen=True)
class _State:
    answers: bool
    says: Said


def _states(entries: list[ClusterEntry], tools: Tools) -> dict[str, _State]:
    """What each says when it is asked for its version, all at the same time."""
    jobs = {tools.pool.submit(_state, e.name, tools): e.name for e in entries}
    tools.progress(0, len(jobs), ", ".join(jobs.values())[:60])
    done, _late = wait(jobs, timeout=tools.deadline_s)
    late = _State(False, Said("did not answer in time"))
    return {name: job.result() if job in done else late for job, name in jobs.items()}


def _state(name: str, tools: Tools) -> _State:
    try:
        major, minor = tools.fleet.open(name).version()
    except IntegrationError as error:
        return _State(False, error.says)
    return _State(True, Said("answers, Kubernetes {version}", version=f"{major}.{minor}"))
