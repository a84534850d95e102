"""``python -m tests.mutants [detector…]``: breaks each detector's conditions one at a time and counts how many of the
broken ones its tests notice. The files stay as they are: a mutant lives in memory only.
"""

import os
import signal
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType, ModuleType

import pytest
from _pytest.runner import runtestprotocol

import knowledge.detectors
from knowledge.catalogue import Detect, detectors
from knowledge.finding import Finding
from knowledge.snapshot import Snapshot
from tests.mutations import Mutant, mutants

_TESTS = ("tests/knowledge/detectors", "tests/knowledge/chains")
_PATIENCE = 5
"""Seconds after which a test that a mutant keeps from ending counts as failed."""


class Hunt:
    """A pytest plugin: collects the tests once, then runs those of each detector against each of its mutants."""

    def __init__(self, ids: list[str], processes: int) -> None:
        self.ids, self.processes = ids, processes
        self.told: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        modules = _modules()
        tests = _asked(session.items, modules)
        readers = []
        for n in range(self.processes):
            reader, writer = os.pipe()
            if os.fork() == 0:
                os.close(reader)
                try:
                    with os.fdopen(writer, "w", buffering=1) as out:
                        for detector in self.ids[n :: self.processes]:
                            out.writelines(_hunted(detector, modules[detector], tests[detector]))
                finally:
                    os._exit(0)
            os.close(writer)
            readers.append(os.fdopen(reader))
        self.told = [line for reader in readers for line in reader]
        for _ in readers:
            os.wait()
        return True


def _asked(items: list[pytest.Item], modules: Mapping[str, ModuleType]) -> dict[str, list[pytest.Item]]:
    """The tests that ask each detector, those first that ask few others. Each must pass as things are."""
    called: set[str] = set()
    asked: dict[str, list[tuple[int, pytest.Item]]] = defaultdict(list)
    with pytest.MonkeyPatch.context() as patch:
        for detector, module in modules.items():
            patch.setattr(module, "detect", _watched(detector, module.detect, called))
        detectors.cache_clear()
        for item in items:
            called.clear()
            if not _passes(item):
                raise pytest.UsageError(f"{item.nodeid} fails as it is")
            for detector in called:
                asked[detector].append((len(called), item))
    detectors.cache_clear()
    return {i: [item for _, item in sorted(asked[i], key=lambda pair: pair[0])] for i in modules}


def _watched(detector: str, detect: Detect, called: set[str]) -> Detect:
    def watched(seen: Snapshot) -> Iterator[Finding]:
        called.add(detector)
        return detect(seen)

    return watched


def _modules() -> dict[str, ModuleType]:
    """The module of each detector."""
    detectors()
    prefix = knowledge.detectors.__name__ + "."
    loaded = [module for name, module in sorted(sys.modules.items()) if name.startswith(prefix)]
    return {module.DETECTOR.id: module for module in loaded if hasattr(module, "DETECTOR")}


def _hunted(detector: str, module: ModuleType, tests: list[pytest.Item]) -> Iterator[str]:
    broken = [item.nodeid for item in tests if not _passes(item)]
    if broken:
        yield f"{detector}\t0\t0\tnothing can be told, since this fails as it is: {broken[0]}\n"
        return
    for mutant in mutants(Path(str(module.__file__)).read_text()):
        yield f"{detector}\t{int(_noticed(module, mutant, tests))}\t{mutant.line}\t{mutant.says}\n"


def _noticed(module: ModuleType, mutant: Mutant, tests: list[pytest.Item]) -> bool:
    """Whether one of the tests fails while the mutant stands in the module's place."""
    kept = dict(vars(module))
    try:
        exec(compile(mutant.tree, str(module.__file__), "exec"), vars(module))  # noqa: S102 - our own source
        detectors.cache_clear()
        return any(not _passes(item) for item in tests)
    except Exception:  # noqa: BLE001 - a module that cannot even be loaded is noticed by every test
        return True
    finally:
        vars(module).clear()
        vars(module).update(kept)
        detectors.cache_clear()


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError


def _passes(item: pytest.Item) -> bool:
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(_PATIENCE)
    try:
        return all(report.passed for report in runtestprotocol(item, log=False, nextitem=None))
    finally:
        signal.alarm(0)


def _tell(lines: list[str]) -> float:
    """Print what was not noticed and the shares; give the share of all."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for line in sorted(lines, key=lambda row: (row.split("\t")[0], int(row.split("\t")[2]))):
        detector, noticed, number, says = line.rstrip("\n").split("\t")
        counts[detector][int(noticed)] += 1
        if noticed == "0":
            print(f"   {detector} line {number}: {says}")
    for detector, (missed, caught) in sorted(counts.items(), key=lambda row: row[1][1] / sum(row[1])):
        print(f"{caught / (missed + caught):6.1%}  {caught:3} of {missed + caught:3}  {detector}")
    missed, caught = (sum(pair[n] for pair in counts.values()) for n in (0, 1))
    share = caught / max(missed + caught, 1)
    print(f"{share:.1%} of {missed + caught} mutants of {len(counts)} detectors are noticed")
    return share


def main(words: list[str]) -> int:
    """Hunt through the named detectors, all when none is named; ``--processes=N`` of 2."""
    named = [word for word in words if not word.startswith("--")]
    processes = next((int(word.partition("=")[2]) for word in words if word.startswith("--processes=")), 2)
    ids = named or sorted(detectors())
    unknown = sorted(set(ids) - set(detectors()))
    if unknown:
        print(f"no such detector: {', '.join(unknown)}", file=sys.stderr)
        return 2
    hunt = Hunt(ids, min(processes, len(ids)))
    ended = pytest.main(["-q", "-s", "--no-header", "-p", "no:cacheprovider", *_TESTS], plugins=[hunt])
    if ended not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return int(ended)
    _tell(hunt.told)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
