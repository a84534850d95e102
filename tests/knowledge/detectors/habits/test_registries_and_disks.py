"""Where images come from, and disks that nobody uses."""

import pytest

from knowledge.finding import Confidence
from tests.knowledge.detectors.things import Thing, denied, deployment, pod, thing, told, unsure, world
from tests.seen import judge

FOREIGN, UNUSED = "hygiene-unknown-registry", "hygiene-unused-object"


def allowed(*places: str) -> Thing:
    return thing("ConfigMap", "registries", "gurumi", data={"allowed": "\n".join(places)})


def of(image: str, **fields: object) -> Thing:
    return pod("cart-1", container={"image": image}, owner=("StatefulSet", "cart"), **fields)


def test_an_image_from_elsewhere_is_told_once_for_its_workload() -> None:
    things = allowed("registry.example.com"), of("ghcr.io/someone/cart:1"), {**of("ghcr.io/someone/cart:1")}
    things[2]["metadata"] = {**things[2]["metadata"], "name": "cart-2"}
    assert told(judge(world(*things), FOREIGN)) == [
        "cart takes its image `ghcr.io/someone/cart:1` from ghcr.io, which is not among the registries that this "
        "cluster allows."
    ]


def test_an_image_without_a_host_comes_from_docker_hub() -> None:
    assert "from docker.io" in told(judge(world(allowed("registry.example.com"), of("redis:7")), FOREIGN))[0]
    assert told(judge(world(allowed("docker.io/library"), of("redis:7")), FOREIGN)) == []
    assert "from docker.io" in told(judge(world(allowed("docker.io/lib"), of("redis:7")), FOREIGN))[0]


@pytest.mark.parametrize("place", ["registry.example.com", "registry.example.com/", "registry.example.com/app"])
def test_an_image_from_an_allowed_place_is_clean(place: str) -> None:
    assert told(judge(world(allowed("other.example.com", place), of("registry.example.com/app:1.0")), FOREIGN)) == []


@pytest.mark.parametrize("nothing", [[], [allowed()], [thing("ConfigMap", "registries", "gurumi")]])
def test_where_nothing_is_said_of_registries_each_is_as_good_as_another(nothing: list[Thing]) -> None:
    assert told(judge(world(nothing, of("ghcr.io/someone/cart:1")), FOREIGN)) == []


def test_the_platform_s_own_pods_are_its_own_matter_and_unread_pods_leave_it_open() -> None:
    system = pod("proxy", container={"image": "ghcr.io/x/proxy:1"})
    system["metadata"]["namespace"] = "kube-system"
    assert told(judge(world(allowed("registry.example.com"), system), FOREIGN)) == []
    assert unsure(judge(world(allowed("registry.example.com"), denied("pods")), FOREIGN)) == (FOREIGN,)


def claim(
    name: str = "old-data", created: str = "90d ago", phase: str = "Bound", size: str = "20Gi", **fields: object
) -> Thing:
    spec = {"volumeName": "pv-1", "resources": {"requests": {"storage": size} if size else {}}}
    return thing("PersistentVolumeClaim", name, created=created, spec=spec, status={"phase": phase}, **fields)


MOUNTS = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "old-data"}}]}


def test_a_claim_that_nobody_mounts_or_names_is_told_with_its_size() -> None:
    said = judge(world(claim(), pod("cart-1")), UNUSED)
    assert told(said) == [
        "Nothing seems to use PersistentVolumeClaim old-data (20Gi) any more: no pod mounts it, and no workload "
        "names it."
    ]
    assert said.asides[0].finding.confidence is Confidence.POSSIBLE
    assert "old-data (size unknown)" in told(judge(world(claim(size="")), UNUSED))[0]


@pytest.mark.parametrize(
    ("things", "why"),
    [
        ([claim(), pod("cart-1", spec=MOUNTS)], "a pod mounts it"),
        ([claim(), deployment("cart", {"app": "cart"}, 0, MOUNTS)], "a workload at zero names it"),
        ([claim(created="20d ago")], "it is young"),
        ([claim(phase="Pending")], "it has no disk yet"),
        ([claim(owner=("Kafka", "events"))], "an operator owns it"),
        (
            [
                claim("data-db-2"),
                thing("StatefulSet", "db", spec={"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}),
            ],
            "a StatefulSet keeps it",
        ),
    ],
)
def test_what_is_no_unused_claim(things: list[Thing], why: str) -> None:
    assert told(judge(world(things), UNUSED)) == [], why


def test_a_claim_of_another_set_s_name_is_nobody_s() -> None:
    other = thing("StatefulSet", "dbx", spec={"volumeClaimTemplates": [{"metadata": {"name": "data"}}]})
    assert len(told(judge(world(claim("data-db-2"), other), UNUSED))) == 1


@pytest.mark.parametrize("resource", ["pods", "deployments", "cronjobs", "daemonsets"])
def test_where_users_may_not_be_read_nothing_is_called_unused(resource: str) -> None:
    assert told(judge(world(claim(), denied(resource)), UNUSED)) == []
