"""Each finding of the check has a small drawing that gives it, at the element it names, and one like it that does not."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from processes.bpmn import parse
from processes.lint import MESSAGES, SEVERITIES, check, check_text
from tests.processes.sketch import (
    CATCH,
    END,
    START,
    THROW,
    call,
    conditional,
    element,
    error,
    formal,
    looped,
    message,
    plain,
    script,
    service,
    signal,
    sketch,
    sub,
    timer,
    user,
)

AND, XOR, FIRST = "parallelGateway", "exclusiveGateway", "eventBasedGateway"
GOOD = sketch("Start -> A -> End")
HEAD, FOOT = GOOD.split("<bpmn:process")[0], "</bpmn:definitions>"
BOUNDARY = "boundaryEvent"
OTHER = '<bpmn:process id="other" isExecutable="true"><bpmn:startEvent id="S2"/><bpmn:userTask id="B2"/><bpmn:endEvent id="E2"/><bpmn:sequenceFlow id="f1" sourceRef="S2" targetRef="B2"/><bpmn:sequenceFlow id="f2" sourceRef="B2" targetRef="E2"/></bpmn:process>'
TWO = f'<bpmn:collaboration id="C"><bpmn:participant id="P1" processRef="deal"/><bpmn:participant id="P2" processRef="other"/>{{}}</bpmn:collaboration>{OTHER}'


def form(**field: Any) -> dict[str, Any]:
    return {"f": {"components": [field]}}


def laddered(rungs: str) -> Any:
    """A step with a limit and a ladder."""
    return element("userTask", ours=f'<redraw:task role="seller" limit="PT4H"/><redraw:ladder>{rungs}</redraw:ladder>')


Case = tuple[str, str, dict[str, Any]]
CASES: dict[str, Case] = {
    # --- the file ---------------------------------------------------------------------------------------------------
    "not_well_formed": ("<a", "", {}),
    "unreadable": ("<a/>", "", {}),
    "no_process": (HEAD + FOOT, "", {}),
    "dangling_reference": (GOOD.replace('targetRef="End"', 'targetRef="Gone"'), "F_A_End", {}),
    "missing_reference": (GOOD.replace(' targetRef="End"', ""), "F_A_End", {}),
    "dangling_shape": (GOOD.replace(FOOT, '<di:BPMNDiagram xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"><di:BPMNPlane id="p" bpmnElement="deal"><di:BPMNShape id="s" bpmnElement="Gone"/></di:BPMNPlane></di:BPMNDiagram>' + FOOT), "s", {}),
    "no_executable_process": (GOOD.replace('isExecutable="true"', 'isExecutable="false"'), "deal", {}),
    # --- flows --------------------------------------------------------------------------------------------------------
    "flow_end": (sketch("Start -> A -> End", "A -> Box", beside='<bpmn:dataObject id="Box2"/>', Box="dataObjectReference"), "F_A_Box", {}),
    "message_flow_same_pool": (sketch("Start -> A -> B -> End", root=TWO.format('<bpmn:messageFlow id="m" sourceRef="A" targetRef="B"/>')), "m", {}),
    "default_elsewhere": (sketch("Start -> X -{n}-> A -> End", "X -{m}-> B -> End", X=element(XOR, default="F_A_End")), "X", {}),
    "condition_not_allowed": (sketch("Start -> F -{n}-> A -> End", "F -> B -> End", F=AND), "F_F_A", {}),
    # --- starts and ends -----------------------------------------------------------------------------------------------
    "end_outgoing": (sketch("Start -> A -> End", "End -> A"), "End", {}),
    "end_without_start": (sketch("A -> End"), "deal", {}),
    "without_incoming": (sketch("Start -> A -> End", "B -> End").replace('isExecutable="true"', ""), "B", {}),
    "start_must_interrupt": (sketch("Start -> A -> End", W=sub("S1 -> B -> End1", more={"triggeredByEvent": "true"}, S1=error("x", START).__class__(
        START, (("isInterrupting", "false"),), inner=error("x", START).inner, root=error("x", START).root))), "S1", {}),
    # --- borders --------------------------------------------------------------------------------------------------------
    "boundary_host": (sketch("Start -> A -> End", "Late -> End", Late=timer("PT1H", on="Start")), "Late", {}),
    "boundary_incoming": (sketch("Start -> A -> End", "A -> Late -> End", Late=timer("PT1H", on="A")), "Late", {}),
    "cancel_end": (sketch("Start -> A -> Stop", Stop=plain("cancel", END)), "Stop", {}),
    "compensation_boundary": (sketch("Start -> A -> End", Undo=plain("compensate", BOUNDARY, on="A")), "Undo", {}),
    "compensation_flow": (sketch("Start -> A -> End", A=element("userTask", isForCompensation="true")), "A", {}),
    # --- links ------------------------------------------------------------------------------------------------------------
    "link_ambiguous": (sketch("Start -> Away", "Here -> A -> End", "There -> A", Away=plain("link", THROW, name="x"), Here=plain("link", CATCH, name="x"), There=plain("link", CATCH, name="x")), "There", {}),
    "link_flow": (sketch("Start -> Away -> A -> End", "Here -> A", Away=plain("link", THROW, name="x"), Here=plain("link", CATCH, name="x")), "Away", {}),
    # --- gateways ----------------------------------------------------------------------------------------------------------
    "gateway_direction": (sketch("Start -> F -> A -> End", "F -> B -> End", F=element(AND, gatewayDirection="Converging")), "F", {}),
    "event_gateway_target": (sketch("Start -> F -> A -> End", "F -> M -> End", F=FIRST, M=message("m")), "F", {}),
    "event_gateway_target_incoming": (sketch("Start -> T -> F -> M -> A -> End", "F -> N -> End", "A -> M", F=FIRST, T="task", M=message("m"), N=message("n")), "F", {}),
    "event_gateway_paths": (sketch("Start -> F -> M -> End", F=FIRST, M=message("m")), "F", {}),
    # --- sub-processes --------------------------------------------------------------------------------------------------------
    "event_sub_process_start": (sketch("Start -> A -> End", W=sub("Start1 -> B -> End1", more={"triggeredByEvent": "true"})), "W", {}),
    "ad_hoc_start_end": (sketch("Start -> S -> End", S=sub("Start1 -> B -> End1", tag="adHocSubProcess")), "S", {}),
    "loop_maximum": (sketch("Start -> A -> End", A=looped(element("userTask"), '<bpmn:standardLoopCharacteristics loopMaximum="-1"/>')), "A", {}),
    # --- what can be run -----------------------------------------------------------------------------------------------------
    "not_executable": (sketch("Start -> A -> End", A="serviceTask"), "A", {}),
    # --- references -------------------------------------------------------------------------------------------------------------
    "unknown_role": (sketch("Start -> A -> End", A=user(role="wizard")), "A", {"roles": ["seller"]}),
    "unknown_action": (sketch("Start -> A -> End", A=service("no.such")), "A", {"actions": {"mail.send": {}}}),
    "missing_input": (sketch("Start -> A -> End", A=service("mail.send")), "A", {"actions": {"mail.send": {"to": True}}}),
    "unknown_input": (sketch("Start -> A -> End", A=service("mail.send", to="= x", cc="= y")), "A", {"actions": {"mail.send": {"to": True}}}),
    "unknown_form": (sketch("Start -> A -> End", A=user(form="gone")), "A", {"forms": {}}),
    "unknown_decision": (sketch("Start -> A -> End", A=element("businessRuleTask", ours='<redraw:decision key="gone" result="r"/>')), "A", {"decisions": {}}),
    "unknown_process": (sketch("Start -> A -> End", A=call("gone")), "A", {"processes": []}),
    "unknown_task": (sketch("Start -> A -> End", A=user(fourEyes="Gone")), "A", {}),
    "unknown_subject": (sketch("Start -> A -> End", process='<redraw:process subject="dragon"/>'), "deal", {"subject_fields": {"account": []}}),
    "task_without_role": (GOOD, "A", {}),
    # --- ways -----------------------------------------------------------------------------------------------------------------------
    "no_start": (sketch("M -> A -> M", M=XOR), "deal", {}),
    "flow_without_condition": (sketch("Start -> X -{n > 1}-> A -> End", "X -> B -> End", X=XOR), "F_X_B", {}),
    "all_false": (sketch("Start -> X -{n > 1}-> A -> End", "X -{n < 0}-> B -> End", X=XOR), "X", {}),
    "no_default": (sketch("Start -> X -{f(n)}-> A -> End", "X -{g(n)}-> B -> End", X=XOR), "X", {}),
    # --- expressions ------------------------------------------------------------------------------------------------------------------
    "bad_expression": (sketch("Start -> X -{n >}-> A -> End", "X -else-> B -> End", X=XOR), "F_X_A", {}),
    "condition_on_record": (sketch("Start -> W -> End", W=conditional("account.size > 3"), process='<redraw:process subject="account"/>'), "W", {"subject_fields": {"account": ["size"]}}),
    "unknown_field": (sketch("Start -> X -{account.colour = 1}-> A -> End", "X -else-> B -> End", X=XOR, process='<redraw:process subject="account"/>'), "F_X_A", {"subject_fields": {"account": ["size"]}}),
    "timer_missing": (sketch("Start -> W -> End", W=plain("timer", CATCH)), "W", {}),
    "event_unnamed": (sketch("Start -> W -> End", W=message("", CATCH)), "W", {}),
    "loop_without_number": (sketch("Start -> A -> End", A=looped(element("userTask"), "<bpmn:multiInstanceLoopCharacteristics/>")), "A", {}),
    # --- limits -----------------------------------------------------------------------------------------------------------------------
    "no_limit": (GOOD, "A", {}),
    "bad_limit": (sketch("Start -> A -> End", A=user(limit="tomorrow")), "A", {}),
    "bad_rung": (sketch("Start -> A -> End", A=laddered('<redraw:rung at="half" notify="assignee"/>')), "A", {}),
    "bad_rung_priority": (sketch("Start -> A -> End", A=laddered('<redraw:rung at="50" priority="urgent"/>')), "A", {}),
    "rung_order": (sketch("Start -> A -> End", A=laddered('<redraw:rung at="75" priority="1"/><redraw:rung at="50" priority="1"/>')), "A", {}),
    "rung_twice": (sketch("Start -> A -> End", A=laddered('<redraw:rung at="75" priority="1"/><redraw:rung at="75" priority="2"/>')), "A", {}),
    "rung_empty": (sketch("Start -> A -> End", A=laddered('<redraw:rung at="75"/>')), "A", {}),
    "ladder_without_limit": (sketch("Start -> A -> End", A=element(
        "userTask", ours='<redraw:task role="seller"/><redraw:ladder><redraw:rung at="75" priority="+5"/></redraw:ladder>')), "A", {}),
    "bad_duration": (sketch("Start -> A -> End", A=element("serviceTask", ours='<redraw:action name="mail.send" backoff="soon"/>')), "A", {}),
    "bad_priority": (sketch("Start -> A -> End", A=user(priority="101")), "A", {}),
    "bad_choice": (sketch("Start -> A -> End", A=user(method="dice")), "A", {}),
}  # fmt: skip

SOUND = {"never_reached", "no_way_to_end", "loop_without_wait", "deadlock", "multi_merge", "left_over", "jump_back", "bound_reached"}
REFUSED = {entry["code"] for entry in tomllib.loads(
    (Path(__file__).parents[2] / "conformance/must_reject.toml").read_text(encoding="utf-8")).values()}  # fmt: skip


def test_every_finding_is_shown_here_or_by_a_drawing_from_outside():
    assert {*CASES} | SOUND | REFUSED == {*MESSAGES}
    assert not {*CASES} & (SOUND | REFUSED)


@pytest.mark.parametrize("code", CASES)
def test_a_drawing_gives_its_finding_at_its_element(code):
    xml, at, known = CASES[code]
    found = [p for p in check_text(xml, **known) if p.code == code]
    assert at in {p.element for p in found}
    for problem in found:
        assert problem.severity == MESSAGES[code].severity
        assert "{" not in problem.sentence
        assert problem.sentence.endswith(".")


@pytest.mark.parametrize("code", CASES)
def test_a_plain_drawing_does_not_give_it(code):
    known: dict[str, Any] = {"roles": ["seller"], "forms": {"f": {"components": []}}, "actions": {}, "processes": ["deal"]}
    fine = sketch("Start -> A -> End", A=user(role="seller", form="f", limit="PT4H", priority="50", method="offer"))
    assert code not in {p.code for p in check(parse(fine), **known)}


def test_a_drawing_without_fault_has_no_findings():
    fine = sketch(
        "Start -> X -{n > 1}-> A -> M -> End", "X -else-> B -> M", X=XOR, M=XOR, A=user(role="seller", limit="PT4H"),
        B=script("{n: 1}"),
    )  # fmt: skip
    assert check(parse(fine), roles=["seller"]) == []


def test_the_people_and_roles_of_a_ladder_are_known():
    xml = sketch("Start -> A -> End", A=laddered('<redraw:rung at="50" notify="assignee,lead,owner,wizard" role="ghost"/>'))
    assert [(p.code, p.params["role"]) for p in check(parse(xml), roles=["seller"])] == [("unknown_role", "ghost"), ("unknown_role", "wizard")]


def test_the_limit_and_ladder_of_a_process_are_looked_at_too():
    xml = sketch("Start -> A -> End", process='<redraw:process limit="soon"/><redraw:ladder><redraw:rung at="x"/></redraw:ladder>')
    assert {p.code for p in check(parse(xml)) if p.element == "deal"} == {"bad_limit", "bad_rung"}


def test_what_is_not_known_is_not_asked():
    xml = sketch("Start -> A -> B -> C -> End", A=user(role="wizard", form="gone", limit="PT1H"), B=service("no.such"), C=call("gone"))
    assert [p.code for p in check(parse(xml))] == []


def test_errors_come_first_and_then_the_order_of_the_file():
    found = check(parse(sketch("Start -> A -> X -{n >}-> B -> End", "X -{g(m)}-> C -> End", X=XOR)))
    assert [p.severity for p in found] == sorted((p.severity for p in found), key=SEVERITIES.index)


def test_a_drawing_that_is_not_meant_to_run_is_told_of_the_standard_alone():
    xml = sketch("Start -> A -> X -{n > 1}-> B -> End", "X -> C -> Join -> End", X=XOR, Join=AND, A="serviceTask")
    found = check(parse(xml.replace('isExecutable="true"', 'isExecutable="false"')))
    assert {p.severity for p in found} == {"warning"}


@pytest.mark.parametrize(("one", "other", "finds"), [
    ("n > 1", "n <= 1", None), ("n > 1", "n < 1", "all_false"), ("n >= 0", "n < 0", None),
    ('s = "a"', 's != "a"', None), ('s = "a"', 's = "b"', "all_false"), ("b", "not(b)", None),
    ("a and b", "not(a) or not(b)", None), ("n in [1..5]", "n > 5", "all_false"), ("f(n)", "n > 1", "no_default"),
])  # fmt: skip
def test_conditions_that_may_all_be_false_are_found_where_they_can_be_worked_out(one, other, finds):
    found = check(parse(sketch(f"Start -> X -{{{one}}}-> A -> End", f"X -{{{other}}}-> B -> End", X=XOR)))
    assert [p.code for p in found if p.code in ("all_false", "no_default")] == ([finds] if finds else [])


def test_a_choice_of_a_required_field_cannot_be_anything_else():
    xml = sketch('Start -> X -{s = "a"}-> A -> End', 'X -{s = "b"}-> B -> End', X=XOR)
    field = {"key": "s", "type": "select", "values": [{"value": "a"}, {"value": "b"}]}
    assert "all_false" in {p.code for p in check(parse(xml), forms=form(**field))}
    assert "all_false" not in {p.code for p in check(parse(xml), forms=form(**field, validate={"required": True}))}


def test_an_event_that_waits_says_for_what():
    xml = sketch("Start -> F -> M -> A -> End", "F -> S -> End", F=FIRST, M=message("m"), S=signal("s"), A=user(limit="PT1H", role="x"))
    assert [p.code for p in check(parse(xml))] == []


NEEDED = {
    "a complex gateway": ("Start -> F -> X -> End", {"F": element("complexGateway", inner=formal("activationCondition", "@"))}, "F"),
    "an ad-hoc sub-process": ("Start -> F -> End", {"F": element("adHocSubProcess", inner='<bpmn:task id="T"/>' + formal("completionCondition", "@"))}, "F"),
    "a loop": ("Start -> F -> End", {"F": element("userTask", inner="<bpmn:standardLoopCharacteristics>" + formal("loopCondition", "@") + "</bpmn:standardLoopCharacteristics>")}, "F"),
    "a conditional event": ("Start -> F -> End", {"F": conditional("@")}, "F"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize(("text", "code"), [("n >", "bad_expression"), ("${n}", "not_executable"), ("n > 1", "")])
def test_every_place_of_a_formula_is_looked_at(name, text, code):
    path, elements, at = NEEDED[name]
    made = {key: replace(one, inner=one.inner.replace("@<", f"{escape(text)}<")) for key, one in elements.items()}
    found = check(parse(sketch(path, **made)))
    assert {p.code for p in found if p.severity == "error" and p.element == at} == ({code} if code else set())
