"""Which names hold secrets (``DB_PASSWORD``, ``client-key-data``) and which only speak of them (``secretName``)."""

import math
import re
from collections import Counter
from enum import Enum, auto
from functools import lru_cache


class Trust(Enum):
    """What a value under a name is taken for."""

    SECRET = auto()
    """Always a secret."""
    NAME_OR_SECRET = auto()
    """``secret: db-auth`` names an object, ``secret: hunter2`` tells one."""
    RANDOM_IS_SECRET = auto()
    """Only what looks made by a generator: ``SIGNING_KEY=…``, but not ``PARTITION_KEY=user_id``."""


_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_PASSWORD = re.compile(r"(?:password|passwd|passphrase|passcode|pwd|^pw|^(?:db|user|pg|sql|root|admin|my|ssh)?pass)$")
_JOINED_KEY = re.compile(r"(?:api|access|secret|private|account|auth|encryption|signing|master|license)key$")
_KEYS = """
api access private account master encryption signing license auth shared service ssh hmac storage deploy webhook
subscription session app admin root
"""
_OWNERS = """
client app consumer shared signing jwt session cookie hmac webhook oauth aws api user db credential token access refresh
bot slack github google stripe
"""
_ENDINGS = "prod production dev stg stage staging test old new primary secondary value plain data"
_SECRET_KEYS = frozenset(_KEYS.split())
_SECRET_OWNERS = frozenset(_OWNERS.split())
_SUFFIXES = frozenset(_ENDINGS.split())


@lru_cache(maxsize=4096)
def trust(name: str) -> Trust | None:
    """What the last words of a name promise about its value; None: nothing secret."""
    parts = [part.lower() for part in _PARTS.findall(name)]
    while len(parts) > 1 and (parts[-1] in _SUFFIXES or parts[-1].isdigit()):
        parts.pop()
    if not parts:
        return None
    last, before = parts[-1], parts[-2] if len(parts) > 1 else ""
    if _PASSWORD.search(last) or last.endswith("token") or _JOINED_KEY.search(last):
        return Trust.SECRET
    if (last == "id" and parts[-3:-1] == ["private", "key"]) or parts == ["secret", "id"]:
        return Trust.SECRET
    if last.endswith("secret"):
        owned = before in _SECRET_OWNERS or (before and name.isupper()) or last != "secret"
        return Trust.SECRET if owned else Trust.NAME_OR_SECRET
    if last == "key":
        return _trust_in_key(name, before)
    if last in ("credential", "credentials", "accesskeysecret"):
        return Trust.SECRET
    if last in ("auth", "sig", "signature", "sessionid", "jsessionid", "phpsessid", "sessid", "sid"):
        return Trust.RANDOM_IS_SECRET
    return Trust.RANDOM_IS_SECRET if last == "hash" and _PASSWORD.search(before) else None


def _trust_in_key(name: str, before: str) -> Trust | None:
    if before == "secret":
        return Trust.NAME_OR_SECRET if name.endswith("secretKey") else Trust.SECRET
    if before in _SECRET_KEYS or (before == "client" and "data" in name):
        return Trust.SECRET
    return Trust.RANDOM_IS_SECRET if before and before != "public" else None


_PLAIN = """
true false null none nil undefined yes no on off ok required optional missing invalid expired revoked empty unset
incorrect wrong unknown mismatch rejected denied failed failure error unauthorized forbidden not bad unable cannot
disabled enabled default hidden masked redacted the a an is was are were has have had i we you it this that my our your
can could would please how why what when where which who and or but if in on of to for from with by as at be string str
secret password token key opaque bearer basic rbac webhook changed rotated exists found
"""
_WORDS = frozenset(_PLAIN.split())
_PLACEHOLDER = re.compile(
    r"\$\(\w+\)|\$\{[^}]*\}?|\$[A-Z]*_?(?:PASS|PWD|TOKEN|SECRET|KEY|CRED|AUTH)[A-Z_]*|\$\{?\{.*|\{\{.*|%\(?\w+\)?s?|"
    r"<[A-Za-z][\w .:'-]*>?|\*{2,}|[xX]{3,}|\.{2,}|…|\[redacted\]|\{\w*\}|-+"
)
_PATH = re.compile(r"(?:file:/*|~|\.)?/(?:[\w.@+-]+/)+[\w.@+-]*|[\w.-]*/(?:run|var|etc|secrets|mnt)/\S*")
_OBJECT_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-./][a-z0-9]+)+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEX = re.compile(r"[0-9a-fA-F]{32,}")


def harmless(value: str, kind: Trust) -> bool:
    """Whether a value under such a name is readable after all: a word, a placeholder, a path, an object's name."""
    bare = value.rstrip(".,:;!?)")
    if bare.lower() in _WORDS or _PLACEHOLDER.fullmatch(value) or not bare:
        return True
    if kind is Trust.RANDOM_IS_SECRET:
        return not random_looking(value)
    if _PATH.fullmatch(value) and not (len(value) > 30 and "." not in value and _mixed(value)):
        return True
    if kind is Trust.NAME_OR_SECRET:
        return bool(_OBJECT_NAME.fullmatch(value)) and not _HEX.search(value)
    return False


def random_looking(value: str) -> bool:
    """Long, without structure, and of a generator's mixture of characters."""
    if len(value) < 16 or "://" in value or value.startswith(("sha256:", "/")) or _UUID.fullmatch(value):
        return False
    if _HEX.fullmatch(value):
        return True
    return _mixed(value) and _bits(value) >= 3.3


def password_looking(value: str) -> bool:
    """Letters with digits, or with the signs that people put into passwords; not a version, a name or a number."""
    if len(value) < 5 or _OBJECT_NAME.fullmatch(value):
        return False
    letter = any(c.isalpha() for c in value)
    return letter and (any(c.isdigit() for c in value) or any(c in "!@#$%^&*+?~" for c in value[1:]))


def _mixed(value: str) -> bool:
    return any(c.islower() for c in value) and any(c.isupper() for c in value) and any(c.isdigit() for c in value)


def _bits(value: str) -> float:
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values())
