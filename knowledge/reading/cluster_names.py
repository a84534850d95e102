"""Which clusters of an inventory a text names: exactly, with a slip of the fingers, or only in part."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.reading.names import distance, looks_like_a_pod, nearest, normal
from knowledge.reading.question_words import ENVIRONMENTS, EVERY_KIND, is_stop_word

_WORD = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_CLUSTER = r"(?:clusters?|context|클러스터)"
_BEFORE = re.compile(
    rf"(?:{_CLUSTER}(?:\s+(?:named|called|name|이름))?(?:\s*(?:is|은|는|이|명은|→))?\s*[:=]?\s*|--(?:context|cluster|kube-context)[\s=]|"
    r"/clusters/|[?&]?(?:var-)?cluster(?:_name)?\"?\s*[=:]\s*\"?)[\"'`]?\Z",
    re.IGNORECASE,
)
_A_NAME = re.compile(r"[A-Za-z0-9]+-[A-Za-z0-9-]*[A-Za-z0-9]\s?\Z")
"""In ``shop-prod 클러스터 checkout`` the word for a cluster belongs to the name before it."""

_AFTER = re.compile(rf"[\"'`]?\s?(?:쪽\s?|의\s?)?(?:k8s\s|kubernetes\s|쿠버네티스\s)?{_CLUSTER}", re.IGNORECASE)
_PLACE_BEFORE = re.compile(r"\b(?:in|on|at|for|of)\s+(?:the\s+|our\s+)?[\"'`]?\Z", re.IGNORECASE)
_PLACE_AFTER = re.compile(r"[\"'`]?\s?(?:에서|에\s|쪽|입니다|이에요|예요|의\s)")
_KIND_AFTER = re.compile(
    r"[\"'`]?\s?(?:namespace|ns\b|deployment|service|svc|statefulset|daemonset|ingress|네임스페이스|디플로이먼트|서비스|"
    r"스테이트풀셋|데몬셋|잉그레스|인그레스)",
    re.IGNORECASE,
)
_KIND_BEFORE = re.compile(
    rf"(?:(?<![a-z])(?:namespaces?|ns|{EVERY_KIND})\s*[:=]?\s*|(?:{EVERY_KIND}|ns|namespace)/|\s-n\s|--namespace[\s=]|"
    r"네임스페이스(?:는|은)?\s*:?\s*)[\"'`]?\Z",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(r"[\"'`]?\s?(?:클러스터\s?)?(?:가|이|는)?\s?(?:아니고|아니라|말고|아닙니다)")
_NOT = re.compile(r"\bnot\s+(?:in\s+|on\s+)?(?:the\s+)?[\"'`]?\Z", re.IGNORECASE)
_I_MEANT = re.compile(r"\b(?:i\s+meant?|correction)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Clusters:
    """What a text says of clusters, and the spans in which it says it."""

    named: tuple[str, ...]
    candidates: tuple[str, ...]
    unknown: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


class _Inventory:
    """The names that exist, prepared for looking up."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.exact = {normal(name): name for name in names}
        self.longest = max((name.count("-") + 1 for name in self.exact), default=0)
        self.halves: dict[tuple[int, str], list[str]] = {}
        self.beginnings: dict[str, list[str]] = {}
        for name in self.exact:
            half = len(name) // 2 - 1
            for key in {(len(name), name[:half]), (-len(name), name[-half:])} if half > 1 else ():
                self.halves.setdefault(key, []).append(name)
            parts = name.split("-")
            for end in range(1, len(parts)):
                self.beginnings.setdefault("-".join(parts[:end]), []).append(name)

    def slips(self, name: str) -> list[str]:
        """Names that differ by one letter: one half of them is then still as it was."""
        near: set[str] = set()
        for length in (len(name) - 1, len(name), len(name) + 1):
            half = length // 2 - 1
            if half > 1:
                near.update(self.halves.get((length, name[:half]), ()))
                near.update(self.halves.get((-length, name[-half:]), ()))
        return sorted(other for other in near if distance(name, other, 1) == 1)

    def numbered_alike(self, name: str) -> list[str]:
        stem = re.sub(r"\d+", "#", name)
        begins = self.beginnings.get(name.rsplit("-", 1)[0], ()) if "-" in name else ()
        return [other for other in begins if re.sub(r"\d+", "#", other) == stem]

    def with_part(self, part: str) -> list[str]:
        return [name for name in self.exact if f"-{part}-" in f"-{name}-"]


@lru_cache(maxsize=8)
def _inventory(names: tuple[str, ...]) -> _Inventory:
    return _Inventory(names)


def clusters_in(text: str, names: Sequence[str]) -> Clusters:
    """The clusters that a text names; of two names in one place the longer."""
    known = _inventory(tuple(names))
    found: list[tuple[int, int, str]] = []
    doubtful: list[tuple[int, int, str]] = []
    end = 0
    for begin, stop, words in _phrases(text, known.longest):
        if begin < end:
            continue
        exact = _exact(text, begin, words, known)
        if exact:
            stop, name = exact
            if not _names_something_else(text, begin, stop):
                found.append((begin, stop, name))
                end = stop
                extra = _slash(text, stop, name, known)
                found.extend(extra)
                end = max([end, *(stop for _, stop, _ in extra)])
        else:
            doubtful.append((begin, stop, text[begin:stop]))
    spans = [(begin, stop) for begin, stop, _ in found]
    found = _without_corrected(text, found)
    chosen = list(dict.fromkeys(known.exact[name] for _, _, name in found))
    candidates, unknown, more = _doubts(text, doubtful, known, bool(chosen))
    chosen.extend(name for name, _ in more if name not in chosen)
    spans += [span for _, span in more]
    spans += [span for _, span in (*candidates, *unknown) if _called_a_cluster(text, *span)]
    listed = tuple(
        n for n in dict.fromkeys(known.exact[n] for names, _ in candidates for n in names) if n not in chosen
    )
    return Clusters(tuple(chosen), listed, tuple(dict.fromkeys(word for word, _ in unknown)), tuple(spans))


def _phrases(text: str, longest: int) -> Iterator[tuple[int, int, list[tuple[int, str]]]]:
    """Each word of Latin letters, with the words behind it that may belong to a name written with spaces."""
    words = [(match.start(), match.end()) for match in _WORD.finditer(text)]
    for i, (begin, stop) in enumerate(words):
        if begin and (
            text[begin - 1] in "._-" or (text[begin - 1] == "@" and text[begin - 2 : begin - 1] in ("", " ", "@"))
        ):
            continue
        ends = [(stop, text[begin:stop])]
        for following_begin, following_stop in words[i + 1 : i + longest]:
            if text[ends[-1][0] : following_begin] != " ":
                break
            ends.append((following_stop, text[begin:following_stop]))
        yield begin, stop, ends


def _exact(text: str, begin: int, ends: list[tuple[int, str]], known: _Inventory) -> tuple[int, str] | None:
    for stop, phrase in reversed(ends):
        name = phrase.lower().replace("_", "-").replace(" ", "-")
        if name not in known.exact or text[stop : stop + 1] == "-" or re.match(r"[._]\w", text[stop : stop + 2]):
            continue
        placed = _PLACE_AFTER.match(text, stop) or _PLACE_BEFORE.search(text[max(0, begin - 20) : begin])
        if is_stop_word(name) and not placed and not _called_a_cluster(text, begin, stop):
            continue
        return stop, name
    return None


def _called_a_cluster(text: str, begin: int, stop: int) -> bool:
    near = text[max(0, begin - 40) : stop + 30].lower()
    if "luster" not in near and "context" not in near and "클러스터" not in near:
        return False
    before = _BEFORE.search(text[max(0, begin - 40) : begin])
    if before and not before[0].rstrip("\"'` ").endswith((":", "=")):
        named_already = text[: max(0, begin - 40) + before.start()]
        before = None if _A_NAME.search(named_already[-40:]) else before
    return bool(before or _AFTER.match(text, stop))


def _names_something_else(text: str, begin: int, stop: int) -> bool:
    """A namespace or a workload may be called like a cluster."""
    if _called_a_cluster(text, begin, stop):
        return False
    before = text[max(0, begin - 40) : begin]
    return bool(_KIND_BEFORE.search(before) or _KIND_AFTER.match(text, stop))


def _slash(text: str, stop: int, name: str, known: _Inventory) -> list[tuple[int, int, str]]:
    """``order-api-prod/dev`` names two."""
    more = []
    while match := re.compile(r"\s?/\s?([A-Za-z0-9-]+)").match(text, stop):
        twin = f"{name.rsplit('-', 1)[0]}-{match[1].lower()}"
        if twin not in known.exact:
            break
        more.append((match.start(1), match.end(1), twin))
        stop = match.end(1)
    return more


def _without_corrected(text: str, found: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    kept = []
    for i, (begin, stop, name) in enumerate(found):
        taken_back = _TAKEN_BACK.match(text, stop) or _NOT.search(text[max(0, begin - 20) : begin])
        following = found[i + 1][0] if i + 1 < len(found) else stop
        if not taken_back and not _I_MEANT.search(text[stop:following]):
            kept.append((begin, stop, name))
    short = re.findall(r"([A-Za-z0-9]+)\s?(?:아니고|아니라|말고)", text)
    cut = [entry for entry in kept if not any(entry[2].endswith("-" + word.lower()) for word in short)]
    return cut or kept


_Doubt = tuple[list[str], tuple[int, int]]


def _doubts(
    text: str, doubtful: list[tuple[int, int, str]], known: _Inventory, chosen: bool
) -> tuple[list[_Doubt], list[tuple[str, tuple[int, int]]], list[tuple[str, tuple[int, int]]]]:
    """Words that are nearly a cluster's name: candidates, unknown ones, and those that can only be one."""
    candidates: list[_Doubt] = []
    unknown: list[tuple[str, tuple[int, int]]] = []
    sure: list[tuple[str, tuple[int, int]]] = []
    seen: set[str] = set()
    for begin, stop, word in doubtful:
        if "-" not in word and stop - begin < 4 and is_stop_word(word):
            continue
        name, span = normal(word), (begin, stop)
        if name in seen:
            continue
        called = _called_a_cluster(text, begin, stop)
        if len(name) < 2 or (is_stop_word(name) and not known.with_part(name)) or looks_like_a_pod(name):
            continue
        if not called and ("-" not in name or _names_something_else(text, begin, stop)):
            placed: object = _PLACE_BEFORE.search(text[max(0, begin - 20) : begin])
            longer = re.match(r"/|\.[A-Za-z]", text[stop : stop + 2])
            placed = placed or (name in ENVIRONMENTS and _PLACE_AFTER.match(text, stop))
            if not chosen and placed and not longer and name in ENVIRONMENTS and known.with_part(name):
                candidates.append((known.with_part(name), span))
                continue
            if chosen or not placed or longer or name not in known.beginnings or is_stop_word(name):
                continue
        if called and is_stop_word(name) and not _AFTER.match(text, stop):
            continue
        seen.add(name)
        slips = known.slips(name)
        alike = [other for other in slips if re.sub(r"\d+", "#", other) == re.sub(r"\d+", "#", name)]
        if alike or (called and known.numbered_alike(name)):
            if called:
                candidates.append((known.numbered_alike(name) or alike, span))
        elif len(slips) == 1:
            sure.append((known.exact[slips[0]], span))
        elif slips:
            candidates.append((slips, span))
        elif name in known.beginnings and (called or not chosen):
            candidates.append((known.beginnings[name], span))
        elif called:
            near = known.with_part(name) or list(map(normal, nearest(name, known.exact, 3)))
            if near:
                candidates.append((near, span))
            elif name not in ("k8s", "kubernetes"):
                unknown.append((word, span))
    return candidates, unknown, sure
