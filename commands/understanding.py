"""What a ticket's text is understood to say, told before anybody looks into a cluster. Its life is not here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo

from commands.dialogue import Answer, Bullets, Fields, Part, Text, Tone
from commands.tools import ClusterEntry
from knowledge.reading.ticket import Ticket, read
from knowledge.reading.ticket_asks import Kind
from knowledge.said import Said

_KINDS = {
    Kind.PROBLEM: Said("The ticket tells of a problem."),
    Kind.QUESTION: Said("The ticket asks a question."),
    Kind.REQUEST: Said("The ticket asks for a change."),
}


def understand(text: str, *, at: datetime, zone: tzinfo, clusters: Sequence[ClusterEntry]) -> tuple[Ticket, Answer]:
    """The reading of a ticket, and how it is told."""
    people = {person for entry in clusters for person in (entry.owner, *entry.members) if person}
    ticket = read(text, now=at, zone=zone, clusters=[entry.name for entry in clusters], people=people)
    return ticket, tell(ticket)


def tell(ticket: Ticket) -> Answer:
    """What was understood, as fields for people and in full for programs."""
    parts: list[Part] = [fields(ticket)]
    if ticket.error_lines:
        lines = tuple(Said("{line}", line=line) for line in ticket.error_lines)
        parts.append(Bullets(lines, Said("What failed, in its own words")))
    if ticket.links:
        parts.append(Bullets(tuple(Said("{line}", line=link) for link in ticket.links), Said("Links")))
    return Answer(_KINDS[ticket.kind], Tone.INFO, tuple(parts), data=as_data(ticket))


def fields(ticket: Ticket) -> Part:
    """What is named, a label and its names each."""
    listed: list[tuple[Said, Said | str]] = [
        (Said("Cluster"), _names(ticket.clusters)),
        (Said("Cluster, one of"), _names(ticket.cluster_candidates)),
        (Said("Not in the inventory"), _names(ticket.unknown_clusters)),
        (Said("Namespace"), _names(ticket.namespaces)),
        (Said("Workload"), _names(ticket.workloads)),
        (Said("Pod"), _names(ticket.pods)),
        (Said("Node"), _names(ticket.nodes)),
        (Said("Account"), ticket.account or ""),
        *((Said("When"), Said("{start} to {end}", start=when.start, end=when.end)) for when in ticket.times),
    ]
    told = tuple((label, value) for label, value in listed if value)
    return Fields(told) if told else Text(Said("It names no cluster, no workload and no time."))


def as_data(ticket: Ticket) -> Mapping[str, object]:
    """Every field, always; lists may be empty."""
    return {
        "language": ticket.language,
        "kind": ticket.kind,
        "clusters": ticket.clusters,
        "cluster_candidates": ticket.cluster_candidates,
        "unknown_clusters": ticket.unknown_clusters,
        "namespaces": ticket.namespaces,
        "nodes": ticket.nodes,
        "workloads": ticket.workloads,
        "pods": ticket.pods,
        "account": ticket.account,
        "times": [{"from": when.start, "to": when.end} for when in ticket.times],
        "error_lines": ticket.error_lines,
        "links": ticket.links,
    }


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)
