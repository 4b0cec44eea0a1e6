"""Files from strangers: what is refused and why, what is read as meant, and what is named because it is not."""

from __future__ import annotations

import pytest

from processes.bpmn import BpmnError, parse, write
from processes.lint import check, check_text
from tests.processes.sketch import again_while, element, formal, looped, sketch, user

GOOD = sketch("Start -> A -> End")
PROCESS = '<bpmn:process id="deal"'


def refused(xml: bytes | str, **limits: int) -> BpmnError:
    with pytest.raises(BpmnError) as refusal:
        parse(xml, **limits)
    return refusal.value


# --- what is refused ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("doctype", [
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
    '<!-- first --><!DOCTYPE x>',
])  # fmt: skip
def test_a_doctype_is_refused_before_any_entity_is_looked_at(doctype):
    head, _sep, rest = GOOD.partition("?>\n")
    error = refused(f"{head}?>\n{doctype}{rest}")
    assert error.code == "doctype"
    assert "DOCTYPE" in error.sentence


def test_a_doctype_is_refused_in_every_encoding():
    text = GOOD.replace('encoding="UTF-8"', 'encoding="UTF-16"').replace("?>\n", "?>\n<!DOCTYPE x>", 1)
    assert refused(text.encode("utf-16")).code == "doctype"


def test_an_entity_that_is_not_declared_is_no_text():
    assert refused(GOOD.replace('name="A"', 'name="&outside;"')).code == "not_well_formed"


@pytest.mark.parametrize(("xml", "code"), [
    ("", "not_well_formed"), ("Not XML at all", "not_well_formed"), (GOOD[:-20], "not_well_formed"),
    ("<a/>", "not_bpmn"), ('<definitions xmlns="urn:other"/>', "not_bpmn"),
    (GOOD.encode().replace(b'name="A"', b'name="\xff"'), "encoding"),
    (GOOD.replace("UTF-8", "nonsense-7").encode(), "encoding"),
    (GOOD.replace('name="A"', 'name="\ud800"'), "encoding"),
])  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(xml, code):
    error = refused(xml)
    assert error.code == code
    assert str(error.sentence).endswith(".")
    said = check_text(xml)
    assert [(p.severity, p.sentence) for p in said] == [("error", error.sentence)]


def test_a_file_that_is_too_large_is_refused():
    assert refused(GOOD, max_bytes=100).code == "too_large"


def test_a_file_that_is_nested_too_deeply_is_refused():
    deep = "<bpmn:subProcess>" * 250 + "</bpmn:subProcess>" * 250
    assert refused(GOOD.replace("</bpmn:process>", deep + "</bpmn:process>")).code == "too_deep"
    assert refused(GOOD.replace("</bpmn:process>", "<a>" * 5000 + "</a>" * 5000 + "</bpmn:process>")).code == "too_deep"


# --- ids ----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("long", ["x" * 300, "名" * 300, "A-1.b_" * 50])
def test_an_id_of_three_hundred_characters_is_kept(long):
    model = parse(GOOD.replace('"A"', f'"{long}"'))
    assert model.nodes[long].outgoing == ("F_A_End",)
    assert long.encode() in write(model)
    assert [p for p in check(model) if p.severity == "error"] == []


def test_an_id_that_is_used_twice_is_an_error_that_names_it():
    found = [p for p in check(parse(GOOD.replace('id="End"', 'id="A"'))) if p.code == "duplicate_id"]
    assert [(p.element, p.severity) for p in found] == [("A", "error")]


def test_of_two_elements_with_one_id_the_first_counts():
    assert parse(GOOD.replace('id="End"', 'id="A"')).nodes["A"].kind == "userTask"


def test_a_reference_to_nothing_is_an_error_that_names_both_ends():
    found = [p for p in check(parse(GOOD.replace('targetRef="End"', 'targetRef="Nowhere"'))) if p.code == "dangling_reference"]
    assert [p.element for p in found] == ["F_A_End"]
    assert "Nowhere" in found[0].sentence


# --- what others wrote ----------------------------------------------------------------------------------------------------
def test_elements_that_nobody_here_knows_are_kept_and_change_nothing():
    strange = GOOD.replace("</bpmn:userTask>", '<x:thing xmlns:x="urn:x" a="1"><x:in/></x:thing></bpmn:userTask>', 1)
    model = parse(strange)
    assert [*model.nodes] == [*parse(GOOD).nodes]
    assert b'<x:thing xmlns:x="urn:x" a="1"><x:in/></x:thing>' in write(model)


def test_a_prefix_of_a_reference_is_no_part_of_it():
    assert parse(GOOD.replace('targetRef="End"', 'targetRef="tns:End"')).flows["F_A_End"].target == "End"


def test_flows_and_not_the_lists_of_nodes_say_what_is_connected():
    model = parse(GOOD.replace("</bpmn:userTask>", "<bpmn:incoming>F_A_End</bpmn:incoming></bpmn:userTask>", 1))
    assert model.nodes["A"].incoming == ("F_Start_A",)
    assert ("flow_list_differs", "A") in {(p.code, p.element) for p in check(model)}


# --- global tasks -----------------------------------------------------------------------------------------------------------
SCRIPT = '<bpmn:globalScriptTask id="Shared" name="Shared"><bpmn:script>{n: 1}</bpmn:script></bpmn:globalScriptTask>'


def test_a_call_of_a_global_task_is_that_task_in_the_place_of_the_call():
    call = looped(element("callActivity", calledElement="Shared"), again_while("n > 1", most=3))
    model = parse(sketch("Start -> A -> End", A=call, root=SCRIPT))
    node = model.nodes["A"]
    assert (node.kind, node.script.text, node.name, node.incoming, node.outgoing) == (
        "scriptTask", "{n: 1}", "A", ("F_Start_A",), ("F_A_End",))  # fmt: skip
    assert node.loop.loop_maximum == 3
    assert b'<bpmn:callActivity id="A"' in write(model)
    assert [p.code for p in check(model, processes=[]) if p.severity == "error"] == []


def test_what_a_global_user_task_says_of_its_people_holds_for_the_call():
    shared = user(role="seller").xml("Shared", "").replace("userTask", "globalUserTask")
    node = parse(sketch("Start -> A -> End", A=element("callActivity", calledElement="Shared"), root=shared)).nodes["A"]
    assert (node.kind, node.task.role) == ("userTask", "seller")


def test_a_call_of_anything_else_stays_a_call():
    model = parse(sketch("Start -> A -> End", A=element("callActivity", calledElement="other"), root=SCRIPT))
    assert (model.nodes["A"].kind, model.nodes["A"].called) == ("callActivity", "other")
    assert ("unknown_process", "A") in {(p.code, p.element) for p in check(model, processes=["deal"])}


# --- the model ----------------------------------------------------------------------------------------------------------------
def test_the_default_flow_and_conditions_are_read():
    model = parse(sketch("Start -> X -{= n > 1}-> A -> End", "X -else-> B -> End", X="exclusiveGateway"))
    assert model.flows["F_X_A"].condition.feel == "n > 1"
    assert model.default_of("X").id == "F_X_B"
    assert model.can_reach("X", "End")
    assert not model.can_reach("A", "X")


def test_a_condition_in_another_language_is_told_apart():
    model = parse(sketch("Start -> X -{${n > 1}}-> A -> End", "X -else-> B -> End", X="exclusiveGateway"))
    assert model.flows["F_X_A"].condition.is_foreign
    assert ("not_executable", "F_X_A") in {(p.code, p.element) for p in check(model)}
    assert not parse(sketch("Start -> X -> End", X=element("complexGateway", inner=formal("activationCondition", "n")))).issues
