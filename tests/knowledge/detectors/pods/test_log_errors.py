"""A program that is ready and logs errors: told only where its log was read."""

from knowledge.finding import Confidence
from tests.knowledge.detectors.things import denied, log, pod, told, unsure, world
from tests.seen import judge

ID = "pod-log-errors"
WEB = pod("web-1", owner=("StatefulSet", "web"))
LINE = "ERROR GET /items failed: TypeError: price of undefined"


def test_errors_that_come_again_are_told_as_possible() -> None:
    said = judge(world(WEB, log("web-1", f"{LINE}\nINFO GET /\n{LINE}")), ID)
    assert told(said) == [f"web runs and is ready, but its program logs errors (1 of 1 pod, 2 lines of late): `{LINE}`"]
    assert said.causes[0].finding.confidence is Confidence.POSSIBLE


def test_one_error_or_warnings_are_no_news() -> None:
    assert told(judge(world(WEB, log("web-1", LINE)), ID)) == []
    assert told(judge(world(WEB, log("web-1", "WARN slow query\nWARN slow query")), ID)) == []


def test_a_program_that_is_not_ready_has_a_better_reason() -> None:
    down = pod("web-1", ready=False, owner=("StatefulSet", "web"))
    assert told(judge(world(down, log("web-1", f"{LINE}\n{LINE}")), ID)) == []


def test_without_pods_it_cannot_tell() -> None:
    assert unsure(judge(world(WEB, denied("pods")), ID)) == (ID,)
