"""What was pasted into a ticket (commands, tables, logs, manifests) and which of its lines say what failed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.reading.late import late
from knowledge.reading.names import workload_of

_FENCE = late(r"```[a-z]*\n?(?P<body>.*?)(?:```|\Z)", re.DOTALL)
_QUOTED = late(
    r"`(?P<tick>[^`\n]+)`|\"(?P<double>[^\"\n]{3,})\"|“(?P<curly>[^”\n]{3,})”|(?<![\w])'(?P<single>[^'\n]{8,})'(?!\w)"
)
_HANGUL = late(r"[가-힣]")
_FAILS = late(
    r"error|exception|\bfail|panic|fatal|denied|refused|forbidden|time[d-]?\s?-?out|unable|can(?:no|')t|cannot|"
    r"could\s?n[o']t|could not|"
    r"not found|notfound|\bno such|invalid|unauthori[sz]ed|exceed|insufficient|back-?off|\bkill(?:ed|ing)|\boom|"
    r"unreachable|reset by|"
    r"no route|unavailable|nodes are available|x509|expired|reject|terminated|not (?:ready|healthy|match|allowed|"
    r"permitted)|"
    r"unhealthy|evict|low on resource|too (?:many|large|long|big)|\bmissing\b|\babort|dead\s?lock|corrupt|no "
    r"space|read-only|must be|\bis full|"
    r"not enough|conflict|violat|mismatch|\b[45]\d\d\b|segfault|segmentation|notready|\blost\b|broken pipe|"
    r"\bEOF\b|undefined|nullpointer|nil pointer|"
    r"nxdomain|servfail|exit(?:ed)?(?: with)?(?: code| status)? [1-9]|throttl|\bwarning\b|stale|no (?:healthy|"
    r"endpoints|available)|disconnect|"
    r"dropp(?:ed|ing)|shut ?down|already exists|in use|not (?:be )?(?:reach|resolv|supported)|pressure|deprecated|"
    r"unknown|not a directory|"
    r"hung|overflow|stuck|waiting for|did(?:n't| not)|does(?:n't| not)|has no|is not|out of|will be restarted|no "
    r"matches|crash",
    re.IGNORECASE,
)
_LEVEL = late(
    r"(?<![A-Za-z])(?:(?P<bad>ERROR|ERR|FATAL|CRITICAL|CRIT|SEVERE|WARN(?:ING)?|PANIC|EMERG|ALERT)|(?P<fine>INFO|"
    r"DEBUG|TRACE|NOTICE))(?![A-Za-z])"
)
_LEVEL_FIELD = late(r"\"?(?:level|severity|lvl)\"?\s*[=:]\s*\"?(?P<level>[a-z]+)", re.IGNORECASE)
_KLOG = late(r"^\s*(?P<level>[IWEF])\d{4} \d\d:\d\d:\d\d")
_BAD = frozenset(("error", "err", "fatal", "critical", "crit", "severe", "warn", "warning", "panic", "emerg", "alert"))
_FRAME = late(
    r"^\s*(?:at\s+[\w.$/<>]+[\s(]|\.\.\. \d+ more|File \"[^\"]+\", line \d+|goroutine \d+|\t*[\w./]+\.go:\d+|\^+\s*$)"
)
_TRACE_HEAD = late(r"^\s*Traceback \(most recent call last\)")
_SHELL = late(
    r"^\s*(?:[\w.-]+@[\w.-]+:\S*\s?)?[$#%]\s+\S|"
    r"^\s*(?:kubectl|helm|curl|docker|export|psql|ssh|sudo|k)\s+(?!.*\b(?:shows?|is|are|does|fails?|works?|says|"
    r"the|not)\b)[^:가-힣]*$"
)
_LOG_LINE = late(
    r"^\s*(?:\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d|"
    r"\{\s*\"|[IWEF]\d{4} \d\d:|\[?\d\d:\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|time=\"|ts=|level=)"
)
_ERROR_LINE = late(
    r"^\s*(?:(?:Caused by: )?[\w.$]*(?:Exception|Error)\b[:\s]|(?:Error|ERROR|error|Err|fatal|FATAL|panic|Failed|"
    r"Unable|Cannot|Warning|WARNING)\b[\s:(\[]|"
    r"[a-z][\w./-]*: (?:error|\(\d+\)|[a-z]+)|rpc error|OCI runtime|dial |HTTP/|[45]\d\d [A-Z]|\d/\d+ nodes|"
    r"Back-off|Readiness|Liveness|Startup|x509|exec |"
    r"\[(?:error|warn|crit|FATAL|ERROR|WARN)|\"?message\"?: )"
)
_TABLE_ROW = late(r"^\s*\S+(?:\s{2,}|\t)\S.*(?:\s{2,}|\t)\S")
_MANIFEST = late(
    r"^(?:\s{2,}(?:- )?[a-z][\w./-]*:(?:\s|$)|- name:\s|(?:apiVersion|kind|metadata|spec|data|users|clusters|"
    r"contexts|stringData):\s*\S*\s*$)"
)
_HEADER = late(r"^\s*(?:NAMESPACE|NAME|LAST SEEN|REVISION|TYPE|CONTAINER)\s{2,}[A-Z]|^\s*Type\s{2,}Reason")
_INTRO = late(
    r"^[ \t>*•-]*(?:[\w가-힣 ]{0,20}?(?:오류|에러|로그|메시지|이벤트|errors?|logs?|messages?|events?|"
    r"output))[ \t]*[:：][ \t]*(?P<rest>\S.*)$",
    re.IGNORECASE,
)
_LATIN = late(r"[!-~][ -~]*[!-~]")
_RUN_FAILS = late(
    r"error:|exception|failed to|refused|timed out|timeout:|denied|no such|cannot |unable to|not found|exceeded|"
    r"reset by peer|no route|"
    r"nodes are available|back-off|forbidden:|x509|unhealthy|\w+Error\b|i/o timeout|no space left|unavailable",
    re.IGNORECASE,
)
_HEALTHY = late(r"^(?:running|completed|ready|succeeded|bound|active|available)\b", re.IGNORECASE)
_WORD = late(r"[A-Za-z]{2,}")
_PROSE = late(r"\b(?:the|our|we|my|you|i|with|every|like|it|they|and|but|please|this|that|a)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Pasted:
    """``spans``: where pasted text stands, in order; ``healthy``: rows of tables that nothing is wrong with;
    ``pods``, ``nodes``, ``namespaces`` and ``owners``: what rows in trouble and descriptions name."""

    spans: tuple[tuple[int, int], ...]
    healthy: tuple[tuple[int, int], ...]
    pods: tuple[str, ...]
    nodes: tuple[str, ...]
    namespaces: tuple[str, ...]
    workloads: tuple[str, ...]


def pasted_in(text: str) -> Pasted:
    """What of a text was pasted."""
    spans = [match.span("body") for match in _FENCE.finditer(text)]
    rows: list[tuple[int, int, str]] = []
    for begin, end, line in _lines(text):
        inside = any(start <= begin < stop for start, stop in spans)
        if inside or _machine_made(line):
            rows.append((begin, end, line))
    table = _Tables()
    for begin, end, line in _lines(text):
        table.take(begin, end, line)
    covered = [(begin, end) for begin, end, _ in rows] + table.rows
    return Pasted(
        tuple(sorted(set(covered))),
        tuple(table.healthy),
        *map(tuple, (table.pods, table.nodes, table.spaces, table.owners)),
    )


def _lines(text: str) -> Iterator[tuple[int, int, str]]:
    at = 0
    for line in text.split("\n"):
        yield at, at + len(line), line
        at += len(line) + 1


def _machine_made(line: str) -> bool:
    if _HEADER.match(line) or _FRAME.match(line) or _LOG_LINE.match(line) or _SHELL.match(line):
        return True
    if _HANGUL.search(line):
        return False
    if _MANIFEST.match(line):
        return True
    return bool(_ERROR_LINE.match(line.lstrip("> ")) or (_TABLE_ROW.match(line) and len(line.split()) > 3))


class _Tables:
    """Tables that kubectl prints, row by row, and descriptions."""

    def __init__(self) -> None:
        self.header: list[tuple[str, int]] = []
        self.rows: list[tuple[int, int]] = []
        self.healthy: list[tuple[int, int]] = []
        self.pods: list[str] = []
        self.nodes: list[str] = []
        self.spaces: list[str] = []
        self.owners: list[str] = []

    def take(self, begin: int, end: int, line: str) -> None:
        if _HEADER.match(line):
            self.header = [(m[0].strip(), m.start()) for m in re.finditer(r"\S+(?: \S+)*", line)]
            self.rows.append((begin, end))
        elif self.header and len(line.split()) >= min(3, len(self.header)) and not _HANGUL.search(line):
            self.rows.append((begin, end))
            self._row(begin, end, line)
        else:
            self.header = []
            self._described(line)

    def _row(self, begin: int, end: int, line: str) -> None:
        cells = [cell for cell in re.split(r"\s{2,}|\t", line.strip()) if cell]
        names = [name for name, _ in self.header]
        if len(cells) < len(names):
            cells = line.split()
        row = dict(zip(names, cells, strict=False))
        if "STATUS" not in row or "NAME" not in row:
            return
        ready = re.fullmatch(r"(\d+)/(\d+)", row.get("READY", ""))
        restarts = re.match(r"\d+", row.get("RESTARTS", ""))
        short = bool(ready and ready[1] != ready[2] and not row["STATUS"].startswith("Completed"))
        fine = bool(_HEALTHY.match(row["STATUS"])) and "," not in row["STATUS"] and not short
        if "ROLES" in row or "VERSION" in row:
            if not self._judge(fine, begin, end):
                self.nodes.append(row["NAME"])
        elif ready:
            fine = fine and not (restarts and int(restarts[0]) > 2)
            if not self._judge(fine, begin, end):
                self.pods.append(row["NAME"])
                self.nodes += [row["NODE"]] if row.get("NODE", "<none>") != "<none>" else []
        if row.get("NAMESPACE") and not fine:
            self.spaces.append(row["NAMESPACE"])

    def _judge(self, fine: bool, begin: int, end: int) -> bool:
        if fine:
            self.healthy.append((begin, end))
        return fine

    def _described(self, line: str) -> None:
        if found := re.match(r"^\s*Node:\s+([a-z0-9][\w.-]*)", line):
            self.nodes.append(found[1])
        elif found := re.match(r"^\s*Namespace:\s+([a-z0-9][\w-]*)\s*$", line):
            self.spaces.append(found[1])
        elif found := re.match(r"^\s*Controlled By:\s+(\w+)/([a-z0-9][\w.-]*)", line):
            name = found[2]
            if found[1] == "ReplicaSet":
                name = re.sub(r"-[a-z0-9]{8,10}\Z", "", name)
            elif found[1] == "Job":
                name = re.sub(r"-\d{8}\Z", "", name)
            self.owners.append(name)


def error_lines_in(text: str, pasted: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """The lines of a text that say what failed: pasted, quoted, or standing on a line of their own."""
    korean = bool(_HANGUL.search(text))
    inside = set(pasted)
    found: dict[str, None] = {}
    for begin, end, line in _lines(text):
        if (begin, end) in inside:
            bare = line.strip().strip("`").strip()
            if _fails_as_pasted(bare):
                found.setdefault(bare)
            continue
        for told in _in_prose(line.strip(), korean):
            found.setdefault(told)
    return tuple(found)


def _fails_as_pasted(line: str) -> bool:
    if not line or _FRAME.match(line) or _TRACE_HEAD.match(line) or _HEADER.match(line):
        return False
    if (
        _SHELL.match(line)
        or re.match(r"^(?:curl|kubectl|helm) +-|^-{3,}", line)
        or re.match(r"^(?:curl|kubectl|helm) \w+ [^:]*$", line)
    ):
        return False
    klog, field, level = _KLOG.match(line), _LEVEL_FIELD.search(line), _LEVEL.search(line)
    if klog:
        return klog["level"] != "I"
    if field:
        return field["level"].lower() in _BAD
    if level:
        return bool(level["bad"])
    if re.match(r"^Normal\s", line) and not re.search(r"Killing|BackOff", line):
        return False
    return bool(_FAILS.search(line))


def _in_prose(line: str, korean: bool) -> Iterator[str]:
    """Messages within a line of the writer's: what stands in quotes, behind "error:", or alone."""
    for match in _QUOTED.finditer(line):
        said = next(group for group in match.groups() if group)
        if len(_WORD.findall(said)) > 1 and _FAILS.search(said) and not re.match(r"(?:kubectl|helm|curl) ", said):
            yield said.strip()
    quote = line.startswith(">")
    bare = line.lstrip("> -*•").strip()
    if (intro := _INTRO.match(line)) and _FAILS.search(intro["rest"]) and len(_WORD.findall(intro["rest"])) > 1:
        yield intro["rest"].strip()
    elif not _HANGUL.search(bare):
        alone = korean and len(_PROSE.findall(bare)) < 2
        if (quote or _ERROR_LINE.match(bare) or alone) and _FAILS.search(bare) and len(_WORD.findall(bare)) > 1:
            yield bare
    else:
        for run in _LATIN.findall(_QUOTED.sub(" ", bare)):
            if len(_WORD.findall(run)) > 2 and _RUN_FAILS.search(run):
                yield run.strip(" ,:()")


def workloads_of(pods: Sequence[str]) -> tuple[str, ...]:
    """The workloads that pods' names tell."""
    named = (workload_of(pod) for pod in pods)
    return tuple(dict.fromkeys(pod.workload if pod.certain else pod.candidates[0][0] for pod in named))
