"""Regular expressions that are compiled when they are first used.

Those for tickets take as long to compile as a tenth of all that a question imports, which never uses them.
"""

import re
from typing import Any, cast


def late(expression: str, flags: int = 0) -> re.Pattern[str]:
    """To be used as ``re.compile`` is; a mistake in the expression shows at the first use."""
    return cast(re.Pattern[str], _Late(expression, flags))


class _Late:
    def __init__(self, expression: str, flags: int) -> None:
        self._told = (expression, flags)

    def __getattr__(self, name: str) -> Any:
        """Asked once for each method, which is then found on the object itself."""
        made = getattr(re.compile(*self._told), name)
        setattr(self, name, made)
        return made
