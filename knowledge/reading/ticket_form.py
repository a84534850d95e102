"""The form of a ticket: which of its lines are headings of a template, and what was filled in under them.

Headings may be renumbered, translated, cut, on one line or missing; what is no field is the writer's own text.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.reading.late import late

_LINK = late(r"<((?:https?|ftp)://[^<>|\s]+)(?:\|[^<>]*)?>")
_MAIL = late(r"<mailto:([^<>|]+)(?:\|[^<>]*)?>")
_PERSON = late(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_GROUP = late(r"<[!#][^<>]*>")
_CIRCLED = str.maketrans({chr(0x2460 + i): f"{i + 1}. " for i in range(9)})

_CLUSTER = (
    r"(?:target(?:ed)?\s+|대상\s*|affected\s+|문의\s*)?(?:k8s\s+|kubernetes\s+)?(?:clusters?|클러스터)(?:\s*\(s\))?"
    r"(?:\s*(?:names?|명|이름))?|targets?|대상|where|어디서?|환경|env(?:ironment)?"
)
_ACCOUNT = (
    r"(?:user|my|your|slack|dkos|사용자|유저|문의자|요청자|신청자|본인)?\s*(?:accounts?|계정|아이디|id)(?:\s*(?:name|명|정보))?|"
    r"who|user(?:name)?|requester|reporter|asker|요청자|문의자|신청자|작성자|사용자|담당자|from|보낸\s*사람"
)
_OTHER = (
    r"messages?|when|what|how|expect(?:ation|ed)?s?(?:\s+results?)?|문의\s*(?:내용|사항)?|내용|본문|증상|현상|시간|일시|"
    r"발생\s*(?:시[간각]|일시)|"
    r"언제|무엇을?|어떻게|기대(?:\s*(?:결과|사항|하는\s*결과))?|로그|logs?|description|details?|symptoms?|time|question|질문|subject|제목|"
    r"to|cc|"
    r"error(?:\s+messages?)?|오류|에러(?:\s*메시지)?|message\s+body|요청\s*(?:사항|내용)?|request"
)
_HEAD = late(
    r"^[ \t>*_#]*(?P<mark>(?:\(?\d{1,2}\s?[.):]|[-•·▶■□◆※*]|\[)[ \t]*)?[*_]{0,2}"
    rf"(?:(?P<cluster>{_CLUSTER})|(?P<account>{_ACCOUNT})|(?P<other>{_OTHER}))[*_]{{0,2}}\]?"
    r"[ \t]*(?:\([^)\n]*\)?[ \t]*)?[*_]{0,2}(?P<sep>[:：=→]|->|=>|(?<=[ \t])[-–](?=[ \t]))?[ \t]*(?P<rest>.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_MANIFEST = late(r"(?:\s{2,}|users:|contexts?:|clusters:|kind:\s|- (?:name|cluster|context|user):)(?!.*[가-힣])")
"""Lines of a kubeconfig or a manifest look like headings."""

_ONE_LINE = late(
    rf"(?<=\S)[ \t]+(?=\(?[2-9]\s?[.)][ \t]*(?:{_CLUSTER}|{_ACCOUNT}|{_OTHER})(?![\w가-힣]))", re.IGNORECASE
)
_NEXT_SENTENCE = late(r"[.!?]\s+(?=\S)")
_CHUNK = late(r"[,;、·&+]|\s/\s|\s(?:and|와|과|및|or)\s", re.IGNORECASE)
_NAME = late(r"[A-Za-z0-9][\w/-]*[A-Za-z0-9]")
_WORDS_ONLY = late(r"[A-Za-z0-9][\w -]*[A-Za-z0-9]")
_SAID_ACCOUNT = (
    late(
        r"\b(?:my|our|user|the)?\s*(?:account|user\s?name|user\s?id|login)(?:\s+name)?\s*(?:is|:|=|→|-|"
        r",)?\s*[`'\"(]?@?"
        r"(?P<name>[a-z][\w-]*(?:\.[\w-]+)+(?:@[\w.-]+\w)?|[a-z][\w-]*\d|[\w.-]+@[\w-]+\.[\w.-]*\w)",
        re.IGNORECASE,
    ),
    late(
        r"(?:계정|아이디)(?:은|는|이|명은|으로는)?\s*[:=→]?\s*[`'\"(]?@?(?P<name>[A-Za-z][\w-]*(?:\.[\w-]+)*(?:@[\w.-]+\w)?)"
    ),
    late(r"(?<![\w.@])(?P<name>[A-Za-z][\w-]*(?:\.[\w-]+)+)\s*(?:계정|account\b)(?!\s*(?:is|의))"),
)
_ALONE = late(r"(?:^|(?<=[/,;|(\[-]))[ \t]*@?(?P<name>[a-z][\w-]*\.[\w-]+)[ \t]*(?=$|[/,;|)\]]|\s-)", re.MULTILINE)
_SIGNED = late(
    r"(?:^|\n)[ \t]*(?:[-–—~]+|from|by|드림|보낸이)[ \t]*@?(?P<name>[a-z][\w-]*\.[\w-]+)[ \t]*"
    r"(?:드림|올림)?[ \t]*(?=$|\n)"
)
_NOBODY = late(r"\W*(?:none|n/?a|없음|unknown|모름|-+|tbd|same|위와\s?동일)\W*\Z", re.IGNORECASE)
_NOT_AN_ACCOUNT = late(r"\.(?:com|net|org|io|kr|svc|local|internal|ya?ml|json|log|txt|sh|py|go|java|cluster)\Z", re.I)


@dataclass(frozen=True)
class Form:
    """A ticket taken apart. ``text``: the whole in reading order, with headings cut and each name of a field for
    clusters told to be one; the field for the account is not in it."""

    text: str
    account: str | None


def plain(text: str) -> str:
    """A text without Slack's escapes: links bare, people by their id, groups gone."""
    text = _LINK.sub(r" \1 ", text)
    text = _MAIL.sub(r"\1", text)
    text = _PERSON.sub(r"@\1", text)
    return html.unescape(_GROUP.sub(" ", text))


def fields_of(text: str, people: frozenset[str]) -> Form:
    """Take a plain text apart. ``people``: accounts that the inventory knows."""
    text = _ONE_LINE.sub("\n", text.translate(_CIRCLED))
    pieces: list[str] = []
    account: str | None = None
    for kind, body in _sections(text):
        if kind == "cluster":
            pieces.append(_clusters(body))
        elif kind == "account":
            first, rest = _first_value(body)
            account = account or _account(first)
            pieces.append(rest)
        else:
            pieces.append(body)
    read = "\n".join(pieces)
    return Form(read, account or _told_account(read, people))


def is_template(text: str) -> bool:
    """Whether a text is a filled form: a line of it names the clusters, and another the account or the message."""
    kinds = {kind for kind, _ in _sections(_ONE_LINE.sub("\n", text.translate(_CIRCLED)))}
    return "cluster" in kinds and bool(kinds & {"account", "other"})


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """(kind, body) in order; a section ends where the next heading stands, a field also at an empty line below it."""
    kind, lines = "", list[str]()
    fenced = False
    for line in text.split("\n"):
        fenced ^= line.count("```") % 2 == 1
        head = None if fenced or "```" in line else _heading(line)
        if head:
            yield kind, "\n".join(lines)
            kind, rest = head
            lines = [rest]
        elif kind and kind != "other" and not line.strip() and "".join(lines).strip():
            yield kind, "\n".join(lines)
            kind, lines = "", [line]
        else:
            lines.append(line)
    yield kind, "\n".join(lines)


def _heading(line: str) -> tuple[str, str] | None:
    match = None if _MANIFEST.match(line) else _HEAD.match(line)
    if not match:
        return None
    kind = next(name for name in ("cluster", "account", "other") if match[name])
    rest, begin = match["rest"], match.end(kind)
    if rest and not match["sep"]:
        numbered = match["mark"] and match["mark"].strip() not in ("-", "*", "•", "·", "※")
        glued = line[begin : begin + 1] not in (" ", "\t")
        if (
            glued
            or not numbered
            or (kind == "other" and not re.match(r"messages?|문의", match["other"], re.IGNORECASE))
        ):
            return None
    if kind == "other" and re.match(r"(?:error|오류|에러|logs?|로그)", match["other"], re.IGNORECASE) and rest:
        return None
    if kind == "other" and re.match(r"to|cc\Z", match["other"], re.IGNORECASE):
        return (kind, "") if match["sep"] else None
    return kind, rest


def _clusters(body: str) -> str:
    """The field's names, each told to be a cluster; a sentence that follows stays as it is."""
    lines: list[str] = []
    for number, line in enumerate(body.split("\n")):
        end = _NEXT_SENTENCE.search(line)
        value, rest = (line[: end.start()], line[end.end() :]) if end else (line, "")
        if number and (len(value) > 120 or (lines[0].strip() and _is_prose(value))):
            value, rest = "", line
        aside = re.search(r"[(（].*", value)
        chunks = [_told(chunk) for chunk in _CHUNK.split(value[: aside.start()] if aside else value)]
        lines.append("\n".join([*chunks, aside[0] if aside else "", rest]))
    return "\n".join(lines)


def _is_prose(line: str) -> bool:
    """Whether a line below the names of a field goes on with the writer's own words."""
    return any(len(chunk.split()) > 2 for chunk in _CHUNK.split(re.sub(r"[(（].*", "", line)))


def _told(chunk: str) -> str:
    chunk = chunk.strip().strip("`*_\"'")
    if not chunk or _NOBODY.match(chunk):
        return ""
    names = _NAME.findall(chunk)
    if re.search(r"아니고|아니라|말고|\bnot\b|meant", chunk):
        return f"cluster: {chunk}\n"
    if _WORDS_ONLY.fullmatch(chunk) and len(names) > 1 and not all("-" in name for name in names):
        return f"cluster: {chunk}\n"
    if len(names) > 1 and all("-" in name for name in names):
        return "\n".join(f"cluster: {name}" for name in names) + "\n"
    first = _NAME.search(chunk)
    return f"{chunk[: first.start()]}\ncluster: {chunk[first.start() :]}\n" if first else chunk + "\n"


def _first_value(body: str) -> tuple[str, str]:
    lines = body.strip("\n").split("\n")
    for number, line in enumerate(lines):
        if line.strip():
            return line, "\n".join(lines[number + 1 :])
    return "", ""


def _account(value: str) -> str | None:
    if _NOBODY.match(value):
        return None
    value = value.strip().strip("`*_\"'<>").strip()
    said = re.match(r"@{0,2}([A-Za-z0-9][\w.+-]*(?:@[\w.-]+)?\w|[A-Za-z0-9])", value)
    return said[1].rstrip(".") if said else None


def _told_account(text: str, people: frozenset[str]) -> str | None:
    for form in _SAID_ACCOUNT:
        for match in form.finditer(text):
            if not _NOT_AN_ACCOUNT.search(match["name"]):
                return match["name"].rstrip(".")
    for form in (_SIGNED, _ALONE):
        for match in form.finditer(text):
            name = match["name"]
            if name.lower() in people or (form is _SIGNED and not _NOT_AN_ACCOUNT.search(name)):
                return name
    return None
