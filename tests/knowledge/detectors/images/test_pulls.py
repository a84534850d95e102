"""Why an image cannot be had is told from the registry's own words."""

from tests.knowledge.detectors.ended import about, workload
from tests.knowledge.detectors.things import Thing, denied, thing, told, unsure, world
from tests.seen import judge

IMAGE = "registry.example.com/app:v2.31"
NOT_FOUND = f'rpc error: code = NotFound desc = failed to pull and unpack image "{IMAGE}": {IMAGE}: not found'
REFUSED = "pull access denied, repository does not exist or may require authorization: authorization failed"


def pulling(cause: str = "", reason: str = "ImagePullBackOff", image: str = IMAGE, **fields: Thing) -> list[Thing]:
    text = f'Back-off pulling image "{image}"' + (f": ErrImagePull: {cause}" if cause else "")
    state = {"state": {"waiting": {"reason": reason, "message": text}}}
    container = {"image": image, **fields.pop("container", {})}
    return workload(code=None, looping=False, state=state, container=container, pod_created="4m ago", **fields)


def ids(text: str) -> list[str]:
    return [cause.finding.detector.id for cause in judge(text).causes]


def test_a_tag_that_does_not_exist_is_told_with_the_image_that_worked() -> None:
    things = pulling(NOT_FOUND, before={"image": "registry.example.com/app:v2.30"}, deployed="4m ago")
    text = told(judge(world(things), "image-pull-not-found"))[0]
    assert "the image `registry.example.com/app:v2.31` does not exist in its registry" in text
    assert "the revision before used `registry.example.com/app:v2.30`" in text


def test_older_kubelets_tell_the_cause_only_in_an_event() -> None:
    failed = about("Failed", f'Failed to pull image "{IMAGE}": {NOT_FOUND}')
    said = judge(world(pulling(), failed), "image-pull-not-found")
    assert "does not exist in its registry" in told(said)[0]
    assert said.causes[0].finding.confidence.name == "PROVEN"


def test_without_the_events_the_cause_is_only_possible() -> None:
    failed = about("Failed", f'Failed to pull image "{IMAGE}": {NOT_FOUND}')
    said = judge(world(pulling(), failed, denied("events")), "image-pull-not-found")
    assert "not recorded any more" in told(said)[0]
    assert said.causes[0].finding.confidence.name == "POSSIBLE"


def test_a_refusal_names_the_missing_login() -> None:
    text = told(judge(world(pulling(REFUSED)), "image-pull-denied", "image-pull-not-found"))
    assert len(text) == 1
    assert "registry registry.example.com refuses" in text[0]
    assert "neither the pod nor its ServiceAccount names an imagePullSecret" in text[0]


def test_a_login_that_does_not_exist_is_named() -> None:
    named = pulling(
        "401 Unauthorized",
        spec={"imagePullSecrets": [{"name": "regcred"}], "containers": [{"name": "app", "image": IMAGE}]},
    )
    assert "the imagePullSecret regcred does not exist" in told(judge(world(named), "image-pull-denied"))[0]
    there = thing("Secret", "regcred", type="kubernetes.io/dockerconfigjson")
    assert "the login in Secret regcred is not accepted" in told(judge(world(named, there), "image-pull-denied"))[0]
    blind = told(judge(world(named, there, denied("secrets")), "image-pull-denied"))[0]
    assert "does not exist in this namespace" not in blind


def test_a_registry_that_cannot_be_reached_is_told_from_one_that_limits() -> None:
    text = told(
        judge(world(pulling("dial tcp: lookup registry.example.com: no such host")), "image-registry-unreachable")
    )
    assert "the registry host registry.example.com of image" in text[0]
    text = told(judge(world(pulling("429 Too Many Requests - toomanyrequests")), "image-registry-unreachable"))
    assert "limits how often" in text[0]
    text = told(judge(world(pulling("dial tcp 10.0.0.1:443: i/o timeout")), "image-registry-unreachable"))
    assert "node node-1 cannot reach registry registry.example.com" in text[0]


def test_a_name_that_is_no_image_is_told_with_the_wrong_letter() -> None:
    text = told(
        judge(world(pulling(reason="InvalidImageName", image="registry.example.com/App:1")), "image-reference-invalid")
    )
    assert "`registry.example.com/App:1` is not valid, `A` may not stand there" in text[0]
    text = told(judge(world(pulling(reason="ErrImageNeverPull")), "image-reference-invalid"))
    assert "ErrImageNeverPull" in text[0]


def test_each_cause_has_one_detection() -> None:
    assert ids(world(pulling(NOT_FOUND)))[0] == "image-pull-not-found"
    assert ids(world(pulling(REFUSED)))[0] == "image-pull-denied"
    assert ids(world(pulling("dial tcp 10.0.0.1:443: i/o timeout")))[0] == "image-registry-unreachable"
    assert ids(world(pulling(reason="InvalidImageName", image="a//b")))[0] == "image-reference-invalid"


def test_a_pulled_image_is_clean_and_unread_pods_are_open() -> None:
    names = ("image-pull-not-found", "image-pull-denied", "image-registry-unreachable", "image-reference-invalid")
    assert told(judge(world(workload(code=None, looping=False)), *names)) == []
    assert unsure(judge(world(pulling(NOT_FOUND), denied("pods")), *names)) == names
