"""What becomes of a request for the address in a question: the Ingress of its host may have no path for it."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from commands.telling import Look
from knowledge.facts.routes import leads_to, routes
from knowledge.finding import Evidence, field_of
from knowledge.objects import Ingress
from knowledge.said import Said

SHOWN = 6


def unrouted(look: Look, hosts: tuple[str, ...]) -> tuple[Said, tuple[Evidence, ...]] | None:
    """The address that no rule of its host's Ingresses leads anywhere, with what their rules hold."""
    for host, path in filter(None, map(_address, hosts)):
        ingresses = tuple(_of(look, host))
        if ingresses and not any(leads_to(ingress, host, path) for ingress in ingresses):
            known = [route for ingress in ingresses for route in routes(ingress) if route.path]
            says = Said(
                "No rule leads {address} anywhere, so it is answered with 404: Ingress {ingress} knows {paths} for "
                "that host.",
                address=f"{host}{path}",
                ingress=ingresses[0].metadata.name,
                paths=tuple(dict.fromkeys(r.path for r in known))[:SHOWN] or "-",
            )
            return says, tuple(field_of(ingresses[0], r.where, f"{r.address} → {r.service}") for r in known[:SHOWN])
    return None


def _address(text: str) -> tuple[str, str] | None:
    """Host and path of an address that names a path."""
    parts = urlsplit(text if "//" in text else f"//{text}")
    path = parts.path.rstrip("/")
    return (parts.hostname, path) if parts.hostname and path else None


def _of(look: Look, host: str) -> Iterator[Ingress]:
    for ref in look.about:
        thing = look.seen.find(ref)
        if isinstance(thing, Ingress) and any(rule.host in ("", host) for rule in thing.spec.rules):
            yield thing
