"""A failed postStart hook is named as what killed the container."""

from tests.knowledge.detectors.ended import about, workload
from tests.knowledge.detectors.things import denied, told, unsure, world
from tests.seen import judge

ID = "pod-post-start-failed"
HOOK = {"lifecycle": {"postStart": {"exec": {"command": ["/opt/register.sh", "--now"]}}}}


def test_the_hook_and_its_command_are_named() -> None:
    things = workload(code=137, container=HOOK)
    events = [
        about("FailedPostStartHook", "PostStartHook failed", last="3m ago"),
        about("Killing", "FailedPostStartHook", last="3m ago"),
    ]
    assert told(judge(world(things, *events), ID)) == [
        "checkout is killed right after each start because its postStart hook `/opt/register.sh --now` fails "
        "(5 restarts); exit code 137 is the kill, not an error of the program."
    ]


def test_a_container_that_its_probe_killed_is_another_matter() -> None:
    killed = about("Killing", "Container app failed liveness probe, will be restarted", last="3m ago")
    assert told(judge(world(workload(code=137, container=HOOK), killed), ID)) == []


def test_without_the_right_to_read_events_it_is_left_open() -> None:
    assert unsure(judge(world(workload(code=137, container=HOOK), denied("events")), ID)) == (ID,)
