"""Claims that are not bound, disks that cannot be attached or mounted."""

from typing import Any

from knowledge.finding import Ref
from tests.knowledge.detectors.things import denied, english, event, pod, thing, told, unsure, world
from tests.seen import judge

PENDING, MULTI, MOUNT = "storage-pvc-pending", "storage-multi-attach", "storage-mount-failed"
STANDARD = thing("StorageClass", "standard", "", provisioner="cinder.csi.openstack.org")
USER = pod(
    "db-0",
    {"app": "db"},
    False,
    owner=("StatefulSet", "db"),
    spec={"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]},
    status={"phase": "Pending"},
)


def claim(cls: str | None, phase: str = "Pending", **fields: Any) -> dict[str, Any]:
    spec = {} if cls is None else {"storageClassName": cls}
    return thing("PersistentVolumeClaim", "data", spec=spec, status={"phase": phase}, **fields)


def test_a_class_that_does_not_exist_is_told_with_those_that_do() -> None:
    finding = judge(world(STANDARD, USER, claim("standart")), PENDING).causes[0].finding
    assert english(finding) == (
        "PersistentVolumeClaim data stays Pending: StorageClass standart does not exist; this cluster offers standard: "
        "did you mean standard?"
    )
    assert Ref("StatefulSet", "shop", "db") in finding.pods


def test_the_provisioners_own_words_are_the_cause() -> None:
    failed = event(("PersistentVolumeClaim", "data"), "ProvisioningFailed", "exceeded quota: gigabytes")
    assert told(judge(world(STANDARD, claim("standard"), failed), PENDING))[0].endswith("exceeded quota: gigabytes")


def test_no_class_and_no_default_is_told() -> None:
    assert "no default one (it offers standard)" in told(judge(world(STANDARD, claim(None)), PENDING))[0]


def test_a_bound_claim_is_clean() -> None:
    assert told(judge(world(STANDARD, claim("standard", "Bound")), PENDING)) == []


def test_without_claims_to_look_at_it_cannot_tell() -> None:
    assert unsure(judge(world(claim("standart"), denied("persistentvolumeclaims")), PENDING)) == (PENDING,)


def test_a_claim_that_waits_for_its_first_consumer_or_is_new_stays_silent() -> None:
    waits = event(("PersistentVolumeClaim", "data"), "WaitForFirstConsumer", "waiting for first consumer")
    assert told(judge(world(STANDARD, claim("standard"), waits), PENDING)) == []
    assert told(judge(world(STANDARD, claim("standart", created="30s ago")), PENDING)) == []


HELD = event(
    ("Pod", "db-0"),
    "FailedAttachVolume",
    'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) db-old',
)
ATTACHED = thing(
    "VolumeAttachment",
    "csi-1",
    "",
    spec={"nodeName": "node-9", "source": {"persistentVolumeName": "pvc-1"}},
    status={"attached": True},
)
NODE = thing("Node", "node-9", "")


def test_a_disk_held_by_another_node_is_told_with_both_nodes() -> None:
    finding = judge(world(USER, HELD, ATTACHED, NODE), MULTI).causes[0].finding
    assert "cannot start on node node-1: Multi-Attach error, its volume pvc-1 is still attached to node node-9" in (
        english(finding)
    )
    assert finding.because == (Ref("Node", "", "node-9"),)


def test_a_pod_that_runs_by_now_is_clean() -> None:
    assert told(judge(world(pod("db-0"), HELD, ATTACHED), MULTI)) == []


def test_without_events_an_attachment_cannot_be_told() -> None:
    assert unsure(judge(world(USER, HELD, denied("events")), MULTI)) == (MULTI,)


def test_a_volume_for_many_writers_stays_silent() -> None:
    shared = thing("PersistentVolume", "pvc-1", "", spec={"accessModes": ["ReadWriteMany"]})
    assert told(judge(world(USER, HELD, shared), MULTI)) == []


def mount(cause: str, count: int = 5) -> dict[str, Any]:
    return event(("Pod", "db-0"), "FailedMount", f'MountVolume.SetUp failed for volume "data" : {cause}', count)


def test_a_volume_that_cannot_be_mounted_is_told_with_the_nodes_words() -> None:
    assert told(judge(world(USER, mount("mount failed: exit status 32")), MOUNT)) == [
        "Pod db-0 cannot start: node node-1 cannot mount its volume data: mount failed: exit status 32"
    ]


def test_a_mounted_volume_is_clean_and_without_events_it_cannot_tell() -> None:
    assert told(judge(world(USER), MOUNT)) == []
    assert unsure(judge(world(USER, mount("x"), denied("events")), MOUNT)) == (MOUNT,)


def test_a_missing_configmap_and_a_single_failure_stay_silent() -> None:
    assert told(judge(world(USER, mount('configmap "app" not found')), MOUNT)) == []
    assert told(judge(world(USER, mount("driver not found", 1)), MOUNT)) == []


def waits(unattached: str, count: int = 3) -> dict[str, Any]:
    text = (
        f"Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[{unattached}], failed to "
        "process volumes=[]: timed out waiting for the condition"
    )
    return event(("Pod", "db-0"), "FailedMount", text, count)


def test_a_wait_for_volumes_says_whether_the_volume_came_to_the_node() -> None:
    assert (
        "its volume data: it has not been attached to the node" in told(judge(world(USER, waits("data x")), MOUNT))[0]
    )
    assert "its volume data: it is attached, but not mounted" in told(judge(world(USER, waits("x")), MOUNT))[0]
    assert told(judge(world(USER, waits("data", 1)), MOUNT)) == []


def test_a_provisioner_has_five_minutes() -> None:
    slow = event(("PersistentVolumeClaim", "data"), "ExternalProvisioning", "Waiting for a volume to be created", 9)
    assert told(judge(world(STANDARD, claim("standard", created="4m ago"), slow), PENDING)) == []
    assert (
        "the provisioner does not answer"
        in (told(judge(world(STANDARD, claim("standard", created="6m ago"), slow), PENDING))[0])
    )
