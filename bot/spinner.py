"""A line on standard error while something takes longer than a second, where somebody can see it."""

import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.status import Status
    from rich.text import Text

_PATIENCE_S = 1.0


class Spinner:
    """Shown after a second, gone at the end; nothing at all where standard error is no terminal."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._status: Status | None = None
        self._text = "…"
        self._timer = threading.Timer(_PATIENCE_S, self._begin)
        self._timer.daemon = True

    def __enter__(self) -> "Spinner":
        if sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._timer.cancel()
            if self._status:
                self._status.stop()

    def show(self, done: int, total: int, what: str) -> None:
        """So much of it is done; ``what`` is under way."""
        with self._lock:
            self._text = f"{done}/{total} {what}".strip()
            if self._status:
                self._status.update(_text(self._text))

    def _begin(self) -> None:
        # Here and not above: most calls end before anybody needs it.
        from rich.console import Console

        with self._lock:
            if not self._timer.finished.is_set():
                self._status = Console(stderr=True).status(_text(self._text))
                self._status.start()


def _text(plain: str) -> "Text":
    """A name may look like rich's markup and is none."""
    from rich.text import Text

    return Text(plain)
