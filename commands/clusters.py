"""Which clusters exist, where and whose; with ``check``, whether each answers."""

from concurrent.futures import wait

from commands.command import Command
from commands.dialogue import Answer, Request, Table, Tone
from commands.tools import ClusterEntry, Tools
from integrations.errors import IntegrationError
from knowledge.said import Said

COMMAND = Command(
    name="clusters",
    takes="[check]",
    says=Said("List your clusters; with the word check, also whether each answers."),
    example="clusters check",
)


def handle(request: Request, tools: Tools) -> Answer:
    entries = [e for e in tools.fleet.clusters() if tools.may_see(e, "")]
    if not entries:
        return Answer(Said("There is no cluster that you may ask about."), Tone.INFO, data={"clusters": []})
    states = _states(entries, tools) if request.args["check"] else {}
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
    headline = Said("{n:|cluster|clusters}", n=len(entries))
    return Answer(headline, Tone.INFO, (Table(tuple(columns), tuple(rows)),), data={"clusters": data})


def _states(entries: list[ClusterEntry], tools: Tools) -> dict[str, Said]:
    """What each says when it is asked for its version, all at the same time."""
    jobs = {tools.pool.submit(_state, e.name, tools): e.name for e in entries}
    done, _late = wait(jobs, timeout=tools.deadline_s)
    late = Said("did not answer in time")
    return {name: job.result() if job in done else late for job, name in jobs.items()}


def _state(name: str, tools: Tools) -> Said:
    try:
        major, minor = tools.fleet.open(name).version()
    except IntegrationError as error:
        return error.says
    return Said("answers, Kubernetes {version}", version=f"{major}.{minor}")
