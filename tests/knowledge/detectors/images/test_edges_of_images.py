"""Images: what decides, from both sides."""

import pytest

from knowledge.finding import Confidence
from tests.knowledge.detectors.ended import about, workload
from tests.knowledge.detectors.images.test_architecture_and_drift import NEW, OLD, drifting, node
from tests.knowledge.detectors.images.test_pulls import IMAGE, NOT_FOUND, pulling
from tests.knowledge.detectors.things import Thing, first, pod, proof, thing, told, world
from tests.seen import judge

DRIFT, ARCH, DENIED = "image-mutable-tag-drift", "image-wrong-architecture", "image-pull-denied"
MISSING, INVALID, UNREACHABLE = "image-pull-not-found", "image-reference-invalid", "image-registry-unreachable"
FORMAT = "exec /app/server: exec format error"


def with_(things: list[Thing], **changes: Thing) -> list[Thing]:
    """The second pod with something else in its metadata, status, or labels."""
    for key, value in changes.items():
        things[1][key].update(value)
    return things


@pytest.mark.parametrize(
    ("things", "drift"),
    [
        (drifting(OLD, NEW), True),
        (with_(drifting(OLD, NEW), metadata={"deletionTimestamp": "1m ago"}), False),
        (with_(drifting(OLD, NEW), status={"phase": "Failed"}), False),
        (with_(drifting(OLD, NEW), metadata={"labels": {"pod-template-hash": "b"}}), False),
        (with_(drifting(OLD, NEW), metadata={"labels": {"controller-revision-hash": "b"}}), False),
        (drifting(OLD, NEW, image=f"r.example.com/app@{OLD}"), False),
        (drifting(OLD, "docker-pullable:2"), False),
        (with_(drifting(OLD, NEW), spec={"containers": [{"name": "other"}]}), False),
    ],
)
def test_only_pods_of_one_template_that_run_show_a_drift(things: list[Thing], drift: bool) -> None:
    assert bool(told(judge(world(things), DRIFT))) is drift


def test_a_stateful_set_s_template_is_known_by_its_own_label() -> None:
    same = [with_(drifting(OLD, NEW), metadata={"labels": {"controller-revision-hash": "a"}})][0]
    same[0]["metadata"]["labels"] = {"controller-revision-hash": "a"}
    assert len(told(judge(world(same), DRIFT))) == 1


def runs(arch: str, ready: bool = True, container: str = "app") -> list[Thing]:
    """A second pod of the same workload, on a node of that type."""
    labels = {"app": "checkout", "pod-template-hash": "6d4cf56db6"}
    one = pod(
        "checkout-6d4cf56db6-zzzzz",
        labels,
        ready,
        owner=("ReplicaSet", "checkout-6d4cf56db6"),
        spec={"nodeName": "node-2"},
    )
    one["status"]["containerStatuses"][0].update(name=container, ready=ready)
    return [one, node("node-2", arch)]


@pytest.mark.parametrize(
    ("things", "words", "confidence"),
    [
        ([node("node-1", "arm64"), *runs("amd64")], "; it runs on amd64", Confidence.PROVEN),
        ([node("node-1", "arm64"), *runs("arm64")], "; it runs on arm64", Confidence.LIKELY),
        ([node("node-1", "arm64"), *runs("amd64", ready=False)], "", Confidence.LIKELY),
        ([node("node-1", "arm64"), *runs("amd64", container="proxy")], "", Confidence.LIKELY),
        ([node("node-1", "arm64"), *runs("")], "", Confidence.LIKELY),
        ([node("node-1", "arm64"), *runs("amd64")[:1]], "", Confidence.LIKELY),
        ([node("node-1", ""), *runs("amd64")], "; it runs on amd64", Confidence.LIKELY),
        (runs("amd64"), "; it runs on amd64", Confidence.LIKELY),
    ],
)
def test_where_it_runs_makes_another_architecture_sure(things: list[Thing], words: str, confidence: Confidence) -> None:
    said = judge(world(workload(code=255, lines=FORMAT), things), ARCH)
    assert told(said)[0].endswith(f"(`{FORMAT}`){words}.")
    assert first(said).confidence is confidence
    assert ("status.nodeInfo.architecture: " in " ".join(proof(said))) is (things[0]["kind"] == "Node")


def test_the_runtime_s_message_or_the_registry_s_answer_shows_it_too() -> None:
    said = told(judge(world(workload(code=128, reason="StartError", message="x: exec format error y")), ARCH))
    assert "(`x: exec format error y`)" in said[0]
    assert (
        "no match for platform in manifest" in told(judge(world(pulling("no match for platform in manifest")), ARCH))[0]
    )


LOST = about("FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets (regcred)")


def test_a_login_that_could_not_be_read_counts_where_the_registry_s_answer_is_lost() -> None:
    assert len(told(judge(world(pulling(), LOST), DENIED))) == 1
    assert told(judge(world(pulling()), DENIED)) == []
    assert told(judge(world(pulling(NOT_FOUND), LOST), DENIED)) == []


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        (thing("Secret", "regcred", type="Opaque"), "Secret regcred is not of the type kubernetes.io/dockerconfigjson"),
        (thing("Secret", "regcred"), "the login in Secret regcred is not accepted"),
        (thing("Secret", "regcred", type="kubernetes.io/dockercfg"), "the login in Secret regcred is not accepted"),
    ],
)
def test_the_link_that_is_missing_is_named(secret: Thing, words: str) -> None:
    account = thing("ServiceAccount", "default", imagePullSecrets=[{"name": "regcred"}])
    assert words in told(judge(world(pulling("401 Unauthorized"), account, secret), DENIED))[0]


def test_the_name_of_the_missing_login_stands_in_the_command() -> None:
    account = thing("ServiceAccount", "default", imagePullSecrets=[{"name": "regcred"}])
    said = judge(world(pulling("401 Unauthorized"), account), DENIED)
    assert "docker-registry regcred " in first(said).remedies[0].command
    assert (
        "docker-registry registry-login "
        in first(judge(world(pulling("401 Unauthorized")), DENIED)).remedies[0].command
    )


def test_what_else_a_registry_says_is_no_missing_tag() -> None:
    for cause in ("not found: pull access denied", "lookup r.example.com: no such host, not found"):
        assert told(judge(world(pulling(cause)), MISSING)) == []
    assert told(judge(world(pulling("dial tcp 10.0.0.1:443: i/o timeout")), MISSING)) == []
    assert told(judge(world(pulling(reason="ImageInspectError")), MISSING)) == []
    assert len(told(judge(world(pulling(reason="ErrImagePull")), MISSING))) == 1


def test_a_name_that_the_runtime_calls_invalid_is_invalid_and_never_is_a_policy() -> None:
    assert len(told(judge(world(pulling("invalid reference format")), INVALID))) == 1
    assert told(judge(world(pulling(NOT_FOUND)), INVALID)) == []
    never = judge(world(pulling(reason="ErrImageNeverPull", container={"imagePullPolicy": "Never"})), INVALID)
    assert "imagePullPolicy: Never" in proof(never)[-1]
    assert "IfNotPresent" in str(first(never).remedies[0].says)
    invalid = judge(world(pulling(reason="InvalidImageName", image="a//b")), INVALID)
    assert "set image" in first(invalid).remedies[0].command


def test_who_else_waits_for_the_registry_is_counted() -> None:
    one = pulling("dial tcp 10.0.0.1:443: i/o timeout")
    same = pulling("dial tcp 10.0.0.1:443: i/o timeout", name="cart")
    other = pulling("dial tcp 10.0.0.2:443: i/o timeout", image="other.example.com/app:1", name="pay")
    said = judge(world(one, same, other), UNREACHABLE)
    (mine,) = [c.finding for c in said.causes if c.finding.subject.name == "checkout"]
    assert mine.why is not None
    assert mine.why.values["n"] == 2
    assert mine.why.values["nodes"] == 1
    assert len(told(judge(world(pulling(reason="RegistryUnavailable")), UNREACHABLE))) == 1
    assert told(judge(world(pulling(NOT_FOUND)), UNREACHABLE)) == []


def test_a_pull_without_a_node_names_none() -> None:
    spec = {"nodeName": "", "containers": [{"name": "app", "image": IMAGE}]}
    said = judge(world(pulling("dial tcp 10.0.0.1:443: i/o timeout", spec=spec)), UNREACHABLE)
    assert first(said).why is not None
    assert first(said).why.values["nodes"] == 0  # type: ignore[union-attr]
