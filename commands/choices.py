"""What one of many may be chosen from, narrowed by what was typed: for forms and menus that are searched."""

from collections.abc import Callable, Iterable, Mapping
from zoneinfo import available_timezones

from commands.dialogue import Request
from commands.tools import ClusterEntry, Tools

MOST = 100


def choices(among: str, request: Request, tools: Tools) -> tuple[str, ...]:
    """The names that fit the request's words, best first; none for what nothing is known of."""
    source = _SOURCES.get(among)
    return tuple(_fitting(source(request, tools), request.words)[:MOST]) if source else ()


def _clusters(request: Request, tools: Tools) -> Iterable[str]:
    """The asker's own first."""
    asker = request.asker
    me = {asker.id, asker.name, asker.email} - {""}

    def foreign(entry: ClusterEntry) -> bool:
        return entry.owner not in me and me.isdisjoint(entry.members)

    seen = [entry for entry in tools.fleet.clusters() if tools.may_see(entry, "")]
    return [entry.name for entry in sorted(seen, key=foreign)]


def _zones(_request: Request, _tools: Tools) -> Iterable[str]:
    return sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))


_SOURCES: Mapping[str, Callable[[Request, Tools], Iterable[str]]] = {"clusters": _clusters, "zones": _zones}


def _fitting(names: Iterable[str], typed: str) -> list[str]:
    """Names that hold every word that was typed; those that begin with the first come first."""
    wanted = typed.lower().replace("_", " ").replace("-", " ").split()
    fit = [name for name in names if all(word in name.lower() for word in wanted)]
    return sorted(fit, key=lambda name: not name.lower().startswith(wanted[0])) if wanted else fit
