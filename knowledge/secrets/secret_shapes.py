"""Secrets that are known by their own shape, whatever name they stand under: issuers' tokens, key files, numbers."""

import re
from collections.abc import Iterator

Span = tuple[int, int]

_TOKEN = re.compile(
    r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}"
    r"|xox[a-z](?:\.xox[a-z])?-[\w-]{8,}|xapp-[\w-]{8,}"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}"
    r"|gl(?:pat|dt|rt|cbt)-[\w-]{16,}|glsa_\w{20,}"
    r"|npm_[A-Za-z0-9]{30,}|pypi-Ag[\w-]{16,}|dckr_pat_[\w-]{20,}"
    r"|[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,}"
    r"|SG\.[\w-]{16,}\.[\w-]{16,}|SK[0-9a-f]{32}(?![A-Za-z0-9])"
    r"|sk-(?=[\w-]{0,200}[A-Z])(?=[\w-]{0,200}\d)[\w-]{20,}"
    r"|hv[sbr]\.[\w-]{20,}|gAAAAA[\w-]{40,}={0,2}|dop_v1_[0-9a-f]{32,}|shpat_[0-9a-fA-F]{32}"
    r"|ATATT3[\w=-]{30,}|hf_[A-Za-z0-9]{30,}|AGE-SECRET-KEY-1[A-Z0-9]{40,}|dapi[0-9a-f]{32}|tskey-[\w-]{16,}"
    r"|eyJ[\w-]{8,1024}\.[\w-]{4,}(?:\.[\w-]*){0,3}"
    r"|\$(?:apr1|2[abxy]|[156]|argon2id?)\$[./A-Za-z0-9$=,+]{20,}"
)
_TOKEN_BEGINS = (
    *(
        "AKIA",
        "ASIA",
        "AIza",
        "ya29.",
        "GOCSPX-",
        "xox",
        "xapp-",
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
    ),
    *("glpat-", "gldt-", "glrt-", "glcbt-", "glsa_", "npm_", "pypi-"),
    *("dckr_pat_", "k_live_", "k_test_", "whsec_", "SG.", "SK", "sk-", "hvs.", "hvb.", "hvr.", "gAAAAA", "dop_v1_"),
    *("shpat_", "ATATT3", "hf_", "AGE-SECRET-", "dapi", "tskey-", "eyJ"),
    *("$apr1$", "$2", "$1$", "$5$", "$6$", "$argon2"),
)
_AWS_SECRET = re.compile(
    r"(?<![A-Za-z0-9/+=-])(?=[A-Za-z/+]{0,39}\d)(?=[a-z0-9/+]{0,39}[A-Z])[A-Za-z0-9/+]{40}(?![\w/+=-])"
)
_HEX = re.compile(r"[0-9a-f]+")

_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_KEY_LINES = re.compile(r"(?:(?:\s|\\[nr]){0,8}[A-Za-z0-9+/=]{20,}+)*(?:(?:\s|\\[nr]){1,8}[A-Za-z0-9+/]{1,64}={1,2})?")
_HEADLESS = re.compile(r"(?:[A-Za-z0-9+/=]++(?:\s|\\[nr])++)+\Z")

_USER_INFO = re.compile(r"://[^\s:/?#@\"'`<>]{0,256}:([^\s\"'`<>/?#]{1,512})@")
_USER_INFO_RAW = re.compile(
    r"://[^\s:/?#@\"'`<>]{1,256}:(?!\d{1,5}[/?#])([^\s\"'`<>@]{1,256})@(?=[\w.-]{1,253}(?::\d+)?(?:[/?\s,\"']|$))"
)
_TOKEN_USER = re.compile(r"://([^\s:/?#@\"'`<>\[]{20,512})@")
_WEB_HOOK = re.compile(r"(?:hooks\.slack\.com/(?:services|workflows|triggers)/|/api/webhooks/)([\w/.-]+)")
_PLACEHOLDER = re.compile(r"\$\(\w+\)|\$?\{+[^}]*\}+|\$[A-Z_]+|<[\w -]+>|\*+|%\w")

_RESIDENT = re.compile(r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(-?)[1-8]\d{6}(?![\w-])")
_CARD = re.compile(r"[2-6]\d{3}(?:([ -]?)\d{4}\1\d{4}\1\d{4}|([ -]?)\d{6}\2\d{5})(?![\w-])")
_NUMBER = re.compile(r"[0-9]{4}(?:[0-9]{2}[0-9-][0-9]{6}|[ -][0-9]{4}[ -][0-9]{4}|[ -][0-9]{6}[ -])")
_RESIDENT_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


def shaped(text: str) -> Iterator[Span]:
    """Where such secrets stand. One pass a shape; every repetition is bounded or can match in one way only."""
    yield from _tokens(text)
    if "PRIVATE KEY" in text:
        yield from _private_keys(text)
    if "://" in text:
        yield from _addresses(text)
    yield from _numbers(text)


def _tokens(text: str) -> Iterator[Span]:
    amazon = False
    for (
        begin
    ) in _TOKEN_BEGINS:  # finding a word that is not there costs next to nothing; an expression reads every letter
        at = text.find(begin)
        while at >= 0:
            start = at - 1 if begin[:2] == "k_" and at else at
            found = None if _inside_a_word(text, start) else _TOKEN.match(text, start)
            if found:
                amazon = amazon or begin in ("AKIA", "ASIA")
                yield found.span()
            at = text.find(begin, found.end() if found else at + len(begin))
    if amazon:
        yield from (found.span() for found in _AWS_SECRET.finditer(text) if not _HEX.fullmatch(found[0]))


def _inside_a_word(text: str, start: int) -> bool:
    if not start or not (text[start - 1].isalnum() and text[start - 1].isascii()):
        return False
    return not _escape(text, start)


def _escape(text: str, start: int) -> bool:
    r"""Whether the letter before is the end of ``\n`` or ``\t`` in a quoted text."""
    return start > 1 and text[start - 2] == "\\" and text[start - 1] in "nrt"


def _private_keys(text: str) -> Iterator[Span]:
    covered = 0
    for begin in _BEGIN.finditer(text):
        end = _END.search(text, begin.end(), begin.end() + 32_000)
        stop = end.start() if end else _key_lines(text, begin.end())
        covered = max(covered, stop)
        if text[begin.end() : stop].strip():
            yield begin.end(), stop
    for end in _END.finditer(text, covered):
        window = max(covered, end.start() - 8_000)
        line = text.rfind("\n\n", window, end.start())
        if headless := _HEADLESS.search(text, window if line < 0 else line, end.start()):
            yield headless.start(), end.start()
        covered = end.end()


def _key_lines(text: str, start: int) -> int:
    found = _KEY_LINES.match(text, start)
    return found.end() if found else start


def _addresses(text: str) -> Iterator[Span]:
    at = text.find("://")
    while at >= 0:
        found = _USER_INFO.match(text, at) or _USER_INFO_RAW.match(text, at) or _TOKEN_USER.match(text, at)
        if found and not _PLACEHOLDER.fullmatch(found[1]):
            yield found.span(1)
        at = text.find("://", at + 3)
    if "hooks" in text:
        yield from (found.span(1) for found in _WEB_HOOK.finditer(text))


def _numbers(text: str) -> Iterator[Span]:
    for found in _NUMBER.finditer(text):
        start = found.start()
        if start and (text[start - 1].isalnum() or text[start - 1] in "_.-"):
            continue
        if resident := _RESIDENT.match(text, start):
            if resident[1] or _resident_checks(resident[0]):
                yield resident.span()
        elif (card := _CARD.match(text, start)) and _luhn(card[0]):
            yield card.span()


def _resident_checks(digits: str) -> bool:
    """The check digit: without a hyphen a number of 13 digits may as well be milliseconds."""
    total = sum(int(d) * weight for d, weight in zip(digits, _RESIDENT_WEIGHTS, strict=False))
    return (11 - total % 11) % 10 == int(digits[12])


def _luhn(number: str) -> bool:
    digits = [int(c) for c in reversed(number) if c.isdigit()]
    return (sum(digits[::2]) + sum(sum(divmod(2 * d, 10)) for d in digits[1::2])) % 10 == 0
