"""Probes and shutdowns: what decides, from both sides."""

from typing import Any

import pytest

from knowledge.finding import Confidence
from tests.knowledge.detectors.probes.test_probes import (
    KILLED,
    LABELS,
    LIVENESS,
    MISSING,
    PROBE,
    READINESS,
    REFUSED,
    SLOW,
    STARTUP,
    TARGET,
    ended,
    unhealthy,
    web,
)
from tests.knowledge.detectors.probes.test_shutdown import IGNORED, ROUGH
from tests.knowledge.detectors.things import (
    Thing,
    deployment,
    event,
    first,
    log,
    pod,
    proof,
    service,
    thing,
    told,
    world,
)
from tests.seen import judge

LONG = ended(started="3h ago")
UP = {"restartCount": 0, "state": {"running": {"startedAt": "1h ago"}}}


def failed(code: int, kind: str = "Liveness") -> Thing:
    return unhealthy(kind, f"HTTP probe failed with statuscode: {code}")


def test_a_liveness_kill_without_its_probe_in_the_spec_is_not_told_as_the_probes() -> None:
    assert told(judge(world(web(LONG), KILLED, SLOW), LIVENESS)) == []


@pytest.mark.parametrize(
    ("sign", "words", "patience"),
    [
        ([SLOW], "no answer within timeoutSeconds 1s", True),
        ([failed(503)], "failed: HTTP probe failed with statuscode: 503", True),
        ([failed(404)], "failed: HTTP probe failed with statuscode: 404", False),
        ([unhealthy("Liveness", "")], "its command failed without a word", False),
        ([], "the failure itself is no longer recorded", True),
    ],
)
def test_more_patience_is_advised_where_it_can_help(sign: list[Thing], words: str, patience: bool) -> None:
    said = judge(world(web(LONG, livenessProbe=PROBE), KILLED, sign), LIVENESS)
    assert words in told(said)[0]
    assert any("more patience" in str(remedy.says) for remedy in first(said).remedies) is patience
    assert ("answered too slowly" in str(first(said).why)) is (sign == [SLOW])


def test_the_dependency_of_another_namespace_is_named_there_and_a_setting_is_none() -> None:
    for line, names in (
        ("dial tcp: lookup redis.cache on 10.96.0.10:53: no such host", [("cache", "redis")]),
        ("required environment variable DB_URL is not set", []),
    ):
        said = judge(world(web(LONG, livenessProbe=PROBE), KILLED, log("web-1", line, previous=True)), LIVENESS)
        assert [(ref.namespace, ref.name) for ref in first(said).because] == names


def unready(
    since: str = "1h ago", phase: str = "Running", probe: Any = PROBE, running: Any = None, **fields: Any
) -> Thing:
    status = {"phase": phase}
    state = {"state": running or {"running": {"startedAt": since}}}
    container = {"readinessProbe": probe} if probe else {}
    return pod(
        "web-1",
        LABELS,
        False,
        since,
        container=container,
        state=state,
        status=status,
        owner=("StatefulSet", "web"),
        **fields,
    )


FAILING = failed(500, "Readiness")


@pytest.mark.parametrize(
    ("things", "told_of"),
    [
        ([unready("6m ago")], True),
        ([unready("4m ago")], False),
        ([unready("90s ago"), FAILING], True),
        ([unready("40s ago"), FAILING], False),
        ([unready("6m ago", probe={**PROBE, "initialDelaySeconds": 300})], False),
        ([unready(phase="Failed")], False),
        ([unready(probe=None)], False),
        ([unready(running={"waiting": {"reason": "CrashLoopBackOff"}})], False),
        ([unready(deleted="5m ago")], False),
    ],
)
def test_who_is_unready_by_the_probe_and_for_long_enough(things: list[Thing], told_of: bool) -> None:
    assert bool(told(judge(world(things), READINESS))) is told_of


def test_how_sure_it_is_and_why_it_fails_is_told() -> None:
    said = judge(world(unready()), READINESS)
    assert "its failures are no longer recorded" in told(said)[0]
    assert (first(said).confidence, len(proof(said))) == (Confidence.LIKELY, 1)
    said = judge(world(unready(), FAILING), READINESS)
    assert (first(said).confidence, proof(said)[1][:9]) == (Confidence.PROVEN, "Unhealthy")
    for detail in ("context deadline exceeded", "command timed out after 1s"):
        late = judge(world(unready(), unhealthy("Readiness", detail)), READINESS)
        assert "no answer within timeoutSeconds 1s" in told(late)[0]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("dial tcp: lookup redis.cache on 10.96.0.10:53: no such host", [("cache", "redis")]),
        ("dial tcp: lookup redis on 10.96.0.10:53: no such host", [("shop", "redis")]),
        ("required environment variable DB_URL is not set", []),
        ("ready to serve", []),
    ],
)
def test_what_it_depends_on_may_be_why(line: str, names: list[tuple[str, str]]) -> None:
    said = judge(world(unready(), log("web-1", line)), READINESS)
    assert [(ref.namespace, ref.name) for ref in first(said).because] == names


def gated(since: str = "1h ago", **condition: str) -> Thing:
    one = pod("web-1", LABELS, False, since, spec={"readinessGates": [{"conditionType": "example.com/lb"}]})
    if condition:
        one["status"]["conditions"].append({"type": "example.com/lb", **condition})
    return one


def test_a_gate_is_told_with_its_state_once_it_is_due() -> None:
    assert "(it is absent)" in told(judge(world(gated()), READINESS))[0]
    assert "(it is False no target)" in told(judge(world(gated(status="False", message="no target")), READINESS))[0]
    assert told(judge(world(gated(status="True")), READINESS)) == []
    assert told(judge(world(gated("4m ago")), READINESS)) == []
    unknown = gated()
    unknown["status"]["conditions"] = []
    assert len(told(judge(world(unknown), READINESS))) == 1


def slow(
    lifetime: int = 40, *events: Thing, probe: Any = PROBE, restarts: int = 4, ready: bool = False, **more: Any
) -> Any:
    state = {**ended(started=f"{lifetime + 10}s ago", at="10s ago"), "restartCount": restarts}
    container = {"livenessProbe": probe, **more}
    return judge(world(web(state, ready, **container), KILLED, *(events or [unhealthy("Liveness", REFUSED)])), STARTUP)


@pytest.mark.parametrize(("lifetime", "told_of"), [(15, False), (20, True), (40, True), (70, True), (75, False)])
def test_a_slow_start_lasts_as_long_as_its_probe_waits(lifetime: int, told_of: bool) -> None:
    assert bool(told(slow(lifetime))) is told_of


def test_the_time_to_stop_is_the_pods_own_grace_period() -> None:
    state = ended(started="110s ago", at="10s ago")
    hard = web(state, livenessProbe=PROBE)
    hard["spec"]["terminationGracePeriodSeconds"] = 90
    assert len(told(judge(world(hard, KILLED, unhealthy("Liveness", REFUSED)), STARTUP))) == 1
    hard["spec"]["terminationGracePeriodSeconds"] = 0
    assert told(judge(world(hard, KILLED, unhealthy("Liveness", REFUSED)), STARTUP)) == []


@pytest.mark.parametrize(
    ("sign", "told_of"),
    [
        (unhealthy("Liveness", REFUSED), True),
        (SLOW, True),
        (failed(503), True),
        (failed(500), False),
        (failed(404), False),
    ],
)
def test_only_what_does_not_answer_yet_starts_slowly(sign: Thing, told_of: bool) -> None:
    assert bool(told(slow(40, sign))) is told_of


def test_what_was_ready_or_has_a_startup_probe_is_not_slow_to_start() -> None:
    assert told(slow(ready=True)) == []
    assert told(slow(startupProbe=PROBE)) == []
    assert told(slow(probe=None)) == []
    no_life = ended(started="1970-01-01T00:00:00Z")
    assert told(judge(world(web(no_life, livenessProbe=PROBE), KILLED), STARTUP)) == []
    gave_up = {**KILLED, "message": "Container app failed startup probe, will be restarted"}
    assert told(judge(world(web(ended(), livenessProbe=None), gave_up), STARTUP)) == []


def test_a_slow_start_is_sure_when_it_came_twice_and_its_failure_is_recorded() -> None:
    assert first(slow()).confidence is Confidence.PROVEN
    assert first(slow(restarts=1)).confidence is Confidence.LIKELY
    alone = judge(world(web(ended(started="45s ago", at="10s ago"), livenessProbe=PROBE), KILLED), STARTUP)
    assert first(alone).confidence is Confidence.LIKELY
    assert "last failure: -" in told(alone)[0]


def test_each_kind_of_probe_is_advised_in_its_own_words() -> None:
    gave_up = {**KILLED, "message": "Container app failed startup probe, will be restarted"}
    said = judge(world(web(ended(), startupProbe=PROBE), gave_up), STARTUP)
    assert "Raise failureThreshold" in str(first(said).remedies[0].says)
    assert "Add a startupProbe" in str(first(slow()).remedies[0].says)


HTTPS = 'Get "http://10.0.0.1:8080/": malformed HTTP response'
PORT = {"ports": [{"name": "web", "containerPort": 8080}]}


def wrong(detail: str, *more: Thing, ready: bool = False, kind: str = "Readiness", **container: Any) -> list[str]:
    given = {f"{kind.lower()}Probe": PROBE, **PORT, **container}
    return told(judge(world(web(UP, ready, **given), unhealthy(kind, detail), *more), TARGET))


@pytest.mark.parametrize("code", [301, 302, 307, 308, 400, 401, 403, 404, 405])
def test_an_answer_that_is_not_meant_for_a_probe_shows_the_wrong_path(code: int) -> None:
    assert f"answers /healthz with status {code}" in wrong(f"HTTP probe failed with statuscode: {code}")[0]


def test_an_error_of_the_program_is_no_wrong_door_and_a_ready_one_is_not_asked() -> None:
    assert wrong("HTTP probe failed with statuscode: 500") == []
    assert wrong("HTTP probe failed with statuscode: 404", ready=True) == []
    assert wrong("HTTP probe failed with statuscode: 404", readinessProbe={"tcpSocket": {"port": 8080}}) == []
    assert wrong("HTTP probe failed with statuscode: 404", readinessProbe=None) == []
    assert (
        "answers / with status 404"
        in wrong("HTTP probe failed with statuscode: 404", readinessProbe={"httpGet": {"port": 8080}})[0]
    )


def test_another_scheme_is_named() -> None:
    assert "another scheme than HTTP on that port" in wrong(HTTPS)[0]
    assert "another scheme than TCP on that port" in wrong(HTTPS, readinessProbe={"tcpSocket": {"port": 8080}})[0]


@pytest.mark.parametrize(
    ("port", "told_of"), [("admin", "declares no port named admin"), ("web", ""), ("8080", ""), (8080, "")]
)
def test_a_port_by_a_name_that_nobody_declares_is_wrong(port: Any, told_of: str) -> None:
    said = wrong("anything", readinessProbe={"httpGet": {"path": "/", "port": port}})
    assert (told_of in said[0]) if told_of else said == []


@pytest.mark.parametrize(
    ("more", "container", "told_of"),
    [
        ([log("web-1", "listening on port 3000")], {}, "says that it listens on 3000"),
        ([log("web-1", "listening on port 8080")], {"ports": [{"containerPort": 80}]}, "declares port 80 only"),
        ([], {"ports": [{"containerPort": 80}]}, "declares port 80 only"),
        ([], {"ports": [{"containerPort": 80}], "args": ["--port=8080"]}, ""),
        ([], {"ports": [{"containerPort": 80}], "env": [{"name": "PORT", "value": "8080"}]}, ""),
        ([], {"ports": [{"containerPort": 80, "protocol": "UDP"}]}, ""),
        ([], {"ports": []}, ""),
        ([], {"ports": [{"containerPort": 80}, {"containerPort": 8080}]}, ""),
    ],
)
def test_a_refusal_shows_the_wrong_port_where_something_contradicts_it(
    more: list[Thing], container: Any, told_of: str
) -> None:
    said = wrong(REFUSED, *more, **container)
    assert (told_of in said[0]) if told_of else said == []


def test_a_port_of_the_pods_other_container_is_not_undeclared() -> None:
    one = web(UP, readinessProbe=PROBE, ports=[{"containerPort": 80}])
    one["spec"]["containers"].append({"name": "proxy", "ports": [{"containerPort": 8080}]})
    assert told(judge(world(one, unhealthy("Readiness", REFUSED)), TARGET)) == []


def test_the_places_of_a_missing_probe() -> None:
    def of(ports: Any, target: Any, **fields: Any) -> list[str]:
        owner = deployment("web", LABELS, template={"containers": [{"name": "app", "ports": ports}, {"name": "side"}]})
        return told(
            judge(world(owner, service("web", LABELS, [{"port": 80, "targetPort": target}], **fields)), MISSING)
        )

    assert len(of([{"containerPort": 8080}], 8080)) == 1
    assert len(of([{"name": "http", "containerPort": 8080}], "http")) == 1
    assert of([{"name": "http", "containerPort": 8080}], 9090) == []
    assert of([{"name": "http", "containerPort": 8080}], "grpc") == []
    owner = deployment("dns", LABELS, template={"containers": [{"name": "app", "ports": [{"containerPort": 8080}]}]})
    system = [{**o, "metadata": {**o["metadata"], "namespace": "kube-system"}} for o in (owner, service("dns", LABELS))]
    assert told(judge(world(system), MISSING)) == []


def rough(*more: Thing, platform: bool = False, owned: bool = True, container: Any = None, **spec: Any) -> list[str]:
    one = {"name": "app", "ports": [{"containerPort": 80}], **(container or {})}
    grace = {"terminationGracePeriodSeconds": spec.pop("grace")} if "grace" in spec else {}
    things = [
        deployment("web", LABELS, template={"containers": [one, {"name": "side"}], **grace}, spec=spec),
        *([pod("web-2", LABELS, owner=("Deployment", "web"), **KILL)] if owned else []),
        service("web", LABELS),
    ]
    if platform:
        things = [{**o, "metadata": {**o["metadata"], "namespace": "kube-system"}} for o in things]
    return told(judge(world(things, *more), ROUGH))


KILL: Any = {}
HALF = {"strategy": {"rollingUpdate": {"maxUnavailable": "100%"}}}


def test_signs_of_a_rough_end_are_counted() -> None:
    assert "maxUnavailable 100%" in rough(**HALF)[0]
    assert "terminationGracePeriodSeconds 0 leaves" in rough(grace=0)[0]
    assert "terminationGracePeriodSeconds 1 leaves" in rough(grace=1)[0]
    assert rough(grace=30) == []
    assert rough(strategy={"rollingUpdate": {"maxUnavailable": "50%"}}) == []
    assert rough(platform=True, **HALF) == []
    assert rough(owned=False, **HALF) == []
    hook = {"lifecycle": {"preStop": {"sleep": {"seconds": 10}}}}
    for polite in (hook, {"readinessProbe": PROBE}, {"ports": []}):
        assert rough(container=polite, **HALF) == []
    assert len(rough(container={"lifecycle": {"postStart": {}}}, **HALF)) == 1


def stopped(code: int = 137, reason: str = "Error", finished: str = "10s ago") -> Thing:
    end = {"exitCode": code, "reason": reason, "startedAt": "2h ago", **({"finishedAt": finished} if finished else {})}
    return pod(
        "web-2", LABELS, state={"restartCount": 1, "lastState": {"terminated": end}}, owner=("Deployment", "web")
    )


@pytest.mark.parametrize(
    ("one", "message", "when", "told_of"),
    [
        (stopped(), "Stopping container app", "40s ago", True),
        (stopped(143), "Stopping container app", "40s ago", False),
        (stopped(reason="OOMKilled"), "Stopping container app", "40s ago", False),
        (stopped(finished=""), "Stopping container app", "40s ago", False),
        (stopped(), "Container app failed liveness probe", "40s ago", False),
        (stopped(), "Stopping container app", "2s ago", False),
    ],
)
def test_a_pod_that_had_to_be_killed_is_a_sign(one: Thing, message: str, when: str, told_of: bool) -> None:
    plain = {"containers": [{"name": "app", "ports": [{"containerPort": 80}]}]}
    kill = event(("Pod", "web-2"), "Killing", message, container="app", last=when)
    things = deployment("web", LABELS, template=plain), one, service("web", LABELS), kill
    assert (
        "a pod that was stopped ended with exit code 137" in " ".join(told(judge(world(*things), ROUGH)))
    ) is told_of


@pytest.mark.parametrize(
    ("rolled", "number", "headline"), [("50m ago", 2, True), ("70m ago", 2, False), ("20m ago", 1, False)]
)
def test_only_a_real_rollout_makes_it_an_answer(rolled: str, number: int, headline: bool) -> None:
    kept = thing(
        "ReplicaSet",
        "web-x",
        owner=("Deployment", "web"),
        created=rolled,
        annotations={"deployment.kubernetes.io/revision": str(number)},
    )
    kept["metadata"]["ownerReferences"][0]["controller"] = True
    first_one = {**kept, "metadata": {**kept["metadata"], "name": "web-w", "creationTimestamp": "9d ago"}}
    first_one["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "1"}
    template = {"containers": [{"name": "app", "ports": [{"containerPort": 80}]}]}
    things = [
        deployment("web", LABELS, template=template, spec=HALF),
        pod("web-2", LABELS, owner=("Deployment", "web")),
        service("web", LABELS),
        kept,
        *([first_one] if number > 1 else []),
    ]
    assert bool(judge(world(things), ROUGH).causes) is headline


def ignored(
    container: str = "app", message: str = "Stopping container app", last: str = "40s ago", **end: Any
) -> list[str]:
    told_end = {"exitCode": 137, "reason": "Error", "startedAt": "2h ago", "finishedAt": "10s ago", **end}
    state = {"restartCount": 1, "state": {"running": {}}, "lastState": {"terminated": told_end}}
    one = pod("web-1", LABELS, state=state, container={"command": ["/app"]})
    return told(judge(world(one, event(("Pod", "web-1"), "Killing", message, container=container, last=last)), IGNORED))


def test_whose_stop_it_was_and_how_long_it_took_decide() -> None:
    assert ignored()[0].endswith("of 30s. ")
    assert len(ignored(container="")) == 1
    assert ignored(container="proxy") == []
    assert ignored(container="", message="Stopping container proxy") == []
    assert len(ignored(last="39s ago")) == 1
    assert ignored(last="38s ago") == []
    assert len(ignored(last="50s ago")) == 1
    assert ignored(last="52s ago") == []
    assert ignored(finishedAt=None) == []


def test_what_the_kubelet_says_is_told_once_a_container_also_without_words() -> None:
    hook = event(("Pod", "web-1"), "FailedPreStopHook", "", container="app")
    assert told(judge(world(pod("web-1"), hook, hook), IGNORED)) == ["web-1 did not stop in time: FailedPreStopHook"]


def copy_of(name: str, on: str, ready: bool) -> Thing:
    return pod(
        name, LABELS, ready, container={"readinessProbe": PROBE}, owner=("StatefulSet", "web"), spec={"nodeName": on}
    )


@pytest.mark.parametrize(
    ("copies", "told_of"),
    [
        ([("a", "n1", False), ("b", "n1", False), ("c", "n2", True)], True),
        ([("a", "n1", False), ("b", "n2", False), ("c", "n3", True)], False),
        ([("a", "n1", False), ("b", "n1", True)], False),
        ([("a", "n1", False), ("b", "n1", False)], False),
    ],
)
def test_where_all_that_fail_stand_is_told_when_the_others_are_well_elsewhere(copies: Any, told_of: bool) -> None:
    things = [copy_of(*one) for one in copies]
    for thing_ in things:
        thing_["spec"]["containers"] = [{"name": "app", "readinessProbe": PROBE}]
    assert ("all on node n1" in told(judge(world(things), READINESS))[0]) is told_of


def test_a_complaint_without_a_host_names_no_dependency() -> None:
    said = judge(world(unready(), log("web-1", "ERROR connection refused")), READINESS)
    assert first(said).because == ()
    killed = world(web(LONG, livenessProbe=PROBE), KILLED, log("web-1", "ERROR connection refused", previous=True))
    assert first(judge(killed, LIVENESS)).because == ()
