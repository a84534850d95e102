"""Pod disruption budgets: how many healthy pods they see, and how many disruptions they allow."""

from typing import Any

from integrations.sandbox.kubernetes.living.ground import Ground, condition, instant, with_condition
from integrations.sandbox.kubernetes.living.shares import share
from integrations.sandbox.kubernetes.removal import is_ready

Json = dict[str, Any]

_FORGOTTEN_AFTER_S = 120
"""A disruption that was allowed and did not happen counts no longer."""


def keep_budgets(ground: Ground) -> None:
    for budget in ground.all("PodDisruptionBudget"):
        _keep(ground, budget)


def _keep(ground: Ground, budget: Json) -> None:
    spec, status = budget.get("spec") or {}, budget.get("status") or {}
    pods = ground.fitting("Pod", budget["metadata"]["namespace"], spec.get("selector"))
    alive = [pod for pod in pods if pod.get("status", {}).get("phase") not in ("Succeeded", "Failed")]
    expected = len(alive)
    if "maxUnavailable" in spec:
        desired = max(0, expected - share(spec["maxUnavailable"], expected, up=True))
    else:
        desired = share(spec.get("minAvailable", 1), expected, up=True)
    gone = _still_meant(ground, status.get("disruptedPods") or {}, alive)
    leaving = [pod for pod in alive if pod["metadata"].get("deletionTimestamp") or pod["metadata"]["name"] in gone]
    healthy = sum(1 for pod in alive if is_ready(pod) and pod not in leaving)
    allowed = max(0, healthy - desired) if expected else 0
    said = ("True", "SufficientPods") if allowed else ("False", "InsufficientPods")
    new = {**condition(budget, "DisruptionAllowed"), "type": "DisruptionAllowed", "status": said[0], "reason": said[1]}
    new.setdefault("message", "")
    conditions = with_condition(status.get("conditions") or [], new, ground.stamp())
    ground.status(
        budget,
        disruptionsAllowed=allowed,
        currentHealthy=healthy,
        desiredHealthy=desired,
        expectedPods=expected,
        disruptedPods=gone or None,
        observedGeneration=budget["metadata"].get("generation", 1),
        conditions=conditions,
    )


def _still_meant(ground: Ground, disrupted: Json, alive: list[Json]) -> Json:
    names = {pod["metadata"]["name"] for pod in alive}
    since = {name: instant(at) for name, at in disrupted.items() if name in names}
    return {
        name: disrupted[name]
        for name, at in since.items()
        if at and (ground.now() - at).total_seconds() < _FORGOTTEN_AFTER_S
    }
