"""Images of another processor type, and tags that mean two images."""

from tests.knowledge.detectors.ended import workload
from tests.knowledge.detectors.things import Thing, denied, pod, thing, told, unsure, world
from tests.seen import judge

OLD, NEW = "sha256:" + "1" * 64, "sha256:" + "9" * 64


def node(name: str, arch: str) -> Thing:
    return thing("Node", name, namespace="", status={"nodeInfo": {"architecture": arch}})


def drifting(*digests: str, image: str = "r.example.com/app:stable") -> list[Thing]:
    return [
        pod(
            f"web-{n}",
            labels={"app": "web"},
            owner=("StatefulSet", "web"),
            container={"image": image},
            state={"imageID": f"r.example.com/app@{digest}"},
            spec={"nodeName": f"node-{n}", "containers": [{"name": "app", "image": image}]},
        )
        for n, digest in enumerate(digests)
    ]


def test_an_exec_format_error_names_node_and_image() -> None:
    things = workload(code=255, lines="exec /app/server: exec format error")
    text = told(judge(world(things, node("node-1", "arm64")), "image-wrong-architecture"))
    assert "cannot run on node node-1 (arm64): its image `registry.example.com/app:1.0`" in text[0]


def test_it_stands_before_the_crash_that_it_causes() -> None:
    things = workload(code=1, lines="exec /app/server: exec format error")
    assert judge(world(things)).causes[0].finding.detector.id == "image-wrong-architecture"


def test_an_unread_node_leaves_the_type_untold() -> None:
    things = workload(code=255, lines="exec /app/server: exec format error")
    said = judge(world(things, node("node-1", "arm64"), denied("nodes")), "image-wrong-architecture")
    assert "on node node-1:" in told(said)[0]
    assert unsure(judge(world(things, denied("pods")), "image-wrong-architecture")) == ("image-wrong-architecture",)


def test_another_error_says_nothing_of_the_architecture() -> None:
    assert told(judge(world(workload(lines="format error in line 3")), "image-wrong-architecture")) == []


def test_two_digests_under_one_tag_are_drift() -> None:
    text = told(judge(world(drifting(OLD, NEW)), "image-mutable-tag-drift"))
    assert "different images under the same tag `r.example.com/app:stable`" in text[0]


def test_one_digest_or_two_architectures_are_none() -> None:
    assert told(judge(world(drifting(OLD, OLD)), "image-mutable-tag-drift")) == []
    two = (node("node-0", "amd64"), node("node-1", "arm64"))
    assert told(judge(world(drifting(OLD, NEW), *two), "image-mutable-tag-drift")) == []
    said = judge(world(drifting(OLD, NEW), denied("pods")), "image-mutable-tag-drift")
    assert unsure(said) == ("image-mutable-tag-drift",)
