"""A ticket's text as a typed reading: which clusters, what in them, when, what was pasted, and what is wanted.

It reads only; nothing of it is looked up in a cluster. Secrets are gone before anything is read.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from knowledge.reading import times
from knowledge.reading.cluster_names import clusters_in
from knowledge.reading.late import late
from knowledge.reading.mentions import blank, tidy
from knowledge.reading.question import language_of
from knowledge.reading.ticket_asks import Kind, kind_of
from knowledge.reading.ticket_form import fields_of, plain
from knowledge.reading.ticket_names import names_in
from knowledge.reading.ticket_paste import Pasted, error_lines_in, pasted_in
from knowledge.secrets.redaction import redact

_LONGEST = 40_000
_TITLE = late(r"^[ \t]*\*?\[(?:Q&A|문의|질문|요청|FAQ|Forwarded)[^\]\n]*\][^\n]*$", re.IGNORECASE | re.MULTILINE)
_LINK = late(r"\b(?:https?|ftp)://[^\s<>\"'`)\]}|가-힣]+", re.IGNORECASE)
_FORWARDED = late(r"^[ \t]*>.*$", re.MULTILINE)
_QUOTED = late(r"`[^`\n]*`|\"[^\"\n]*\"")


@dataclass(frozen=True)
class Ticket:
    """What a ticket says. ``clusters`` are exact names of the inventory in order of mention, ``cluster_candidates``
    those that may be meant where it is not clear, ``unknown_clusters`` what is called a cluster and resembles none."""

    language: str
    kind: Kind
    clusters: tuple[str, ...]
    cluster_candidates: tuple[str, ...]
    unknown_clusters: tuple[str, ...]
    namespaces: tuple[str, ...]
    workloads: tuple[str, ...]
    pods: tuple[str, ...]
    nodes: tuple[str, ...]
    account: str | None
    times: tuple[times.Interval, ...]
    error_lines: tuple[str, ...]
    links: tuple[str, ...]


def read(text: str, *, now: datetime, zone: tzinfo, clusters: Sequence[str], people: Iterable[str] = ()) -> Ticket:
    """The reading of a ticket that was written at ``now`` by somebody in ``zone``; ``clusters`` and ``people`` (owners
    and members) are those of the inventory."""
    bare = redact(plain(text[:_LONGEST]))
    form = fields_of(_TITLE.sub("", bare), frozenset(person.lower() for person in people))
    body = _same_place(form.text)
    pasted = pasted_in(body)
    known = clusters_in(body, clusters)
    told = times.spots(body, now, zone)
    links = _links(body, pasted)
    own = tidy(blank(body, pasted.spans).replace("\x00", " "))
    own = _FORWARDED.sub(" ", own)
    errors = error_lines_in(body, pasted.spans)
    names = names_in(
        body, pasted, known.spans, [span for spot in told for span in spot.spans], (*known.candidates, *known.unknown)
    )
    return Ticket(
        language=language_of(own),
        kind=kind_of(_LINK.sub(" ", own), errors=bool(errors)),
        clusters=known.named,
        cluster_candidates=known.candidates,
        unknown_clusters=known.unknown,
        namespaces=names.namespaces,
        workloads=names.workloads,
        pods=names.pods,
        nodes=names.nodes,
        account=form.account,
        times=tuple(dict.fromkeys(spot.when for spot in _told_once(told, body))),
        error_lines=errors,
        links=links,
    )


def _same_place(text: str) -> str:
    """A tidy text that keeps its lines."""
    return "\n".join(tidy(line) for line in text.split("\n"))


def _links(text: str, pasted: Pasted) -> tuple[str, ...]:
    """Addresses that the writer gives to look at; those in pasted output are part of it."""
    left = _QUOTED.sub(lambda match: " " * len(match[0]), blank(text, pasted.spans))
    return tuple(dict.fromkeys(match[0].rstrip(".,;:!?*_/") for match in _LINK.finditer(left)))


_DATED = late(r"\d\s?[/.-]\s?\d|월|일|오늘|어제|그제|그저께|day\b|[A-Za-z]{3,}\s+\d", re.IGNORECASE)
_HALF_A_DAY = 12 * 3600


def _told_once(told: Sequence[times.Spot], text: str) -> tuple[times.Spot, ...]:
    """Without a bare clock time that the writer tells again with its day: "at 3 ... (yesterday, 3 pm)"."""
    dated = [spot for spot in told if _DATED.search(text[spot.begin : spot.stop])]
    return tuple(spot for spot in told if spot in dated or not any(_same_clock(spot, other) for other in dated))


def _same_clock(one: times.Spot, other: times.Spot) -> bool:
    apart = (one.when.start - other.when.start).total_seconds()
    return apart % _HALF_A_DAY == 0 and one.when.end - one.when.start == other.when.end - other.when.start
