"""How many labelled tickets are read wholly right, which fields go wrong, and how long one takes."""

import time
from collections import Counter

from tests.tickets.scoring import labels, reading, wrong


def main(_words: list[str]) -> None:
    for name in ("tuned", "aside", "fresh"):
        asked = labels(name)
        faults = [complaints for label in asked if (complaints := wrong(label))]
        began = time.perf_counter()
        for label in asked:
            reading(label)
        each = (time.perf_counter() - began) / len(asked) * 1000
        fields = Counter(complaint.split(":")[0] for complaints in faults for complaint in complaints)
        print(f"{name}: {len(asked)} tickets, {1 - len(faults) / len(asked):.1%} wholly right, {each:.1f} ms each")
        if fields:
            print("  wrong: " + ", ".join(f"{field} {n}" for field, n in fields.most_common()))
