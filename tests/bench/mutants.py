"""How many of the detectors' conditions, broken one at a time, their tests notice. About ten minutes."""

from tests.mutants import main as hunt

ONLY_WHEN_NAMED = True


def main(words: list[str]) -> None:
    hunt(words)
