"""A command that cannot be executed is named with the runtime's reason."""

from tests.knowledge.detectors.ended import workload
from tests.knowledge.detectors.things import denied, told, unsure, world
from tests.seen import judge

RUNC = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
    'unable to start container process: exec: "wge": executable file not found in $PATH: unknown'
)
ID = "pod-start-command-failed"


def test_a_command_that_is_not_in_the_image_is_named() -> None:
    things = workload(code=128, reason="StartError", message=RUNC, started="1970-01-01T00:00:00Z")
    assert told(judge(world(things), ID)) == [
        "checkout cannot start (StartError, exit code 128): its command `wge` failed: executable file not "
        "found in $PATH."
    ]


def test_a_shell_that_does_not_find_the_program_says_so_in_its_log() -> None:
    things = workload(code=127, lines="sh: 1: gunicorn: not found")
    assert told(judge(world(things), ID)) == [
        "checkout cannot start (Error, exit code 127): sh: 1: gunicorn: not found."
    ]


def test_a_container_that_waits_with_the_runtimes_error_is_found_without_an_end() -> None:
    waiting = {"state": {"waiting": {"reason": "CreateContainerError", "message": RUNC}}}
    assert "its command `wge` failed" in told(judge(world(workload(code=None, state=waiting)), ID))[0]


def test_a_runtime_that_is_late_is_no_fault_of_the_command() -> None:
    waiting = {"state": {"waiting": {"reason": "CreateContainerError", "message": "context deadline exceeded"}}}
    assert told(judge(world(workload(code=None, state=waiting)), ID)) == []


def test_an_image_of_another_architecture_is_another_matter() -> None:
    things = workload(code=128, reason="StartError", message="exec /app/server: exec format error")
    assert told(judge(world(things), ID)) == []


def test_a_running_container_is_clean() -> None:
    assert told(judge(world(workload(code=None, looping=False)), ID)) == []


def test_pods_that_may_not_be_read_leave_it_open() -> None:
    assert unsure(judge(world(workload(code=127), denied("pods")), ID)) == (ID,)
