"""A program that ends by itself is told by the first error in its log, not by CrashLoopBackOff."""

import pytest

from tests.knowledge.detectors.ended import workload
from tests.knowledge.detectors.things import denied, told, unsure, world
from tests.seen import judge

KEY_ERROR = """Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    os.environ["DB_URL"]
KeyError: 'DB_URL'"""


def test_the_setting_that_is_missing_is_named_from_the_log() -> None:
    said = judge(world(workload(lines=KEY_ERROR)), "pod-crashloop-app-exit")
    assert told(said) == [
        "checkout crashes (exit code 1, CrashLoopBackOff) because a setting is missing: its log says `KeyError: "
        "'DB_URL'`."
    ]
    assert said.causes[0].finding.confidence.name == "PROVEN"


def test_what_the_new_revision_changed_is_told_with_it() -> None:
    things = workload(
        lines=KEY_ERROR,
        before={"env": [{"name": "DB_URL", "value": "postgres://app:hunter2@db:5432/x"}]},
        deployed="9m ago",
        pod_created="9m ago",
    )
    text = told(judge(world(things), "pod-crashloop-app-exit"))[0]
    assert "It began with revision 2, which changed app: env DB_URL … → -." in text
    assert "hunter2" not in text


def test_without_a_log_the_exit_code_is_all_that_is_known() -> None:
    said = judge(world(workload()), "pod-crashloop-app-exit")
    assert "the log of the run that ended was not there to read" in told(said)[0]
    assert said.causes[0].finding.confidence.name == "LIKELY"


def test_the_termination_message_stands_in_for_the_log() -> None:
    assert "unknown flag: --lisen" in told(judge(world(workload(message="Error: unknown flag: --lisen"))))[0]


def test_a_program_that_runs_is_clean() -> None:
    assert told(judge(world(workload(code=None, looping=False)), "pod-crashloop-app-exit")) == []


def test_pods_that_may_not_be_read_leave_it_open() -> None:
    assert unsure(judge(world(workload(), denied("pods")), "pod-crashloop-app-exit")) == ("pod-crashloop-app-exit",)


@pytest.mark.parametrize(
    ("code", "reason"), [(137, "OOMKilled"), (139, "Error"), (0, "Completed"), (128, "StartError")]
)
def test_ends_of_another_manner_belong_to_other_detections(code: int, reason: str) -> None:
    assert told(judge(world(workload(code=code, reason=reason)), "pod-crashloop-app-exit")) == []
