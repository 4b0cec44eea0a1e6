"""The workflow control-flow patterns, each as a drawing that runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from processes import api
from processes.bpmn import parse
from processes.lint import check
from processes.runtime.models import ProcessInstance
from tests.processes.patterns.table import PAGE, PATTERNS, page
from tests.processes.runtime.engine_room import Play, drawn, forget, later

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def _by_hand(clock) -> Iterator[None]:
    with api.by_hand():
        yield


def play(number: int, **data: Any) -> Play:
    """An instance of the drawing of a pattern."""
    text = PATTERNS[number - 1].drawing.read_text(encoding="utf-8")
    return Play(drawn(text, key=f"wcp{number:02}"), **data)


def thrown(name: str) -> None:
    """A signal."""
    api.signal(name)
    forget()
    api.drain()


# --- the table ------------------------------------------------------------------------------------------------------
def test_the_page_is_what_the_table_says():
    assert PAGE.read_text(encoding="utf-8") == page(), "Run `python -m tests.processes.patterns.table`."


def test_each_of_the_43_patterns_has_a_drawing_and_a_test():
    assert [p.number for p in PATTERNS] == list(range(1, 44))
    tests = {int(n) for n in re.findall(r"^def test_wcp(\d\d)_", Path(__file__).read_text(encoding="utf-8"), re.MULTILINE)}
    assert tests == set(range(1, 44))
    assert sorted(p.drawing for p in PATTERNS) == sorted(PATTERNS[0].drawing.parent.iterdir())


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: p.name)
def test_a_drawing_of_a_pattern_can_be_published(pattern):
    found = check(parse(pattern.drawing.read_bytes()))
    assert [p.sentence for p in found if p.severity != "warning"] == []


# --- basic ------------------------------------------------------------------------------------------------------------
def test_wcp01_sequence():
    case = play(1)
    assert case.waits == ["A"]
    assert case.do("A").waits == ["B"]
    assert case.do("B").outcome == "completed"


def test_wcp02_parallel_split():
    assert play(2).waits == ["A", "B"]


def test_wcp03_synchronization():
    case = play(3)
    assert "C" not in case.do("A").waits
    assert case.do("B").waits == ["C"]


def test_wcp04_exclusive_choice():
    assert play(4, way="a").waits == ["A"]
    assert play(4, way="b").waits == ["B"]


def test_wcp05_simple_merge():
    assert play(5, way="a").do("A").waits == ["C"]
    assert play(5, way="b").do("B").waits == ["C"]


def test_wcp06_multi_choice():
    assert play(6, ways=["a"]).waits == ["A"]
    assert play(6, ways=["a", "b"]).waits == ["A", "B"]
    assert play(6, ways=[]).waits == ["C"]


def test_wcp07_structured_synchronizing_merge():
    assert play(7, ways=["a"]).do("A").waits == ["D"]
    both = play(7, ways=["a", "b"]).do("A")
    assert both.waits == ["B", "Join"]
    assert both.do("B").waits == ["D"]


def test_wcp08_multi_merge():
    case = play(8).do("A")
    assert case.waits == ["B", "C"]
    assert case.do("B").waits == ["C", "C"]
    assert case.do("C").do("C").outcome == "completed"


def test_wcp09_structured_discriminator():
    case = play(9).do("B")
    assert case.waits == ["A", "C", "D"]
    assert case.do("A").do("C").waits == ["D"], "the others are taken and nothing follows from them"
    assert case.do("D").outcome == "completed"


# --- cycles, ends -------------------------------------------------------------------------------------------------------
def test_wcp10_arbitrary_cycles():
    case = play(10, again="")
    assert case.do("A").do("B", again="A").waits == ["A"]
    assert case.do("A").do("B", again="").waits == ["C"]
    assert case.do("C", again="B").waits == ["B"], "a second way into the loop"
    assert case.do("B", again="").do("C", again="").outcome == "completed"


def test_wcp11_implicit_termination():
    case = play(11).do("A", "B")
    assert (case.waits, case.outcome) == (["C"], "")
    assert case.do("C").outcome == "completed"


# --- several instances ------------------------------------------------------------------------------------------------------
def test_wcp12_multiple_instances_without_synchronization():
    case = play(12, left=3)
    assert case.waits == ["Go", "Work", "Work", "Work"], "nothing waits for the three"
    assert case.do("Go").outcome == ""
    assert case.do("Work").do("Work").do("Work").outcome == "completed"


def test_wcp13_multiple_instances_with_a_number_known_when_drawn():
    case = play(13)
    assert case.waits.count("A") == 1 + 3, "the activity and its three instances"
    assert case.do("A").do("A").waits.count("B") == 0
    assert case.do("A").waits == ["B"]


def test_wcp14_multiple_instances_with_a_number_known_when_they_begin():
    case = play(14, items=["x", "y"])
    assert case.waits.count("A") == 1 + 2
    assert case.do("A").do("A").waits == ["B"]


def test_wcp15_multiple_instances_with_a_number_known_only_at_the_end():
    case = play(15)
    thrown("more")
    thrown("more")
    assert (case.waits.count("Work"), case.waits.count("Another")) == (1, 2)
    assert "B" not in case.do("Work").do("Another").waits
    assert case.do("Another").waits == ["B"]


# --- state ------------------------------------------------------------------------------------------------------------------
def test_wcp16_deferred_choice(clock):
    told = play(16)
    api.message("told")
    api.drain()
    assert (told.waits, told.armed) == (["A"], [])
    late = play(16)
    later(clock, hours=1)
    assert (late.waits, late.armed) == (["B"], [])


def test_wcp17_interleaved_parallel_routing_in_part():
    case = play(17)
    api.begin_step(case.at("Any").pk, "A", user=case.person)
    with pytest.raises(api.Invalid, match="one follows another"):
        api.begin_step(case.at("Any").pk, "C", user=case.person)
    assert case.do("A").waits == ["Any", "B"], "the order of the path is kept"
    case.do("B")
    api.begin_step(case.at("Any").pk, "C", user=case.person)
    case.do("C")
    api.end_steps(case.at("Any").pk, user=case.person)
    assert case.waits == ["D"]


def test_wcp18_milestone():
    case = play(18)
    thrown("c_wanted")
    assert "C" not in case.waits, "it has not been reached"
    case.do("A")
    thrown("c_wanted")
    assert case.waits == ["C", "D", "Milestone"]
    case.do("C").do("Milestone")
    thrown("c_wanted")
    assert case.waits == ["B", "D"], "it has been passed"


# --- taking away --------------------------------------------------------------------------------------------------------------
def test_wcp19_cancel_task():
    case = play(19)
    thrown("cancel")
    assert case.waits == ["Next"]


def test_wcp20_cancel_case():
    case = play(20).do("A")
    thrown("cancel")
    assert (case.waits, case.armed, case.outcome) == ([], [], "completed")
    assert case.instance.end_node == "EndCancelled"


def test_wcp21_structured_loop():
    case = play(21, again=True).do("A", again=True)
    assert case.waits == ["A", "A"], "the activity and its run"
    assert case.do("A", again=False).waits == ["B"]


def test_wcp22_recursion():
    play(22, n=2)
    api.drain()
    depth = ProcessInstance.objects.filter(definition__key="wcp22")
    assert sorted(ProcessInstance.objects.stored().filter(definition__key="wcp22").values_list("outcome", flat=True)) == ["", "", "completed"]
    for _level in range(2):
        forget()
        waiting = [Play.on(instance) for instance in ProcessInstance.objects.stored().filter(outcome="")]
        next(case for case in waiting if case.waits == ["Work"]).do("Work")
        api.drain()
    assert set(depth.values_list("outcome", flat=True)) == {"completed"}
    assert depth.count() == 3


def test_wcp23_transient_trigger():
    case = play(23)
    thrown("trigger")
    assert case.do("A").waits == ["Caught"], "nobody waited for it"
    thrown("trigger")
    assert case.waits == ["B"]


def test_wcp24_persistent_trigger():
    case = play(24)
    api.message("trigger")
    api.drain()
    case.do("A")
    api.drain()
    assert case.waits == ["B"]


def test_wcp25_cancel_region():
    case = play(25)
    assert case.waits == ["A", "B", "C", "Region"]
    thrown("cancel")
    assert case.waits == ["C", "E"]


def test_wcp26_cancel_multiple_instance_activity():
    case = play(26, items=[1, 2, 3]).do("A")
    thrown("cancel")
    assert (case.waits, case.outcome, case.instance.end_node) == ([], "completed", "EndCancelled")


def test_wcp27_complete_multiple_instance_activity():
    case = play(27, items=[1, 2, 3]).do("A")
    thrown("enough")
    assert case.waits == ["B"]
    assert play(27, items=[1]).do("A").waits == ["B"]


# --- joins ----------------------------------------------------------------------------------------------------------------------
def test_wcp28_blocking_discriminator():
    case = play(28).do("A")
    assert case.waits.count("D") == 1
    assert case.do("A").waits.count("D") == 1, "the second waits until the round is over"
    assert case.do("B").do("C").waits.count("D") == 2
    case.do("B").do("C").do("D").do("D")
    assert (case.outcome, case.failed) == ("completed", [])


def test_wcp29_cancelling_discriminator():
    assert play(29).do("B").waits == ["C"]


def test_wcp30_structured_partial_join():
    case = play(30).do("A")
    assert "D" not in case.waits
    assert case.do("C").waits == ["B", "D"]
    assert case.do("B").waits == ["D"]


def test_wcp31_blocking_partial_join():
    case = play(31).do("A")
    assert "D" not in case.waits
    assert case.do("B").waits.count("D") == 1
    assert case.do("A").do("B").waits.count("D") == 1, "the second round waits for the end of the first"
    assert case.do("C").waits.count("D") == 2
    case.do("C").do("D").do("D")
    assert (case.outcome, case.failed) == ("completed", [])


def test_wcp32_cancelling_partial_join():
    case = play(32).do("A")
    assert "D" not in case.waits
    assert case.do("C").waits == ["D"]


def test_wcp33_generalized_and_join():
    case = play(33).do("A").do("A")
    assert "C" not in case.waits
    assert case.do("B").waits.count("C") == 1
    assert case.do("B").waits.count("C") == 2
    assert case.do("C").do("C").outcome == "completed"


def test_wcp34_static_partial_join_for_multiple_instances():
    case = play(34, items=[1, 2, 3], ready=0).do("Work")
    assert "B" not in case.waits
    case.do("Work")
    assert (case.waits.count("B"), case.waits.count("Work")) == (1, 1), "the third may finish"
    assert case.do("Work").waits == ["B"]
    assert case.do("B").outcome == "completed"


def test_wcp35_cancelling_partial_join_for_multiple_instances():
    assert play(35, items=[1, 2, 3]).do("A").do("A").waits == ["B"]


def test_wcp36_dynamic_partial_join_for_multiple_instances():
    case = play(36, ready=0, wanted=2)
    thrown("more")
    thrown("more")
    case.do("Another")
    assert (case.waits.count("Work"), case.waits.count("Another")) == (1, 1)
    assert case.do("Work").waits == ["B"]


def test_wcp37_local_synchronizing_merge():
    both = play(37, ways=["a", "b"], onward=True).do("A")
    assert both.waits == ["B", "Join"]
    assert both.do("B").waits == ["D"]
    aside = play(37, ways=["a", "b"], onward=False).do("A").do("B")
    assert aside.waits == ["D"], "what can no longer come is not waited for"


def test_wcp38_general_synchronizing_merge():
    case = play(38, again=True).do("B")
    assert case.waits == ["A", "Join"]
    assert case.do("A", again=True).waits == ["A", "Join"]
    assert case.do("A", again=False).waits == ["C"]


def test_wcp39_critical_section():
    case = play(39)
    api.begin_step(case.at("Room").pk, "One", user=case.person)
    case.do("A1")
    with pytest.raises(api.Invalid, match="one follows another"):
        api.begin_step(case.at("Room").pk, "Two", user=case.person)
    case.do("A2")
    api.begin_step(case.at("Room").pk, "Two", user=case.person)
    assert case.waits == ["B1", "Room", "Two"]


def test_wcp40_interleaved_routing():
    case = play(40, done=[])
    for count, name in enumerate(("C", "A", "B"), 1):
        api.begin_step(case.at("Any").pk, name, user=case.person)
        assert case.waits == ["Any", name] if name > "Any" else [name, "Any"]
        case.do(name, done=["x"] * count)
    assert case.waits == ["D"]


def test_wcp41_thread_merge():
    case = play(41).do("One")
    assert case.waits == ["B", "Two"], "the first token waits for the second"
    assert case.do("Two").waits == ["B"]
    assert case.do("B").waits == ["C"]


def test_wcp42_thread_split():
    case = play(42).do("A")
    assert case.waits == ["B", "B", "B"]
    assert case.do("B").do("B").do("B").outcome == "completed"


def test_wcp43_explicit_termination():
    case = play(43).do("A")
    assert (case.waits, case.outcome) == ([], "terminated")
