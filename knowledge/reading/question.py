"""A question in free text, Korean or English, as a typed reading: what it is about, where and when.

It reads only; what of the names exists is found out by whoever asks the cluster.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from knowledge.reading import times
from knowledge.reading.cluster_names import clusters_in
from knowledge.reading.mentions import Mentions, blank, mentions_in, tidy
from knowledge.reading.names import PodName
from knowledge.reading.question_words import ABOUT_CHANGE, CHANGE_CLAUSE, FLEET, FOLLOWS, TOPICS

_HEAD, _TAIL = 8_000, 4_000
"""Of a longer text its beginning and its end are read: people say what they want there, and paste in between."""


class Topic(StrEnum):
    """What a question is about."""

    RESTART = "restart"
    MISSING = "missing"
    NOT_STARTING = "not starting"
    UNREACHABLE = "unreachable"
    SLOW = "slow"
    ERRORS = "errors"
    ROLLOUT = "rollout"
    STORAGE = "storage"
    CERTIFICATE = "certificate"
    SCALING = "scaling"
    NODE = "node"
    HEALTH = "health"
    LOG = "log"
    OTHER = "other"


class Scope(StrEnum):
    """How much a question is about. Without a name of anything it is the cluster."""

    WORKLOAD = "workload"
    NAMESPACE = "namespace"
    CLUSTER = "cluster"
    NODE = "node"
    FLEET = "fleet"


@dataclass(frozen=True)
class Question:
    """What a text asks. ``clusters`` are exact names of the inventory in order of mention; ``cluster_candidates``
    those that may be meant where it is not clear; ``unknown_clusters`` what is called a cluster and resembles none.
    ``names`` are names of objects as written, the likeliest first; ``pods`` the full names of pods among them."""

    language: str
    clusters: tuple[str, ...]
    cluster_candidates: tuple[str, ...]
    unknown_clusters: tuple[str, ...]
    namespaces: tuple[str, ...]
    names: tuple[str, ...]
    pods: tuple[PodName, ...]
    kinds: tuple[str, ...]
    hosts: tuple[str, ...]
    images: tuple[str, ...]
    labels: tuple[str, ...]
    when: times.Interval | None
    topic: Topic
    scope: Scope
    about_change: bool
    follow_up: bool


def read(text: str, *, now: datetime, zone: tzinfo, clusters: Sequence[str]) -> Question:
    """The reading of a text that was written at ``now`` by somebody in ``zone``; ``clusters`` is the inventory."""
    if len(text) > _HEAD + _TAIL:
        text = f"{text[:_HEAD]}\n{text[-_TAIL:]}"
    text = tidy(text)
    known = clusters_in(text, clusters)
    told = times.spots(text, now, zone)
    mentions = mentions_in(text, known.spans, [span for spot in told for span in spot.spans])
    plain = blank(text, known.spans).replace("\x00", " ")
    topic = _topic(plain)
    return Question(
        language=language_of(text),
        clusters=known.named,
        cluster_candidates=known.candidates,
        unknown_clusters=known.unknown,
        namespaces=mentions.namespaces,
        names=mentions.names,
        pods=mentions.pods,
        kinds=mentions.kinds,
        hosts=mentions.hosts,
        images=mentions.images,
        labels=mentions.labels,
        when=times.likeliest(told),
        topic=Topic.NODE if topic is Topic.OTHER and mentions.nodes else topic,
        scope=_scope(plain, topic, mentions),
        about_change=bool(ABOUT_CHANGE.search(plain)),
        follow_up=_follows(plain, topic, mentions, known.named),
    )


_PASTED = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|\"[^\"\n]*\"|https?://\S+", re.DOTALL)
_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]+")
_ENGLISH = re.compile(
    r"\b(?:the|is|are|was|were|why|what|which|when|how|who|does|did|do|has|have|can|could|would|my|our|your|we|you|it|this|that|in|on|of|to|"
    r"for|and|since|keeps?|please|not|with|there|any|from|but|be|at|show|me|after)\b",
    re.IGNORECASE,
)


def language_of(text: str) -> str:
    """The language to answer in: that of the writer's own sentences, not of what is quoted in them."""
    own = _PASTED.sub(" ", text)
    if not own.strip():
        own = text
    korean = len(_HANGUL.findall(own))
    return "ko" if korean and korean >= len(_ENGLISH.findall(own)) else "en"


_TOPICS = tuple((Topic[name], re.compile(form, re.IGNORECASE | re.ASCII)) for name, form in TOPICS)


def _topic(text: str) -> Topic:
    """The topic in the writer's own words; where they tell none, in what was pasted or in the change that is blamed."""
    own = _PASTED.sub(" ", text)
    for words in (CHANGE_CLAUSE.sub(" ", own), own, text):
        for topic, form in _TOPICS:
            if form.search(words):
                return topic
    return Topic.OTHER


def _scope(text: str, topic: Topic, mentions: Mentions) -> Scope:
    if FLEET.search(text):
        return Scope.FLEET
    workloads = [name for name in mentions.names if name not in mentions.namespaces and name not in mentions.nodes]
    if workloads or mentions.hosts:
        return Scope.WORKLOAD
    if mentions.nodes or topic is Topic.NODE:
        return Scope.NODE
    if mentions.namespaces:
        return Scope.NAMESPACE
    return Scope.CLUSTER


def _follows(text: str, topic: Topic, mentions: Mentions, clusters: Sequence[str]) -> bool:
    """Whether the question leans on the one before: it points back, or is too short to stand alone."""
    if mentions.names or mentions.hosts:
        return False
    if FOLLOWS.search(text):
        return True
    alone = mentions.namespaces or clusters or FLEET.search(text)
    short = 4 if topic in (Topic.LOG, Topic.OTHER) else 0 if mentions.kinds or topic is Topic.HEALTH else 2
    return not alone and 0 < len(text.split()) <= short
