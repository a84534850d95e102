"""Disks: what decides, from both sides."""

from typing import Any

import pytest

from knowledge.finding import Confidence, Severity
from tests.knowledge.detectors.things import Thing, denied, event, first, log, pod, proof, thing, told, world
from tests.seen import judge

PENDING, MULTI, MOUNT = "storage-pvc-pending", "storage-multi-attach", "storage-mount-failed"
ATTACH, FULL, LOST = "storage-attach-failed", "storage-volume-full", "storage-pv-lost-or-released"
VOLUMES = [
    {"name": "conf", "configMap": {"name": "c"}},
    {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
]


def user(
    name: str = "db-0", on: str = "node-1", phase: str = "Pending", created: str = "10m ago", **more: Any
) -> Thing:
    return pod(
        name,
        owner=("StatefulSet", "db"),
        created=created,
        spec={"nodeName": on, "volumes": VOLUMES},
        status={"phase": phase},
        **more,
    )


def claim(
    cls: str | None = "standard",
    phase: str = "Pending",
    created: str = "20m ago",
    name: str = "data",
    modes: tuple[str, ...] = ("ReadWriteOnce",),
    volume: str = "pvc-1",
    **status: Any,
) -> Thing:
    spec = {"accessModes": list(modes), "volumeName": volume, "resources": {"requests": {"storage": "20Gi"}}}
    spec |= {} if cls is None else {"storageClassName": cls}
    return thing("PersistentVolumeClaim", name, spec=spec, status={"phase": phase, **status}, created=created)


def cls(name: str = "standard", default: bool = False, grows: bool | None = None) -> Thing:
    marks = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}} if default else {}
    return thing("StorageClass", name, "", **marks, **({} if grows is None else {"allowVolumeExpansion": grows}))


def of_claim(reason: str, message: str = "m") -> Thing:
    return event(("PersistentVolumeClaim", "data"), reason, message)


@pytest.mark.parametrize(
    ("things", "words", "sure"),
    [
        (
            [claim("fast")],
            "StorageClass fast does not exist, and this cluster has no StorageClass at all.",
            Confidence.PROVEN,
        ),
        ([claim("fast"), cls("slow")], "this cluster offers slow: they must be spelt exactly.", Confidence.PROVEN),
        ([claim("fast", created="3m ago"), cls()], "does not exist", Confidence.PROVEN),
        ([claim("fast", created="90s ago"), cls()], "", None),
        ([claim("fast", "Bound"), cls()], "", None),
        ([claim(None), cls()], "no default one (it offers standard)", Confidence.LIKELY),
        ([claim(None), cls(default=True)], "", None),
        ([claim(None)], "", None),
        ([claim(None), of_claim("FailedBinding")], "no default one (it offers none)", Confidence.PROVEN),
        ([claim(), cls(), of_claim("FailedBinding")], "no PersistentVolume fits it", Confidence.PROVEN),
        ([claim(""), cls()], "", None),
        ([claim(), cls(), of_claim("ExternalProvisioning", "waiting")], "does not answer: waiting", Confidence.LIKELY),
        ([claim(created="4m ago"), cls(), of_claim("ExternalProvisioning")], "", None),
        ([claim(created="6m ago"), cls(), of_claim("ExternalProvisioning")], "does not answer", Confidence.LIKELY),
        ([claim(), cls(), of_claim("ProvisioningFailed", "quota")], "the provisioner failed: quota", Confidence.PROVEN),
    ],
)
def test_why_a_claim_gets_no_volume(things: list[Thing], words: str, sure: Any) -> None:
    said = judge(world(things), PENDING)
    assert (words in told(said)[0]) if words else told(said) == []
    assert not words or first(said).confidence is sure


def test_who_waits_for_a_claim_and_what_shows_it() -> None:
    said = judge(world(claim("fast"), cls(), user(), pod("other"), user("db-1")), PENDING)
    assert [ref.name for ref in first(said).pods] == ["db", "db-0", "db-1"]
    assert proof(said) == ["status.phase: Pending", "spec.storageClassName: fast", ": "]
    assert proof(judge(world(claim(None), cls()), PENDING)) == [
        "status.phase: Pending",
        "spec.storageClassName: absent",
    ]


HELD = 'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) db-9'


def attached(on: str = "node-2", volume: str = "pvc-1", yes: bool = True, error: str = "", name: str = "a1") -> Thing:
    status = {"attached": yes, **({"attachError": {"message": error}} if error else {})}
    return thing(
        "VolumeAttachment", name, "", spec={"nodeName": on, "source": {"persistentVolumeName": volume}}, status=status
    )


def volume(*modes: str, phase: str = "Bound", policy: str = "Delete", created: str = "20d ago", **status: str) -> Thing:
    spec = {"accessModes": list(modes), "persistentVolumeReclaimPolicy": policy, "capacity": {"storage": "20Gi"}}
    return thing("PersistentVolume", "pvc-1", "", spec=spec, status={"phase": phase, **status}, created=created)


BOUND = claim(phase="Bound")


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([user(), event(("Pod", "db-0"), "FailedAttachVolume", HELD), attached()], "node node-2"),
        ([user(), event(("Pod", "db-0"), "FailedAttachVolume", HELD)], "another node"),
        ([user(), event(("Pod", "db-0"), "FailedAttachVolume", HELD), attached("node-1")], "another node"),
        ([user(), event(("Pod", "db-0"), "FailedAttachVolume", HELD), volume("ReadWriteMany")], ""),
        ([user(), event(("Pod", "db-0"), "FailedAttachVolume", HELD), volume("ReadWriteOnce")], "another node"),
        ([user(), event(("Pod", "db-0"), "FailedAttachVolume", "something else")], ""),
        ([user(phase="Running"), event(("Pod", "db-0"), "FailedAttachVolume", HELD)], ""),
        ([user(on=""), event(("Pod", "db-0"), "FailedAttachVolume", HELD)], ""),
        ([user(), BOUND, attached()], "node node-2"),
        ([user(), BOUND, attached(), user("db-9", "node-2", "Running")], "Pod db-9 still uses it."),
        ([user(), BOUND, attached(), user("db-9", "node-1", "Running")], "node node-2"),
        ([user(created="30s ago"), BOUND, attached()], ""),
        ([user(created="2m ago"), BOUND, attached()], "node node-2"),
        ([user(), BOUND, attached(), attached("node-1", name="a2")], ""),
        ([user(), BOUND, attached(), attached("node-1", yes=False, name="a2")], "node node-2"),
        ([user(), BOUND, attached(), attached("node-1", "pvc-2", name="a2")], "node node-2"),
        ([user(), BOUND, attached("node-1")], ""),
        ([user(), BOUND, attached(yes=False)], ""),
        ([user(), BOUND, attached(volume="pvc-2")], ""),
        ([user(), claim(phase="Bound", modes=("ReadWriteMany",)), attached()], ""),
        ([user(), claim(phase="Bound", volume=""), attached(volume="")], ""),
        ([user(), attached()], ""),
        ([user(), BOUND, user("db-9", "node-2", "Running")], ""),
        ([user(), BOUND, user("db-9", "node-2", "Running"), denied("volumeattachments")], "node node-2"),
        ([user(), BOUND, user("db-9", "node-1", "Running"), denied("volumeattachments")], ""),
        ([user(), BOUND, denied("volumeattachments")], ""),
    ],
)
def test_who_still_holds_a_disk(things: list[Thing], words: str) -> None:
    said = told(judge(world(things), MULTI))
    assert (words in said[0]) if words else said == []


def test_the_node_that_holds_a_disk_is_where_the_cause_may_be() -> None:
    node = thing("Node", "node-2", "")
    held = event(("Pod", "db-0"), "FailedAttachVolume", HELD)
    said = judge(world(user(), held, attached(), node), MULTI)
    assert [ref.name for ref in first(said).because] == ["node-2"]
    assert "spec.nodeName: node-2" in proof(said)
    assert first(judge(world(user(), held, node), MULTI)).because == ()


CLOUD = 'AttachVolume.Attach failed for volume "pvc-1" : rpc error: volume is reserved'


@pytest.mark.parametrize(
    ("things", "told_of"),
    [
        ([user(), event(("Pod", "db-0"), "FailedAttachVolume", CLOUD, 2)], True),
        ([user(), event(("Pod", "db-0"), "FailedAttachVolume", CLOUD, 1)], False),
        ([user(), event(("Pod", "db-0"), "FailedAttachVolume", HELD, 2)], False),
        ([user(phase="Running"), event(("Pod", "db-0"), "FailedAttachVolume", CLOUD, 2)], False),
        ([user(on=""), event(("Pod", "db-0"), "FailedAttachVolume", CLOUD, 2)], False),
        ([user(), BOUND, attached("node-1", error="reserved")], True),
        ([user(), BOUND, attached("node-2", error="reserved")], False),
        ([user(), BOUND, attached("node-1", "pvc-2", error="reserved")], False),
        ([user(), BOUND, attached("node-1")], False),
        ([user(), attached("node-1", error="reserved")], False),
    ],
)
def test_a_disk_that_cannot_be_attached_here(things: list[Thing], told_of: bool) -> None:
    assert bool(told(judge(world(things), ATTACH))) is told_of


SETUP = 'MountVolume.SetUp failed for volume "data" : exit status 32'


def waits(unattached: str = "data", unmounted: str = "data") -> str:
    return (
        f"Unable to attach or mount volumes: unmounted volumes=[{unmounted}], unattached volumes=[{unattached}]: "
        "timed out waiting for the condition"
    )


def mount(message: str, count: int = 2) -> Thing:
    return event(("Pod", "db-0"), "FailedMount", message, count)


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([user(), mount(SETUP)], "exit status 32"),
        ([user(), mount(SETUP, 1)], ""),
        ([user(phase="Running"), mount(SETUP)], ""),
        ([user(), mount(waits())], "it has not been attached to the node"),
        ([user(), mount(waits("conf"))], "it is attached, but not mounted"),
        ([user(), mount(waits(), 1)], ""),
        ([user(), mount(waits(unmounted=""))], ""),
        ([user(), mount('MountVolume.SetUp failed for volume "conf" : configmap "c" not found')], ""),
        ([user(), mount('MountVolume.SetUp failed for volume "conf" : configmap "c" not found'), mount(waits())], ""),
        ([user(), mount("something else")], ""),
    ],
)
def test_a_disk_that_cannot_be_mounted(things: list[Thing], words: str) -> None:
    said = told(judge(world(things), MOUNT))
    assert (words in said[0]) if words else said == []


MOUNTS = [{"name": "data", "mountPath": "/var/lib/db"}, {"name": "conf", "mountPath": "/etc/db"}]


def writes(line: str, *more: Thing, on: str = "node-1", volumes: Any = VOLUMES) -> Any:
    one = pod(
        "db-0",
        owner=("StatefulSet", "db"),
        spec={"nodeName": on, "volumes": volumes},
        container={"volumeMounts": MOUNTS},
    )
    return judge(world(one, log("db-0", line), *more), FULL)


def test_which_disk_is_full_is_told_by_the_path_or_by_there_being_only_one() -> None:
    assert first(writes("write /var/lib/db/x: no space left on device")).subject.name == "data"
    assert first(writes("no space left on device")).subject.name == "data"
    assert first(writes("write /etc/db/x: no space left on device")).subject.name == "db"
    said = writes("write /tmp/x: no space left on device")
    assert [ref.name for ref in first(said).because] == ["node-1"]
    assert first(writes("write /tmp/x: no space left on device", on="")).because == ()
    assert first(writes("write /var/lib/db/x: no space left on device")).because == ()
    two = [*VOLUMES, {"name": "more", "persistentVolumeClaim": {"claimName": "more"}}]
    assert first(writes("no space left on device", volumes=two)).subject.name == "db"


def test_the_size_of_a_full_disk_and_whether_it_can_grow_are_told() -> None:
    line = "write /var/lib/db/x: no space left on device"
    sized = claim(phase="Bound", capacity={"storage": "20Gi"})
    assert "data (20Gi)" in told(writes(line, sized))[0]
    for unsized in ((), (claim(phase="Bound"),)):
        assert "(" not in told(writes(line, *unsized))[0].partition("log")[0]
    fixed = str(first(writes(line, sized, cls(grows=False))).remedies)
    assert "Enlarge the claim" not in fixed
    for grows in ([sized, cls(grows=True)], [sized], []):
        assert "Enlarge the claim" in str(first(writes(line, *grows)).remedies)


def stuck(
    kind: str = "ControllerResizeError", since: str | None = "20m ago", status: str = "True", message: str = "no"
) -> Thing:
    condition = {"type": kind, "status": status, "message": message, **({"lastTransitionTime": since} if since else {})}
    return claim(
        phase="Bound", conditions=[{"type": "Other", "status": "True"}, condition], capacity={"storage": "10Gi"}
    )


@pytest.mark.parametrize(
    ("one", "severity"),
    [
        (stuck(), Severity.ERROR),
        (stuck("NodeResizeError"), Severity.ERROR),
        (stuck("FileSystemResizePending"), Severity.WARNING),
        (stuck(since=None), Severity.ERROR),
        (stuck(since="11m ago"), Severity.ERROR),
        (stuck(since="9m ago"), None),
        (stuck(status="False"), None),
        (stuck("Resizing"), None),
        (claim(phase="Bound", allocatedResourceStatuses={"storage": "ControllerResizeInfeasible"}), Severity.ERROR),
        (claim(phase="Bound", allocatedResourceStatuses={"storage": "ControllerResizeInProgress"}), None),
    ],
)
def test_a_disk_that_does_not_grow(one: Thing, severity: Any) -> None:
    said = judge(world(one), FULL)
    assert [c.finding.severity for c in said.causes] == ([severity] if severity else [])


def test_why_a_disk_does_not_grow_is_told_by_message_type_or_status() -> None:
    assert proof(judge(world(stuck()), FULL)) == ["status.conditions[ControllerResizeError]: no"]
    assert proof(judge(world(stuck(message="")), FULL)) == [
        "status.conditions[ControllerResizeError]: ControllerResizeError"
    ]
    odd = claim(phase="Bound", allocatedResourceStatuses={"cpu": "x", "storage": "NodeResizeInfeasible"})
    assert proof(judge(world(odd), FULL)) == ["status.allocatedResourceStatuses[storage]: NodeResizeInfeasible"]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (volume(phase="Released", policy="Retain"), "is kept but unused"),
        (volume(phase="Released"), ""),
        (volume(phase="Released", policy="Retain", created="6d ago"), ""),
        (volume(phase="Released", policy="Retain", created="8d ago"), "is kept but unused"),
        (volume(phase="Failed", message="driver says no"), "(Failed): driver says no"),
        (volume(phase="Failed", reason="Odd"), "(Failed): Odd"),
        (volume(policy="Retain"), ""),
        (claim(phase="Lost"), "data is Lost"),
    ],
)
def test_what_became_of_a_volume(one: Thing, words: str) -> None:
    said = told(judge(world(one), LOST))
    assert (words in said[0]) if words else said == []


def test_a_lost_claim_s_volume_is_proof_only_where_it_is_known_to_be_gone() -> None:
    assert len(proof(judge(world(claim(phase="Lost")), LOST))) == 2
    assert len(proof(judge(world(claim(phase="Lost"), volume()), LOST))) == 1
