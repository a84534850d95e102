"""A Service that forwards to a port on which nobody listens."""

from knowledge.finding import Confidence
from tests.knowledge.detectors.things import denied, english, log, pod, service, told, unsure, world
from tests.seen import judge

ID = "svc-targetport-mismatch"
WEB = service("web", {"app": "web"})


def web(**container: object) -> dict[str, object]:
    return pod("web-1", {"app": "web"}, container=container)


def test_a_number_that_no_container_declares_is_told_with_both_ports() -> None:
    finding = judge(world(web(ports=[{"containerPort": 80}]), WEB), ID).causes[0].finding
    assert "forwards port 80 to targetPort 8080, but web-1 listens on 80 (containerPort 80)" in english(finding)
    assert finding.confidence is Confidence.LIKELY
    assert '"path": "/spec/ports/0/targetPort", "value": 80' in finding.remedies[0].command


def test_a_name_that_no_container_declares_is_proven() -> None:
    named = service("web", {"app": "web"}, [{"port": 80, "targetPort": "http"}])
    finding = judge(world(web(ports=[{"name": "https", "containerPort": 8443}]), named), ID).causes[0].finding
    assert "a container port named http" in english(finding)
    assert "it declares https=8443" in english(finding)
    assert finding.confidence is Confidence.PROVEN
    assert '"value": "https"' in finding.remedies[0].command


def test_the_port_that_the_log_names_decides_where_nothing_is_declared() -> None:
    heard = log("web-1", "2026-01-15 05:00:00 INFO server listening on port 3000")
    assert "listens on 3000" in told(judge(world(web(), WEB, heard), ID))[0]


def test_a_declared_target_is_clean() -> None:
    assert told(judge(world(web(ports=[{"containerPort": 8080}]), WEB), ID)) == []


def test_a_native_sidecars_port_counts() -> None:
    proxied = pod(
        "web-1",
        {"app": "web"},
        container={"ports": [{"containerPort": 80}]},
        spec={"initContainers": [{"name": "proxy", "restartPolicy": "Always", "ports": [{"containerPort": 8080}]}]},
    )
    assert told(judge(world(proxied, WEB), ID)) == []


def test_without_pods_to_look_at_it_cannot_tell() -> None:
    assert unsure(judge(world(web(ports=[{"containerPort": 80}]), WEB, denied("pods")), ID)) == (ID,)


def test_an_undeclared_port_that_the_pod_is_configured_for_stays_silent() -> None:
    quiet = web(ports=[{"containerPort": 9090}], env=[{"name": "LISTEN", "value": ":8080"}])
    assert told(judge(world(quiet, WEB), ID)) == []


def test_a_pod_that_declares_nothing_and_says_nothing_stays_silent() -> None:
    assert told(judge(world(web(), WEB), ID)) == []


def test_a_pod_that_declares_only_a_side_door_stays_silent() -> None:
    assert told(judge(world(web(ports=[{"name": "metrics", "containerPort": 9090}]), WEB), ID)) == []
