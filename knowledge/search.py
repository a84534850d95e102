"""From words to known issues: BM25 over words, concepts of the field in two languages, and runs of words.

Nothing is kept on disk: an index of the shelf is built in a fraction of a second.
"""

import heapq
import math
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from knowledge.glossary import STOP, concepts_in, stem
from knowledge.known_issue import KnownIssue, our_shelf

_WORD = re.compile(r"[a-z][a-z0-9_]*(?:[.'-][a-z0-9_]+)*|\d{3}(?!\d)|[가-힣]+")
_PART = re.compile(r"[a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LATIN = re.compile(r"[a-z][a-z'_]*")
_VALUE = re.compile(r"\"[^\"\s]*\"|'[^'\s]*'|[^\s\"']*[\d/][^\s\"']*|[가-힣\n]+|[.;] ")
"""Names, numbers and addresses: what differs from one message to the next."""

_HANGUL = re.compile(r"[가-힣]+")
_COMMON_KO = frozenset(
    [
        "습니",
        "니다",
        "합니",
        "입니",
        "는데",
        "인데",
        "에서",
        "으로",
        "하는",
        "하고",
        "해서",
        "했는",
        "있는",
        "있습",
        "없습",
        "없는",
        "나요",
        "인가",
        "가요",
        "건가",
        "에요",
        "어요",
        "아요",
        "네요",
        "데요",
        "이에",
        "으면",
        "하면",
        "되나",
        "되는",
        "됩니",
        "저희",
        "부터",
        "까지",
        "그런",
        "이런",
        "어떻",
        "떻게",
        "게요",
        "니까",
        "습니",
        "지만",
        "같은",
        "같아",
        "것같",
        "확인",
        "부탁",
        "드립",
        "문의",
        "안녕",
        "하세",
        "세요",
        "감사",
        "혹시",
        "계속",
        "갑자",
        "자기",
        "나옵",
        "옵니",
        "뜹니",
        "해요",
        "했습",
        "라고",
        "이라",
        "라는",
        "면서",
        "었는",
        "었습",
        "았는",
        "았습",
        "는지",
        "을까",
        "까요",
        "주세",
        "한테",
        "때문",
        "하나",
        "정도",
        "에는",
        "에도",
        "에만",
        "쪽에",
        "했더",
        "더니",
        "하려",
        "려고",
    ]
)
_K1, _B = 1.1, 0.6
_WHOLE, _PASSAGE = 0.85, 0.35
"""How much an entry's whole text weighs, and its one symptom that fits best."""

_FIELD = {"title": 2.0, "symptoms": 1.1, "components": 0.7, "cause": 0.55, "confirm": 0.3, "fix": 0.35}
_KIND = {"w": 1.1, "c": 1.15, "k": 0.45, "r": 1.35, "t": 0.09, "-": 0.0}
"""Of a word, a concept, two Korean letters, a run of three words, three letters of a word."""

_LONGEST = 12_000
_KNOWN = 0.34
"""How sure the best must be; found by cross-validation on labelled queries (``tests/known``)."""

_NEAR = 0.5
_SURE = (0.788, 2.888, 0.64, 1.945, 1.337, -0.085, 0.113, 0.498, -3.786)
_BIAS = -6.578
_MOST = 160
_DEEP = 60
_EVERYWHERE = 20_000
"""A term that so many issues hold decides nothing, once rarer ones have found some."""

_KEPT = 5_000
READING = 1
"""Which way of taking a text apart this is: higher whenever ``terms_of`` gives other terms than before."""


@dataclass(frozen=True)
class Match:
    """An issue that fits. ``score`` lies between 0 and 1: how sure it is that this is it."""

    issue: KnownIssue
    score: float


@dataclass(frozen=True)
class _Passage:
    terms: frozenset[str]
    length: float


def terms_of(text: str) -> Counter[str]:
    """What of a text can be found again, each with the times it stands there."""
    found: Counter[str] = Counter()
    lower = _CAMEL.sub(" ", text).lower()
    whole = text.lower()
    stems: list[str] = []
    for word in _WORD.findall(lower):
        if _HANGUL.fullmatch(word):
            pairs = (word[i : i + 2] for i in range(len(word) - 1))
            found.update(f"k{pair}" for pair in pairs if pair not in _COMMON_KO)
            stems.append("")
            continue
        for part in _PART.findall(word) if re.search(r"[.'_-]", word) else (word,):
            if part in STOP or len(part) < 2:
                continue
            root = stem(part)
            found[f"w{root}"] += 1
            stems.append(root)
            if len(root) > 5:
                found.update(f"t{root[i : i + 4]}" for i in range(len(root) - 3))
    found.update(f"r{run}" for run in _runs(whole))
    joined = set(re.findall(r"[a-z]+(?:-[a-z0-9]+)+|[a-z]*[a-z][A-Z][A-Za-z]+", whole))
    found.update(f"w{stem(word)}" for word in joined)
    for concept in concepts_in(whole, stems):
        found[concept if concept.startswith("-") else f"c{concept}"] += 1
    return found


def _runs(text: str) -> Iterator[str]:
    """Three words that follow each other in a message, without the values that stand in it."""
    for piece in _VALUE.split(text):
        words = _LATIN.findall(piece)
        for run in zip(words, words[1:], words[2:], strict=False):
            if sum(word not in STOP for word in run) > 1:
                yield " ".join(map(stem, run))


Weights = Mapping[str, float]


def weights_of(issue: KnownIssue) -> Weights:
    """The terms of an issue, each with what it weighs there. What is slow about an index: whoever keeps issues may
    keep these beside them, as long as ``READING`` is the same."""
    whole: dict[str, float] = defaultdict(float)
    for field, text in _texts(issue):
        weight = _FIELD[field]
        for term, times in terms_of(text).items():
            whole[term] += weight * min(times, 2)
    return whole


class Index:
    """An index over issues, in memory. It grows; what is said anew under an id takes the place of what was said."""

    def __init__(self, issues: Iterable[KnownIssue] = ()) -> None:
        self._issues: list[KnownIssue] = []
        self._postings: dict[str, tuple[array[int], array[float]]] = {}
        self._passages: dict[int, list[_Passage]] = {}
        self._numbers: dict[str, int] = {}
        self._lengths = array("f")
        self._total = 0.0
        for issue in issues:
            self.add(issue)

    @property
    def issues(self) -> tuple[KnownIssue, ...]:
        return tuple(self._issues[number] for number in sorted(self._numbers.values()))

    def get(self, id: str) -> KnownIssue | None:
        number = self._numbers.get(id)
        return None if number is None else self._issues[number]

    def add(self, issue: KnownIssue, weights: Weights | None = None) -> None:
        """``weights``: as ``weights_of`` gave them, where they were kept."""
        self.drop(issue.id)
        weights = weights_of(issue) if weights is None else weights
        number = len(self._issues)
        self._issues.append(issue)
        self._numbers[issue.id] = number
        self._lengths.append(sum(weights.values()))
        self._total += self._lengths[number]
        for term, weight in weights.items():
            posting = self._postings.get(term)
            if posting is None:
                posting = self._postings[term] = (array("I"), array("f"))
            posting[0].append(number)
            posting[1].append(weight)

    def drop(self, id: str) -> None:
        """An issue that was retired is found no more. Its terms stay behind, and cost a little room."""
        number = self._numbers.pop(id, None)
        if number is not None:
            self._total -= self._lengths[number]

    def _idf(self, term: str) -> float:
        holding = len(self._postings[term][0]) if term in self._postings else 0
        return math.log(1 + max(0.0, len(self._issues) - holding + 0.5) / (holding + 0.5))

    def _weight(self, term: str) -> float:
        return self._idf(term) * _KIND[term[0]]

    def search(self, text: str, most: int = 5) -> list[tuple[KnownIssue, float]]:
        """Issues by their raw score, the best first."""
        asked = terms_of(text)
        known = sorted((term for term in asked if term in self._postings), key=self._weight, reverse=True)[:_MOST]
        scores: dict[int, float] = defaultdict(float)
        mean = self._total / len(self._numbers) if self._numbers else 1.0
        for term in known:
            worth = self._weight(term) * (1 + 0.3 * math.log(asked[term]))
            holders, held = self._postings[term]
            if worth < 0.05 or (scores and len(holders) > _EVERYWHERE):
                continue
            for number, times in zip(holders, held, strict=True):
                long = 1 - _B + _B * self._lengths[number] / mean
                scores[number] += worth * times * (_K1 + 1) / (times + _K1 * long)
        there = (number for number in scores if self._numbers.get(self._issues[number].id) == number)
        best = heapq.nlargest(_DEEP, there, key=scores.__getitem__)
        weights = {term: self._weight(term) for term in known}
        ranked = [(self._issues[n], _WHOLE * scores[n] + _PASSAGE * self._passage(n, weights)) for n in best]
        return sorted(ranked, key=lambda pair: -pair[1])[:most]

    def sureness(self, text: str, found: Sequence[tuple[KnownIssue, float]]) -> float:
        """How likely the best issue is the right one, between 0 and 1."""
        features = self._features(text, found)
        if not features:
            return 0.0
        total = _BIAS + sum(weight * value for weight, value in zip(_SURE, features, strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))

    def _features(self, text: str, found: Sequence[tuple[KnownIssue, float]]) -> tuple[float, ...]:
        """What tells whether the best issue is the right one at all: how much of the text it covers, how far the next
        lies behind, how much of the text nobody on the shelf has a word for."""
        asked = terms_of(text)
        if not found or found[0][1] <= 0:
            return ()
        best, score = found[0]
        number = self._numbers[best.id]
        holds = {term for passage in self._passages_of(number) for term in passage.terms}
        words = [term for term in asked if term[0] in "wk"]
        strange = sum(term not in self._postings for term in words) / max(1, len(words))
        concepts = [term for term in asked if term[0] == "c"]
        weight = {term: self._weight(term) for term in asked if term[0] in "wcr"}
        known = sum(weight.values()) or 1.0
        told = sum(worth for term, worth in weight.items() if term in holds)
        runs = sum(term in holds for term in asked if term[0] == "r")
        elsewhere = sum(term[0] == "-" and not self._in(term, number) for term in asked)
        second = found[1][1] if len(found) > 1 else 0.0
        return (
            math.log(1 + score),
            told / known,
            strange,
            (score - second) / score,
            math.log(1 + len(concepts)),
            math.log(1 + len(words)),
            min(runs, 3),
            math.log(1 + told),
            min(elsewhere, 2),
        )

    def _in(self, term: str, number: int) -> bool:
        return term in self._postings and number in self._postings[term][0]

    def _passages_of(self, number: int) -> list[_Passage]:
        """Made when an issue is first looked at: of a hundred thousand few ever are."""
        made = self._passages.get(number)
        if made is None:
            if len(self._passages) >= _KEPT:
                self._passages.clear()
            issue = self._issues[number]
            told = map(terms_of, (_title(issue), *issue.symptoms))
            made = self._passages[number] = [_Passage(frozenset(terms), _length(terms)) for terms in told]
        return made

    def _passage(self, number: int, weights: dict[str, float]) -> float:
        """How well the one title or symptom fits that fits best; a little of the second too."""
        fits = sorted(
            (
                sum(weight for term, weight in weights.items() if term in passage.terms) / (0.6 + 0.4 * passage.length)
                for passage in self._passages_of(number)
            ),
            reverse=True,
        )
        return fits[0] + 0.25 * sum(fits[1:2]) if fits else 0.0


def _length(terms: Counter[str]) -> float:
    """A passage's length, 1 for one of ordinary length."""
    return max(0.6, sum(1 for term in terms if term[0] in "wc") / 14)


def _title(issue: KnownIssue) -> str:
    return f"{issue.title} {issue.id.replace('-', ' ')}"


def _texts(issue: KnownIssue) -> Iterator[tuple[str, str]]:
    yield "title", _title(issue)
    for symptom in issue.symptoms:
        yield "symptoms", symptom
    yield "components", " ".join(issue.components)
    yield "cause", issue.cause
    yield "confirm", " ".join(issue.confirm)
    yield "fix", issue.fix


def told_by(detector: str, words: str) -> KnownIssue | None:
    """The one issue of our shelf that a detector proves and whose message stands in the words of what it found.

    A detector may stand for several issues, so its name alone is not enough. Needs no index.
    """
    said = set(_runs(words.lower()))
    fitting = [
        issue
        for issue in our_shelf().issues
        if issue.detector == detector and said & set(_runs(" ; ".join((issue.title, *issue.symptoms)).lower()))
    ]
    return fitting[0] if len(fitting) == 1 else None


def known(text: str, index: Index, most: int = 5) -> list[Match]:
    """Issues that a text is likely to be about, the surest first; none when nothing is known of it."""
    found = index.search(text[:_LONGEST], most)
    sure = index.sureness(text[:_LONGEST], found)
    if sure < _KNOWN:
        return []
    best = found[0][1]
    return [Match(issue, sure * score / best) for issue, score in found if score >= _NEAR * best]
