"""What a log says has gone wrong, as facts: which kind, about which host, port, user, file or setting, in which line.

Reads plain and JSON lines with or without time stamps and colours. Knows the shapes in which runtimes print an
exception: of a chain of exceptions it takes the one that began it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from knowledge.facts.log_patterns import NETWORK, PROGRAMMING, FactKind, patterns
from knowledge.snapshot import Log

_LONGEST = 2000
"""Characters of a line that are looked at: what goes wrong stands at its beginning."""

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_STAMP = re.compile(
    r"^\s*(?:\[?\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?\s?(?:Z|UTC|[+-]\d{2}:?\d{2})?\]?|"
    r"\[?\d{2}:\d{2}:\d{2}(?:[.,]\d+)?\]?)\s*"
)
_KLOG = re.compile(r"^(?P<level>[IWEF])\d{4} [\d:.]+\s+\d+ (?P<place>\S+\])\s?")
_LEVEL = re.compile(
    r"(?:^|[\s\[|=\"(])(?P<level>TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL|"
    r"PANIC|SEVERE|EMERG|ALERT|"
    r"trace|debug|info|notice|warn|warning|error|fatal|critical|panic|emerg|alert)(?=$|[\s\]|:\",)])"
)
_LOW = frozenset({"trace", "debug", "info", "notice", "i", "10", "20", "30"})
_MILD = frozenset({"warn", "warning", "w", "40"})
_HIGH = frozenset({"error", "err", "e", "severe", "50"})
_FATAL = frozenset({"fatal", "critical", "panic", "emerg", "alert", "f", "60"})

_MESSAGE_KEYS = (
    "msg",
    "message",
    "log",
    "error",
    "err",
    "exception",
    "stack_trace",
    "stack",
    "cause",
    "reason",
    "detail",
)
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://(?:[^\s/@\"']*@)?(?P<host>[A-Za-z0-9_.-]+)(?::(?P<port>\d{1,5}))?")
_ADDRESS = re.compile(r"(?<![\w.@/-])(?P<host>[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?):(?P<port>\d{2,5})(?!\w|[:.]\w)")
_POOL = re.compile(r"host='(?P<host>[^']+)', port=(?P<port>\d+)")
_UPSTREAM = re.compile(r'upstream: "(?:\w+://)?(?P<host>[^":/]+)(?::(?P<port>\d+))?')
_QUOTED_HOST = re.compile(
    r'(?:host|server)(?: at)?[ =:]+["\'](?P<host>[A-Za-z0-9_.-]+)["\'](?:[^\n]{0,40}?port[ =:]+(?P<port>\d+))?'
)
_IP = re.compile(r"^(?:\d{1,3}\.){3}\d{1,3}$|^[0-9a-f]*:[0-9a-f:]+$")

_TRACEBACK = "Traceback (most recent call last):"
_CHAINED = ("During handling of the above exception", "The above exception was the direct cause")
_JAVA_HEAD = re.compile(
    r"^(?:Exception in thread \"[^\"]*\" )?(?P<what>(?:[a-z_][\w$]*\.)+[A-Z][\w$]*(?:Exception|"
    r"Error|Throwable|Failure)\w*(?::.*)?)$"
)
_JAVA_NEXT = re.compile(r"^(?:\s+at |\s*\.\.\. \d+ |\s*Caused by: |\s*Suppressed: )")
_NODE_HEAD = re.compile(r"^(?:Uncaught )?(?P<what>(?:[A-Z]\w*)?Error(?: \[\w+\])?: .+)$")
_PANIC = re.compile(
    r"(?:^|\s)(?P<what>panic: .+|fatal error: .+|thread '[^']*' (?:\(\d+\) )?panicked at .+|Unhandled exception\. .+|"
    r"Unhandled [Ee]xception:? .+|UnhandledPromiseRejection.*|Uncaught \w*(?:Exception|Error)\b.*|terminate called .+|"
    r"PHP Fatal error: .+|\S+\.rb:\d+:in .+ \(\w+(?:Error|Exception)\)|FATAL ERROR: .+)"
)


@dataclass(frozen=True)
class LogFact:
    """``line`` is the telling line without stamp and colours, ``index`` its place in the log.

    ``name`` is a setting, flag, file or detail, by kind. ``fatal``: an unhandled exception or a line of a fatal level.
    ``mild``: a warning or less, which a program may survive.
    """

    kind: FactKind
    line: str
    index: int
    host: str = ""
    port: int = 0
    user: str = ""
    verb: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""
    fatal: bool = False
    mild: bool = False

    @property
    def about_dependency(self) -> bool:
        return self.kind in NETWORK


@dataclass(frozen=True)
class _Line:
    text: str
    level: str
    raw: str


_known: WeakKeyDictionary[Log, tuple[LogFact, ...]] = WeakKeyDictionary()
"""What was read once: the survey and a dozen detectors ask for the facts of the same logs."""


def facts(log: Log) -> tuple[LogFact, ...]:
    """Every fact of a log, in its order; what is repeated is told once, where it was first said."""
    found = _known.get(log)
    if found is None:
        found = _known[log] = _facts(log)
    return found


def _facts(log: Log) -> tuple[LogFact, ...]:
    lines = [_clean(line) for line in log.lines]
    told: dict[tuple[object, ...], LogFact] = {}
    for fact in _walk(lines):
        line = fact.line if fact.kind in (FactKind.CRASH, FactKind.ERROR) else ""
        key = (fact.kind, fact.host, fact.port, fact.user, fact.verb, fact.resource, fact.name, line)
        known = told.get(key)
        if known is None or (known.mild and not fact.mild):
            told[key] = replace(fact, index=known.index) if known else fact
        elif fact.fatal and not known.fatal:
            told[key] = replace(known, fatal=True)
    return tuple(sorted(told.values(), key=lambda fact: fact.index))


def lead(found: Sequence[LogFact]) -> LogFact | None:
    """The fact that began it: the first error, unless the program ended by a fault of its own code or setting."""
    if not found:
        return None
    last = next((fact for fact in reversed(found) if fact.fatal), None)
    if last and (last.kind not in (FactKind.CRASH, FactKind.ERROR) or PROGRAMMING.search(last.line)):
        return last
    serious = [fact for fact in found if not fact.mild] or list(found)
    known = [fact for fact in serious if fact.kind is not FactKind.ERROR]
    if last:
        return next((f for f in known if f.kind is not FactKind.CRASH), last)
    return (known or serious)[0]


def plain(line: str) -> str:
    """A line as people want to read it: without stamp, colours and the braces of JSON."""
    return _clean(line).text


def _clean(raw: str) -> _Line:
    text = _STAMP.sub("", _ANSI.sub("", raw[:_LONGEST]).rstrip(), count=1)
    stripped = text.lstrip()
    if stripped.startswith("{"):
        structured = _structured(raw)
        if structured:
            return structured
    klog = _KLOG.match(stripped)
    if klog:
        return _Line(stripped[klog.end() :], klog["level"].lower(), raw)
    level = _LEVEL.search(text[:100])
    return _Line(text, level["level"].lower() if level else "", raw)


def _structured(raw: str) -> _Line | None:
    start = raw.find("{")
    try:
        value = json.loads(raw[start : start + 50_000])
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    parts: list[str] = []
    for key in _MESSAGE_KEYS:
        part = value.get(key)
        if isinstance(part, dict):
            part = part.get("message") or part.get("msg")
        if isinstance(part, str) and part and part not in parts:
            parts.append(part.splitlines()[0] if key.startswith("stack") else part)
    level = next((str(value[k]).lower() for k in ("level", "severity", "lvl", "@l", "levelname") if k in value), "")
    return _Line(" | ".join(parts).replace("\n", " ")[:_LONGEST], level, raw) if parts else None


def _walk(lines: Sequence[_Line]) -> Iterator[LogFact]:
    at = 0
    while at < len(lines):
        block, after = _block(lines, at)
        if block:
            yield block
        at = max(after, at + 1)


def _block(lines: Sequence[_Line], at: int) -> tuple[LogFact | None, int]:
    """The fact that begins in a line, and the line after what belongs to it."""
    text = lines[at].text.strip()
    if _TRACEBACK in text:
        return _python(lines, at)
    java = _JAVA_HEAD.match(text)
    if java and at + 1 < len(lines) and _JAVA_NEXT.match(lines[at + 1].text):
        return _java(lines, at, java["what"])
    if "APPLICATION FAILED TO START" in text:
        return _spring(lines, at)
    panic = _PANIC.search(lines[at].text)
    if panic:
        return _panic(lines, at, panic["what"])
    node = _NODE_HEAD.match(text)
    if node and any(line.text.startswith("    at ") for line in lines[at + 1 : at + 6]):
        return _exception([node["what"]], [at]), _after_stack(lines, at + 1)
    if text.endswith("validation errors for Settings") or re.search(r"\d+ validation errors? for \w+", text):
        return _pydantic(lines, at)
    return _single(lines[at], at), at + 1


def _python(lines: Sequence[_Line], at: int) -> tuple[LogFact | None, int]:
    """The last line of the first traceback of a chain: what was raised while handling it came after it."""
    first: tuple[int, str] | None = None
    here = at
    while here < len(lines):
        here += 1
        while here < len(lines) and (not lines[here].text or lines[here].text[0] in " \t"):
            here += 1
        if here >= len(lines):
            break
        if first is None:
            first = (here, lines[here].text.strip())
            if re.search(r"\d+ validation errors? for \w+", first[1]):
                return _pydantic(lines, here)
        here += 1
        upcoming = here
        while upcoming < len(lines) and (
            not lines[upcoming].text.strip() or lines[upcoming].text.strip().startswith(_CHAINED)
        ):
            upcoming += 1
        if upcoming < len(lines) and upcoming > here and _TRACEBACK in lines[upcoming].text:
            here = upcoming
            continue
        break
    return (_exception([first[1]], [first[0]]) if first else None), here


def _pydantic(lines: Sequence[_Line], at: int) -> tuple[LogFact | None, int]:
    name = lines[at + 1].text.strip() if at + 1 < len(lines) else ""
    why = lines[at + 2].text.strip() if at + 2 < len(lines) else ""
    kind = FactKind.MISSING_SETTING if "required" in why.lower() or "missing" in why.lower() else FactKind.BAD_SETTING
    line = f"{lines[at].text.strip()} {name}: {why}".strip()
    return LogFact(kind, line, at, name=name, fatal=True), at + 3


def _java(lines: Sequence[_Line], at: int, head: str) -> tuple[LogFact | None, int]:
    """The deepest cause of the first exception, told with what the outer ones know about hosts."""
    chain, places, here = [head], [at], at + 1
    while here < len(lines) and _JAVA_NEXT.match(lines[here].text):
        cause = lines[here].text.strip()
        if cause.startswith("Caused by: "):
            chain.append(cause.removeprefix("Caused by: "))
            places.append(here)
        here += 1
    return _exception(chain[::-1], places[::-1]), here


def _spring(lines: Sequence[_Line], at: int) -> tuple[LogFact | None, int]:
    for here in range(at + 1, min(at + 12, len(lines))):
        text = lines[here].text.strip()
        if text and text != "Description:" and not set(text) <= set("*"):
            return _exception([text], [here]), here + 1
    return None, at + 1


def _panic(lines: Sequence[_Line], at: int, what: str) -> tuple[LogFact | None, int]:
    chain, places = [what], [at]
    following = lines[at + 1].text.strip() if at + 1 < len(lines) else ""
    if "panicked at" in what and following and not following.startswith(("note:", "stack backtrace")):
        chain, places = [following, what], [at + 1, at]
    inner = re.findall(r"---> (.+?)(?=(?: --->|$))", what)
    if inner:
        chain = [*inner[::-1], what]
        places = [at] * len(chain)
    return _exception(chain, places), _after_stack(lines, at + 1)


def _after_stack(lines: Sequence[_Line], at: int) -> int:
    """The line after a stack trace: indented lines, and Go's goroutines with their frames."""
    while at < len(lines):
        text = lines[at].text
        if (
            text.startswith((" ", "\t", "goroutine "))
            or re.match(r"^[\w./*()-]+\(.*\)$|^created by ", text)
            or not text
        ):
            at += 1
        else:
            break
    return at


def _exception(chain: Sequence[str], places: Sequence[int]) -> LogFact:
    """A fatal fact from a chain of messages, the innermost first."""
    for text, index in zip(chain, places, strict=True):
        fact = _classified(text, index)
        if fact:
            for other in chain:
                if fact.about_dependency and not fact.host:
                    fact = _located(fact, other)
            return replace(fact, fatal=True)
    return LogFact(FactKind.CRASH, chain[0], places[0], fatal=True)


def _single(line: _Line, index: int) -> LogFact | None:
    text = line.text.strip()
    fact = _classified(text, index) if text else None
    if fact is None:
        high = line.level in _HIGH or line.level in _FATAL
        return LogFact(FactKind.ERROR, text, index, fatal=line.level in _FATAL) if high and text else None
    if line.level in _LOW and fact.kind in (FactKind.UPSTREAM, FactKind.AUTH_REFUSED, FactKind.BAD_CONFIG):
        return None
    return replace(fact, mild=line.level in _LOW or line.level in _MILD, fatal=line.level in _FATAL)


def _classified(text: str, index: int) -> LogFact | None:
    for kind, pattern in patterns().fitting(text):
        match = pattern.search(text)
        if match:
            said = {key: value or "" for key, value in match.groupdict().items()}
            port = int(said.get("port") or "0")
            fact = LogFact(
                kind,
                text,
                index,
                said.get("host", ""),
                port if port < 65536 else 0,
                said.get("user", ""),
                said.get("verb", ""),
                said.get("resource", ""),
                said.get("namespace", ""),
                said.get("name", ""),
            )
            return _located(fact, text) if fact.about_dependency else fact
    return None


def _located(fact: LogFact, text: str) -> LogFact:
    """The fact with the host and port that its line names elsewhere; a name says more than an address."""
    if fact.host and not _IP.match(fact.host):
        return fact if fact.port else replace(fact, port=_port_of(fact.host, text))
    numbers = fact
    for pattern in (_POOL, _UPSTREAM, _URL, _QUOTED_HOST, _ADDRESS):
        for match in pattern.finditer(text):
            host, port = match["host"], int(match["port"] or 0)
            if port >= 65536 or host.isdecimal():
                continue
            if not _IP.match(host):
                return replace(fact, host=host, port=port or fact.port)
            if not numbers.host:
                numbers = replace(numbers, host=host, port=port)
    if not numbers.host and _IP.match(numbers.name):
        return replace(numbers, host=numbers.name, name="")
    return numbers


def _port_of(host: str, text: str) -> int:
    match = re.search(rf"{re.escape(host)}(?::|[\"']?,? port[ =:]+)(\d{{2,5}})\b", text)
    return int(match[1]) if match and int(match[1]) < 65536 else 0
