"""What is remembered of an object, what counts as a change, and how versions become a cluster again."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from knowledge.facts.history import Turn
from knowledge.facts.watching import Missed, Watch
from knowledge.finding import Ref
from knowledge.journal import Known, Record, compare, digest, fresh_ends, keeps, record, telling
from knowledge.objects import ConfigMap, Deployment, Event, Node, Object, Pod, ReplicaSet, Secret
from knowledge.remembered import as_of, incidents, nearest, node_changed
from knowledge.snapshot import Snapshot
from tests.seen import NOW, seen
from tests.worlds import LIMITED, OOM, deployment

NOTHING = timedelta(0)
ONCE = OOM.replace("waiting: {reason: CrashLoopBackOff}", "running: {startedAt: 4m ago}").replace("7", "1", 1)


def pod_of(world: Snapshot) -> Pod:
    return world.all(Pod)[0]


def changed(thing: Object, **values: object) -> Object:
    """The same object with some fields set, by their paths on the wire (``spec__unschedulable``)."""
    plain = msgspec.to_builtins(thing)
    for path, value in values.items():
        *steps, last = path.split("__")
        part = plain
        for step in steps:
            part = part.setdefault(step, {})
        part[last] = value
    return msgspec.convert(plain, type=type(thing))


def ended_later(pod: Pod, minutes: int, restarts: int, code: int = 137, lived: timedelta = timedelta(hours=3)) -> Pod:
    """The pod after one more end, so many minutes after NOW."""
    at = NOW + timedelta(minutes=minutes)
    end = {"exitCode": code, "reason": "OOMKilled" if code == 137 else "Error"}
    end |= {"finishedAt": at.isoformat(), "startedAt": (at - lived).isoformat()}
    status = {"name": "app", "restartCount": restarts, "lastState": {"terminated": end}}
    return changed(pod, status__containerStatuses=[status])  # type: ignore[return-value]


def kept(thing: Object, now=NOW, world: Snapshot | None = None) -> Record:  # type: ignore[no-untyped-def]
    return record(thing, world or Snapshot("c", now, now, (thing,)), {}, now)


def test_a_probe_that_fails_is_no_change_and_a_restart_is() -> None:
    pod = pod_of(seen(deployment(ready=True)))
    assert digest(changed(pod, status__conditions=[{"type": "Ready", "status": "False"}])) == digest(pod)
    assert digest(ended_later(pod, 1, 1)) != digest(pod)


def test_a_heartbeat_of_a_node_is_no_change_and_cordons_taints_conditions_and_boots_are() -> None:
    node = seen(deployment()).all(Node)[0]
    beat = {"type": "Ready", "status": "True", "lastHeartbeatTime": NOW.isoformat()}
    assert digest(changed(node, status__conditions=[beat])) == digest(node)
    lost = {"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown"}
    for values in (
        {"spec__unschedulable": True},
        {"spec__taints": [{"key": "k", "effect": "NoExecute"}]},
        {"status__conditions": [lost]},
        {"status__nodeInfo__bootID": "another"},
    ):
        assert digest(changed(node, **values)) != digest(node)


def test_an_annotation_of_a_config_map_is_no_change_where_it_is_known_who_wrote_its_data() -> None:
    wrote = {"manager": "kubectl", "operation": "Update", "time": NOW.isoformat(), "fieldsV1": {"f:data": {"f:A": {}}}}
    config = msgspec.convert({"metadata": {"name": "c", "managedFields": [wrote]}}, type=ConfigMap)
    assert digest(changed(config, metadata__resourceVersion="2")) == digest(config)
    later = {**wrote, "time": (NOW + timedelta(minutes=1)).isoformat()}
    assert digest(changed(config, metadata__managedFields=[later])) != digest(config)
    assert kept(config).thing().keys == {"A"}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("thing", "worth"),
    [
        (Event(type="Normal", reason="Pulled"), False),
        (Event(type="Normal", reason="LeaderElection"), False),
        (Event(type="Normal", reason="Killing"), True),
        (Event(type="Normal", reason="ScalingReplicaSet"), True),
        (Event(type="Warning", reason="FailedScheduling"), True),
        (Secret(type="kubernetes.io/service-account-token"), False),
        (Secret(type="Opaque"), True),
    ],
)
def test_which_objects_are_worth_remembering(thing: Object, worth: bool) -> None:
    assert telling(thing) is worth


def test_what_may_be_a_secret_is_marked_and_two_of_them_can_be_told_apart() -> None:
    env = "env: [{name: TOKEN, value: %s}, {name: POOL_SIZE, value: '5'}, {name: DSN, value: 'pg://u:%s@db/x'}]"
    bodies = [kept(pod_of(seen(deployment(container=env % (v, v))))).body for v in ("fake-one", "fake-two")]
    for body in bodies:
        assert "fake-" not in body
        assert '"5"' in body
        assert "@db/x" in body
    assert bodies[0] != bodies[1]


def test_the_last_applied_manifest_is_not_remembered() -> None:
    manifest = {"kubectl.kubernetes.io/last-applied-configuration": '{"env": "fake-applied"}'}
    found = changed(seen(deployment()).all(Deployment)[0], metadata__annotations=manifest)
    assert "fake-applied" not in kept(found).body


def test_an_older_end_is_kept_when_a_later_one_came_and_a_loop_is_one() -> None:
    pod = pod_of(seen(deployment(container=LIMITED, status=ONCE)))
    assert keeps(pod, ended_later(pod, 60, 2))
    assert keeps(pod, ended_later(pod, 2, 2, code=1, lived=timedelta(seconds=20)))
    assert not keeps(pod, ended_later(pod, 2, 2, lived=timedelta(seconds=20)))
    assert not keeps(pod_of(seen(deployment(ready=True))), pod)


def test_an_older_scale_template_and_revision_are_kept() -> None:
    world = seen(deployment())
    owner, replica_set = world.all(Deployment)[0], world.all(ReplicaSet)[0]
    assert keeps(owner, changed(owner, spec__replicas=5))
    assert not keeps(owner, changed(owner, status__replicas=5))
    newer = {"deployment.kubernetes.io/revision": "9"}
    assert keeps(replica_set, changed(replica_set, metadata__annotations=newer))


def test_only_an_end_that_was_not_known_has_its_log_read() -> None:
    pod = pod_of(seen(deployment(container=LIMITED, status=ONCE)))
    [(container, previous, _at)] = fresh_ends(None, pod)
    assert (container, previous) == ("app", True)
    assert fresh_ends(pod, pod) == ()
    assert fresh_ends(None, pod_of(seen(deployment(ready=True)))) == ()


def test_what_is_new_changed_and_gone_is_told_apart_and_an_unread_kind_is_not_gone() -> None:
    world = seen(deployment(container=LIMITED, status=ONCE))
    pod = pod_of(world)
    known = {
        ("Pod", pod.metadata.uid): Known(1, "older", ""),
        ("Pod", "left"): Known(2, "x", ""),
        ("Log", "left/app"): Known(3, "x", ""),
        ("Node", "unread"): Known(4, "x", ""),
    }
    new, changes, gone = compare(world.objects, known, frozenset({"Pod"}))
    assert pod not in new
    assert [was.id for was, _thing in changes] == [1]
    assert set(gone) == {2, 3}


def test_an_event_of_a_pod_that_is_gone_belongs_to_the_workload_that_the_journal_knows() -> None:
    event = msgspec.convert(
        {"metadata": {"name": "e"}, "involvedObject": {"kind": "Pod", "name": "x", "uid": "u"}, "reason": "Killing"},
        type=Event,
    )
    assert record(event, Snapshot("c", NOW, NOW), {"u": "Deployment/cart"}, NOW).workload == "Deployment/cart"


def test_the_nearest_incident_is_chosen_and_a_loop_reaches_from_its_first_end_to_its_last() -> None:
    pod = pod_of(seen(deployment(container=LIMITED, status=ONCE)))
    first = replace(kept(pod), live=False, until=NOW + timedelta(hours=2))
    second = kept(ended_later(pod, 110, 2), NOW + timedelta(hours=2))
    found = incidents([first, second])
    assert [i.turn for i in found] == [Turn.RESTARTED] * 2
    early, late = NOW - timedelta(minutes=4), NOW + timedelta(minutes=111)
    assert nearest(found, early, early, timedelta(minutes=20)) == found[0]
    assert nearest(found, late, late, timedelta(minutes=20)) == found[1]
    assert nearest(found, NOW + timedelta(hours=1), NOW + timedelta(hours=1), timedelta(minutes=20)) is None
    loop = incidents([kept(pod_of(seen(deployment(container=LIMITED, status=OOM))))])[0]
    assert loop.distance(NOW - timedelta(days=1), NOW - timedelta(days=1)) == NOTHING


def test_the_cluster_as_of_an_incident_holds_the_version_that_recorded_it() -> None:
    pod = pod_of(seen(deployment(container=LIMITED, status=ONCE)))
    then = NOW + timedelta(hours=2)
    records = [replace(kept(pod), live=False, until=then), kept(ended_later(pod, 110, 2, code=3), then)]
    for incident, code in zip(incidents(records), (137, 3), strict=True):
        world = as_of("c", records, incident.moment, incident.at)
        [status] = pod_of(world).status.container_statuses
        assert status.last_end
        assert status.last_end.exit_code == code


def test_a_pod_with_the_same_name_and_another_uid_is_another_pod() -> None:
    pod = pod_of(seen(deployment(container=LIMITED, status=ONCE)))
    gone = replace(kept(pod), live=False, gone_after=NOW, until=NOW + timedelta(minutes=5))
    heir = kept(changed(pod, metadata__uid="heir", status__containerStatuses=[]), NOW + timedelta(minutes=5))
    found = incidents([gone, heir])
    assert [(i.turn, i.record.uid) for i in found] == [
        (Turn.RESTARTED, gone.uid),
        (Turn.REMOVED, gone.uid),
    ]
    assert Ref.to(pod).name == heir.name


def test_an_instant_in_a_gap_or_outside_of_the_visits_was_not_watched() -> None:
    hour = timedelta(hours=1)
    watch = Watch(NOW, NOW, NOW + 9 * hour, missed=(Missed(NOW + 2 * hour, NOW + 3 * hour, "unreachable"),))
    assert watch.watched(NOW + hour)
    assert not watch.watched(NOW - hour)
    assert not watch.watched(NOW + 2.5 * hour)
    assert not watch.watched(NOW + 10 * hour)
    assert [gap.code for gap in watch.near(NOW + 3.2 * hour, NOW + 3.2 * hour)] == ["unreachable"]
    assert list(watch.near(NOW + 6 * hour, NOW + 6 * hour)) == []


def test_what_became_of_a_node_between_two_visits_is_told() -> None:
    node = seen(deployment()).all(Node)[0]
    later = changed(
        node,
        spec__unschedulable=True,
        spec__taints=[{"key": "maintenance", "effect": "NoExecute"}],
        status__nodeInfo__bootID="another",
        status__conditions=[{"type": "Ready", "status": "Unknown"}],
    )
    soon = NOW + timedelta(minutes=5)
    records = [replace(kept(node), live=False, until=soon), kept(later, soon)]
    told = [said.values["what"].template for said in node_changed(records, node.metadata.name, soon)]  # type: ignore[union-attr]
    assert told == [
        "rebooted (another boot id)",
        "cordoned",
        "taint {key}:{effect} put on",
        "condition {type} {was} → {now}",
    ]
    assert list(node_changed(records, node.metadata.name, NOW + timedelta(days=1))) == []
