"""Disks that cannot be attached, are full, or lost their other half."""

from typing import Any

from knowledge.finding import Ref, Severity
from tests.knowledge.detectors.things import denied, event, log, pod, thing, told, unsure, world
from tests.seen import judge

ATTACH, FULL, LOST = "storage-attach-failed", "storage-volume-full", "storage-pv-lost-or-released"
CLOUD = 'AttachVolume.Attach failed for volume "pvc-1" : rpc error: code = Internal desc = volume is reserved'
VOLUMES = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}, {"name": "tmp", "emptyDir": {}}]
MOUNTS = [{"name": "data", "mountPath": "/var/lib/db"}, {"name": "tmp", "mountPath": "/tmp"}]


def starting(**status: Any) -> dict[str, Any]:
    return pod("db-0", spec={"volumes": VOLUMES}, status={"phase": "Pending", "containerStatuses": [], **status})


def writing(line: str) -> list[dict[str, Any]]:
    return [pod("db-0", spec={"volumes": VOLUMES}, container={"volumeMounts": MOUNTS}), log("db-0", line)]


CLAIM = thing("PersistentVolumeClaim", "data", spec={"volumeName": "pvc-1"}, status={"phase": "Bound"})


def refused(count: int = 5) -> dict[str, Any]:
    return event(("Pod", "db-0"), "FailedAttachVolume", CLOUD, count)


def test_a_disk_that_the_cloud_does_not_attach_is_told_with_its_words() -> None:
    (finding,) = [c.finding for c in judge(world(starting(), refused(), CLAIM), ATTACH).causes]
    assert told(judge(world(starting(), refused(), CLAIM), ATTACH)) == [
        "Pod db-0 cannot start: its volume pvc-1 (PersistentVolumeClaim data) cannot be attached to node node-1: "
        "rpc error: code = Internal desc = volume is reserved"
    ]
    assert finding.because == (Ref("Node", "", "node-1"),)


def test_an_attachment_that_carries_an_error_is_enough() -> None:
    attachment = thing(
        "VolumeAttachment",
        "csi-1",
        "",
        spec={"nodeName": "node-1", "source": {"persistentVolumeName": "pvc-1"}},
        status={"attached": False, "attachError": {"message": "instance not found"}},
    )
    assert (
        "cannot be attached to node node-1: instance not found"
        in (told(judge(world(starting(), CLAIM, attachment), ATTACH))[0])
    )


def test_a_first_failure_a_running_pod_and_a_held_disk_stay_silent() -> None:
    held = event(("Pod", "db-0"), "FailedAttachVolume", 'Multi-Attach error for volume "pvc-1" Volume is used', 5)
    assert told(judge(world(starting(), refused(1)), ATTACH)) == []
    assert told(judge(world(pod("db-0"), refused()), ATTACH)) == []
    assert told(judge(world(starting(), held), ATTACH)) == []


def test_without_events_an_attachment_is_not_told() -> None:
    assert unsure(judge(world(starting(), refused(), denied("events")), ATTACH)) == (ATTACH,)


def test_a_full_disk_is_the_claim_at_the_path_of_the_line() -> None:
    line = "write /var/lib/db/wal: no space left on device"
    (cause,) = judge(world(writing(line), CLAIM), FULL).causes
    assert cause.finding.subject == Ref("PersistentVolumeClaim", "shop", "data")
    assert cause.finding.gravity is Severity.CRITICAL


def test_a_full_container_disk_is_no_matter_of_the_claim() -> None:
    (cause,) = judge(world(writing("open /tmp/x: no space left on device"), CLAIM), FULL).causes
    assert cause.finding.subject == Ref("Pod", "shop", "db-0")
    assert "writes to no claimed disk" in told(judge(world(writing("open /tmp/x: no space left on device")), FULL))[0]


def test_a_log_without_that_complaint_is_clean_and_unread_pods_are_not_told() -> None:
    assert told(judge(world(writing("all is well"), CLAIM), FULL)) == []
    assert unsure(judge(world(writing("no space left on device"), denied("pods")), FULL)) == (FULL,)


def growing(since: str) -> dict[str, Any]:
    waits = {"type": "ControllerResizeError", "status": "True", "message": "quota", "lastTransitionTime": since}
    size = {"phase": "Bound", "capacity": {"storage": "10Gi"}, "conditions": [waits]}
    return thing("PersistentVolumeClaim", "data", spec={"resources": {"requests": {"storage": "20Gi"}}}, status=size)


def test_a_claim_that_cannot_grow_is_told_after_ten_minutes() -> None:
    assert told(judge(world(growing("20m ago")), FULL)) == [
        "PersistentVolumeClaim data shall grow to 20Gi and does not (it has 10Gi): quota"
    ]
    assert told(judge(world(growing("2m ago")), FULL)) == []


def test_a_claim_whose_volume_is_gone_is_critical() -> None:
    lost = thing("PersistentVolumeClaim", "data", spec={"volumeName": "pvc-1"}, status={"phase": "Lost"})
    (cause,) = judge(world(lost, starting()), LOST).causes
    assert cause.finding.gravity is Severity.CRITICAL
    assert Ref("Pod", "shop", "db-0") in cause.finding.pods


def volume(phase: str, **fields: Any) -> dict[str, Any]:
    spec = {"persistentVolumeReclaimPolicy": "Retain", "claimRef": {"namespace": "shop", "name": "old"}}
    return thing("PersistentVolume", "pvc-1", "", spec=spec, status={"phase": phase}, created="30d ago", **fields)


def test_a_kept_volume_is_reported_and_never_a_cause() -> None:
    diagnosis = judge(world(volume("Released")), LOST)
    assert diagnosis.causes == ()
    assert "kept but unused: its claim shop/old was deleted" in told(diagnosis)[0]


def test_a_bound_volume_is_clean_and_unread_volumes_are_not_told() -> None:
    assert told(judge(world(volume("Bound"), CLAIM), LOST)) == []
    assert unsure(judge(world(CLAIM, denied("persistentvolumes")), LOST)) == (LOST,)
