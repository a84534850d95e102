"""Probes: killed by liveness, slow to start, not ready, asked at the wrong door, missing."""

from typing import Any

from knowledge.finding import Confidence, Ref
from tests.knowledge.detectors.things import denied, deployment, english, event, log, pod, service, told, unsure, world
from tests.seen import judge

LIVENESS, STARTUP, READINESS = "probe-liveness-killed", "probe-startup-too-slow", "probe-readiness-failing"
TARGET, MISSING = "probe-target-wrong", "probe-readiness-missing"
PROBE = {"httpGet": {"path": "/healthz", "port": 8080}, "failureThreshold": 3, "periodSeconds": 10, "timeoutSeconds": 1}
LABELS = {"app": "web"}


def ended(code: int = 137, started: str = "50s ago", at: str = "10s ago") -> dict[str, Any]:
    end = {"exitCode": code, "reason": "Error", "startedAt": started, "finishedAt": at}
    return {"restartCount": 4, "state": {"running": {"startedAt": "9s ago"}}, "lastState": {"terminated": end}}


def web(state: dict[str, Any] | None = None, ready: bool = False, **container: Any) -> dict[str, Any]:
    return pod("web-1", LABELS, ready, container=container, state=state or {}, owner=("StatefulSet", "web"))


def unhealthy(kind: str, detail: str) -> dict[str, Any]:
    return event(("Pod", "web-1"), "Unhealthy", f"{kind} probe failed: {detail}", 9, container="app", last="15s ago")


KILLED = event(
    ("Pod", "web-1"),
    "Killing",
    "Container app failed liveness probe, will be restarted",
    container="app",
    last="12s ago",
)
SLOW = unhealthy(
    "Liveness",
    'Get "http://10.0.0.1:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
)
REFUSED = 'Get "http://10.0.0.1:8080/healthz": dial tcp 10.0.0.1:8080: connect: connection refused'


def test_a_kill_by_the_liveness_probe_is_told_with_the_probes_terms() -> None:
    finding = judge(world(web(ended(started="3h ago"), livenessProbe=PROBE), KILLED, SLOW), LIVENESS).causes[0].finding
    assert english(finding).startswith(
        "Kubernetes restarted web on purpose: its liveness probe (HTTP GET :8080/healthz, timeout 1s, period 10s, "
        "failureThreshold 3) failed: no answer within timeoutSeconds 1s (4 restarts, exit code 137)."
    )
    assert finding.confidence is Confidence.PROVEN
    assert finding.subject == Ref("StatefulSet", "shop", "web")


def test_a_dependency_in_the_log_is_named_as_the_place_of_the_cause() -> None:
    lines = log("web-1", "ERROR dial tcp: lookup redis on 10.96.0.10:53: no such host", previous=True)
    killed = judge(world(web(ended(started="3h ago"), livenessProbe=PROBE), KILLED, lines), LIVENESS)
    assert killed.causes[0].finding.because == (Ref("Service", "shop", "redis"),)


def test_a_container_that_never_ended_is_clean() -> None:
    assert told(judge(world(web(ready=True, livenessProbe=PROBE)), LIVENESS, STARTUP, READINESS, TARGET)) == []


def test_without_pods_to_look_at_nothing_can_be_told() -> None:
    world_ = world(web(ended(), livenessProbe=PROBE), KILLED, denied("pods"))
    assert set(unsure(judge(world_, LIVENESS, STARTUP, READINESS, TARGET))) == {LIVENESS, STARTUP, READINESS, TARGET}


def test_a_crash_of_its_own_is_not_the_probes_doing() -> None:
    assert told(judge(world(web(ended(code=1), livenessProbe=PROBE), SLOW), LIVENESS)) == []


def test_a_start_that_takes_longer_than_the_probe_allows_is_told() -> None:
    state = ended(started="45s ago", at="10s ago")
    seen = world(web(state, livenessProbe=PROBE), KILLED, unhealthy("Liveness", REFUSED))
    finding = judge(seen, STARTUP, LIVENESS).causes[0].finding
    assert finding.detector.id == STARTUP
    assert "gives the program 30 s after the start" in english(finding)


def test_a_startup_probe_that_gives_up_is_told() -> None:
    gave_up = {**KILLED, "message": "Container app failed startup probe, will be restarted"}
    finding = judge(world(web(ended(), startupProbe=PROBE), gave_up), STARTUP).causes[0].finding
    assert "longer to start than its startup probe allows" in english(finding)


def test_a_program_that_ran_for_hours_is_not_slow_to_start() -> None:
    seen = world(web(ended(started="3h ago"), livenessProbe=PROBE), KILLED, unhealthy("Liveness", REFUSED))
    assert told(judge(seen, STARTUP)) == []


def test_a_failing_readiness_probe_is_told_with_its_answer_and_the_log() -> None:
    seen = world(
        web(readinessProbe=PROBE),
        unhealthy("Readiness", "HTTP probe failed with statuscode: 503"),
        log("web-1", "ERROR dial tcp 10.0.0.9:6379: connect: connection refused"),
    )
    sentence = told(judge(seen, READINESS))[0]
    assert "fails on 1 of 1 pod: HTTP probe failed with statuscode: 503. Its log says: ERROR dial tcp" in sentence


def test_a_readiness_gate_that_nobody_sets_is_told() -> None:
    gated = pod("web-1", LABELS, False, spec={"readinessGates": [{"conditionType": "example.com/lb"}]})
    assert "readiness gate example.com/lb" in told(judge(world(gated), READINESS))[0]


def test_a_pod_that_has_just_started_or_is_leaving_is_given_time() -> None:
    young = pod("web-1", LABELS, False, since="20s ago", container={"readinessProbe": PROBE})
    leaving = pod("web-2", LABELS, False, deleted="9m ago", container={"readinessProbe": PROBE})
    assert told(judge(world(young, leaving), READINESS)) == []


def test_a_probe_at_a_path_that_answers_404_is_wrong() -> None:
    seen = world(web(readinessProbe=PROBE), unhealthy("Readiness", "HTTP probe failed with statuscode: 404"))
    finding = judge(seen, TARGET, READINESS).causes[0].finding
    assert finding.detector.id == TARGET
    assert "HTTP GET :8080/healthz never succeeds, since the program answers /healthz with status 404" in english(
        finding
    )


def test_a_probe_at_a_port_that_the_log_contradicts_is_proven_wrong() -> None:
    seen = world(web(livenessProbe=PROBE), unhealthy("Liveness", REFUSED), log("web-1", "listening on port 3000"))
    finding = judge(seen, TARGET).causes[0].finding
    assert "says that it listens on 3000" in english(finding)
    assert finding.confidence is Confidence.PROVEN


def test_a_probe_at_an_undeclared_port_is_likely_wrong() -> None:
    seen = world(web(livenessProbe=PROBE, ports=[{"containerPort": 80}]), unhealthy("Liveness", REFUSED))
    finding = judge(seen, TARGET).causes[0].finding
    assert "declares port 80 only" in english(finding)
    assert finding.confidence is Confidence.LIKELY


def test_a_refusal_at_the_declared_port_is_not_a_wrong_door() -> None:
    seen = world(web(livenessProbe=PROBE, ports=[{"containerPort": 8080}]), unhealthy("Liveness", REFUSED))
    assert told(judge(seen, TARGET)) == []


def serving(**container: Any) -> dict[str, Any]:
    one = {"name": "app", "ports": [{"containerPort": 8080}], **container}
    return deployment("web", LABELS, template={"containers": [one]})


def test_a_served_container_without_a_readiness_probe_is_reported_as_hygiene() -> None:
    aside = judge(world(serving(), service("web", LABELS)), MISSING).asides[0].finding
    assert "its container app has no readiness probe" in english(aside)


def test_a_probe_that_is_there_a_headless_service_and_a_sidecar_without_a_port_are_fine() -> None:
    headless = service("peers", LABELS, spec={"clusterIP": "None"})
    assert told(judge(world(serving(readinessProbe=PROBE), service("web", LABELS)), MISSING)) == []
    assert told(judge(world(serving(), headless), MISSING)) == []
    assert told(judge(world(serving(ports=[]), service("web", LABELS)), MISSING)) == []


def test_without_services_a_missing_probe_cannot_be_told() -> None:
    assert unsure(judge(world(serving(), service("web", LABELS), denied("services")), MISSING)) == (MISSING,)


def test_without_events_nobody_can_say_whether_a_probe_killed() -> None:
    assert unsure(judge(world(denied("events")), "probe-liveness-killed")) == ("probe-liveness-killed",)
