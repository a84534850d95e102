"""Reads Kubernetes quantities (``500m``, ``512Mi``, ``2e3``) as numbers, and writes memory the way people say it."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from knowledge.objects.meta import Quantity

_TEXT = re.compile(r"^\s*(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?)\s*(?P<unit>[a-zA-Z]*)\s*$")
_UNITS: Mapping[str, Decimal] = {
    "": Decimal(1),
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "k": Decimal(10) ** 3,
    "K": Decimal(10) ** 3,
    "M": Decimal(10) ** 6,
    "G": Decimal(10) ** 9,
    "T": Decimal(10) ** 12,
    "P": Decimal(10) ** 15,
    "E": Decimal(10) ** 18,
    **{f"{letter}i": Decimal(1024) ** n for n, letter in enumerate("KMGTPE", start=1)},
}


def amount(quantity: Quantity | None) -> float | None:
    """The number that a quantity means, in cores or bytes; ``None`` for nothing and for what is no quantity."""
    if quantity is None or quantity == "":
        return None
    match = _TEXT.match(str(quantity))
    factor = _UNITS.get(match["unit"]) if match else None
    if match is None or factor is None:
        return None
    try:
        return float(Decimal(match["number"]) * factor)
    except (InvalidOperation, OverflowError):
        return None


def memory(size: float) -> str:
    """Bytes in the largest binary unit that leaves one or more: ``1.5Gi``, ``512Mi``."""
    for unit, factor in (("Ti", 1024**4), ("Gi", 1024**3), ("Mi", 1024**2), ("Ki", 1024)):
        if abs(size) >= factor:
            text = f"{size / factor:.1f}".removesuffix(".0")
            return f"{text}{unit}"
    return f"{size:.0f}"


def cpu(cores: float) -> str:
    """Cores, in thousandths below one: ``250m``, ``2``, ``1.5``."""
    return f"{cores * 1000:.0f}m" if abs(cores) < 1 else f"{cores:.2f}".rstrip("0").rstrip(".")
