"""Reads the names and dates of X.509 certificates, from PEM, DER or the base64 of either. No key is ever looked at.

Only what a diagnosis tells is read, by a short walk through the DER; nothing is verified.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address

_PEM = re.compile(rb"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----(.+?)-----END", re.DOTALL)
_SEQUENCE, _UTC_TIME = 0x30, 0x17
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_DNS_NAME, _IP_ADDRESS = 0x82, 0x87
_SUBJECT_ALT_NAME = b"\x55\x1d\x11"
_ATTRIBUTES = {b"\x55\x04\x03": "CN", b"\x55\x04\x0a": "O", b"\x55\x04\x0b": "OU"}


@dataclass(frozen=True)
class Certificate:
    """``subject`` and ``issuer`` as ``CN=…, O=…``; ``sans``: DNS names and IP addresses."""

    subject: str
    issuer: str
    sans: tuple[str, ...]
    not_before: datetime
    not_after: datetime

    def valid_at(self, when: datetime) -> bool:
        return self.not_before <= when <= self.not_after

    def covers(self, host: str) -> bool:
        """Whether a name stands among the SANs, a leading ``*`` standing for exactly one label."""
        host = host.lower().rstrip(".")
        parent = host.partition(".")[2]
        return any(san.lower() in (host, f"*.{parent}") for san in self.sans)


def certificates(text: bytes | str) -> tuple[Certificate, ...]:
    """Every certificate in a text, leaf first as written. What is no certificate is passed over."""
    return tuple(found for der in _ders(text) if (found := _certificate(der)))


def _ders(text: bytes | str) -> Iterator[bytes]:
    raw = text.encode() if isinstance(text, str) else text
    if raw[:1] != bytes([_SEQUENCE]) and b"-----BEGIN" not in raw:
        raw = _decoded(raw)
    if raw[:1] == bytes([_SEQUENCE]):
        yield raw
        return
    for match in _PEM.finditer(raw):
        yield _decoded(match[1])


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text.strip().strip(b'"'))
    except (binascii.Error, ValueError):
        return b""


def _certificate(der: bytes) -> Certificate | None:
    try:
        body = _children(_children(_children(der)[0][1])[0][1])
        if body[0][0] == _VERSION:
            body = body[1:]
        _, _, issuer, validity, subject, _, *rest = body
        begins, ends = (_time(tag, value) for tag, value in _children(validity[1]))
        extensions = next((value for tag, value in rest if tag == _EXTENSIONS), b"")
        return Certificate(_name(subject[1]), _name(issuer[1]), tuple(_sans(extensions)), begins, ends)
    except (IndexError, ValueError):
        return None


def _children(data: bytes) -> list[tuple[int, bytes]]:
    """The (tag, value) pairs that follow each other in a DER value. Raises ValueError on what is cut short."""
    found, at = [], 0
    while at < len(data):
        tag, size = data[at], data[at + 1]
        at += 2
        if size & 0x80:
            octets = size & 0x7F
            size = int.from_bytes(data[at : at + octets], "big")
            at += octets
        if at + size > len(data):
            raise ValueError("cut short")
        found.append((tag, data[at : at + size]))
        at += size
    return found


def _time(tag: int, value: bytes) -> datetime:
    text = value.decode("ascii")
    if tag == _UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _name(value: bytes) -> str:
    parts = []
    for _, group in _children(value):
        for _, pair in _children(group):
            (_, oid), (_, text) = _children(pair)[:2]
            if oid in _ATTRIBUTES:
                parts.append(f"{_ATTRIBUTES[oid]}={text.decode('utf-8', 'replace')}")
    return ", ".join(parts)


def _sans(extensions: bytes) -> Iterator[str]:
    for _, listing in _children(extensions):
        for _, extension in _children(listing):
            (_, oid), *rest = _children(extension)
            if oid != _SUBJECT_ALT_NAME:
                continue
            for tag, name in _children(_children(rest[-1][1])[0][1]):
                if tag == _DNS_NAME:
                    yield name.decode("ascii", "replace")
                elif tag == _IP_ADDRESS and len(name) in (4, 16):
                    yield str(ip_address(name))
