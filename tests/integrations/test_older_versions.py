"""Servers that serve a kind under the version it had before: read as if nothing were different."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.errors import NotFound
from integrations.kube_api import KubeApi
from integrations.kube_config import Way
from knowledge.facts.routes import routes
from knowledge.objects import CronJob, Event, HorizontalPodAutoscaler, Ingress, Object, PodDisruptionBudget
from tests.integrations.server import Exchange, Server, serving


def only(api_version: str, plural: str, *items: dict[str, Any]) -> Callable[[Exchange], None]:
    """A server that knows one resource, as an API server says that it knows no other."""
    root = f"/apis/{api_version}/namespaces/shop/{plural}"

    def answer(exchange: Exchange) -> None:
        path = exchange.path.partition("?")[0]
        named = [item for item in items if path == f"{root}/{item['metadata']['name']}"]
        if path == root:
            exchange.give(200, {"kind": f"{items[0]['kind']}List", "apiVersion": api_version, "items": list(items)})
        elif named:
            exchange.give(200, named[0])
        else:
            exchange.give(404, b"404 page not found\n")

    return answer


def client(server: Server) -> KubeApi:
    return KubeApi("shop", Way("shop", "kubeconfig", {"server": server.url}, {}))


def thing(kind: str, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": "web", "namespace": "shop"}, **fields}


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("policy/v1beta1", PodDisruptionBudget),
        ("batch/v1beta1", CronJob),
        ("autoscaling/v2beta2", HorizontalPodAutoscaler),
        ("autoscaling/v1", HorizontalPodAutoscaler),
    ],
)
def test_a_kind_is_found_under_the_version_that_is_served(api_version: str, kind: type[Object]) -> None:
    known = kind.RESOURCE
    with serving(only(api_version, known.plural, thing(known.kind))) as server:
        kube = client(server)
        assert [found.metadata.name for found in kube.list(kind, "shop").items] == ["web"]
        assert kube.get(kind, "shop", "web").metadata.name == "web"
        with pytest.raises(NotFound):
            kube.get(kind, "shop", "api")


def test_what_no_version_serves_is_looked_for_once() -> None:
    with serving(only("policy/v1beta1", "poddisruptionbudgets", thing("PodDisruptionBudget"))) as server:
        kube = client(server)
        for _ in range(2):
            with pytest.raises(NotFound):
                kube.list(CronJob, "shop")
        assert sum("batch/v1beta1" in asked.path for asked in server.asked) == 1


def test_an_ingress_of_the_first_days_names_its_service_and_port() -> None:
    backends = [{"backend": {"serviceName": "web", "servicePort": 80}}]
    backends += [{"path": "/x", "backend": {"serviceName": "x", "servicePort": "http"}}]
    old = thing("Ingress", spec={"rules": [{"host": "shop.example.com", "http": {"paths": backends}}]})
    with serving(only("extensions/v1beta1", "ingresses", old)) as server:
        (ingress,) = client(server).list(Ingress, "shop").items
        assert isinstance(ingress, Ingress)
        assert [(r.service, r.door) for r in routes(ingress)] == [("web", "80"), ("x", "http")]


def test_events_that_are_shown_only_by_their_own_api_are_read_from_there() -> None:
    regarding = {"kind": "Pod", "namespace": "shop", "name": "web-1", "uid": "u1"}
    times = {"deprecatedFirstTimestamp": "2026-01-15T05:00:00Z", "deprecatedLastTimestamp": "2026-01-15T05:12:00Z"}
    told = {"reason": "BackOff", "note": "Back-off", "regarding": regarding, "deprecatedCount": 7, **times}

    def answer(exchange: Exchange) -> None:
        items = [thing("Event", **told)] if "events.k8s.io" in exchange.path else []
        exchange.give(200, {"kind": "EventList", "items": items})

    with serving(answer) as server:
        kube = client(server)
        (event,) = kube.list(Event, "shop", fields="involvedObject.uid=u1").items
        assert isinstance(event, Event)
        assert (event.message, event.count, event.involved_object.name) == ("Back-off", 7, "web-1")
        assert event.last_seen
        assert event.last_seen.minute == 12
        assert kube.list(Event, "shop", fields="involvedObject.uid=u2").items == ()
