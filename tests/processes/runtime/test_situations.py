"""Situations in which a stock engine loses a process: nothing may end dead, as a ghost, lost or falsely done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction

from processes import actions, api
from processes.actions import Action, ActionCall
from processes.bpmn import parse
from processes.lint import check
from processes.runtime import services
from processes.runtime.models import Outbox, Task
from tests.processes.runtime.engine_room import Play, drawn, forget, later
from tests.processes.sketch import (
    END,
    THROW,
    conditional,
    for_each,
    looped,
    message,
    plain,
    script,
    service,
    signal,
    sketch,
    timer,
    user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

BOTH = "parallelGateway"
effects: list[str] = []


def post(call: ActionCall) -> str:
    effects.append(call.key)
    return "sent"


def stumble(_call: ActionCall) -> None:
    raise ZeroDivisionError


@pytest.fixture(autouse=True)
def _by_hand(clock) -> Iterator[None]:
    effects.clear()
    known = [
        Action("test.post", post, background=True), Action("test.stumble", stumble),
        Action("test.break", stumble, background=True),
    ]  # fmt: skip
    with api.by_hand(), actions.temporarily(*known):
        yield


# --- the last open branch is taken away ------------------------------------------------------------------------
def test_a_branch_taken_away_counts_as_arrived_at_its_join():
    play = Play(drawn(sketch("Start -> Fork -> A -> Join -> After -> End", "Fork -> B -> Join", Fork=BOTH, Join=BOTH)))
    play.do("A").take_away("B")
    assert (play.waits, play.failed) == (["After"], [])
    assert play.do("After").outcome == "completed"


def test_a_branch_taken_away_counts_when_the_others_come_later():
    play = Play(drawn(sketch("Start -> Fork -> A -> Join -> End", "Fork -> B -> Join", Fork=BOTH, Join=BOTH)))
    play.take_away("B")
    assert (play.waits, play.outcome) == (["A"], "")
    assert play.do("A").outcome == "completed"


def test_an_instance_whose_every_branch_was_taken_away_is_over():
    play = Play(drawn(sketch("Start -> Fork -> A -> Join -> End", "Fork -> B -> Join", Fork=BOTH, Join=BOTH)))
    play.take_away("A").take_away("B")
    assert (play.waits, play.outcome) == ([], "completed")


# --- paths that never come to the join --------------------------------------------------------------------------
def test_a_path_beside_the_task_that_ends_last_holds_up_the_end_and_not_the_join(clock):
    play = Play(drawn(sketch(
        "Start -> Fork -> A -> Join -> After -> End", "Fork -> B -> Join", "Late -> Remind -> EndRemind",
        Fork=BOTH, Join=BOTH, Late=timer("PT1H", on="A", beside=True),
    )))  # fmt: skip
    later(clock, hours=1)
    play.do("A", "B")
    assert play.waits == ["After", "Remind"]
    assert play.do("After").outcome == ""
    assert play.do("Remind").outcome == "completed"


def test_a_branch_with_an_end_of_its_own_that_ends_last_is_waited_for():
    play = Play(drawn(sketch(
        "Start -> Fork -> A -> Join -> End", "Fork -> B -> Join", "Fork -> C -> EndC", Fork=BOTH, Join=BOTH,
    )))  # fmt: skip
    play.do("A", "B")
    assert (play.waits, play.outcome) == (["C"], "")
    assert play.do("C").outcome == "completed"


def test_a_parallel_join_whose_branch_went_elsewhere_is_an_incident_to_go_on_from():
    play = Play(drawn(sketch(
        "Start -> Fork -> A -> Join -> After -> End", "Fork -> Choice -{far}-> EndFar", "Choice -else-> Join",
        Fork=BOTH, Join=BOTH, Choice="exclusiveGateway",
    )), far=True)  # fmt: skip
    assert play.do("A").failed == ["Join"]
    assert play.at("Join").error["type"] == "deadlock"
    assert play.skip("Join").waits == ["After"]


def test_an_inclusive_join_goes_on_when_its_branch_went_elsewhere():
    play = Play(drawn(sketch(
        "Start -> Fork -> A -> Join -> After -> End", "Fork -> B -> Choice -{far}-> EndFar", "Choice -else-> Join",
        Fork=BOTH, Join="inclusiveGateway", Choice="exclusiveGateway",
    )), far=True)  # fmt: skip
    assert play.do("A").waits == ["B", "Join"]
    assert play.do("B").waits == ["After"]


# --- errors ------------------------------------------------------------------------------------------------------
def test_an_instance_with_a_failed_step_is_not_done_when_its_other_branch_ends():
    play = Play(drawn(sketch("Start -> Fork -> A -> End", "Fork -> Work -> EndWork", Fork=BOTH, Work=service("test.stumble"))))
    play.do("A")
    assert (play.failed, play.outcome) == (["Work"], "")
    assert play.skip("Work").outcome == "completed"


def test_a_job_before_a_broken_choice_is_done_once_and_the_choice_can_be_made_again():
    play = Play(drawn(sketch(
        "Start -> Work -> Choice -{size > 3}-> Big -> End", "Choice -else-> Small -> End",
        Work=service("test.post", result="answer"), Choice="inclusiveGateway",
    )), size="?")  # fmt: skip
    forget()
    api.drain()
    assert (play.failed, play.data["answer"]) == (["Choice"], "sent")
    assert play.edit(size=5).retry("Choice").waits == ["Big"]
    assert len(effects) == 1


def test_a_failed_step_keeps_no_values_of_people_in_its_incident():
    play = Play(drawn(sketch("Start -> Work -> End", Work=service("test.stumble", secret="= secret"))), secret="4711")
    assert sorted(play.at("Work").error) == ["at", "place", "said", "sentence", "type"]
    assert "4711" not in str(play.at("Work").error)


# --- several tokens ------------------------------------------------------------------------------------------------
def test_two_tokens_in_one_inner_block_both_run_through():
    play = Play(drawn(sketch(
        "Start -> Fork -> In -> Split -> A -> Join -> Last -> End", "Fork -> In", "Split -> B -> Join",
        Fork=BOTH, In="task", Split=BOTH, Join=BOTH,
    ).replace('id="F_Fork_In"', 'id="F_2"', 1)))  # fmt: skip
    assert play.waits == ["A", "A", "B", "B"]
    assert play.do("A").do("A").do("B").waits == ["B", "Join", "Last"]
    assert play.do("B").waits == ["Last", "Last"]
    assert play.do("Last").do("Last").outcome == "completed"


def test_a_loop_back_runs_as_often_as_it_is_chosen():
    play = Play(drawn(sketch(
        "Start -> Merge -> A -> Choice -{again}-> Merge", "Choice -else-> End",
        Merge="exclusiveGateway", Choice="exclusiveGateway",
    )))  # fmt: skip
    play.do("A", again=True).do("A", again=True)
    assert play.waits == ["A"]
    assert play.do("A", again=False).done.count("A") == 3
    assert play.outcome == "completed"


def test_a_block_within_a_block_joins_inside_and_then_outside():
    play = Play(drawn(sketch(
        "Start -> Fork -> Inner -> A -> InnerJoin -> Join -> End", "Inner -> B -> InnerJoin", "Fork -> C -> Join",
        Fork=BOTH, Inner=BOTH, InnerJoin=BOTH, Join=BOTH,
    )))  # fmt: skip
    assert play.do("A", "C").waits == ["B", "InnerJoin", "Join"]
    assert play.do("B").outcome == "completed"


def test_a_way_back_out_of_a_parallel_block_is_warned_of():
    problems = check(parse(sketch(
        "Start -> Merge -> Fork -> A -> Choice -{again}-> Merge", "Choice -else-> Join -> End", "Fork -> B -> Join",
        Merge="exclusiveGateway", Fork=BOTH, Join=BOTH, Choice="exclusiveGateway",
    )))  # fmt: skip
    assert ("jump_back", "warning") in {(problem.code, problem.severity) for problem in problems}


def test_a_loop_that_never_rests_ends_as_an_incident():
    play = Play(drawn(sketch("Start -> Merge -> A -> Merge", Merge="exclusiveGateway", A="task")))
    assert len(play.failed) == 1
    assert "never rests" in play.at(play.failed[0]).error["sentence"]


# --- signals ---------------------------------------------------------------------------------------------------------
ALARM = sketch("Start -> A -> Throw -> B -> End", Throw=signal("alarm", THROW), key="thrower")
LISTENER = sketch("Start -> Alarm -> End", Alarm=signal("alarm"), key="listener")


def test_a_signal_of_a_step_that_is_undone_was_never_thrown():
    listener, thrower = Play(drawn(LISTENER, key="listener")), Play(drawn(ALARM, key="thrower"))
    with transaction.atomic():
        thrower.do("A")
        transaction.set_rollback(True)
    api.drain()
    assert (thrower.waits, listener.waits, Outbox.objects.count()) == (["A"], ["Alarm"], 0)


def test_a_signal_reaches_processes_that_this_program_has_not_compiled_yet():
    listener, thrower = Play(drawn(LISTENER, key="listener")), Play(drawn(ALARM, key="thrower"))
    thrower.do("A")
    forget()
    api.drain()
    assert (listener.outcome, thrower.waits) == ("completed", ["B"])


# --- what is armed ---------------------------------------------------------------------------------------------------
GUARDED = sketch(
    "Start -> A -> End", "Over -> Escalate -> End", "Late -> Remind -> EndRemind", "Told -> B -> End",
    Over=timer("PT8H", on="A"), Late=timer("PT4H", on="A", beside=True), Told=message("told", on="A"),
)  # fmt: skip


def test_an_event_that_interrupts_disarms_the_others(clock):
    play = Play(drawn(GUARDED))
    assert play.armed == ["Late", "Over", "Told"]
    later(clock, hours=8)
    assert (play.waits, play.armed) == (["Escalate", "Remind"], [])
    assert play.do("Escalate", "Remind").outcome == "completed"
    assert api.next_due() is None


def test_a_finished_task_leaves_nothing_armed(clock):
    play = Play(drawn(GUARDED)).do("A")
    assert (play.armed, play.outcome, api.next_due()) == ([], "completed", None)


def test_a_task_taken_away_leaves_nothing_armed(clock):
    play = Play(drawn(GUARDED)).take_away("A")
    assert (play.armed, play.outcome, api.next_due()) == ([], "completed", None)


def test_a_failed_step_is_armed_once_it_is_tried_again(clock):
    play = Play(drawn(sketch(
        "Start -> A -> End", "Over -> Escalate -> End", A=user(limit="= limit"), Over=timer("PT8H", on="A"),
    )), limit="soon")  # fmt: skip
    assert (play.failed, play.armed) == (["A"], [])
    assert play.edit(limit="PT4H").retry("A").armed == ["Over"]
    later(clock, hours=8)
    assert (play.waits, play.armed) == (["Escalate"], [])


def test_a_job_that_fails_for_good_leaves_nothing_armed(clock):
    play = Play(drawn(sketch(
        "Start -> A -> End", "Over -> Escalate -> End", A=service("test.break", retries="0"), Over=timer("PT8H", on="A"),
    )))  # fmt: skip
    assert play.armed == ["Over"]
    later(clock, hours=8)
    assert (play.failed, play.waits, play.armed) == (["A"], ["A"], [])


# --- data --------------------------------------------------------------------------------------------------------------
def test_what_branches_write_is_kept_side_by_side():
    play = Play(drawn(sketch("Start -> Fork -> A -> Join -> End", "Fork -> B -> Join", Fork=BOTH, Join=BOTH)), n=1)
    play.do("A", a=2).do("B", b=3)
    assert play.data == {"n": 1, "a": 2, "b": 3}


def test_finishing_a_task_twice_moves_one_token():
    play = Play(drawn(sketch("Start -> A -> B -> End")))
    task = play.at("A")
    play.do("A")
    with pytest.raises(api.AlreadyDone, match="finished or taken away"):
        services.complete(task_id=task.pk, user=play.person, data={})
    assert (play.waits, Task.objects.filter(process=play.id, node_id="B").count()) == (["B"], 1)


def test_an_end_that_terminates_takes_every_token_away():
    play = Play(drawn(sketch("Start -> Fork -> A -> End", "Fork -> B -> EndB", Fork=BOTH, End=plain("terminate", END))))
    assert (play.do("A").outcome, play.waits) == ("terminated", [])


def test_a_condition_that_holds_already_does_not_wait():
    play = Play(drawn(sketch("Start -> Wait -> A -> End", Wait=conditional("n > 3"))), n=5)
    assert play.waits == ["A"]


def test_enough_runs_that_pass_at_once_are_enough():
    """A parallel multi-instance activity whose runs wait for nobody begins no more of them than it needs."""
    many = looped(script("item"), for_each("items", enough="numberOfCompletedInstances >= 2"))
    play = Play(drawn(sketch("Start -> A -> B -> End", A=many)), items=[1, 2, 3, 4, 5])
    assert (play.waits, play.failed) == (["B"], [])
    assert play.done == ["A", "A", "A", "Start"]  # the two, and the activity as a whole
