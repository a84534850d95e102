"""The journal, through the door: something happens, it is visited, Kubernetes forgets it, and somebody asks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.plain import render
from bot.settings import Settings
from bot.terminal import spoken
from bot.wiring import House, build
from bot.words import Words
from commands.dialogue import Answer, Person, Place, Request, Tone
from integrations.sandbox.kubernetes import KubernetesRoom
from integrations.store import Store
from knowledge.finding import Ref
from tests.sandbox_fixtures import World, kubernetes_room
from tests.worlds import LIMITED, OOM, deployment, noise

SEOUL = ZoneInfo("Asia/Seoul")
POD = "checkout-7d9f8b6c54-x2x7k"
ONE_OOM = (
    "ready: true, restartCount: 1, state: {running: {startedAt: 4m ago}}, "
    "lastState: {terminated: {reason: OOMKilled, exitCode: 137, startedAt: 9d ago, finishedAt: 5m ago}}"
)
WELL = deployment(ready=True) + noise()
ILL = deployment(container=LIMITED, status=ONE_OOM, ready=True) + noise()


@dataclass
class Scene:
    """A room whose world moves, a journal of it, and people who ask."""

    room: KubernetesRoom
    house: House
    store: Store

    def ask(self, words: str, about: datetime | None = None, now: datetime | None = None, cluster: str = "") -> str:
        return self.answer(words, about, now, cluster)[1]

    def answer(
        self, words: str, about: datetime | None = None, now: datetime | None = None, cluster: str = ""
    ) -> tuple[Answer, str]:
        at = now or datetime.now(UTC)
        asker = Person("U0MINJI", "minji", zone=SEOUL)
        request = Request(words, asker, Place("terminal"), at, about=about, cluster=cluster, language=spoken(words))
        answer = self.house.assistant.answer(request)
        return answer, render(answer, Words(request.language, SEOUL, at), width=10_000)

    def visit(self, now: datetime | None = None) -> Answer:
        return self.answer("journal visit", now=now)[0]

    def objects(self, cluster: str = "rehearsal") -> Any:
        return self.room.stores[cluster]

    def thing(self, kind: str, name: str, namespace: str = "shop", cluster: str = "rehearsal") -> dict[str, Any]:
        store = self.objects(cluster)
        kept = store.get(store.kinds.named(kind), namespace, name)
        assert kept is not None
        return dict(kept.thing)

    def forget(self, pod: str = POD, cluster: str = "rehearsal") -> None:
        """The pod is deleted, and its events expire."""
        self.objects(cluster).delete(Ref("Pod", "shop", pod))
        kind = self.objects(cluster).kinds.named("Event")
        for kept in self.objects(cluster).all(kind)[1]:
            self.objects(cluster).delete(Ref("Event", kept.place[0], kept.place[1]))

    def replace_pod(self, name: str = "checkout-7d9f8b6c54-n3w9d") -> None:
        """A pod of the same ReplicaSet that never restarted, made now."""
        pod = self.thing("Pod", POD)
        self.forget()
        now = datetime.now(UTC).isoformat()
        pod["metadata"] = {**pod["metadata"], "name": name, "uid": "another-uid", "creationTimestamp": now}
        status = {"name": "app", "ready": True, "restartCount": 0, "state": {"running": {"startedAt": now}}}
        pod["status"] = {
            "phase": "Running",
            "startTime": now,
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [status],
        }
        self.objects().apply(pod)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Any]:
    """Builds scenes, and closes them."""
    opened = []

    def build_scene(world: World | Mapping[str, World], url: str = "") -> Scene:
        room = kubernetes_room(world)
        made = room.__enter__()
        store = Store(url or f"sqlite:///{tmp_path / 'gurumi.db'}")
        opened.append((store, room))
        store.migrate()
        kubeconfig = made.kubeconfig(tmp_path / "kubeconfig")
        return Scene(made, build(Settings(KUBECONFIG=str(kubeconfig)), store, deadline_s=8.0), store)

    yield build_scene
    for store, room in opened:
        store.close()
        room.__exit__(None, None, None)


def clock(at: datetime) -> str:
    return at.astimezone(SEOUL).strftime("%H:%M")


def end_of(ago: timedelta = timedelta(minutes=5)) -> datetime:
    return datetime.now(UTC) - ago


def test_a_crash_is_answered_from_the_journal_when_pod_and_events_are_gone(scene: Any, database_url: str) -> None:
    here = scene(ILL, database_url)
    assert here.visit().tone is Tone.INFO
    at = end_of()
    here.replace_pod()
    answer, text = here.answer(f"why did checkout restart at {clock(at)}?")
    assert answer.tone is Tone.FOUND
    for word in ("OOMKilled", "128Mi", "From the journal"):
        assert word in text[:600]
    assert "Now: checkout is healthy" in text


def test_it_says_so_in_korean_too(scene: Any) -> None:
    here = scene(ILL)
    here.visit()
    at = end_of()
    here.replace_pod()
    text = here.ask(f"checkout이 {clock(at)}에 왜 재시작했어?")
    assert "저널 기록" in text[:600]
    assert "OOMKilled" in text


@pytest.mark.parametrize(
    "words", ["why did checkout restart?", f"why did {POD} restart?", "checkout in shop died, why"]
)
def test_without_a_time_the_last_incident_is_meant(scene: Any, words: str) -> None:
    here = scene(ILL)
    here.visit()
    here.replace_pod()
    text = here.ask(words)
    assert "OOMKilled" in text[:600]
    assert "From the journal" in text


def test_an_instant_may_be_given_as_iso_8601_in_the_words_or_beside_them(scene: Any) -> None:
    here = scene(ILL)
    here.visit()
    at = end_of()
    here.replace_pod()
    assert "OOMKilled" in here.ask(f"why did checkout restart at {at.isoformat(timespec='seconds')}?")
    assert "OOMKilled" in here.ask("why did checkout restart?", about=at)


def test_the_workload_itself_may_be_gone(scene: Any) -> None:
    here = scene(ILL)
    here.visit()
    at = end_of()
    here.forget()
    here.objects().delete(Ref("Deployment", "shop", "checkout"))
    here.objects().delete(Ref("ReplicaSet", "shop", "checkout-7d9f8b6c54"))
    text = here.ask(f"why did checkout restart at {clock(at)}?")
    assert "OOMKilled" in text[:600]
    assert "not there any more" in text


def test_a_cluster_that_cannot_be_reached_is_answered_from_the_journal_alone(scene: Any) -> None:
    here = scene(ILL)
    here.visit()
    at = end_of()
    here.room.close()
    answer, text = here.answer(f"why did checkout restart at {clock(at)}?")
    assert answer.tone is Tone.FOUND
    assert "OOMKilled" in text[:600]
    assert "cannot be asked now" in text


def test_without_any_visit_it_cannot_tell_and_names_no_cause(scene: Any) -> None:
    here = scene(ILL)
    at = end_of()
    here.replace_pod()
    answer, text = here.answer(f"why did checkout restart at {clock(at)}?")
    assert answer.tone is Tone.UNSURE
    assert "never visited" in text
    assert "OOM" not in text


def test_what_was_before_the_first_visit_cannot_be_told_and_it_says_since_when_it_watches(scene: Any) -> None:
    here = scene(ILL)
    here.replace_pod()
    here.visit()
    answer, text = here.answer(f"why did checkout restart at {clock(end_of(timedelta(hours=3)))}?")
    assert answer.tone is Tone.UNSURE
    assert "only since" in text
    assert "OOM" not in text


def test_a_watched_time_in_which_nothing_was_recorded_is_told_as_that_with_the_state_of_now(scene: Any) -> None:
    here = scene(WELL)
    now = datetime.now(UTC)
    for minutes in (90, 60, 30, 1):
        here.visit(now - timedelta(minutes=minutes))
    here.replace_pod()
    answer, text = here.answer(f"why did checkout restart at {clock(now - timedelta(minutes=60))}?")
    assert "Nothing was recorded of checkout" in text
    assert "healthy" in text
    assert answer.tone is Tone.CLEAN


def test_a_look_alike_does_not_answer(scene: Any) -> None:
    here = scene(ILL + "---\n" + deployment("checkout-api", ready=True))
    here.visit()
    at = end_of()
    here.forget()
    text = here.ask(f"why did checkout-api restart at {clock(at)}?")
    assert "OOM" not in text


def test_the_nearest_of_several_ends_answers(scene: Any) -> None:
    here = scene(ILL)
    here.visit()
    pod = here.thing("Pod", POD)
    status = pod["status"]["containerStatuses"][0]
    later = datetime.now(UTC)
    ended = {"exitCode": 3, "reason": "Error", "startedAt": status["state"]["running"]["startedAt"]}
    status |= {"restartCount": 2, "lastState": {"terminated": {**ended, "finishedAt": later.isoformat()}}}
    here.objects().apply(pod)
    here.visit()
    here.replace_pod()
    assert "OOMKilled" in here.ask("why did checkout restart?", about=later - timedelta(minutes=5))[:600]
    assert "exit code 3" in here.ask("why did checkout restart?", about=later)[:600]


def test_what_did_not_change_adds_no_row(scene: Any) -> None:
    here = scene(ILL)
    here.visit()
    rows = here.store.journal_size()
    assert here.visit().data["visits"][0]["rows"] == 0
    assert here.store.journal_size() == rows


def test_a_crash_loop_adds_no_row_with_each_turn(scene: Any) -> None:
    here = scene(deployment(container=LIMITED, status=OOM))
    here.visit()
    rows = here.store.journal_size()
    pod = here.thing("Pod", POD)
    for n in range(3):
        status = pod["status"]["containerStatuses"][0]
        at = datetime.now(UTC) - timedelta(minutes=3 - n)
        end = {"exitCode": 137, "reason": "OOMKilled", "startedAt": (at - timedelta(seconds=20)).isoformat()}
        status |= {"restartCount": 8 + n, "lastState": {"terminated": {**end, "finishedAt": at.isoformat()}}}
        here.objects().apply(pod)
        here.visit()
    assert here.store.journal_size() == rows
    here.replace_pod()
    assert "OOMKilled" in here.ask("why did checkout restart?", about=end_of(timedelta(minutes=2)))


def test_a_cluster_that_is_away_leaves_a_gap_that_is_told_and_the_others_count(scene: Any) -> None:
    away = "---\napiVersion: rehearsal\nkind: Fault\nresource: pods\nanswer: refused\n"
    here = scene({"near": ILL, "far": WELL + away})
    answer = here.visit()
    assert answer.tone is Tone.FAILED
    assert {v["cluster"]: v["ok"] for v in answer.data["visits"]} == {"near": True, "far": False}
    watch = here.store.journal_watch("far")
    assert watch is not None
    assert watch.missed[0].code == "unreachable"


def test_a_gap_near_the_instant_is_told(scene: Any) -> None:
    here = scene(ILL)
    now = datetime.now(UTC)
    here.visit(now - timedelta(minutes=30))
    here.store.journal_missed("rehearsal", 1, now - timedelta(minutes=25), "timed-out")
    here.visit(now)
    at = end_of()
    here.replace_pod()
    assert "something may be missing" in here.ask("why did checkout restart?", about=at)


def test_no_secret_reaches_the_database(scene: Any, tmp_path: Path) -> None:
    env = "env: [{name: DB_PASSWORD, value: fake-hunter2-value}, {name: DSN, value: 'postgres://u:fake-dsn-pw@db/x'}]"
    status = ONE_OOM.replace("exitCode: 137", "exitCode: 1, message: 'login with password=fake-message-pw failed'")
    world = deployment(container=env, status=status.replace("OOMKilled", "Error"), ready=True)
    world += f"""---
apiVersion: v1
kind: Secret
metadata: {{name: db, namespace: shop}}
stringData: {{password: fake-secret-value}}
---
apiVersion: rehearsal
kind: Log
namespace: shop
pod: {POD}
container: app
previous: true
lines: |
  connecting with token=fake-log-token-12345
  FATAL: password authentication failed
---
apiVersion: v1
kind: Event
metadata: {{name: e1, namespace: shop}}
involvedObject: {{kind: Pod, namespace: shop, name: {POD}}}
type: Warning
reason: BackOff
message: "failed: password=fake-event-pw"
lastTimestamp: 3m ago
"""
    here = scene(world)
    here.visit()
    here.store.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("gurumi.db*"))
    assert b"FATAL" in kept
    for secret in ("hunter2", "fake-dsn-pw", "fake-message-pw", "fake-secret-value", "fake-log-token", "fake-event-pw"):
        assert secret.encode() not in kept


def test_without_a_database_one_sentence_says_what_is_missing(tmp_path: Path) -> None:
    with kubernetes_room(WELL) as room:
        house = build(Settings(KUBECONFIG=str(room.kubeconfig(tmp_path / "kubeconfig"))))
        answer = house.assistant.answer(
            Request("journal visit", Person("U1"), Place("terminal"), datetime.now(UTC), language="en")
        )
    assert answer.tone is Tone.FAILED
    assert "GURUMI_DATABASE_URL" in answer.headline.template


def test_a_pod_that_vanished_between_two_visits_names_no_cause_that_was_not_seen(scene: Any) -> None:
    here = scene(WELL)
    now = datetime.now(UTC)
    here.visit(now - timedelta(minutes=6))
    here.forget()
    here.visit(now - timedelta(minutes=1))
    answer, text = here.answer("what happened to checkout?", about=now - timedelta(minutes=3))
    assert answer.tone is Tone.UNSURE
    assert "what removed it was not recorded" in text


KILLED = """---
apiVersion: v1
kind: Event
metadata: {name: killing, namespace: shop}
involvedObject: {kind: Pod, namespace: shop, name: checkout-7d9f8b6c54-x2x7k, fieldPath: "spec.containers{app}"}
type: Normal
reason: Killing
message: Container app failed liveness probe, will be restarted
lastTimestamp: 5m ago
"""
LIVENESS = deployment(
    container="livenessProbe: {httpGet: {path: /healthz, port: 8080}}",
    status=ONE_OOM.replace("OOMKilled", "Error"),
    ready=True,
)


def test_an_event_that_expired_still_proves_what_the_living_pod_cannot_tell(scene: Any) -> None:
    here = scene(LIVENESS + KILLED)
    here.visit()
    at = end_of()
    here.objects().delete(Ref("Event", "shop", "killing"))
    text = here.ask(f"why did checkout restart at {clock(at)}?")
    assert "liveness" in text[:600]
    assert "From the journal" in text


def test_what_the_cluster_still_tells_is_answered_from_the_living_objects(scene: Any) -> None:
    here = scene(LIVENESS + KILLED)
    here.visit()
    text = here.ask(f"why did checkout restart at {clock(end_of())}?")
    assert "liveness" in text[:600]
    assert "From the journal" not in text


def test_a_pod_that_a_rollout_replaced_is_told_as_that(scene: Any) -> None:
    here = scene(deployment(ready=True))
    now = datetime.now(UTC)
    here.visit(now - timedelta(minutes=6))
    new = here.thing("ReplicaSet", "checkout-7d9f8b6c54")
    template = {**new["spec"]["template"], "spec": {"containers": [{"name": "app", "image": "checkout:1.5.0"}]}}
    meta = {
        **new["metadata"],
        "name": "checkout-5c8d7f9b64",
        "uid": "newer-revision",
        "creationTimestamp": (now - timedelta(minutes=4)).isoformat(),
        "annotations": {"deployment.kubernetes.io/revision": "4"},
    }
    here.objects().apply({**new, "metadata": meta, "spec": {**new["spec"], "template": template}})
    here.forget()
    here.visit(now - timedelta(minutes=1))
    here.objects().delete(Ref("ReplicaSet", "shop", "checkout-5c8d7f9b64"))
    text = here.ask("why did checkout restart?", about=now - timedelta(minutes=3))
    assert "revision 4" in text[:600]
    assert "checkout:1.5.0" in text
    assert "From the journal" in text


def test_a_pod_that_left_a_cordoned_node_is_told_as_drained(scene: Any) -> None:
    here = scene(deployment(ready=True))
    now = datetime.now(UTC)
    here.visit(now - timedelta(minutes=6))
    node = here.thing("Node", "node-1", "")
    here.objects().apply({**node, "spec": {"unschedulable": True}})
    here.forget()
    here.visit(now - timedelta(minutes=1))
    here.objects().apply(node)
    text = here.ask("why did checkout go away?", about=now - timedelta(minutes=3))
    assert "node-1" in text[:600]
    assert "cordoned" in text[:600] or "drained" in text[:600]


def test_a_pod_that_was_evicted_is_told_although_nobody_ever_saw_it(scene: Any) -> None:
    here = scene(deployment(ready=True))
    here.visit(datetime.now(UTC) - timedelta(minutes=6))
    at = datetime.now(UTC) - timedelta(minutes=3)
    here.objects().apply(
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": "evicted", "namespace": "shop", "uid": "event-1"},
            "involvedObject": {
                "kind": "Pod", "namespace": "shop", "name": "checkout-7d9f8b6c54-q8k2z", "uid": "never-seen"
            },
            "type": "Warning",
            "reason": "Evicted",
            "message": "The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. "
            "Container app was using 900Mi, request is 64Mi, has larger consumption of memory.",
            "lastTimestamp": at.isoformat(),
        }
    )  # fmt: skip
    here.visit()
    here.objects().delete(Ref("Event", "shop", "evicted"))
    text = here.ask("why did checkout restart?", about=at)
    assert "memory" in text[:600]
    assert "evicted" in text[:600].lower()
    assert "From the journal" in text


def test_a_config_map_that_changed_before_the_crash_is_named_with_its_keys(scene: Any) -> None:
    reads = "envFrom: [{configMapRef: {name: checkout-env}}]"
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "checkout-env", "namespace": "shop", "uid": "cm", "resourceVersion": "1"},
        "data": {"LEVEL": "fake-old-value"},
    }
    here = scene(deployment(container=reads, ready=True))
    here.objects().apply(config)
    now = datetime.now(UTC)
    here.visit(now - timedelta(minutes=20))
    wrote = {"manager": "kubectl", "operation": "Update", "time": (now - timedelta(minutes=7)).isoformat()}
    fields = {**wrote, "fieldsV1": {"f:data": {"f:LEVEL": {}}}}
    here.objects().apply({**config, "metadata": {**config["metadata"], "managedFields": [fields]}})
    pod = here.thing("Pod", POD)
    end = {"exitCode": 1, "reason": "Error", "finishedAt": (now - timedelta(minutes=5)).isoformat()}
    pod["status"]["containerStatuses"][0] |= {"restartCount": 1, "lastState": {"terminated": end}}
    here.objects().apply(pod)
    here.visit(now)
    here.replace_pod()
    text = here.ask("why did checkout restart?", about=now - timedelta(minutes=5))
    assert "ConfigMap checkout-env" in text
    assert "LEVEL" in text


def test_a_database_without_tables_does_not_keep_the_living_objects_from_answering(scene: Any, tmp_path: Path) -> None:
    here = scene(ILL)
    empty = Store(f"sqlite:///{tmp_path / 'empty.db'}")
    here.house = build(Settings(KUBECONFIG=str(tmp_path / "kubeconfig")), empty)
    text = here.ask("why did checkout restart?")
    assert "OOMKilled" in text[:600]
    assert "The journal could not be read" in text


def test_who_is_in_trouble_now_is_told_before_what_the_journal_remembers_of_another_cluster(scene: Any) -> None:
    now_ill = deployment(container=LIMITED.replace("128Mi", "96Mi"), status=OOM)
    here = scene({"prod": now_ill, "dev": ILL})
    here.visit()
    here.objects("dev").delete(Ref("Pod", "shop", POD))
    text = here.ask("why does checkout keep restarting?")
    assert "96Mi" in text[:600]
    assert "From the journal" not in text


def test_the_same_name_in_two_clusters_is_asked_back(scene: Any) -> None:
    here = scene({"prod": ILL, "dev": ILL})
    here.visit()
    at = end_of()
    for cluster in ("prod", "dev"):
        here.forget(cluster=cluster)
    answer = here.answer("why did checkout restart?", about=at)[0]
    assert answer.tone is Tone.ASK
    assert len(answer.offers) == 2
    assert "OOMKilled" in here.ask("why did checkout restart?", about=at, cluster="dev")


def test_what_is_gone_is_remembered_by_its_name_and_nothing_that_resembles_it_answers(scene: Any) -> None:
    here = scene(deployment("checkout2", container=LIMITED, status=ONE_OOM, ready=True) + "---\n" + WELL)
    here.visit()
    at = end_of()
    for kind, name in (
        ("Deployment", "checkout2"),
        ("ReplicaSet", "checkout2-7d9f8b6c54"),
        ("Pod", "checkout2-7d9f8b6c54-x2x7k"),
    ):
        assert here.objects().delete(Ref(kind, "shop", name))
    assert "OOMKilled" in here.ask("why did checkout2 restart?", about=at)[:600]
    assert "OOM" not in here.ask("why did checkout3 restart?", about=at)


def test_what_became_of_a_node_is_told_with_its_time_and_how_it_is_now(scene: Any) -> None:
    here = scene(deployment(ready=True))
    now = datetime.now(UTC)
    here.visit(now - timedelta(minutes=50))
    node = here.thing("Node", "node-1", "")
    here.objects().apply({**node, "spec": {"unschedulable": True}})
    here.visit(now - timedelta(minutes=45))
    here.objects().apply(node)
    here.visit(now - timedelta(minutes=40))
    text = here.ask("what happened to node-1?", about=now - timedelta(minutes=44))
    assert "From the journal" in text
    assert "Node node-1 between" in text[:200]
    assert "cordoned" in text[:200]
    assert "Now: " in text


def test_a_watched_node_that_did_not_change_is_told_as_that(scene: Any) -> None:
    here = scene(deployment(ready=True))
    now = datetime.now(UTC)
    here.visit(now - timedelta(minutes=50))
    here.visit(now - timedelta(minutes=10))
    text = here.ask("what happened to node-1?", about=now - timedelta(minutes=30))
    assert "Nothing was recorded of node-1" in text
