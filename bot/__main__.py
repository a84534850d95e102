"""The ``gurumi`` program."""


def main() -> None:
    """Entry point of the installed program."""
    raise SystemExit("not yet")
