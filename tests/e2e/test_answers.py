"""Every trouble of a live cluster is named by the program in what is read first, in English and in Korean."""

from dataclasses import dataclass

import pytest

from tests.e2e.conftest import Ask

pytestmark = pytest.mark.control_plane


@dataclass(frozen=True)
class Case:
    """``says``: what must be read first in English, ``tells`` in Korean; what both must hold is in ``both``."""

    english: str
    korean: str
    finding: str
    both: tuple[str, ...]
    says: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()


CASES = {
    "a loop of containers that need more memory than their limit": Case(
        "why does checkout keep restarting?",
        "checkout이 왜 자꾸 재시작해?",
        "pod-oomkilled",
        ("OOMKilled", "128Mi", "checkout"),
        ("memory limit",),
        ("메모리",),
    ),
    "a crash whose log says why": Case(
        "why does orders keep crashing?",
        "orders 파드가 왜 계속 죽나요?",
        "pod-crashloop-app-exit",
        ("PAYMENT_URL", "exit code 1"),
        ("a setting is missing",),
        ("설정",),
    ),
    "an image that does not exist": Case(
        "why does payments not start?",
        "payments가 왜 안 뜨죠?",
        "image-pull-not-found",
        ("registry.invalid/payments:1.4.2", "ImagePullBackOff"),
        ("does not exist",),
    ),
    "more processors than any node has": Case(
        "why is recommender pending?",
        "recommender가 왜 Pending이야?",
        "sched-insufficient-resources",
        ("64", "cpu"),
        ("largest node",),
    ),
    "a node selector that no node fits": Case(
        "why is indexer pending?", "indexer가 왜 Pending인가요?", "sched-selector-or-affinity", ("disktype=ssd",)
    ),
    "a taint that is not tolerated": Case(
        "why is trainer pending?", "trainer 파드가 스케줄되지 않아요", "sched-taints", ("dedicated=gpu:NoSchedule",)
    ),
    "a ConfigMap that is missing": Case(
        "why does settings not start?",
        "settings deployment가 왜 시작을 못 해?",
        "config-ref-missing",
        ("app-settings", "ConfigMap"),
        ("does not exist",),
    ),
    "a rollout past its deadline": Case(
        "why is the rollout of catalog stuck?",
        "catalog 배포가 왜 멈췄어?",
        "image-pull-not-found",
        ("catalog:1.5.0", "catalog:1.4.2"),
    ),
    "a quota that is used up": Case(
        "why has greedy only one pod?",
        "greedy 파드가 왜 하나뿐이야?",
        "admission-quota-or-limits",
        ("quota", "small", "pods=1"),
    ),
    "a namespace whose PodSecurity refuses the pods": Case(
        "why does kernel-agent have no pods?",
        "kernel-agent 파드가 왜 안 생겨?",
        "admission-denied",
        ("restricted", "PodSecurity"),
    ),
    "a webhook whose Service does not exist": Case(
        "why does hook-client have no pods?",
        "hook-client 파드가 왜 하나도 없죠?",
        "webhook-backend-down",
        ("image-policy",),
    ),
    "a claim of a storage class that does not exist": Case(
        "why is ledger-0 pending?", "ledger-0가 왜 Pending이야?", "storage-pvc-pending", ("fast-ssd", "data-ledger-0")
    ),
    "a Service with a slip in its selector": Case(
        "why does nobody answer at the cart service?",
        "cart 서비스가 왜 응답이 없어?",
        "svc-selector-matches-nothing",
        ("app=crat", "app=cart"),
    ),
    "a readiness probe that fails": Case(
        "why is search not ready?", "search가 왜 ready가 안 돼?", "probe-readiness-failing", ("/healthz", "503")
    ),
    "a job that used up its attempts": Case(
        "why did report-nightly fail?", "report-nightly 잡이 왜 실패했어?", "job-failed", ("BackoffLimitExceeded",)
    ),
    "a pod that its node threw out": Case(
        "why was report-runner evicted?", "report-runner가 왜 죽었어?", "pod-evicted-node-pressure", ("memory", "node-")
    ),
    "a node without its network": Case(
        "why is node-4 not ready?", "node-4 노드가 왜 NotReady야?", "node-notready", ("node-4", "KubeletNotReady")
    ),
    "a disruption budget that never lets go": Case(
        "why can quorum not be drained?",
        "quorum 때문에 드레인이 안 되는데 왜?",
        "pdb-blocks-drain",
        ("minAvailable 2",),
    ),
    "an autoscaler without metrics": Case(
        "why does landing not scale up?",
        "landing이 왜 스케일이 안 돼?",
        "hpa-cannot-scale",
        ("FailedGetResourceMetric",),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_cause_is_read_first(ask: Ask, case: Case) -> None:
    told = ask(case.english)
    assert told.status == 0
    first = " ".join(told.first.split())
    assert [word for word in (*case.both, *case.says) if word not in first] == [], told.text


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_in_korean_too_and_as_json(ask: Ask, case: Case) -> None:
    told = ask(case.korean, "--format", "json")
    assert told.data["tone"] == "found"
    explained = told.data["findings"][0]
    assert case.finding in (explained["id"], *explained["explains"]), told.text
    first = " ".join(told.data["text"][:600].split())
    assert [word for word in (*case.both, *case.tells) if word not in first] == [], told.data["text"]
    assert any("가" <= letter <= "힣" for letter in told.data["headline"])


def test_what_is_well_is_called_well(ask: Ask) -> None:
    told = ask("is web-05 healthy?", "--format", "json")
    assert told.data["tone"] == "clean"
    assert "web-05 is healthy: 1 of 1" in told.data["headline"]


def test_a_workload_that_never_restarted_is_not_said_to_have(ask: Ask) -> None:
    assert "web-03 has not restarted" in ask("why does web-03 keep restarting?").first


def test_a_workload_scaled_to_zero_did_not_crash(ask: Ask) -> None:
    told = ask("why did sleeper disappear?")
    assert "scaled down from 2 to 0" in told.first
    assert "Nothing crashed" in " ".join(told.first.split())


def test_pods_replaced_by_a_rollout_did_not_crash(ask: Ask) -> None:
    first = " ".join(ask("why did billing restart?").first.split())
    assert "rollout, not by a crash" in first
    assert "billing:1.4.2 → registry.invalid/billing:1.5.0" in first


def test_a_slip_of_the_finger_is_understood_and_said(ask: Ask) -> None:
    told = ask("why does chekout keep restarting?")
    assert "OOMKilled" in told.first
    assert "There is no chekout; I took it for checkout." in told.text


def test_a_name_that_nothing_has_is_asked_back(ask: Ask) -> None:
    told = ask("why does nosuchthing crash?", "--format", "json")
    assert told.data["tone"] == "ask"
    assert "nothing called nosuchthing" in told.data["headline"]


def test_the_wrong_namespace_is_corrected(ask: Ask) -> None:
    told = ask("why does checkout in namespace front keep restarting?")
    assert "OOMKilled" in told.first
    assert "no checkout in namespace front; this is the one in shop" in " ".join(told.text.split())


def test_a_question_that_names_nothing_is_told_that_everything_was_looked_at(ask: Ask) -> None:
    assert "I looked at everything" in " ".join(ask("why does it keep restarting?").text.split())


def test_an_instant_before_anything_existed_is_answered_with_what_cannot_be_known(ask: Ask) -> None:
    told = ask("why did web-03 restart?", "--at", "2026-11-01T05:12:00+09:00", "--format", "json")
    assert told.data["tone"] == "unsure"
    assert "web-03" in told.data["headline"]
