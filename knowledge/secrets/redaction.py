"""Takes secrets out of text from outside, and leaves readable what only looks like one.

A secret is known by its shape (``secret_shapes``) or by the name it stands under (``named_secrets``); base64 is looked
into. Only the value goes: host, user, database and the name stay.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from knowledge.secrets.named_secrets import named
from knowledge.secrets.secret_shapes import Span, shaped

MARK = "[redacted]"

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{16,}+={0,2}")
_NEXT_LINES = re.compile(r"(?:\s{1,8}[A-Za-z0-9+/]{20,}+={0,2})*(?:\s{1,8}[A-Za-z0-9+/]{2,}={1,2})?")
_PASSES = 4


def redact(text: str) -> str:
    """The text with every secret replaced by ``[redacted]``."""
    for _ in range(_PASSES):  # what is left beside a mark may read as a name and its value: usually one pass suffices
        cleaned = _replace(text, [*shaped(text), *named(text), *_encoded(text)])
        if cleaned == text:
            break
        text = cleaned
    return text


def _replace(text: str, spans: Iterable[Span]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end in _merged(spans):
        pieces += (text[done:start], MARK)
        done = end
    return "".join((*pieces, text[done:])) if pieces else text


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    current: Span | None = None
    for span in sorted(spans):
        if current is None or span[0] > current[1]:
            if current:
                yield current
            current = span
        else:
            current = (current[0], max(current[1], span[1]))
    if current:
        yield current


def _encoded(text: str) -> Iterator[Span]:
    """Base64 of text that holds a secret. What does not decode to plain text (digests, container ids) is none."""
    covered = 0
    for found in _BASE64.finditer(text):
        if found.start() < covered or not (plain := _decoded(found[0])):
            continue
        if any(True for _ in shaped(plain)) or any(True for _ in named(plain)):
            following = _NEXT_LINES.match(text, found.end()) if _is_document(plain) else None
            covered = following.end() if following else found.end()
            yield found.start(), covered


def _decoded(token: str) -> str:
    body = token.rstrip("=")
    body = body[: len(body) - (len(body) % 4 == 1)]
    try:
        plain = base64.b64decode(body + "=" * (-len(body) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return plain if plain.isprintable() or "\n" in plain else ""


def _is_document(plain: str) -> bool:
    return "PRIVATE KEY" in plain or plain.lstrip().startswith("{")
