"""The names that a text mentions, and what it takes them for: objects, kinds, pods, namespaces, hosts, images, labels.

Spans that are understood are blanked, so that what is left can be read as plain words.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.reading.names import PodName, has_an_ordinal, looks_like_a_pod, workload_of
from knowledge.reading.question_words import (
    ALSO_NAMES,
    ENVIRONMENTS,
    EVERY_KIND,
    KINDS,
    NEVER_NAMES,
    NEVER_SPELT_APART,
    is_stop_word,
)

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe0f]")
_SLACK = re.compile(r"<(?:[@#!][^<>\s]*(?:\|[^<>]*)?|mailto:[^<>]*)>")
_SLACK_LINK = re.compile(r"<((?:https?|tel|ftp)://[^<>|\s]+)(?:\|[^<>]*)?>")
_ENDLESS = re.compile(r"[\w./@+-]{254,}")
"""Longer than a name can be: encoded data. It names nothing and would be slow to read."""

_DASHES = str.maketrans({"‐": "-", "‑": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "\u00a0": " "})

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"
_Q = r"[\"'`*]?"
_URL = re.compile(r"\b[a-z][a-z0-9+]{1,11}://[^\s<>\"'`)\]}가-힣]+", re.IGNORECASE)
_HOST = re.compile(
    r"(?<![\w./@-])(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:svc|local|internal|com|net|org|io|kr|co|dev|app|cloud|ai|jp|de|eu)"
    r"(?![A-Za-z0-9_-])(?!\.[a-z0-9])(?::\d{2,5})?(?:/[^\s<>\"'`)\]가-힣]*)?",
    re.IGNORECASE,
)
_IMAGE = re.compile(
    r"(?<![\w./@:-])(?:(?:[a-z0-9.-]+\.[a-z]{2,}(?::\d+)?|localhost:\d+)/[a-z0-9][a-z0-9._/-]*(?::[\w][\w.-]*)?(?:@sha256:[0-9a-f]+)?"
    r"|(?:[a-z0-9._-]+/)*[a-z][a-z0-9._-]*(?::(?:v?\d[\w.-]*|latest|stable|alpine|main|master)(?![\w.:-])(?:@sha256:[0-9a-f]+)?"
    r"|@sha256:[0-9a-f]+))",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:(?<=-l )|(?<=--selector[ =])|(?<=label )|(?<=labels )|(?<=selector )|(?<=라벨 )|(?<=레이블 ))"
    r"[\w./-]+=[\w.-]+(?:,[\w./-]+=[\w.-]+)*"
    r"|(?<![\w./?&-])(?:app(?:\.kubernetes\.io/[a-z-]+)?|name|tier|component|release|version|team|track|role|k8s-app|"
    r"pod-template-hash)=[\w.-]+",
    re.IGNORECASE,
)
_PROMPT = re.compile(r"[\w.-]+@[\w.-]+:[^\s$#]*[$#]")
_NOISE = re.compile(
    r"\b(?:gateway|read|request|connect(?:ion)?)\s+time[d-]?\s?outs?|"
    r"@@?[\w.-]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\w)-{1,2}[a-z][\w-]*(?:=\S*)?|(?<![\w])/[\w./-]+|"
    r"\b[\w.-]+\.(?:java|py|go|js|ts|kt|ya?ml|json|sh|onnx|log|txt|conf|xml)\b(?::\d+)?|(?<![\w-])\d[A-Za-z0-9.]*(?![A-Za-z0-9_-])|"
    r"\b[a-z_]+\.[a-z][\w.]*\(|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]+\b|(?<![\w-])(?:v\d[A-Za-z0-9.]*|p\d\d|x\d+)(?![A-Za-z0-9_-])|\brevision\s+\d+",
    re.IGNORECASE,
)
_NAMESPACES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?:(?<=\s)|^)(?:-n|--namespace)(?:\s+|=)(?P<ns>{_NAME})",
        rf"(?<![\w/-])(?:namespaces?|ns)/(?P<ns>{_NAME})",
        rf"(?:[?&](?:var-)?|\"|\b)namespace\"?\s*[=:]\s*\"(?P<ns>{_NAME})\"",
        rf"(?:[?&](?:var-)?namespace=|/namespaces/|/ns/)(?P<ns>{_NAME})",
        rf"(?:{_NAME})_(?P<ns>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\([0-9a-f-]{{8,36}}\)",
    )
)
_NS_WORD = re.compile(r"(?<![\w-])(?:namespaces?|ns|네임스페이스)(?![A-Za-z0-9_-])", re.IGNORECASE)
_NS_BEFORE = re.compile(rf"(?<![\w./-])(?P<ns>{_NAME}){_Q}(?:라는|란|이라는|의)?\s*\Z")
_NS_AFTER = re.compile(
    rf"\s*(?:is|called|named|는|은|이름은|가|이|→)?\s*[:=]?\s*{_Q}(?P<ns>{_NAME})(?P<more>\s*(?:,|and|및|와|/)\s*{_NAME}(?![\w./-]))?",
    re.IGNORECASE,
)
_POD_OF = re.compile(rf"\b(?P<pod>{_NAME})_[a-z0-9-]+\([0-9a-f-]{{8,36}}\)")
_SHORT_KINDS = "po|deploy|sts|ds|rs|cj|svc|ing|no|pv|hpa|cm|sa|ns"
_KIND_SLASH = re.compile(
    rf"(?<![A-Za-z0-9_./-])(?P<kind>[A-Za-z]+|[가-힣]+)(?:\.apps)?/(?P<name>{_NAME})(?![\w/])", re.IGNORECASE
)
_A_KIND = re.compile(rf"{EVERY_KIND}|{_SHORT_KINDS}", re.IGNORECASE)
_PAIR = re.compile(rf"(?<![\w./:@-])(?P<ns>{_NAME})/(?P<name>{_NAME})(?![\w/:])", re.IGNORECASE)
_KUBECTL = re.compile(
    rf"\bkubectl\b[^\n|]*?\b(?:logs|exec|describe|get|delete|rollout\s+\w+|top|scale)\s+(?:-\S+\s+)*"
    rf"(?:(?:{EVERY_KIND}|{_SHORT_KINDS})\s+)?(?P<name>{_NAME})(?![\w./=])",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?<![\w./@%+=&#\\-])[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?(?![A-Za-z0-9_=/(\\]|\.[A-Za-z])")
_KIND_WORD = re.compile(rf"(?<![A-Za-z0-9_-])(?:{EVERY_KIND})(?![A-Za-z0-9_-])", re.IGNORECASE)
_BEFORE_KIND = re.compile(
    rf"(?:(?<![A-Za-z0-9_-])(?:{EVERY_KIND}|container))\s*(?:named|called|name|is|이름은|이름이|명은|는|은|인|:|=|→)?\s*[:=]?\s*{_Q}\Z",
    re.IGNORECASE,
)
_AFTER_KIND = re.compile(rf"{_Q}(?:의|라는|이라는|란)?\s?(?:{EVERY_KIND})(?![A-Za-z0-9_-])", re.IGNORECASE)
_NODE_KIND = re.compile(r"(?:nodes?|no|노드)\b", re.IGNORECASE)
_SUBJECT_BEFORE = re.compile(
    r"\b(?:why|is|are|was|were|did|does|do|has|have|had|when|how|happened\s+to|wrong\s+with|can't|cannot|can|isn't|doesn't|didn't|won't)"
    r"\s+(?:(?:the|my|our|all)\s+)?[\"'`]?\Z",
    re.IGNORECASE,
)
_OWN_BEFORE = re.compile(r"\b(?:my|our|the|this|of|for|about|restart|logs?|check|debug)\s+[\"'`]?\Z", re.IGNORECASE)
_PEER_BEFORE = re.compile(
    r"\b(?:to|from|with|against|into|and|via|by|through|reach|reaching|call|calling|calls|resolve|resolving|reaches|between|on|uses|using|connect|access|after)"
    r"\s+(?:(?:the|my|our)\s+)?[\"'`]?\Z",
    re.IGNORECASE,
)
_VERB_AFTER = re.compile(
    r"[\"'`]?(?:'s)?\s+(?:pods?\s+)?(?:keeps?|is|are|was|were|has|have|can't|cannot|can\s?not|isn't|doesn't|didn't|won't|never|restart|crash|"
    r"died|went|got|gets|stopped|started|fail|throws|returns|shows|became|goes|responds|disappear|vanish|down|slow|ok\b)",
    re.IGNORECASE,
)
_WHY_BEFORE = re.compile(
    r"\b(?:why|how\s+come|when|since\s+when)\s+(?:is|are|was|were|does|do|did|has|have|isn't|doesn't|didn't|won't|can't)\s+"
    r"(?:(?:the|my|our)\s+)?\Z",
    re.IGNORECASE,
)
_ILL_AFTER = re.compile(
    r"\s+(?:still\s+|always\s+|constantly\s+|suddenly\s+)?(?:keeps?|restart|crash|die[sd]?\b|dying|fail|not\b|pending|down\b|slow\b|"
    r"unreachable|broken|stuck|unhealthy|evicted|killed|gone\b|missing|oom|in\s+(?:crash|pending|image)|start(?:ing)?\b|"
    r"unable|unavailable|terminat|disappear|flapping|scal|find\b|reach|connect\b|resolve|access\b|talk\b)",
    re.IGNORECASE,
)
_KO_ILL_AFTER = re.compile(
    r"(?:이|가|은|는)\s*(?:왜|자꾸|계속|안\s|재시작|죽|[a-z0-9.-]+\s?(?:를|을|에|로|으로|에서|까지)\s?(?:못|안|접속|연결))"
)
_SENTENCE_BEFORE = re.compile(r"(?:\A|[.!?\n,])\s*(?:(?:the|my|our|hi|hello)[\s,]+)*\Z", re.IGNORECASE)
_STATE_AFTER = re.compile(r"\s+(?:is|keeps?|was|has|won't|can't|cannot|doesn't|isn't)\b", re.IGNORECASE)
_WORD_BEFORE = re.compile(r"(?<![A-Za-z0-9-])(?P<word>[a-z][a-z0-9]{2,})\s\Z")
"""A name of several words is often written without its hyphens: "the log agent daemonset"."""
_KO_SUBJECT = re.compile(rf"{_Q}\s?(?:이|가|은|는|도|만|께서)(?![가-힣])")
_KO_OBJECT = re.compile(rf"{_Q}\s?(?:로|으로|에게|한테|까지|와|과|랑|하고|에)(?![가-힣])")
_KO_OTHER = re.compile(rf"{_Q}\s?(?:의|에서|라는|인데|입니다)(?![가-힣]{{3}})")
_NO_POD = r"(?:job|deployment|service|cluster|node|svc|namespace|host|pvc?|volume)|잡|볼륨|노드|서비스|디플로이먼트"
_NO_POD_BEFORE = re.compile(rf"\b{_NO_POD}", re.IGNORECASE)
_NO_POD_AFTER = re.compile(rf"[\"'`]?\s?(?:{_NO_POD})", re.IGNORECASE)
_SHORT_NAMES = frozenset(("db", "ui", "mq", "es"))
_PLACE_IN = re.compile(r"\b(?:in|inside|within)\s+(?:the\s+|our\s+|my\s+)?[\"'`]?\Z", re.IGNORECASE)
_WITHIN_A_WORKLOAD = re.compile(
    r"\b(?:errors?|latency|spikes?|logs?|exceptions?|increase|bug|leak|changed|changes|memory|cpu|disk|requests?|5xx|5\d\ds?|4\d\ds?|timeouts?|containers?|stuck|failures?|panics?)"
    r"\s+(?:in|inside|within)\s+(?:the\s+|our\s+|my\s+)?[\"'`]?\Z",
    re.IGNORECASE,
)
_KO_PLACE = re.compile(
    rf"{_Q}\s?(?:에\s있는\s|안의\s|내의\s|의\s|에서\s){_Q}(?P<peer>{_NAME})(?![A-Za-z0-9_-]){_Q}\s?(?!로|으로|에게|까지|에\s|을\s|를\s)"
    rf"(?:이|가|은|는|도|파드|팟|디플로이먼트|서비스|스테이트풀셋|데몬셋|[A-Za-z]|\Z)"
)


@dataclass(frozen=True)
class Mentions:
    """What a text mentions, each in order of mention; ``names`` the likeliest first."""

    names: tuple[str, ...]
    pods: tuple[PodName, ...]
    kinds: tuple[str, ...]
    namespaces: tuple[str, ...]
    hosts: tuple[str, ...]
    images: tuple[str, ...]
    labels: tuple[str, ...]
    nodes: tuple[str, ...]


def tidy(text: str) -> str:
    """A text without Slack's escapes and marks for people, and without letters that nobody sees."""
    text = _INVISIBLE.sub("", text)
    text = _SLACK_LINK.sub(r" \1 ", text)
    text = html.unescape(_SLACK.sub(" ", text)) if "&" in text or "<" in text else text
    return _ENDLESS.sub(" ", unicodedata.normalize("NFKC", text).translate(_DASHES))


def blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with some spans emptied; what stands elsewhere stays where it is."""
    pieces, end = [], 0
    for begin, stop in sorted(spans):
        if stop > end:
            begin = max(begin, end)
            pieces += [text[end:begin], "\x00" * (stop - begin)]
            end = stop
    return "".join((*pieces, text[end:]))


def mentions_in(text: str, clusters: Sequence[tuple[int, int]], times: Sequence[tuple[int, int]]) -> Mentions:
    """What a tidy text mentions apart from its clusters and times, whose spans are known already."""
    reader = _Reader(text, clusters, times)
    return reader.read()


def kinds_in(text: str) -> tuple[str, ...]:
    """The kinds of object that a text mentions."""
    found: dict[str, int] = {}
    for match in _KIND_WORD.finditer(text):
        word = match[0].lower()
        kind = next((kind for kind, form in _KIND_FORMS if form.fullmatch(word)), None)
        if kind:
            found.setdefault(kind, match.start())
    for match in _KIND_SLASH.finditer(text):
        kind = next((kind for kind, form in _KIND_FORMS if form.match(match["kind"].lower() + "/")), None)
        if kind:
            found.setdefault(kind, match.start())
    return tuple(sorted(found, key=lambda kind: found[kind]))


_KIND_FORMS = tuple((kind, re.compile(rf"(?:{form})(?:(?=/)|\Z)", re.IGNORECASE)) for kind, form in KINDS.items())


def _asked_of(before: str, after: str) -> bool:
    """Whether a word stands where only the thing that ails can stand: "why does … restart", "… is not starting"."""
    if _KO_ILL_AFTER.match(after) or (_WHY_BEFORE.search(before) and _ILL_AFTER.match(after)):
        return True
    state = _STATE_AFTER.match(after)
    return bool(state and _SENTENCE_BEFORE.search(before) and _ILL_AFTER.match(after[state.end() :]))


class _Reader:
    """Takes from a text what it understands, one kind of mention after the other; ``left`` is what remains."""

    def __init__(self, text: str, clusters: Sequence[tuple[int, int]], times: Sequence[tuple[int, int]]) -> None:
        self.text = text
        joined = [(begin, stop + (text[stop : stop + 1] == "/")) for begin, stop in clusters]
        self.left = blank(text, (*joined, *times))
        self.scores: dict[str, tuple[int, int]] = {}
        self.namespaces: dict[str, int] = {}
        self.pods: dict[str, PodName] = {}
        self.nodes: dict[str, None] = {}

    def read(self) -> Mentions:
        self._namespace_fields()
        urls = self._take(_URL)
        labels = self._take(_LABEL)
        images = self._images()
        hosts = self._take(_HOST)
        kinds = kinds_in(self.left)
        self._namespace_words()
        self.left = blank(self.left, (match.span() for match in _PROMPT.finditer(self.left)))
        self._slashes()
        self._kubectl()
        self.left = blank(self.left, (match.span() for match in _NOISE.finditer(self.left)))
        self._words()
        ranked = sorted(self.scores, key=lambda name: (-self.scores[name][0], self.scores[name][1]))
        names = tuple(name for name in ranked if name not in self.namespaces or self.scores[name][0] > 0)
        spaces = tuple(sorted(self.namespaces, key=lambda name: self.namespaces[name]))
        order = {host: self.text.find(host) for host in (*urls, *hosts)}
        return Mentions(
            names, tuple(self.pods.values()), kinds, spaces, tuple(sorted(order, key=lambda host: order[host])), images,
            labels, tuple(self.nodes),
        )  # fmt: skip

    def _take(self, form: re.Pattern[str]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        spans = []
        for match in form.finditer(self.left):
            said = match[0].rstrip(".,;:!?*_")
            found.setdefault(self.text[match.start() : match.start() + len(said)], None)
            spans.append(match.span())
        self.left = blank(self.left, spans)
        return tuple(found)

    def _images(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        spans = []
        for match in _IMAGE.finditer(self.left):
            said = match[0].rstrip(".,;:!?")
            name, _, tag = said.rpartition(":")
            in_path = "/" in said and ("@sha256" in said or ":" in said.rsplit("/", 1)[1])
            if "/" not in said and (is_stop_word(name) or (tag.isdigit() and len(tag) < 6)):
                continue
            if (
                "/" in said
                and not in_path
                and not re.search(r"(?:image|이미지)\W{0,4}\Z", self.left[: match.start()][-20:])
            ):
                continue
            if in_path and "." not in said.split("/", 1)[0] and re.fullmatch(r"\d{1,5}", tag) and not _PAIR.match(said):
                continue
            found.setdefault(said, None)
            spans.append(match.span())
        self.left = blank(self.left, spans)
        return tuple(found)

    def _namespace_fields(self) -> None:
        pods = [match["pod"] for match in _POD_OF.finditer(self.left)]
        spans = []
        for form in _NAMESPACES:
            for match in form.finditer(self.left):
                self.namespaces.setdefault(match["ns"], match.start())
                spans.append(match.span("ns"))
        for pod in pods:
            self._pod(pod, self.left.find(pod))
        self.left = blank(self.left, spans)

    def _namespace_words(self) -> None:
        spans = []
        for match in _NS_WORD.finditer(self.left):
            field = self.left[match.end() : match.end() + 1] == "="
            before = None if field else _NS_BEFORE.search(self.left[max(0, match.start() - 70) : match.start()])
            after = _NS_AFTER.match(self.left, match.end())
            if (
                before
                and (before["ns"] in ALSO_NAMES or not _ordinary(before["ns"]))
                and not self._a_kind(before["ns"])
            ):
                name, begin = before["ns"], max(0, match.start() - 70) + before.start("ns")
            elif after and (not _ordinary(after["ns"]) or after[0].strip()[:1] in ":=`\"'"):
                name, begin = after["ns"], after.start("ns")
                if after["more"]:
                    self._another(after)
            else:
                continue
            self.namespaces.setdefault(name, begin)
            spans.append((begin, begin + len(name)))
        self.left = blank(self.left, spans)

    def _another(self, after: re.Match[str]) -> None:
        name = re.split(r"[\s,/와및]+", after["more"])[-1]
        if not _ordinary(name) and re.match(r"\s*(?:,|and|및|와)", after["more"]):
            self.namespaces.setdefault(name, after.start("more"))

    def _a_kind(self, word: str) -> bool:
        return bool(_KIND_WORD.fullmatch(word))

    def _slashes(self) -> None:
        spans = []
        for match in _KIND_SLASH.finditer(self.left):
            if not _A_KIND.fullmatch(match["kind"]):
                continue
            self._name(match["name"], match.start("name"), 150)
            if _NODE_KIND.match(match["kind"]):
                self.nodes.setdefault(match["name"], None)
            elif re.fullmatch(r"po|pods?", match["kind"], re.IGNORECASE):
                self._pod(match["name"], match.start("name"))
            spans.append(match.span())
        self.left = blank(self.left, spans)
        spans = []
        for match in _PAIR.finditer(self.left):
            space, name = match["ns"], match["name"]
            if any(_ordinary(part) or part.isdigit() or not part[0].isalpha() for part in (space, name)):
                continue
            if space != space.lower() or len(space) < 2 or len(name) < 2:
                continue
            self.namespaces.setdefault(space, match.start())
            self._name(name, match.start("name"), 140)
            spans.append(match.span())
        self.left = blank(self.left, spans)

    def _kubectl(self) -> None:
        for match in _KUBECTL.finditer(self.left):
            if not _ordinary(match["name"]) and "\x00" not in match["name"]:
                self._name(match["name"], match.start("name"), 110)

    def _words(self) -> None:
        code = [match.span() for match in re.finditer(r"```.*?(?:```|\Z)", self.text, re.DOTALL)]
        for match in _WORD.finditer(self.left):
            word, begin, stop = match[0], match.start(), match.end()
            before, after = self.left[max(0, begin - 40) : begin], self.left[stop : stop + 40]
            score = self._score(word, before, after)
            if score is None:
                continue
            if any(start <= begin < end for start, end in code):
                score -= 60
            self._name(word, begin, score)
            apart = _WORD_BEFORE.search(before)
            if apart and _AFTER_KIND.match(after) and apart["word"] not in NEVER_SPELT_APART:
                self._name(f"{apart['word']}-{word}", begin, score - 1)

    def _score(self, word: str, before: str, after: str) -> int | None:
        """How likely a word is the name that the question is about; ``None`` where it is no name."""
        kind_before, kind_after = _BEFORE_KIND.search(before), _AFTER_KIND.match(after)
        quoted = before[-1:] in ('"', "'", "`", "*") and after[:1] == before[-1:]
        by_kind = bool(kind_before or kind_after)
        if not _could_be_a_name(word, by_kind or quoted) and not self._also_a_name(word, before, after):
            return None
        if word.lower() in ENVIRONMENTS and not (quoted or kind_before):
            if _PLACE_IN.search(before):
                self.namespaces.setdefault(word, self.left.find(word))
            return None
        if word.endswith("-system"):
            self.namespaces.setdefault(word, self.left.find(word))
            return None
        score = 50 + 25 * ("-" in word) + 30 * quoted + 40 * by_kind
        if looks_like_a_pod(word):
            score += 45
        if _SUBJECT_BEFORE.search(before):
            score += 20
        elif _OWN_BEFORE.search(before):
            score += 10
        if peer := _PEER_BEFORE.search(before):
            score -= 30 if peer[0].lower().startswith("from") else 40
        score += 15 * bool(_VERB_AFTER.match(after)) + 30 * bool(_KO_SUBJECT.match(after))
        score += 6 * bool(_KO_OTHER.match(after)) - 40 * bool(_KO_OBJECT.match(after))
        if word.isupper() and score < 60:
            return None
        if not by_kind and self._is_a_place(before, after):
            self.namespaces.setdefault(word, self.left.find(word))
            score -= 70
        by = kind_before or kind_after
        if by and _NODE_KIND.search(by[0]):
            self.nodes.setdefault(word, None)
        return max(1, score)

    def _is_a_place(self, before: str, after: str) -> bool:
        """Whether a word tells where something is, and so may be a namespace."""
        place = _KO_PLACE.match(after)
        return bool(place and not _ordinary(place["peer"])) or bool(
            _PLACE_IN.search(before) and not _WITHIN_A_WORKLOAD.search(before)
        )

    def _also_a_name(self, word: str, before: str, after: str) -> bool:
        """An everyday word that a kind's word follows, or of which something is asked."""
        if word.islower() and word not in NEVER_NAMES and not self._a_kind(word) and _asked_of(before, after):
            return True
        if word.lower() not in ALSO_NAMES:
            return False
        asked = _SUBJECT_BEFORE.search(before) and re.match(r"\s+(?:keeps?|restart|crash|die)", after)
        return bool(_AFTER_KIND.match(after) or asked)

    def _name(self, name: str, position: int, score: int) -> None:
        best, first = self.scores.get(name, (0, position))
        self.scores[name] = (max(best, score), min(first, position))
        if name not in self.nodes and (looks_like_a_pod(name) or self._numbered_pod(name, position)):
            self._pod(name, position)

    def _numbered_pod(self, name: str, position: int) -> bool:
        if not has_an_ordinal(name):
            return False
        before, after = self.left[max(0, position - 14) : position], self.left[position + len(name) :][:12]
        return not (_NO_POD_BEFORE.search(before) or _NO_POD_AFTER.match(after))

    def _pod(self, name: str, position: int) -> None:
        self.pods.setdefault(name, workload_of(name))
        best, first = self.scores.get(name, (0, position))
        self.scores[name] = (max(best, 120), min(first, position))


def _ordinary(word: str) -> bool:
    return is_stop_word(word) or "\x00" in word


def _could_be_a_name(word: str, marked: bool) -> bool:
    """Names of Kubernetes are written small; people begin them with a capital, or write them all in capitals."""
    if is_stop_word(word) or (word[0].isupper() and all(map(is_stop_word, word.split("-")))):
        return False
    if len(word) < 3 and word not in _SHORT_NAMES and not (marked and len(word) == 2):
        return False
    if word[0].isdigit() and "-" not in word:
        return False
    humps = re.search(r"[a-z][A-Z]|[A-Z]{2}[a-z]", word)
    return not humps and not re.fullmatch(r"[0-9a-f]{12,}|\d[\d-]*|[A-Z]+_[A-Z_]+", word)
