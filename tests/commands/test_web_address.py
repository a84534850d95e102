"""An address in a question that its host's Ingress has no path for."""

from commands.dialogue import Tone
from tests.door import door
from tests.knowledge.detectors.things import deployment, endpoints, pod, service, thing, world

LABELS = {"app": "cart"}
RULE = {
    "host": "shop.example.com",
    "http": {"paths": [{"path": "/cart", "pathType": "Prefix", "backend": {"service": {"name": "cart"}}}]},
}
WORLD = world(
    thing("Namespace", "shop", ""),
    {**deployment("cart", LABELS), "apiVersion": "apps/v1"},
    pod("cart-1", LABELS),
    service("cart", LABELS),
    {**endpoints("cart", ready=("cart-1",)), "apiVersion": "discovery.k8s.io/v1"},
    {**thing("IngressClass", "nginx", ""), "apiVersion": "networking.k8s.io/v1"},
    {
        **thing("Ingress", "front", spec={"ingressClassName": "nginx", "rules": [RULE]}),
        "apiVersion": "networking.k8s.io/v1",
    },
)


def test_a_path_without_a_rule_is_told_with_the_paths_that_have_one() -> None:
    with door(WORLD) as here:
        told = here.ask("https://shop.example.com/basket gives 404")
    assert told.answer.tone is Tone.FOUND
    assert told.headline.startswith("No rule leads shop.example.com/basket anywhere")
    assert "/cart" in told.headline


def test_a_path_with_a_rule_is_not_blamed() -> None:
    with door(WORLD) as here:
        assert "No rule leads" not in here.ask("https://shop.example.com/cart/7 gives 404").text
