"""Kills from outside, native crashes, quiet ends, and the fallback that only tells the last end."""

from tests.knowledge.detectors.ended import about, workload
from tests.knowledge.detectors.things import denied, told, unsure, world
from tests.seen import judge

PROBED = {"livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}}}
LIVENESS_KILL = "Container app failed liveness probe, will be restarted"


def test_a_kill_without_a_sender_says_that_the_sender_is_unknown() -> None:
    said = judge(world(workload(code=137)), "pod-killed-from-outside")
    assert "exit code 137, SIGKILL" in told(said)[0]
    assert said.causes[0].finding.confidence.name == "POSSIBLE"


def test_with_a_liveness_probe_that_probe_is_the_runner_up() -> None:
    assert (
        "liveness probe is possible"
        in told(judge(world(workload(code=143, container=PROBED)), "pod-killed-from-outside"))[0]
    )


def test_a_kill_whose_sender_is_known_belongs_to_the_sender() -> None:
    kill = about("Killing", LIVENESS_KILL, last="3m5s ago")
    assert told(judge(world(workload(code=137, container=PROBED), kill), "pod-killed-from-outside")) == []


def test_events_that_may_not_be_read_leave_only_the_possibility() -> None:
    kill = about("Killing", LIVENESS_KILL, last="3m5s ago")
    said = judge(world(workload(code=137, container=PROBED), kill, denied("events")), "pod-killed-from-outside")
    assert "liveness probe is possible" in told(said)[0]


def test_a_deletion_is_no_kill_from_outside() -> None:
    stop = about("Killing", "Stopping container app", last="3m20s ago")
    assert told(judge(world(workload(code=143), stop), "pod-killed-from-outside")) == []


def test_a_native_crash_is_told_with_its_signal() -> None:
    said = judge(world(workload(code=139, lines="loading model\nlibfoo: bad index")), "pod-crashed-by-signal")
    assert "exit code 139 (SIGSEGV, segmentation fault" in told(said)[0]
    assert "libfoo: bad index" in told(said)[0]


def test_an_ordinary_error_is_no_native_crash() -> None:
    assert told(judge(world(workload(code=1)), "pod-crashed-by-signal")) == []
    assert told(judge(world(workload(code=None, looping=False)), "pod-crashed-by-signal")) == []
    assert unsure(judge(world(workload(code=139), denied("pods")), "pod-crashed-by-signal")) == (
        "pod-crashed-by-signal",
    )


def test_a_program_that_finishes_is_not_what_a_deployment_expects() -> None:
    said = judge(world(workload(code=0, reason="Completed", lines="done, 12 rows")), "pod-main-process-exits-zero")
    assert "Completed, exit code 0" in told(said)[0]
    assert "a Deployment expects its main process to run for ever" in told(said)[0]


def test_one_quiet_end_or_a_polite_stop_is_not_worth_a_word() -> None:
    once = workload(code=0, reason="Completed", restarts=1, looping=False)
    stop = about("Killing", LIVENESS_KILL, last="3m5s ago")
    assert told(judge(world(once), "pod-main-process-exits-zero")) == []
    assert told(judge(world(workload(code=0, reason="Completed"), stop), "pod-main-process-exits-zero")) == []
    job = workload(code=0, reason="Completed", spec={"restartPolicy": "OnFailure"})
    assert told(judge(world(job), "pod-main-process-exits-zero")) == []


def test_the_fallback_tells_code_reason_and_that_it_is_the_same_pod() -> None:
    text = told(judge(world(workload(code=3, looping=False)), "pod-container-restarted"))[0]
    assert "inside the same pod checkout-6d4cf56db6-abcde (5 restarts)" in text
    assert "exit code 3 (Error" in text


def test_what_knows_the_cause_stands_before_the_fallback() -> None:
    said = judge(
        world(workload(lines="Error: DB_URL is required")), "pod-container-restarted", "pod-crashloop-app-exit"
    )
    assert [c.finding.detector.id for c in said.causes] == ["pod-crashloop-app-exit"]
    assert [f.detector.id for f in said.causes[0].explains] == ["pod-container-restarted"]


def test_without_a_restart_there_is_nothing_to_tell() -> None:
    assert told(judge(world(workload(code=None, looping=False)), "pod-container-restarted")) == []
    assert unsure(judge(world(workload(), denied("pods")), "pod-container-restarted")) == ("pod-container-restarted",)
