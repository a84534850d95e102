"""What somebody probably meant: the names, or the label sets, that are nearest to one that fits nothing."""

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

_ALIKE = 0.6
"""Below this share of common letters two names are not a slip of the fingers."""


def near_names(name: str, candidates: Iterable[str], n: int = 3) -> tuple[str, ...]:
    """Up to ``n`` candidates that are spelt much like a name, the nearest first; never the name itself."""
    scored = ((_likeness(name, candidate), candidate) for candidate in set(candidates) if candidate != name)
    fitting = sorted((-score, candidate) for score, candidate in scored if score >= _ALIKE)
    return tuple(candidate for _, candidate in fitting[:n])


def nearest_labels(wanted: Mapping[str, str], candidates: Iterable[Mapping[str, str]]) -> dict[str, str] | None:
    """Of several label sets the one that a selector misses by the least, cut down to the labels it may have meant.

    ``None`` where none of them has anything to do with the selector.
    """
    best: tuple[float, dict[str, str]] | None = None
    for labels in candidates:
        meant = {key: _counterpart(key, value, labels) for key, value in wanted.items()}
        found = {label: labels[label] for label in meant.values() if label}
        related = any(_likeness(wanted[key], labels[label]) >= _ALIKE for key, label in meant.items() if label)
        score = sum(_fit(key, wanted[key], label, labels) for key, label in meant.items())
        if related and (best is None or score > best[0]):
            best = (score, found)
    return best[1] if best else None


def _counterpart(key: str, value: str, labels: Mapping[str, str]) -> str:
    """The label that a selector's ``key=value`` may have meant: the same key, else the same value under another."""
    if key in labels and _likeness(labels[key], value) >= _ALIKE:
        return key
    same_value = [label for label, held in labels.items() if held == value]
    if same_value:
        return max(same_value, key=lambda label: (_likeness(label, key), label))
    return key if key in labels else ""


def _fit(key: str, value: str, label: str, labels: Mapping[str, str]) -> float:
    if not label:
        return 0.0
    return (_likeness(key, label) + 2 * _likeness(value, labels[label])) / 3


def _likeness(one: str, other: str) -> float:
    """1 for the same word, 0 for nothing in common; a word that holds the other whole is near to it."""
    a, b = one.lower(), other.lower()
    ratio = SequenceMatcher(None, a, b, autojunk=False).ratio()
    short, long = sorted((a, b), key=len)
    return max(ratio, 0.75) if len(short) >= 3 and short in long else ratio
