"""Dependencies that answer and say no: what decides, from both sides."""

from typing import Any

from knowledge.finding import Confidence, Layer
from tests.knowledge.detectors.ended import workload
from tests.knowledge.detectors.things import Thing, deployment, first, pod, proof, service, told, world
from tests.seen import judge

ID = "dep-refuses-work"
DB = {"app": "db"}
LINE = "ERROR: cannot execute INSERT in a read-only transaction"
TOLD = [{"name": "DB", "value": "db:5432"}]


def caller(name: str = "checkout", line: str = LINE, env: Any = None) -> list[Thing]:
    return workload(name, lines=line, container={"env": TOLD if env is None else env})


def db(*args: str) -> list[Thing]:
    template = {"containers": [{"name": "db", "args": list(args)}]}
    return [deployment("db", DB, template=template), service("db", DB, [{"port": 5432}])]


def member(ready: bool = True, **spec: Any) -> Thing:
    return pod("db-0", DB, ready, owner=("Deployment", "db"), spec=spec)


def test_the_dependency_is_known_by_the_only_service_that_is_told() -> None:
    said = judge(world(caller(), db()), ID)
    assert (first(said).subject.kind, first(said).subject.name) == ("Deployment", "db")
    assert told(said)[0].startswith("db is up but refuses work")
    both = [*TOLD, {"name": "X", "value": "cache:6379"}]
    torn = judge(world(caller(env=both), db(), service("cache", {"app": "cache"})), ID)
    assert told(torn)[0].startswith("What checkout depends on is up but refuses work")
    assert first(torn).subject.name == "checkout"
    alone = judge(world(caller(), db()[1:]), ID)
    assert (first(alone).subject.kind, first(alone).subject.name) == ("Service", "db")


def test_a_switch_makes_it_sure_and_is_proof() -> None:
    said = judge(world(caller(), db("--verbose", "--read-only=true")), ID)
    assert "(set: `--read-only=true`)" in told(said)[0]
    assert first(said).confidence is Confidence.PROVEN
    assert "spec.template.spec.containers[].args: --read-only=true" in proof(said)
    plain = judge(world(caller(), db("--verbose")), ID)
    assert first(plain).confidence is Confidence.LIKELY
    assert "set:" not in told(plain)[0]
    assert len(proof(plain)) == 1


def test_all_who_are_refused_are_counted_and_the_refuser_s_own_word_comes_last() -> None:
    said = judge(world(caller(), caller("cart"), db()), ID)
    assert "(1 more say the same)" in told(said)[0]
    assert len(told(said)) == 1
    assert "more say" not in told(judge(world(caller(), db()), ID))[0]
    own = workload("db", lines=LINE)
    mixed = judge(world(own, service("db", DB, [{"port": 5432}]), caller()), ID)
    assert "checkout says" in told(mixed)[0]
    assert [ref.name for ref in first(mixed).victims] == ["checkout"]


def test_a_member_that_is_down_goes_before_what_the_rest_refuses() -> None:
    assert first(judge(world(caller(), db(), member()), ID)).layer is None
    assert first(judge(world(caller(), db(), member(False)), ID)).layer is Layer.SYMPTOM


def test_the_disk_of_what_refuses_may_be_why() -> None:
    volumes = [{"name": "tmp", "emptyDir": {}}, {"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]
    said = judge(world(caller(), db(), member(volumes=volumes)), ID)
    assert [ref.name for ref in first(said).because] == ["data"]


def test_a_program_that_says_nothing_of_the_kind_is_not_refused() -> None:
    assert told(judge(world(caller(line="all is well"), db()), ID)) == []
