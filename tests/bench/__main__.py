"""``python -m tests.bench [name…]``: prints the figures of every measurement, or of those named."""

import importlib
import pkgutil
import sys

from tests import bench


def main(words: list[str]) -> int:
    known = [found.name for found in pkgutil.iter_modules(bench.__path__) if not found.name.startswith("_")]
    named = [word.replace("-", "_") for word in words if not word.startswith("--")]
    unknown = sorted(set(named) - set(known))
    if unknown:
        print(f"no such measurement: {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in named or known:
        measurement = importlib.import_module(f"tests.bench.{name}")
        if not named and getattr(measurement, "ONLY_WHEN_NAMED", False):
            continue
        print(f"== {name}")
        measurement.main([word for word in words if word.startswith("--")])
    return 0


sys.exit(main(sys.argv[1:]))
