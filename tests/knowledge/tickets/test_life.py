"""A ticket's life as rules: request → in progress → done, whose turn it is, until when, and who may say so."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.reading.ticket_asks import Kind
from knowledge.tickets.desk import Desk, parse
from knowledge.tickets.life import NOTHING, Move, Refused, Solved, State, Step, Ticket, Waiting, moved

SEOUL = ZoneInfo("Asia/Seoul")
MONDAY = datetime(2026, 11, 23, 10, tzinfo=SEOUL)
DESK = parse("team: [U0SRE]\nhours: {zone: Asia/Seoul}")
OPEN_DESK = Desk()


def ticket(kind: Kind = Kind.PROBLEM) -> Ticket:
    return Ticket(1, "k", "U0MINJI", "minji", "ko", kind, "restart", "it restarts", "it restarts", MONDAY)


def go(
    before: Ticket, move: Move, by: str = "U0MINJI", note: str = "", hours: float = 0.0, desk: Desk = DESK
) -> Ticket:
    return moved(before, Step(move, by, MONDAY + timedelta(hours=hours), note, by == "U0SRE"), desk)


def test_an_answer_makes_it_the_askers_turn_and_nothing_is_due() -> None:
    after = go(ticket(), Move.ANSWER, "gurumi", hours=0.01)
    assert (after.state, after.waiting, after.due) == (State.REQUEST, Waiting.ASKER, None)
    assert after.answered == MONDAY + timedelta(hours=0.01)


def test_an_answer_that_has_nothing_to_say_leaves_it_to_a_person_until_a_time() -> None:
    after = go(ticket(), Move.ANSWER, "gurumi", NOTHING)
    assert (after.waiting, after.due) == (Waiting.PERSON, MONDAY + timedelta(days=1))


def test_a_request_is_a_persons_to_do_whatever_the_bot_says() -> None:
    assert go(ticket(Kind.REQUEST), Move.ANSWER, "gurumi").waiting is Waiting.PERSON


def test_the_bots_answer_that_helped_is_the_bots() -> None:
    after = go(go(ticket(), Move.ANSWER, "gurumi"), Move.HELPED)
    assert (after.state, after.solved, after.rounds) == (State.DONE, Solved.BOT, 0)


def test_an_answer_that_helped_after_a_person_had_a_hand_in_it_is_not_the_bots() -> None:
    taken = go(go(ticket(), Move.ANSWER, "gurumi"), Move.TAKE, "U0SRE")
    assert go(taken, Move.HELPED).solved is Solved.PERSON


def test_what_a_person_closes_is_a_persons_and_what_the_asker_closes_is_unsaid() -> None:
    answered = go(ticket(), Move.ANSWER, "gurumi")
    assert go(answered, Move.DONE, "U0SRE", "raised the limit").solved is Solved.PERSON
    assert go(answered, Move.DONE).solved is Solved.ASKER


def test_taking_it_puts_it_in_progress_with_a_new_time_to_solve_it() -> None:
    called = go(go(ticket(), Move.ANSWER, "gurumi"), Move.CALL)
    assert called.due == MONDAY + timedelta(days=1)
    after = go(called, Move.TAKE, "U0SRE", hours=2)
    assert (after.state, after.assignee) == (State.IN_PROGRESS, "U0SRE")
    assert after.due == MONDAY + timedelta(days=3, hours=2)


def test_a_higher_priority_is_due_earlier() -> None:
    called = go(ticket(), Move.CALL)
    assert go(called, Move.PRIORITY, "U0SRE", "urgent").due == MONDAY + timedelta(minutes=30)


def test_put_back_it_waits_for_anybody() -> None:
    after = go(go(ticket(), Move.TAKE, "U0SRE"), Move.RETURN, "U0SRE")
    assert (after.state, after.assignee, after.waiting) == (State.REQUEST, "", Waiting.PERSON)


def test_reopened_it_goes_on_with_whoever_worked_on_it() -> None:
    done = go(go(ticket(), Move.TAKE, "U0SRE"), Move.DONE, "U0SRE")
    after = go(done, Move.REOPEN)
    assert (after.state, after.assignee, after.ended, after.reopened) == (State.IN_PROGRESS, "U0SRE", None, 1)
    assert after.due


def test_merged_it_is_done_and_stays_so() -> None:
    merged = go(ticket(), Move.MERGE, "U0SRE", "7")
    assert (merged.state, merged.merged_into) == (State.DONE, 7)
    with pytest.raises(Refused):
        go(merged, Move.REOPEN)


def test_a_word_of_the_asker_gives_the_turn_back_to_whoever_works_on_it() -> None:
    taken = go(ticket(), Move.TAKE, "U0SRE")
    answered = go(taken, Move.REPLY, "U0SRE")
    assert answered.waiting is Waiting.ASKER
    assert go(answered, Move.REPLY).waiting is Waiting.PERSON
    assert go(answered, Move.REPLY, "U0OTHER").waiting is Waiting.ASKER


@pytest.mark.parametrize("move", [Move.HELPED, Move.NOT_YET])
def test_only_whoever_asked_says_whether_it_helped(move: Move) -> None:
    with pytest.raises(Refused):
        go(ticket(), move, "U0SRE")


@pytest.mark.parametrize("move", [Move.TAKE, Move.DONE, Move.CALL, Move.REOPEN, Move.CORRECT])
def test_a_stranger_to_the_ticket_moves_nothing_where_a_team_is_named(move: Move) -> None:
    before = go(ticket(), Move.DONE, "U0SRE") if move is Move.REOPEN else ticket()
    with pytest.raises(Refused):
        go(before, move, "U0OTHER")
    assert go(before, move, "U0OTHER", desk=OPEN_DESK).version == before.version + 1


def test_the_turn_begins_anew_with_every_answer() -> None:
    after = go(go(ticket(), Move.ANSWER, "gurumi", hours=1), Move.CORRECT, hours=2)
    assert after.turn == MONDAY + timedelta(hours=2)
    assert go(after, Move.WATCH, "U0OTHER", hours=3).turn == after.turn


NOTES = {Move.PRIORITY: "high", Move.MERGE: "9", Move.TRANSFER: "U0SRE"}


@given(st.lists(st.tuples(st.sampled_from(Move), st.sampled_from(["U0MINJI", "U0SRE", "U0OTHER"])), max_size=25))
def test_whatever_is_asked_in_whatever_order_a_ticket_is_of_one_piece(asked: list[tuple[Move, str]]) -> None:
    now = ticket()
    for number, (move, by) in enumerate(asked):
        try:
            now = go(now, move, by, NOTES.get(move, ""), hours=number)
        except Refused:
            continue
        assert now.open == (now.ended is None) == (now.waiting is not Waiting.NOBODY) == (now.solved is Solved.NOT)
        assert (now.state is State.IN_PROGRESS) == (now.open and bool(now.assignee))
        assert now.due is None or (now.open and now.due.tzinfo is not None)
        assert now.waiting is not Waiting.PERSON or now.due or (not now.answered and now.version)
        assert now.solved is not Solved.BOT or not now.by_person
