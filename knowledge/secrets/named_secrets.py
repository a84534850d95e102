"""Secrets that are known by what stands before them: a name, an HTTP header, a flag, a few Korean or English words."""

import base64
import binascii
import re
from collections.abc import Iterator

from knowledge.secrets.secret_names import Trust, harmless, password_looking, random_looking, trust
from knowledge.secrets.secret_shapes import Span

_NAME_PARTS = ("pass", "pwd", "secret", "token", "key", "cred", "auth", "sig", "sess", "_pw", "sid")
_NAME_REST = re.compile(r"[\w.-]{0,64}+")
_SEPARATOR = re.compile(r"\\{0,4}[\"'`*]?[ \t]{0,8}(?:=>|:=|[=:])[ \t]{0,40}|(?<=[\w-])[ \t]{1,4}(?=[^\s=:|-])")
_BLOCK = re.compile(r"[|>][-+]?[ \t]*\n[ \t]+")
_BARE = r"(?:(?![,;.]?(?:\s|$)|[;&,][ \t]{0,4}[\w.-]{1,64}[=:]|[)\]}>]{1,4}[,;.]?(?:[\s\"'`]|$))[^\s\"'`\\])"
_VALUE = re.compile(
    r"\\{1,3}\"(?P<escaped>(?:(?!\\{1,3}\").){1,8192})"
    r"|\"(?P<double>(?:[^\"\\\n]|\\.){1,8192})|'(?P<single>(?:[^'\\\n]|\\.){1,8192})|`(?P<tick>[^`\n]{1,1024})"
    rf"|(?P<mark>\[redacted\])|(?P<bare>{_BARE}{{1,4096}})"
)
_WHOLE_LINE = re.compile(r"[^\s\"'`]\S*")
_FROM_ELSEWHERE = re.compile(
    r"<(?:set to the key|unknown|none|nil|unset|empty|hidden|redacted|optional)|\$\(\w+\)|\$\{[^}\s]*\}|\$?\{\{"
)
_PROSE_GOES_ON = re.compile(r"[a-z]+:?[ \t]+\w|[a-z0-9]+: |[1-5]\d\d\b")
_STRUCTURE = re.compile(r"[{\[](?:[\w-]+:|[\"'{\[\]}]|$)")

_AUTHORIZATION = re.compile(
    r"authorization\\?[\"'`]?[ \t]{0,4}[:=][ \t]{0,4}\\?[\"'`]?(?:"
    r"(?:bearer|basic|token|apikey|negotiate|bot|splunk|key|jwt|oauth)[ \t]{1,4}(?P<word>[^\s\"'`\\,]{3,})"
    r"|(?:digest|aws4-hmac-sha256|hmac)[ \t](?P<line>[^\"'`\r\n]{3,})|(?P<only>[^\s\"'`\\]{8,}))",
    re.IGNORECASE,
)
_COOKIE = re.compile(
    r"cookie\\?[\"'`]?[ \t]{0,4}[:=][ \t]{0,4}\\?[\"'`]?[\w.%-]{1,80}=(?P<line>[^\"'`\r\n]+)", re.IGNORECASE
)
_BEARER = re.compile(r"bearer[ \t]{1,4}[\"'`]?(?P<word>[A-Za-z0-9._~+/=-]{8,})", re.IGNORECASE)
_BASIC = re.compile(r"basic[ \t]{1,4}(?P<word>[A-Za-z0-9+/]{8,}={0,2})", re.IGNORECASE)
_HEADERS = {"authorization": _AUTHORIZATION, "cookie": _COOKIE, "bearer ": _BEARER, "basic ": _BASIC}

_ARG = r"(?:\"(?P<d>[^\"\n]+)|'(?P<s>[^'\n]+)|(?P<w>[^\s\"'`-][^\s\"'`]*))"
_COMMANDS = {
    "mysql": re.compile(rf"mysql\w*\b[^\n|;]{{0,300}}?\s-p{_ARG}"),
    "mariadb": re.compile(rf"mariadb[\w-]*\b[^\n|;]{{0,300}}?\s-p{_ARG}"),
    "sshpass": re.compile(rf"sshpass\s+-p\s*{_ARG}"),
    "redis-cli": re.compile(rf"redis-cli\b[^\n|;]{{0,300}}?\s-a\s*{_ARG}"),
    "docker login": re.compile(rf"docker login\b[^\n|;]{{0,300}}?\s-p\s*{_ARG}"),
    "ldap": re.compile(rf"ldap(?:search|modify|add|whoami)\b[^\n|;]{{0,300}}?\s-w\s*{_ARG}"),
    "curl": re.compile(r"curl\b[^\n|;]{0,500}?\s(?:-u|--user)[ =]?[\"']?[^\s:\"']{1,128}:(?P<w>[^\s\"'`]+)"),
    "login": re.compile(r"login\s+\S{1,128}\s+(?:account\s+\S{1,128}\s+)?password\s+(?P<w>\S+)"),
    ":5432:": re.compile(r":5432:[^:\s]{1,128}:[^:\s]{1,128}:(?P<w>\S+)"),
    "jdbc:oracle:": re.compile(r"jdbc:oracle:\w{1,8}:[^/\s@]{1,128}/(?P<w>[^@\s]+)@"),
    "pass:": re.compile(r"pass:(?P<w>[^\s\"'`]{4,})"),
}

_KOREAN = ("비밀번호", "비번", "암호", "패스워드", "토큰", "비밀키", "인증키", "시크릿", "비밀 키", "인증 키")
_AFTER_KOREAN = re.compile(
    r"(?P<sure>[\"'`*]?\s{0,4}(?:[:=：]|->|→|=>)\s{0,4})?(?:(?:은|는|이|가|를|을)?[ \t]{1,4})?[\"'`]?"
    r"(?P<word>[!#-&(-_a-~]{3,})"
)
_ENGLISH = ("password", "passwd", "passphrase", "pwd", "token", "passcode")
_AFTER_ENGLISH = re.compile(
    r"[ \t]{1,4}(?:is|was)[ \t]{0,4}:?[ \t]{1,4}[\"'`]?(?P<word>[!#-&(-_a-~]{4,}(?<![.,:;!?)]))"
)

_ENTRY = re.compile(
    r"name\\?[\"']?[ \t]?:[ \t]{0,4}\\?[\"']?(?P<name>[\w.-]{1,128})"
    r"\\?[\"']?,?\s{0,80}\\?[\"']?value\\?[\"']?[ \t]?:[ \t]{0,4}"
)
_MANIFEST = re.compile(r"kind\\?[\"']?[ \t]{0,4}:[ \t]{0,4}\\?[\"']?Secret\\?[\"']?[ \t]*(?:[,}\r\n]|$)")
_DATA = re.compile(
    r"^(?P<indent>[ \t]*)(?:data|stringData):[ \t]*\n(?P<body>(?:(?P=indent)[ \t]+\S.*(?:\n|\Z)|[ \t]*\n)+)", re.M
)
_DATA_LINE = re.compile(
    r"^[ \t]+[\w.-]+:[ \t]*(?P<word>[^\s|>].*?)[ \t]*$|^[ \t]+(?P<more>[A-Za-z0-9+/=]{8,}|\S.*[^:\s])[ \t]*$", re.M
)
_DATA_JSON = re.compile(r"\\?\"(?:data|stringData)\\?\"\s*:\s*\{(?P<body>[^{}]*)\}")
_DATA_PAIR = re.compile(r":\s*\\?\"(?P<word>[^\"\\]+)")


def named(text: str) -> Iterator[Span]:
    """Where such values stand."""
    lower = text.lower()
    if len(lower) != len(text):  # a few letters grow when lowered; positions must stay those of the text
        lower = "".join(c.lower() if c.isascii() else c for c in text)
    for part in _NAME_PARTS:
        yield from _values(text, lower, part)
    yield from _headers(text, lower)
    for word, command in _COMMANDS.items():
        for at in _places(lower, word):
            if (found := command.match(text, at)) and not harmless(found[found.lastgroup or 0], Trust.SECRET):
                yield found.span(found.lastgroup or 0)
    yield from _told(text, lower)
    if "value" in lower:
        yield from _entries(text)
    if "Secret" in text and _MANIFEST.search(text):
        yield from _manifests(text)


def _places(lower: str, word: str) -> Iterator[int]:
    at = lower.find(word)
    while at >= 0:
        yield at
        at = lower.find(word, at + len(word))


def _values(text: str, lower: str, part: str) -> Iterator[Span]:
    covered = 0
    for at in _places(lower, part):
        rest = _NAME_REST.match(text, at) if at >= covered else None
        separator = rest and _SEPARATOR.match(text, rest.end())
        if rest is None or separator is None:
            continue
        start = _name_start(text, at)
        name = text[start : rest.end()]
        if not separator[0].strip() and not name.startswith("--"):
            continue
        kind = trust(name.strip("-."))
        if kind and (value := _value(text, separator.end(), kind, _Place(text, start, name, separator[0]))):
            covered = value[1]
            yield value


def _name_start(text: str, at: int) -> int:
    floor = max(0, at - 64)
    while at > floor and (text[at - 1].isalnum() or text[at - 1] in "_.-"):
        at -= 1
    return at


class _Place:
    """Where a name stands, as far as it tells a setting from a sentence."""

    def __init__(self, text: str, start: int, name: str, separator: str) -> None:
        before = text[text.rfind("\n", 0, start) + 1 : start]
        self.assignment = "=" in separator
        self.environment = self.assignment and name.replace("_", "").isalnum() and name.isupper() and not before.strip()
        self.prose = separator.endswith(": ") and name.isalpha() and bool(before.strip(" \t-\"'`*>#|([{,"))


def _value(text: str, at: int, kind: Trust, place: _Place) -> Span | None:
    if block := _BLOCK.match(text, at):
        at = block.end()
    if _FROM_ELSEWHERE.match(text, at):
        return None
    if place.environment and (line := _WHOLE_LINE.match(text, at)):
        return None if harmless(line[0], kind) else line.span()
    found = _VALUE.match(text, at)
    if found is None or not found.lastgroup:
        return None
    value = found[found.lastgroup]
    if found.lastgroup == "bare" and place.prose and _PROSE_GOES_ON.match(text, at):
        return None
    if found.lastgroup == "bare" and _STRUCTURE.match(value):
        return None
    if harmless(value, kind) and not _login(value, kind):
        return None
    return found.span(found.lastgroup)


def _login(value: str, kind: Trust) -> bool:
    """``user:password`` in base64, as registries keep it under ``auth``."""
    return kind is Trust.RANDOM_IS_SECRET and _is_login(value)


def _is_login(value: str) -> bool:
    try:
        plain = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    return ":" in plain[1:] and plain.isprintable()


def _headers(text: str, lower: str) -> Iterator[Span]:
    for word, header in _HEADERS.items():
        covered = 0
        for at in _places(lower, word):
            found = header.match(text, at) if at >= covered else None
            if found and _is_credential(found[found.lastgroup or 0], word):
                covered = found.end()
                yield found.span(found.lastgroup or 0)


def _is_credential(value: str, word: str) -> bool:
    match word:
        case "basic ":
            return _is_login(value)
        case "bearer ":
            return any(c.isdigit() for c in value)
        case _:
            return not harmless(value, Trust.SECRET)


def _told(text: str, lower: str) -> Iterator[Span]:
    for word in _KOREAN:
        for at in _places(text, word):
            found = _AFTER_KOREAN.match(text, at + len(word))
            if found and _is_told(found["word"], bool(found["sure"]), word):
                yield found.span("word")
    for word in _ENGLISH:
        for at in _places(lower, word):
            found = _AFTER_ENGLISH.match(text, at + len(word))
            if found and password_looking(found["word"]):
                yield found.span("word")


def _is_told(value: str, sure: bool, word: str) -> bool:
    if sure:
        return not harmless(value, Trust.NAME_OR_SECRET)
    if word in ("토큰", "시크릿"):
        return random_looking(value)
    return password_looking(value) and not harmless(value, Trust.SECRET)


def _entries(text: str) -> Iterator[Span]:
    """``name: DB_PASSWORD`` and its ``value:`` on the next line, as in a pod's env."""
    for found in _ENTRY.finditer(text):
        kind = trust(found["name"])
        if kind and (value := _value(text, found.end(), kind, _Place(text, found.end(), "value", ":"))):
            yield value


def _manifests(text: str) -> Iterator[Span]:
    """Everything below ``data`` of a Secret, whatever the keys are called."""
    at = 0
    for document in re.split(r"(?m)^---", text):
        if _MANIFEST.search(document):
            for block in (*_DATA.finditer(document), *_DATA_JSON.finditer(document)):
                pairs = _DATA_LINE if block.re is _DATA else _DATA_PAIR
                for found in pairs.finditer(document, block.start("body"), block.end("body")):
                    start, end = found.span(found.lastgroup or 0)
                    yield at + start, at + end
        at += len(document) + 3
