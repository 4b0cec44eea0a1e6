"""What each element of the palette does, one drawing and one behaviour each (BPMN 2.0.2, chapter 13).

Every call of the door reads the instance from its rows and writes it back, so each test saves and restores between
its steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group

from crm_core.kernel.models import User
from processes import api
from processes.catalog.models import ProcessDefinition, ProcessVersion
from processes.publication.services import publish_now
from processes.runtime import outbox, services
from processes.runtime.models import Outbox, ProcessInstance, Task
from tests.processes.runtime.scene import scene

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def seller(clock) -> Iterator[Any]:
    user = User.objects.create(username="seller")
    user.groups.add(Group.objects.create(name="seller"))
    with api.by_hand():
        yield user


def begin(text: str, key: str = "deal", **data: Any) -> ProcessInstance:
    """Publish a drawing and start it."""
    publish(text, key)
    return api.start(key, data={"trace": [], **data})


def publish(text: str, key: str = "deal") -> ProcessVersion:
    definition, _new = ProcessDefinition.objects.get_or_create(key=key, defaults={"titles": {"en": key}})
    version = ProcessVersion.objects.create(
        definition=definition, number=definition.versions.count() + 1, forms={}, bpmn=scene(text, key)
    )
    publish_now(version)
    return version


def stored(instance: ProcessInstance) -> ProcessInstance:
    return ProcessInstance.objects.stored().get(pk=instance.pk)


def trace(instance: ProcessInstance) -> list[str]:
    return list(stored(instance).data["trace"])


def outcome(instance: ProcessInstance) -> str:
    return stored(instance).outcome


def open_steps(instance: ProcessInstance) -> list[str]:
    """The elements on which tokens rest, sub-processes and bodies apart."""
    rows = Task.objects.tokens().filter(process=instance.pk, is_body=False)
    return sorted(rows.exclude(kind__in=["subProcess", "transaction", "adHocSubProcess"]).values_list("node_id", flat=True))


def done(instance: ProcessInstance, step: str, user: Any, **data: Any) -> None:
    task = Task.objects.open().filter(process=instance.pk, node_id=step, is_body=False).order_by("created", "id").first()
    services.complete(task_id=task.pk, user=user, data=data)


def errors(instance: ProcessInstance) -> list[str]:
    return [row.error["sentence"] for row in Task.objects.incidents().filter(process=instance.pk)]


# --- sub-processes -----------------------------------------------------------------------------------------
def test_an_embedded_sub_process_ends_when_no_token_is_left_in_it(seller):
    instance = begin("""
        S: start
        Sub: sub {
          S2: start
          Fork: and
          A: user
          B: user
          S2 -> Fork -> A
          Fork -> B
        }
        After: mark
        E: end
        S -> Sub -> After -> E
    """)
    assert open_steps(instance) == ["A", "B"]
    done(instance, "A", seller)
    assert (open_steps(instance), trace(instance)) == (["B"], [])
    done(instance, "B", seller)
    assert (outcome(instance), trace(instance)) == ("completed", ["After"])


def test_a_boundary_event_of_a_sub_process_takes_everything_in_it_away(seller, clock):
    instance = begin("""
        S: start
        Sub: sub {
          S2: start
          A: user
          Inner: sub {
            S3: start
            B: user
            S3 -> B
          }
          S2 -> A
          S2 -> Inner
        }
        Late: boundary on Sub timer PT1H
        After: mark
        Handled: mark
        S -> Sub -> After
        Late -> Handled
    """)
    assert open_steps(instance) == ["A", "B"]
    clock.move(clock.now() + timedelta(hours=1))
    api.drain()
    assert (outcome(instance), trace(instance)) == ("completed", ["Handled"])
    assert not Task.objects.open().filter(process=instance.pk).exists()


def test_a_terminate_end_ends_its_own_scope_alone(seller):
    instance = begin("""
        S: start
        Sub: sub {
          S2: start
          A: user
          B: user
          Stop: end terminate
          S2 -> A -> Stop
          S2 -> B
        }
        After: mark
        S -> Sub -> After
    """)
    done(instance, "A", seller)
    assert (outcome(instance), trace(instance)) == ("completed", ["After"])


def test_an_error_end_goes_to_the_innermost_boundary_that_names_it(seller):
    instance = begin("""
        S: start
        Outer: sub {
          S2: start
          Inner: sub {
            S3: start
            Bad: end error broken
            S3 -> Bad
          }
          Any: boundary on Inner error other
          Missed: mark
          S2 -> Inner
          Any -> Missed
        }
        Broken: boundary on Outer error broken
        Caught: mark
        S -> Outer
        Broken -> Caught
    """)
    assert (outcome(instance), trace(instance)) == ("completed", ["Caught"])


def test_variables_of_a_multi_instance_sub_process_stay_in_their_run(seller):
    instance = begin("""
        S: start
        Sub: sub for item in items {
          S2: start
          Note: script {trace: append(trace, item)}
          Ask: user
          S2 -> Note -> Ask
        }
        After: mark
        S -> Sub -> After
    """, items=["x", "y"])
    assert (open_steps(instance), trace(instance)) == (["Ask", "Ask"], ["x", "y"])
    done(instance, "Ask", seller)
    assert outcome(instance) == ""
    done(instance, "Ask", seller)
    assert (outcome(instance), trace(instance)) == ("completed", ["x", "y", "After"])


# --- loops -------------------------------------------------------------------------------------------------
def test_a_standard_loop_repeats_while_its_condition_holds():
    instance = begin("""
        S: start
        A: mark repeat while count(trace) < 3
        S -> A
    """)
    assert (outcome(instance), trace(instance)) == ("completed", ["A", "A", "A"])


def test_a_standard_loop_that_tests_before_may_not_run_at_all():
    instance = begin("""
        S: start
        A: mark while count(trace) > 5
        B: mark
        S -> A -> B
    """)
    assert trace(instance) == ["B"]


def test_sequential_instances_run_one_after_another(seller):
    instance = begin("""
        S: start
        A: user for item in items one by one
        S -> A
    """, items=[1, 2])
    assert open_steps(instance) == ["A"]
    done(instance, "A", seller)
    assert open_steps(instance) == ["A"]
    done(instance, "A", seller)
    assert outcome(instance) == "completed"


def test_a_completion_condition_ends_the_instances_that_are_left(seller):
    instance = begin("""
        S: start
        A: user for item in items until numberOfCompletedInstances >= 2
        S -> A
    """, items=[1, 2, 3])
    done(instance, "A", seller)
    assert open_steps(instance) == ["A", "A"]
    done(instance, "A", seller)
    assert (outcome(instance), open_steps(instance)) == ("completed", [])


def test_an_activity_that_gives_two_tokens_and_one_that_takes_two():
    instance = begin("""
        S: start
        A: mark gives 2
        B: mark
        C: mark starts with 2
        S -> A -> B -> C
    """)
    assert (outcome(instance), trace(instance)) == ("completed", ["A", "B", "B", "C"])


# --- event sub-processes -------------------------------------------------------------------------------------
HANDLED = """
    S: start
    A: user
    Watch: handler {{
      Sig: start {event}
      H: mark
      W: user
      Sig -> H -> W
    }}
    S -> A
"""


def test_an_interrupting_event_sub_process_takes_the_scope_over(seller):
    instance = begin(HANDLED.format(event="signal alarm"))
    api.signal("alarm")
    api.drain()
    assert (open_steps(instance), trace(instance)) == (["W"], ["H"])
    done(instance, "W", seller)
    assert outcome(instance) == "completed"


def test_one_that_does_not_interrupt_runs_beside_and_may_come_again(seller):
    instance = begin(HANDLED.format(event="signal alarm !"))
    for _time in range(2):
        api.signal("alarm")
        api.drain()
    assert (open_steps(instance), trace(instance)) == (["A", "W", "W"], ["H", "H"])
    done(instance, "A", seller)
    done(instance, "W", seller)
    done(instance, "W", seller)
    assert outcome(instance) == "completed"


def test_an_event_sub_process_waits_for_a_moment(clock):
    instance = begin(HANDLED.format(event="timer PT2H !"))
    clock.move(clock.now() + timedelta(hours=2))
    api.drain()
    assert open_steps(instance) == ["A", "W"]


def test_an_event_sub_process_waits_for_a_message_with_its_key():
    instance = begin(HANDLED.format(event="message told key number"), number=7)
    api.message("told", correlation=8)
    api.drain()
    assert open_steps(instance) == ["A"]
    api.message("told", correlation=7)
    api.drain()
    assert open_steps(instance) == ["W"]


def test_an_event_sub_process_waits_for_a_condition(seller):
    instance = begin(HANDLED.format(event="cond limit > 5 !"), limit=1)
    assert open_steps(instance) == ["A"]
    services.edit_variables(instance_id=instance.pk, user=seller, changes={"limit": 6}, reason="raised")
    assert open_steps(instance) == ["A", "W"]
    services.edit_variables(instance_id=instance.pk, user=seller, changes={"limit": 7}, reason="raised")
    assert open_steps(instance) == ["A", "W"], "it holds still: nothing new has happened"
    services.edit_variables(instance_id=instance.pk, user=seller, changes={"limit": 1}, reason="lowered")
    services.edit_variables(instance_id=instance.pk, user=seller, changes={"limit": 9}, reason="raised")
    assert open_steps(instance) == ["A", "W", "W"]


def test_an_error_is_taken_by_the_event_sub_process_before_the_boundary():
    instance = begin("""
        S: start
        Sub: sub {
          S2: start
          Bad: end error broken
          Watch: handler {
            Sig: start error broken
            H: mark
            Sig -> H
          }
          S2 -> Bad
        }
        Border: boundary on Sub error broken
        After: mark
        Never: mark
        S -> Sub -> After
        Border -> Never
    """)
    assert (outcome(instance), trace(instance)) == ("completed", ["H", "After"])


def test_an_error_thrown_by_the_handler_goes_to_the_boundary():
    instance = begin("""
        S: start
        Sub: sub {
          S2: start
          Bad: end error broken
          Watch: handler {
            Sig: start error broken
            Again: end error broken
            Sig -> Again
          }
          S2 -> Bad
        }
        Border: boundary on Sub error
        Caught: mark
        S -> Sub
        Border -> Caught
    """)
    assert (outcome(instance), trace(instance)) == ("completed", ["Caught"])


# --- escalation --------------------------------------------------------------------------------------------
ESCALATED = """
    S: start
    Sub: sub {{
      S2: start
      Up: throw escalation high
      A: mark
      S2 -> Up -> A
    }}
    Border: boundary on Sub escalation high{interrupts}
    After: mark
    Boss: mark
    S -> Sub -> After
    Border -> Boss
"""


def test_an_escalation_that_does_not_interrupt_runs_beside():
    instance = begin(ESCALATED.format(interrupts=" !"))
    assert (outcome(instance), sorted(trace(instance))) == ("completed", ["A", "After", "Boss"])


def test_an_escalation_that_interrupts_goes_on_in_its_place():
    instance = begin(ESCALATED.format(interrupts=""))
    assert (outcome(instance), trace(instance)) == ("completed", ["Boss"])


def test_an_escalation_nobody_takes_is_nothing():
    instance = begin("""
        S: start
        Up: end escalation high
        S -> Up
    """)
    assert outcome(instance) == "completed"


def test_an_escalation_reaches_the_caller(seller):
    publish("""
        S: start
        Up: throw escalation high
        W: user
        S -> Up -> W
    """, key="below")
    instance = begin("""
        S: start
        Call: call below
        Border: boundary on Call escalation high !
        Boss: mark
        S -> Call
        Border -> Boss
    """)
    api.drain()
    assert (trace(instance), outcome(instance)) == (["Boss"], "")


RISING = """
    S: start
    Call: call below
    Border: boundary on Call escalation high {interrupts}
    After: mark
    Boss: mark
    S -> Call -> After
    Border -> Boss
"""


@pytest.mark.parametrize(("interrupts", "marks"), [("!", ["After", "Boss"]), ("", ["Boss"])])
def test_an_escalation_of_a_process_that_ends_at_once_reaches_the_caller(interrupts, marks):
    publish("""
        S: start
        Up: throw escalation high
        S -> Up
    """, key="below")
    instance = begin(RISING.format(interrupts=interrupts))
    api.drain()
    assert (sorted(trace(instance)), outcome(instance)) == (marks, "completed")


def test_an_escalation_that_interrupts_the_call_ends_the_process_that_threw_it_at_once(seller):
    publish("""
        S: start
        Up: throw escalation high
        W: user
        S -> Up -> W
    """, key="below")
    instance = begin(RISING.format(interrupts=""))
    api.drain()
    assert (trace(instance), outcome(instance)) == (["Boss"], "completed")
    assert outcome(ProcessInstance.objects.stored().get(definition__key="below")) == "cancelled"


@pytest.mark.parametrize(("interrupts", "marks"), [("!", ["After", "Boss"]), ("", ["Boss"])])
def test_an_escalation_is_told_before_the_end_whichever_is_delivered_first(seller, interrupts, marks):
    publish("""
        S: start
        W: user
        Up: throw escalation high
        S -> W -> Up
    """, key="below")
    instance = begin(RISING.format(interrupts=interrupts))
    done(ProcessInstance.objects.stored().get(definition__key="below"), "W", seller)
    outbox.deliver(Outbox.objects.get(kind="child").pk)
    api.drain()
    assert (sorted(trace(instance)), outcome(instance)) == (marks, "completed")


# --- compensation ------------------------------------------------------------------------------------------
def test_compensation_undoes_what_was_completed_last_first():
    instance = begin("""
        S: start
        A: mark
        B: mark
        C: mark
        OnA: boundary on A compensate
        OnB: boundary on B compensate
        OnC: boundary on C compensate
        UndoA: mark undoes
        UndoB: mark undoes
        UndoC: mark undoes
        Choice: xor
        Back: throw compensate
        After: mark
        OnA ~> UndoA
        OnB ~> UndoB
        OnC ~> UndoC
        S -> A -> B -> Choice
        Choice -> C [false]
        Choice -> Back [default]
        Back -> After
    """)
    assert (outcome(instance), trace(instance)) == ("completed", ["A", "B", "UndoB", "UndoA", "After"])


def test_compensation_waits_for_people_and_happens_once(seller):
    instance = begin("""
        S: start
        A: mark
        OnA: boundary on A compensate
        UndoA: user undoes
        Back: throw compensate A
        Again: throw compensate A
        After: mark
        OnA ~> UndoA
        S -> A -> Back -> Again -> After
    """)
    assert (open_steps(instance), trace(instance)) == (["Back", "UndoA"], ["A"])
    done(instance, "UndoA", seller)
    assert (outcome(instance), trace(instance)) == ("completed", ["A", "After"])


def test_a_completed_sub_process_is_undone_by_its_own_compensation():
    instance = begin("""
        S: start
        Sub: sub {
          S2: start
          A: mark
          OnA: boundary on A compensate
          UndoA: mark undoes
          OnA ~> UndoA
          S2 -> A
          Undo: handler {
            Sig: start compensate
            H: mark
            Inner: throw compensate
            Sig -> H -> Inner
          }
        }
        Back: end compensate
        S -> Sub -> Back
    """)
    assert (outcome(instance), trace(instance)) == ("completed", ["A", "H", "UndoA"])


def test_a_cancelled_transaction_is_undone_and_left_by_its_cancel_event(seller):
    instance = begin("""
        S: start
        T: tx {
          S2: start
          A: mark
          OnA: boundary on A compensate
          UndoA: mark undoes
          OnA ~> UndoA
          Ask: user
          Stop: end cancel
          Other: user
          S2 -> A -> Ask -> Stop
          S2 -> Other
        }
        Cancelled: boundary on T cancel
        After: mark
        Told: mark
        S -> T -> After
        Cancelled -> Told
    """)
    done(instance, "Ask", seller)
    assert (outcome(instance), trace(instance)) == ("completed", ["A", "UndoA", "Told"])


# --- gateways ------------------------------------------------------------------------------------------------
def test_a_complex_gateway_fires_for_two_of_three_and_takes_the_third_in(seller):
    instance = begin("""
        S: start
        Fork: and
        A: user
        B: user
        C: user
        Two: complex activationCount >= 2
        After: mark
        S -> Fork
        Fork -> A -> Two
        Fork -> B -> Two
        Fork -> C -> Two
        Two -> After
    """)
    done(instance, "A", seller)
    assert trace(instance) == []
    done(instance, "B", seller)
    assert (trace(instance), outcome(instance)) == (["After"], "")
    done(instance, "C", seller)
    assert (trace(instance), outcome(instance)) == (["After"], "completed")


def test_a_complex_gateway_whose_condition_can_never_hold_is_an_incident(seller):
    instance = begin("""
        S: start
        Fork: and
        A: user
        B: user
        Three: complex activationCount >= wanted
        S -> Fork
        Fork -> A -> Three
        Fork -> B -> Three
        Three -> E
        E: end
    """, wanted=3)
    done(instance, "A", seller)
    done(instance, "B", seller)
    assert len(errors(instance)) == 1


# --- events --------------------------------------------------------------------------------------------------
def test_a_receive_task_waits_for_its_message_and_brings_its_data():
    instance = begin("""
        S: start
        R: receive message told
        After: mark
        S -> R -> After
    """)
    api.message("told", data={"answer": "yes"})
    api.drain()
    assert (outcome(instance), stored(instance).data["answer"]) == ("completed", "yes")


def test_a_link_goes_on_where_it_is_caught():
    instance = begin("""
        S: start
        Out: throw link over
        In: catch link over
        A: mark
        S -> Out
        In -> A
    """)
    assert trace(instance) == ["A"]


def test_a_message_throw_starts_who_waits_for_it():
    publish("""
        S: start message hello
        W: user
        S -> W
    """, key="other")
    begin("""
        S: start
        Say: throw message hello
        E: end message hello
        S -> Say -> E
    """)
    api.drain()
    assert ProcessInstance.objects.filter(definition__key="other").count() == 2


def test_a_signal_starts_processes_and_reaches_who_waits_in_the_same_instance():
    publish("""
        S: start signal alarm
        W: user
        S -> W
    """, key="other")
    instance = begin("""
        S: start
        Fork: and
        Throw: end signal alarm
        Wait: catch signal alarm
        A: mark
        S -> Fork -> Throw
        Fork -> Wait -> A
    """)
    assert trace(instance) == ["A"], "in its own step, whatever the order of the branches"
    api.drain()
    assert (outcome(instance), trace(instance)) == ("completed", ["A"])
    assert ProcessInstance.objects.filter(definition__key="other").count() == 1


def test_a_condition_is_asked_when_variables_change(seller):
    instance = begin("""
        S: start
        Wait: catch cond limit > 5
        A: mark
        S -> Wait -> A
    """, limit=1)
    assert open_steps(instance) == ["Wait"]
    services.edit_variables(instance_id=instance.pk, user=seller, changes={"limit": 6}, reason="raised")
    assert outcome(instance) == "completed"


def test_a_condition_inside_a_sub_process_is_asked_when_a_step_outside_changes_it(seller):
    instance = begin("""
        S: start
        Sub: sub {
          S2: start
          Wait: catch cond limit > 5
          S2 -> Wait
        }
        A: user
        S -> Sub
        S -> A
    """, limit=1)
    done(instance, "A", seller, limit=9)
    assert outcome(instance) == "completed"


def test_one_of_several_events_is_enough_and_disarms_the_others(clock):
    instance = begin("""
        S: start
        Wait: catch signal alarm | timer PT1H
        A: mark
        S -> Wait -> A
    """)
    api.signal("alarm")
    api.drain()
    assert (outcome(instance), trace(instance)) == ("completed", ["A"])
    assert not Task.objects.open().filter(process=instance.pk).exists()


def test_a_parallel_multiple_event_needs_all_of_them():
    instance = begin("""
        S: start
        Wait: catch signal alarm & signal fire
        A: mark
        S -> Wait -> A
    """)
    for name, wanted in (("alarm", []), ("alarm", []), ("fire", ["A"])):
        api.signal(name)
        api.drain()
        assert trace(instance) == wanted


def test_a_multiple_boundary_event_fires_for_each_of_its_events(seller):
    instance = begin("""
        S: start
        A: user
        Border: boundary on A signal alarm | signal fire !
        H: mark
        S -> A
        Border -> H
    """)
    for name in ("alarm", "fire", "alarm"):
        api.signal(name)
        api.drain()
    assert (open_steps(instance), trace(instance)) == (["A"], ["H", "H", "H"])
    done(instance, "A", seller)
    assert outcome(instance) == "completed"


def test_a_parallel_multiple_boundary_event_interrupts_once_all_have_come():
    instance = begin("""
        S: start
        A: user
        Border: boundary on A signal alarm & signal fire
        H: mark
        S -> A
        Border -> H
    """)
    api.signal("alarm")
    api.drain()
    assert open_steps(instance) == ["A"]
    api.signal("fire")
    api.drain()
    assert (outcome(instance), trace(instance)) == ("completed", ["H"])


def test_a_conditional_boundary_event_interrupts(seller):
    instance = begin("""
        S: start
        A: user
        Border: boundary on A cond limit > 5
        H: mark
        S -> A
        Border -> H
    """, limit=1)
    services.edit_variables(instance_id=instance.pk, user=seller, changes={"limit": 6}, reason="raised")
    assert (outcome(instance), trace(instance)) == ("completed", ["H"])


def test_a_multiple_throw_event_throws_all_of_them():
    publish("""
        S: start message hello
        W: user
        S -> W
    """, key="other")
    instance = begin("""
        S: start
        Fork: and
        Both: throw message hello | signal alarm
        Wait: catch signal alarm
        S -> Fork -> Both
        Fork -> Wait
    """)
    api.drain()
    assert outcome(instance) == "completed"
    assert ProcessInstance.objects.filter(definition__key="other").count() == 1
