"""What the check of a drawing says of work that may stand still, multiply, be left over or never come to a step."""

from __future__ import annotations

import time

import pytest

from processes.bpmn import parse
from processes.lint import Problem, check
from processes.lint.problems import Look
from processes.lint.soundness import check as soundness
from tests.processes.sketch import (
    CATCH,
    END,
    THROW,
    again_while,
    call,
    element,
    error,
    for_each,
    formal,
    looped,
    message,
    plain,
    signal,
    sketch,
    sub,
    timer,
)

AND, XOR, OR, FIRST = "parallelGateway", "exclusiveGateway", "inclusiveGateway", "eventBasedGateway"
ASKED = ("deadlock", "never_reached", "multi_merge", "left_over", "jump_back", "bound_reached", "loop_without_wait",
         "no_way_to_end")  # fmt: skip


def found(*paths: str, **elements: object) -> set[tuple[str, str]]:
    """Code and element of each finding of this kind."""
    return {(p.code, p.element) for p in problems(*paths, **elements)}


def problems(*paths: str, **elements: object) -> list[Problem]:
    return [p for p in check(parse(sketch(*paths, **elements))) if p.code in ASKED]  # type: ignore[arg-type]


# --- deadlocks ----------------------------------------------------------------------------------------------------
def test_a_parallel_join_of_a_branch_that_may_go_elsewhere_may_stand_still():
    said = problems("Start -> Fork -> A -> Join -> After -> End", "Fork -> B -> Choice -{far}-> EndFar",
                    "Choice -else-> Join", Fork=AND, Choice=XOR, Join=AND)  # fmt: skip
    assert [(p.code, p.element, p.severity) for p in said] == [("deadlock", "Join", "block")]
    assert said[0].sentence == (
        "Work may stand still for ever at “Join”: after “Start” → “Fork” → “A” → “B” → “Choice” → “EndFar” what it "
        "waits for can no longer come."
    )
    assert said[0].related == ("Start", "Fork", "A", "B", "Choice", "EndFar")


def test_what_is_behind_a_join_that_can_never_be_complete_is_left_to_the_deadlock():
    assert found("Start -> Choice -{x}-> A -> Join -> After -> End", "Choice -else-> B -> Join", Choice=XOR, Join=AND) == {
        ("deadlock", "Join"),
    }  # fmt: skip


def test_a_sub_process_that_always_stands_still_is_named_once():
    inside = sub("Start1 -> Choice -{x}-> A -> Join -> End1", "Choice -else-> B -> Join", Choice=XOR, Join=AND)
    assert found("Start -> Sub -> After -> End", Sub=inside) == {("deadlock", "Join")}


def test_inclusive_paths_into_a_parallel_join_may_stand_still():
    assert found("Start -> Some -{x}-> A -> Join -> End", "Some -else-> B -> Join", Some=OR, Join=AND) == {("deadlock", "Join")}


def test_a_boundary_event_that_leaves_a_branch_is_seen():
    assert found("Start -> Fork -> A -> Join -> End", "Fork -> B -> Join", "Late -> EndLate",
                 Fork=AND, Join=AND, Late=timer("PT1H", on="A")) == {("deadlock", "Join")}  # fmt: skip


def test_two_joins_that_wait_for_each_other_stand_still():
    codes = found("Start -> Fork -> A -> One -> B -> Split -> Two -> C -> Back -> One", "Fork -> D -> Two", "Split -> End",
                  "Back -> End2", Fork=AND, One=AND, Two=AND, Split=AND, Back=AND)  # fmt: skip
    assert {("deadlock", "One"), ("deadlock", "Two")} <= codes


@pytest.mark.parametrize(("count", "said"), [
    (2, set()), (3, {("deadlock", "Join")}), (4, {("deadlock", "Join")}),
])  # fmt: skip
def test_a_complex_join_waits_for_as_many_as_can_come(count, said):
    enough = element("complexGateway", inner=formal("activationCondition", f"activationCount >= {count}"))
    assert found("Start -> Fork -> A -> Join -> End", "Fork -> B -> Join", "Fork -> C -> Choice -{x}-> Join",
                 "Choice -else-> EndC", Fork=AND, Choice=XOR, Join=enough) == said  # fmt: skip


def test_a_complex_join_whose_condition_reads_data_is_not_accused():
    enough = element("complexGateway", inner=formal("activationCondition", "activationCount >= wanted"))
    assert found("Start -> Fork -> A -> Join -> End", "Fork -> B -> Join", Fork=AND, Join=enough) == set()


def test_an_activity_that_begins_with_two_tokens_waits_for_the_second():
    two = element("userTask", startQuantity="2")
    assert found("Start -> A -> B -> End", A="userTask", B=two) == {("deadlock", "B")}
    assert found("Start -> A -> B -> End", A=element("userTask", completionQuantity="2"), B=two) == set()
    assert found("Start -> A -> B -> End", A=element("userTask", completionQuantity="3"), B=two) == {("deadlock", "B")}


def test_quantities_inside_a_sub_process_are_looked_at():
    inside = sub("Start1 -> A -> B -> End1", A="userTask", B=element("userTask", startQuantity="2"))
    assert ("deadlock", "B") in found("Start -> Sub -> End", Sub=inside)


@pytest.mark.parametrize("tag", ["subProcess", "transaction"])
def test_every_kind_of_sub_process_is_looked_into(tag):
    inside = sub("Start1 -> Choice -{x}-> A -> Join -> End1", "Choice -else-> B -> Join", "Choice2 -> End1",
                 tag=tag, Choice=OR, Join=AND, Choice2=XOR)  # fmt: skip
    assert ("deadlock", "Join") in found("Start -> Sub -> End", Sub=inside)


def test_an_ad_hoc_sub_process_is_looked_into():
    inside = sub("A -> Choice -{x}-> Join -> C", "Choice -else-> D", "B -> Join", tag="adHocSubProcess", Choice=XOR, Join=AND)
    assert found("Start -> Sub -> End", Sub=inside) == {("deadlock", "Join")}


def test_an_event_sub_process_is_looked_into():
    watch = sub("Start1 -> Choice -{x}-> B -> Join -> End1", "Choice -else-> C -> Join", more={"triggeredByEvent": "true"},
                Start1=signal("alarm", "startEvent"), Choice=OR, Join=AND)  # fmt: skip
    assert found("Start -> A -> End", Watch=watch) == {("deadlock", "Join")}


# --- what is sound ------------------------------------------------------------------------------------------------
SOUND = {
    "blocks in blocks": (("Start -> F -> A -> J -> End", "F -> G -{x}-> B -> K -> J", "G -else-> C -> K"),
                         {"F": AND, "J": AND, "G": XOR, "K": XOR}),
    "inclusive": (("Start -> F -{x}-> A -> J -> End", "F -else-> B -> J"), {"F": OR, "J": OR}),
    "an inclusive join of whatever comes": (
        ("Start -> F -> A -> J -> End", "F -> B -> C -{x}-> J", "C -else-> EndC"), {"F": AND, "J": OR, "C": XOR}),
    "a loop": (("Start -> M -> A -> C -{x}-> M", "C -else-> End"), {"M": XOR, "C": XOR}),
    "a loop in a branch": (
        ("Start -> F -> M -> A -> C -{x}-> M", "C -else-> J -> End", "F -> B -> J"), {"F": AND, "J": AND, "M": XOR, "C": XOR}),
    "events": (("Start -> F -> One -> J -> End", "F -> Two -> J"),
               {"F": FIRST, "J": XOR, "One": message("one"), "Two": message("two")}),
    "a boundary event that comes back": (
        ("Start -> F -> A -> M -> J -> End", "F -> B -> J", "Late -> M"),
        {"F": AND, "J": AND, "M": XOR, "Late": timer("PT1H", on="A")}),
    "a path beside with an end of its own": (
        ("Start -> A -> End", "Late -> B -> EndB"), {"Late": timer("PT1H", on="A", beside=True)}),
    "links": (("Start -> Away", "Here -> A -> End"), {"Away": plain("link", THROW, name="x"), "Here": plain("link", CATCH, name="x")}),
    "several instances": (("Start -> A -> End",), {"A": looped(element("userTask"), for_each("items"))}),
    "a repeated call": (("Start -> A -> End",), {"A": call("other", tag_inner=again_while("x", most=3))}),
    "implicit splits and an inclusive join": (
        ("Start -> A -> B -> J -> End", "A -> C -> J"), {"J": OR}),
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_nothing_is_said_of_what_is_sound(name):
    paths, elements = SOUND[name]
    assert found(*paths, **elements) == set()


# --- sub-processes and the scope around them ----------------------------------------------------------------------
FAILS = sub("Start1 -> A -> Bad", Bad=error("broken"))


def test_behind_a_sub_process_that_always_fails_nothing_is_reached():
    assert found("Start -> Sub -> After -> End", "Broken -> Mend -> EndMend", Sub=FAILS, Broken=error("broken", "boundaryEvent", on="Sub")) == {
        ("never_reached", "After"), ("never_reached", "End"),
    }  # fmt: skip
    assert found("Start -> Sub -> After -> End", Sub=FAILS) == {("never_reached", "After"), ("never_reached", "End")}


def test_a_sub_process_that_may_fail_and_may_not_is_sound():
    inside = sub("Start1 -> Choice -{x}-> Bad", "Choice -else-> A -> End1", Choice=XOR, Bad=error("broken"))
    assert found("Start -> Sub -> After -> End", Sub=inside) == set()


def test_an_event_sub_process_that_takes_the_error_lets_work_go_on():
    watch = sub("Start2 -> B -> End2", more={"triggeredByEvent": "true"}, Start2=error("broken", "startEvent"))
    inside = sub("Start1 -> A -> Bad", Bad=error("broken"), Watch=watch)
    assert found("Start -> Sub -> After -> End", Sub=inside) == set()


def test_an_error_that_nobody_takes_goes_through_two_sub_processes():
    outer = sub("Start2 -> Inner -> Late -> End2", Inner=FAILS)
    assert found("Start -> Outer -> After -> End", "Broken -> Mend -> EndMend", Outer=outer,
                 Broken=error("broken", "boundaryEvent", on="Outer")) == {
        ("never_reached", "Late"), ("never_reached", "End2"), ("never_reached", "After"), ("never_reached", "End"),
    }  # fmt: skip


# --- too many tokens ----------------------------------------------------------------------------------------------
def test_branches_that_merge_without_a_join_run_on_twice():
    assert found("Start -> Fork -> A -> Merge -> After -> End", "Fork -> B -> Merge", Fork=AND, Merge=XOR) == {("multi_merge", "Merge")}


def test_a_path_back_out_of_a_parallel_block_multiplies_work():
    assert ("jump_back", "Fork") in found(
        "Start -> Merge -> Fork -> A -> Choice -{x}-> Merge", "Choice -else-> Join -> End", "Fork -> B -> Join",
        Merge=XOR, Fork=AND, Join=AND, Choice=XOR)  # fmt: skip


def test_a_reminder_beside_a_task_in_a_loop_is_no_jump_out_of_a_block():
    assert found("Start -> Merge -> A -> Choice -{x}-> Merge", "Choice -else-> End", "Late -> Remind -> EndRemind",
                 Merge=XOR, Choice=XOR, Late=timer("PT1H", on="A", beside=True)) == set()  # fmt: skip


def test_an_end_that_terminates_names_the_work_it_throws_away():
    said = problems("Start -> Fork -> A -> Stop", "Fork -> Note -> B -> C -> End", Fork=AND, Note="task", Stop=plain("terminate", END))
    assert [(p.code, p.element, p.related) for p in said] == [("left_over", "Stop", ("B", "C"))]


# --- loops --------------------------------------------------------------------------------------------------------
def test_a_loop_of_automatic_steps_may_spin():
    said = problems("Start -> Merge -> A -> Choice -{x}-> Merge", "Choice -else-> End", Merge=XOR, Choice=XOR, A="task")
    assert [(p.code, p.element, p.severity, p.related) for p in said] == [
        ("loop_without_wait", "Merge", "warning", ("Merge", "A", "Choice"))
    ]


def test_a_loop_through_a_sub_process_spins_only_if_nothing_in_it_waits():
    paths = ("Start -> Merge -> Sub -> Choice -{x}-> Merge", "Choice -else-> End")
    assert found(*paths, Merge=XOR, Choice=XOR, Sub=sub("Start1 -> T -> End1", T="task")) == {("loop_without_wait", "Merge")}
    assert found(*paths, Merge=XOR, Choice=XOR, Sub=sub("Start1 -> T -> End1")) == set()


def test_a_loop_over_links_may_spin():
    assert ("loop_without_wait", "A") in found(
        "Start -> Here0 -> A -> Choice -{x}-> Away", "Here -> A", "Choice -else-> End", Here0="task", A="task", Choice=XOR,
        Away=plain("link", THROW, name="x"), Here=plain("link", CATCH, name="x"))  # fmt: skip


def test_a_step_that_repeats_itself_without_a_maximum_may_spin():
    assert found("Start -> A -> End", A=looped(element("task"), again_while("x"))) == {("loop_without_wait", "A")}
    assert found("Start -> A -> End", A=looped(element("task"), again_while("x", most=5))) == set()
    assert found("Start -> A -> End", A=looped(element("userTask"), again_while("x"))) == set()


def test_a_loop_that_nobody_leaves_has_no_way_to_an_end():
    assert found("Start -> Merge -> A -> Merge", "Choice -> End", Merge=XOR, Choice=XOR) >= {
        ("no_way_to_end", "Merge"), ("no_way_to_end", "A"),
    }  # fmt: skip


# --- size ---------------------------------------------------------------------------------------------------------
def test_blocks_of_any_width_and_depth_are_reduced_away():
    """Eight blocks of eight branches with a choice in each: 10^23 situations, had they to be looked at."""
    paths, elements, last = [], {}, "Start"
    for block in range(8):
        fork, join = f"F{block}", f"J{block}"
        elements |= {fork: AND, join: AND}
        for branch in range(8):
            name = f"{block}_{branch}"
            elements |= {f"X{name}": XOR, f"M{name}": XOR}
            paths += [f"{fork} -> A{name} -> X{name} -{{x}}-> B{name} -> M{name} -> {join}", f"X{name} -else-> C{name} -> M{name}"]
        paths.append(f"{last} -> {fork}")
        last = join
    paths.append(f"{last} -> End")
    began = time.monotonic()
    assert found(*paths, **elements) == set()
    assert time.monotonic() - began < 10


def test_a_bound_that_was_hit_is_said():
    paths, elements = ["Start -> F"], {"F": AND}
    for branch in range(9):  # none of them can be reduced: each has a path that leaves it and ends the work
        elements |= {f"X{branch}": XOR, f"Stop{branch}": plain("terminate", END)}
        paths += [f"F -> A{branch} -> X{branch} -{{x}}-> Stop{branch}", f"X{branch} -else-> End{branch}"]
    said = [p for p in soundness(Look(model=parse(sketch(*paths, **elements)), max_states=100)) if p is not None]
    assert ("bound_reached", "deal", "warning") in {(p.code, p.element, p.severity) for p in said}


def test_a_deadlock_is_found_beyond_the_bound():
    """Following one node at a time keeps every deadlock."""
    paths = ["Start -> F -> A -> J -> End", "F -> B -> C -{x}-> J", "C -else-> EndC"]
    paths += [f"F -> P{branch} -> E{branch}" for branch in range(12)]
    elements = {"F": AND, "J": AND, "C": XOR} | {f"E{branch}": "endEvent" for branch in range(12)}
    said = [p for p in soundness(Look(model=parse(sketch(*paths, **elements)), max_states=300)) if p is not None]
    assert {(p.code, p.element) for p in said} == {("deadlock", "J")}
