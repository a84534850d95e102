"""Names of Kubernetes objects: whose pod a name belongs to, and which existing name somebody probably meant."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

UNKNOWN = "Unknown"

_SAFE = "[bcdfghjklmnpqrstvwxz2456789]"
"""Kubernetes makes suffixes from these: no vowels, so no words, and nothing that looks like something else."""

_CRON_JOB = re.compile(rf"(?P<workload>.+)-(?P<run>[23]\d{{7}})-{_SAFE}{{5}}")
_CRON_JOB_RUN = re.compile(r"(?P<workload>.+)-[23]\d{7}")
_DEPLOYMENT = re.compile(rf"(?P<workload>.+)-{_SAFE}{{8,10}}-{_SAFE}{{5}}")
_LIKE_DEPLOYMENT = re.compile(r"(?P<workload>.+)-(?=[a-z]*\d[a-z]*\d)(?=\d*[a-z])[a-z0-9]{8,10}-[a-z0-9]{5}")
"""Hashes as people retype or invent them: the right lengths, letters that Kubernetes would not have taken."""

_STATEFUL_SET = re.compile(r"(?P<workload>.*[a-z0-9])-(?:0|[1-9]\d{0,3})")
_SUFFIXED = re.compile(rf"(?P<workload>.*[a-z0-9])-{_SAFE}{{5}}")
_LAST_PART = re.compile(r"(?P<workload>.*[a-z0-9])-[a-z0-9]{3,10}")


@dataclass(frozen=True)
class PodName:
    """A pod's full name and the workload that it tells. Where it tells none for certain the kind is ``Unknown`` and
    ``candidates`` holds the workloads that it may belong to, as (name, kind), the likeliest first."""

    name: str
    workload: str
    kind: str
    candidates: tuple[tuple[str, str], ...] = ()

    @property
    def certain(self) -> bool:
        return self.kind != UNKNOWN


def workload_of(pod_name: str) -> PodName:
    """The workload that a pod's name tells."""
    name = pod_name.lower()
    for form, kind in (
        (_CRON_JOB, "CronJob"),
        (_DEPLOYMENT, "Deployment"),
        (_LIKE_DEPLOYMENT, "Deployment"),
        (_STATEFUL_SET, "StatefulSet"),
    ):
        if match := form.fullmatch(name):
            return PodName(pod_name, match["workload"], kind)
    if match := _SUFFIXED.fullmatch(name):
        workload = match["workload"]
        kinds = ("DaemonSet", "Job", "ReplicaSet")
        return PodName(pod_name, workload, UNKNOWN, (*((workload, kind) for kind in kinds), (name, "Pod")))
    if match := _LAST_PART.fullmatch(name):
        return PodName(pod_name, name, UNKNOWN, ((name, "Pod"), (match["workload"], "Deployment")))
    return PodName(pod_name, name, UNKNOWN, ((name, "Pod"),))


def looks_like_a_pod(name: str) -> bool:
    """Whether a name can hardly be anything but a pod's."""
    name = name.lower()
    if _CRON_JOB.fullmatch(name) or _DEPLOYMENT.fullmatch(name) or _LIKE_DEPLOYMENT.fullmatch(name):
        return True
    return bool(_SUFFIXED.fullmatch(name) and re.search(r"\d", name[-5:]))


def has_an_ordinal(name: str) -> bool:
    """Whether a name ends as a StatefulSet's pod does; other things are numbered too."""
    return bool(_STATEFUL_SET.fullmatch(name.lower())) and not _CRON_JOB_RUN.fullmatch(name.lower())


def normal(name: str) -> str:
    """A name as Kubernetes spells it: ``Order_API prod`` is ``order-api-prod``."""
    return re.sub(r"[\s_.-]+", "-", name.strip().lower()).strip("-")


def nearest(name: str, candidates: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """Up to ``limit`` candidates that a name may mean, the likeliest first: the same but for spelling, a slip of the
    fingers, a missing or additional part, parts in another order, a name that holds it."""
    wanted = normal(name)
    if not wanted:
        return ()
    scored = ((_cost(wanted, normal(candidate)), candidate) for candidate in set(candidates))
    fitting = sorted((cost, len(candidate), candidate) for cost, candidate in scored if cost is not None)
    return tuple(candidate for _, _, candidate in fitting[:limit])


def _cost(wanted: str, other: str) -> float | None:
    if wanted == other:
        return 0.0
    if wanted.replace("-", "") == other.replace("-", ""):
        return 0.1
    if "-" in wanted and sorted(wanted.split("-")) == sorted(other.split("-")):
        return 0.5
    allowed = 0 if len(wanted) < 4 else 1 if len(wanted) < 8 else 2 if len(wanted) < 14 else 3
    slips = distance(wanted, other, allowed)
    if slips <= allowed:
        return float(slips) + (0.3 if wanted[0] != other[:1] else 0.0)
    if other.startswith(wanted + "-") or wanted.startswith(other + "-"):
        return 1.2
    if f"-{wanted}-" in f"-{other}-":
        return 1.6
    if len(wanted) >= 3 and wanted in other:
        return 2.2
    beginning = "-".join(other.split("-")[: wanted.count("-") + 1])
    if allowed and beginning != other and distance(wanted, beginning, 1) == 1:
        return 2.3
    if len(other) >= 4 and f"-{other}-" in f"-{wanted}-":
        return 2.4
    return None


def distance(one: str, other: str, at_most: int) -> int:
    """How many letters are wrong, missing, too many or swapped with their neighbour; ``at_most + 1`` for any more."""
    if one == other:
        return 0
    if abs(len(one) - len(other)) > at_most or len(set(one) - set(other)) > at_most:
        return at_most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > at_most:
            return at_most + 1
    return min(row[-1], at_most + 1)
