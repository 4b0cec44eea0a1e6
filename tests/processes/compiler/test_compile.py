"""From a drawing to a flow class: what cannot be run is refused with a sentence, what can is found by its name."""

from __future__ import annotations

from importlib import import_module

import pytest

from processes import api
from processes.bpmn import parse
from processes.compiler import flows
from processes.compiler.compile import CompileError, compile_model
from tests.processes.runtime.engine_room import Play, drawn, forget
from tests.processes.sketch import CATCH, START, THROW, conditional, element, plain, script, sketch, sub

XOR = "exclusiveGateway"


def refused(*paths: str, **elements: object) -> CompileError:
    with pytest.raises(CompileError) as refusal:
        compile_model(parse(sketch(*paths, **elements)), name="deal_v1")  # type: ignore[arg-type]
    return refusal.value


@pytest.mark.parametrize(("paths", "elements", "element_id", "says"), [
    (("Start -> A -> End",), {"Start": conditional("n > 3", START)}, "Start", "cannot be run yet"),
    (("Start -> X -{n >}-> A -> End", "X -else-> B -> End"), {"X": XOR}, "F_X_A", "cannot be read"),
    (("Start -> X -{${n}}-> A -> End", "X -else-> B -> End"), {"X": XOR}, "F_X_A", "not written in FEEL"),
    (("Start -> Away",), {"Away": plain("link", THROW, name="x")}, "Away", "has no catch event"),
    (("Start -> A -> End",), {"A": "choreographyTask"}, "A", "cannot be run yet"),
    (("Start -> X -> A -> End",), {"X": element("eventBasedGateway", instantiate="true")}, "X", "cannot be run yet"),
])  # fmt: skip
def test_what_cannot_be_run_is_refused_with_its_element(paths, elements, element_id, says):
    error = refused(*paths, **elements)
    assert error.element == element_id
    assert says in str(error)


def test_a_process_without_a_beginning_is_refused():
    assert "no start" in str(refused("M -> A -> M", M=XOR))


def test_a_flow_to_nowhere_is_refused():
    with pytest.raises(CompileError, match="leads nowhere"):
        compile_model(parse(sketch("Start -> A -> End").replace('targetRef="End"', 'targetRef="Gone"')), name="deal_v1")


def test_every_element_is_a_node_linked_as_it_is_drawn():
    flow = compile_model(parse(sketch(
        "Start -> X -{n > 1}-> A -> End", "X -else-> S -> End", "Here -> End", X=XOR, S=sub("Start1 -> B -> End1"),
        Here=plain("link", CATCH, name="x"),
    )), name="deal_v1")  # fmt: skip
    assert set(flow._by_id) == {"Start", "X", "A", "End", "S", "Start1", "B", "End1", "Here"}
    assert [(f.target.node_id, f.condition, f.is_default) for f in flow._by_id["X"].flows] == [("A", "n > 1", False), ("S", "", True)]
    assert [n.node_id for n in flow._by_id["S"].starts] == ["Start1"]


def test_two_classes_of_one_drawing_share_no_node():
    model = parse(sketch("Start -> A -> End"))
    one, two = compile_model(model, name="deal_v1"), compile_model(model, name="deal_v1")
    assert not {id(n) for n in one._by_id.values()} & {id(n) for n in two._by_id.values()}


@pytest.mark.parametrize("long", ["x" * 300, "名" * 300, "a b.c-d"])
@pytest.mark.django_db
def test_an_element_of_any_id_runs(long):
    play = Play(drawn(sketch("Start -> A -> End").replace('"A"', f'"{long}"')))
    assert play.waits == [long]
    assert play.do(long).outcome == "completed"


@pytest.mark.django_db
def test_a_call_of_a_global_task_runs_it_in_its_place():
    shared = '<bpmn:globalScriptTask id="Shared"><bpmn:script>{n: n + 1}</bpmn:script></bpmn:globalScriptTask>'
    calls = element("callActivity", calledElement="Shared")
    with api.by_hand():
        play = Play(drawn(sketch("Start -> A -> B -> C -> End", A=calls, B=script("{n: n * 10}"), C=calls, root=shared)), n=1)
    assert (play.outcome, play.data) == ("completed", {"n": 21})


# --- the module of flow classes ---------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_version_is_compiled_when_its_class_is_first_asked_for_and_once():
    drawn(sketch("Start -> A -> End"))
    forget()
    module = import_module("processes.compiler.flows")
    assert module.deal_v1 is module.deal_v1


@pytest.mark.django_db
def test_a_name_that_is_no_version_costs_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        for name in ("__path__", "__wrapped__", "deal", "_private_v1"):
            assert not hasattr(flows, name)


@pytest.mark.django_db
def test_a_version_that_is_not_there_or_cannot_be_compiled_is_no_class():
    assert not hasattr(flows, "deal_v9")
    drawn(sketch("Start -> X -{n >}-> A -> End", "X -else-> B -> End", X=XOR))
    assert not hasattr(flows, "deal_v1")
