"""Where a request for a host and path goes by an Ingress."""

import pytest

from knowledge.facts.routes import leads_to
from knowledge.objects import Ingress
from tests.knowledge.detectors.things import thing, world
from tests.seen import seen


def front(*paths: tuple[str, str]) -> Ingress:
    rules = [
        {"path": path, "pathType": kind, "backend": {"service": {"name": path.strip("/") or "root"}}}
        for kind, path in paths
    ]
    rule = {"host": "shop.example.com", "http": {"paths": rules}}
    (ingress,) = seen(world(thing("Ingress", "front", spec={"rules": [rule]}))).all(Ingress)
    return ingress


@pytest.mark.parametrize(
    ("path", "service"),
    [("/cart", "cart"), ("/cart/7", "cart"), ("/cartoon", None), ("/exact", "exact"), ("/exact/7", None)],
)
def test_a_prefix_ends_between_slashes_and_an_exact_path_is_that_path(path: str, service: str | None) -> None:
    route = leads_to(front(("Prefix", "/cart"), ("Exact", "/exact")), "shop.example.com", path)
    assert (route.service if route else None) == service


def test_the_longest_path_wins_and_another_host_has_none() -> None:
    ingress = front(("Prefix", "/"), ("Prefix", "/cart"))
    assert [r.service for h in ("/x", "/cart/1") if (r := leads_to(ingress, "shop.example.com", h))] == ["root", "cart"]
    assert leads_to(ingress, "www.example.com", "/") is None


def test_what_a_controller_reads_as_an_expression_may_fit_anything() -> None:
    assert leads_to(front(("ImplementationSpecific", "/api(/|$)(.*)")), "shop.example.com", "/api/v1")
