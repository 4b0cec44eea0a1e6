"""Two people changed the same drawing: both changes are in it, and where they contradict each other it is said."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from processes.bpmn import BpmnError, diff, parse
from processes.bpmn.edit import rename, set_attribute, set_condition, translate
from processes.bpmn.layout import lay_out
from processes.bpmn.merge import merge
from processes.bpmn.references import issues_of, listing_issues
from processes.bpmn.writer import canonical, serialise
from processes.catalog.loading import SHIPPED
from processes.merging import Conflict
from tests.processes.sketch import sketch
from tests.processes.token_game.drawings import drawing

LEAD = (SHIPPED / "lead_assignment" / "process.bpmn").read_text()
SMALL = sketch("Start -> Ask -> Check -> End", "Check -> Again -> End", Check="exclusiveGateway")
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
Edit = Callable[[str], str]


# --- edits -------------------------------------------------------------------------------------------------------
def changed(text: str, change: Callable[[Any], None]) -> str:
    root = etree.fromstring(text.encode())
    change(root)
    return serialise(root).decode()


def by_id(root: Any, name: str) -> Any:
    return next(e for e in root.iter() if isinstance(e.tag, str) and e.get("id") == name)


def renamed(text: str, node: str, name: str) -> str:
    return rename(parse(text), node, name).source.decode()


def without(text: str, node: str) -> str:
    """A drawing without a node and its flows, as a modeler takes it out."""

    def change(root: Any) -> None:
        nodes = {node} | {e.get("id") for e in by_id(root, node).iter() if e.get("id")}
        nodes |= {e.get("id") for e in root.iter(f"{BPMN}boundaryEvent") if e.get("attachedToRef") in nodes}
        flows = root.iter(f"{BPMN}sequenceFlow")
        gone = nodes | {f.get("id") for f in flows if nodes & {f.get("sourceRef"), f.get("targetRef")}}
        for e in [e for e in root.iter() if isinstance(e.tag, str)]:
            if e.get("default") in gone:
                del e.attrib["default"]
            if gone & {e.get("id"), e.get("bpmnElement"), (e.text or "").strip()}:
                e.getparent().remove(e)

    return changed(text, change)


def with_task(text: str, name: str, behind: str) -> str:
    """A drawing with one more task, and a flow to it."""

    def change(root: Any) -> None:
        node = by_id(root, behind)
        task = etree.SubElement(node.getparent(), f"{BPMN}userTask", id=name, name=name)
        flow = etree.SubElement(node.getparent(), f"{BPMN}sequenceFlow", id=f"to_{name}", sourceRef=behind, targetRef=name)
        assert task is not None
        assert flow is not None

    return changed(text, change)


def shifted(text: str, node: str, by: int = 40) -> str:
    def change(root: Any) -> None:
        shape = next(s for s in root.iter(f"{DI}BPMNShape") if s.get("bpmnElement") == node)
        shape[0].set("x", str(float(shape[0].get("x")) + by))

    return changed(text, change)


# --- laws --------------------------------------------------------------------------------------------------------
DRAWN = st.integers(0, 10_000).map(lambda seed: lay_out(parse(drawing(random.Random(seed).randrange).bpmn)).source.decode())


@st.composite
def edited(draw: st.DrawFn, text: str, mark: str, nodes: list[str]) -> str:
    """A drawing after one to three edits of some of its nodes."""
    for number in range(draw(st.integers(1, 3))):
        node = draw(st.sampled_from(nodes))
        match draw(st.sampled_from(["name", "setting", "label", "place", "task"])):
            case "name":
                text = renamed(text, node, f"{mark} {number}")
            case "setting":
                text = set_attribute(parse(text), node, "task", {"icon": f"{mark}{number}"}).source.decode()
            case "label":
                text = translate(parse(text), node, "zh-hans", f"{mark}{number}").source.decode()
            case "place":
                text = shifted(text, node)
            case _:
                text = with_task(text, f"{mark}_{number}", node)
    return text


@st.composite
def two_edits(draw: st.DrawFn) -> tuple[str, str, str]:
    base = draw(DRAWN)
    nodes = sorted(parse(base).nodes)
    cut = draw(st.integers(1, len(nodes) - 1))
    return base, draw(edited(base, "left", nodes[:cut])), draw(edited(base, "right", nodes[cut:]))


def noted(text: str) -> str:
    """The same drawing in other bytes, so that nothing is taken as it is."""
    return changed(text, lambda root: root.append(etree.Comment("read")))


def same(one: str, two: str) -> bool:
    return not diff(parse(one), parse(two)) and not diff(parse(two), parse(one))


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(two_edits())
def test_what_one_side_left_alone_is_as_the_other_made_it(texts):
    base, left, _right = texts

    forth, back = merge(base, noted(base), left), merge(base, left, noted(base))

    assert (forth.conflicts, back.conflicts) == ((), ())
    assert canonical(forth.text.encode()).replace(b"<!--read-->", b"") == canonical(left.encode())
    assert canonical(back.text.encode()).replace(b"<!--read-->", b"") == canonical(left.encode())
    assert merge(base, base, left).text == left
    assert merge(base, left, base).text == left


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(two_edits())
def test_edits_of_different_elements_are_both_there_whoever_came_first(texts):
    base, left, right = texts

    forth, back = merge(base, left, right), merge(base, right, left)

    assert (forth.conflicts, back.conflicts) == ((), ())
    assert same(forth.text, back.text)
    told = {(c.kind, c.element) for c in diff(parse(base), parse(forth.text))}
    assert told == {(c.kind, c.element) for other in (left, right) for c in diff(parse(base), parse(other))}


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(two_edits(), st.data())
def test_nothing_points_at_what_was_taken_out(texts, data):
    base, left, right = texts
    nodes = sorted(parse(base).nodes)
    left, right = (without(text, data.draw(st.sampled_from(nodes))) for text in (left, right))

    found = merge(base, left, right)

    root = etree.fromstring(found.text.encode())
    assert list(issues_of(root)) == []
    assert list(listing_issues(root)) == []
    untouched = {c.element for other in (left, right) for c in diff(parse(base), parse(other))}
    assert set(nodes) - untouched <= set(parse(found.text).nodes)


# --- single cases --------------------------------------------------------------------------------------------------
def test_a_name_and_a_setting_of_one_element_are_both_kept():
    left = renamed(LEAD, "ScoreLead", "Give it marks")
    right = set_attribute(parse(LEAD), "ScoreLead", "decision", {"result": "marks"}).source.decode()

    found = merge(LEAD, left, right)

    node = parse(found.text).nodes["ScoreLead"]
    assert (node.name, node.decision.result) == ("Give it marks", "marks")
    assert (found.conflicts, found.theirs) == ((), ("ScoreLead",))


@pytest.mark.parametrize(("prefer", "stands"), [("theirs", "Left"), ("mine", "Right")])
def test_two_names_of_one_element_are_a_conflict(prefer, stands):
    found = merge(SMALL, renamed(SMALL, "Ask", "Left"), renamed(SMALL, "Ask", "Right"), prefer=prefer)

    assert parse(found.text).nodes["Ask"].name == stands
    assert found.conflicts == (Conflict("Ask", "name", "Ask", "Left", "Right"),)


def test_settings_are_merged_by_their_key():
    left = changed(LEAD, lambda root: by_id(root, "ScoreLead").find(".//{*}input[@name='country']").set("value", "= 1"))

    def right_change(root: Any) -> None:
        part = by_id(root, "ScoreLead").find(".//{*}input[@name='source']")
        part.getparent().remove(part)
        by_id(root, "ScoreLead").find(".//{*}input[@name='budget']").set("value", "= 2")

    found = merge(LEAD, left, changed(LEAD, right_change))

    inputs = {pair.name: pair.value for pair in parse(found.text).nodes["ScoreLead"].decision.inputs}
    assert (inputs["country"], inputs["budget"], "source" in inputs, found.conflicts) == ("= 1", "= 2", False, ())


@pytest.mark.parametrize("swapped", [False, True])
def test_what_one_takes_out_and_the_other_changes_stays(swapped):
    sides = [without(LEAD, "ScoreLead"), renamed(LEAD, "ScoreLead", "Marks")]
    told = ["taken out", "changed"]
    if swapped:
        sides.reverse()
        told.reverse()

    found = merge(LEAD, *sides)

    model = parse(found.text)
    assert (model.nodes["ScoreLead"].name, model.nodes["ScoreLead"].lane, "ScoreLead" in model.shapes) == ("Marks", "Lane_auto", True)
    assert found.conflicts == (Conflict("ScoreLead", "whether it is there", "", *told),)
    assert model.issues == ()


def test_a_moved_shape_does_not_bring_back_what_was_taken_out():
    found = merge(LEAD, shifted(LEAD, "ScoreLead"), without(LEAD, "ScoreLead"))

    assert "ScoreLead" not in found.text
    assert found.conflicts == ()


def test_a_flow_to_what_was_taken_out_brings_it_back():
    left = without(SMALL, "Again")
    right = with_task(SMALL, "New", "Again")

    found = merge(SMALL, left, right)

    model = parse(found.text)
    assert (model.flows["to_New"].source, "Again" in model.nodes, model.issues) == ("Again", True, ())
    assert found.conflicts == (Conflict("Again", "whether it is there", "", "taken out", "changed"),)


def test_a_node_moved_to_two_lanes_is_a_conflict():
    def moved(lane: str) -> str:
        def change(root: Any) -> None:
            part = next(p for p in root.iter(f"{BPMN}flowNodeRef") if p.text == "ScoreLead")
            by_id(root, lane).append(part)

        return changed(LEAD, change)

    lanes = [lane for lane in parse(LEAD).lanes if lane != "Lane_auto"][:2]

    found = merge(LEAD, moved(lanes[0]), moved(lanes[1]))

    assert parse(found.text).nodes["ScoreLead"].lane == lanes[0]
    assert found.conflicts == (Conflict("ScoreLead", "lane", "Lane_auto", *lanes),)
    assert found.text.count("<bpmn:flowNodeRef>ScoreLead<") == 1


def test_a_subprocess_stays_whole_for_a_change_within_it():
    base = sketch("Start -> Box -> End", Box="subProcess")
    base = changed(base, lambda root: by_id(root, "Box").extend([etree.Element(f"{BPMN}userTask", id=n) for n in ("In1", "In2")]))

    found = merge(base, without(base, "Box"), renamed(base, "In2", "Here"))

    assert {"Box", "In1", "In2"} <= set(parse(found.text).nodes)
    assert [c.element for c in found.conflicts] == ["Box"]


def test_two_conditions_of_one_flow():
    flow = next(iter(parse(SMALL).flows))
    sides = [set_condition(parse(SMALL), flow, text).source.decode() for text in ("a > 1", "a > 2")]

    found = merge(SMALL, *sides)

    assert parse(found.text).flows[flow].condition.text == "a > 1"
    assert found.conflicts == (Conflict(flow, "condition", "", "a > 1", "a > 2"),)


def test_one_id_for_two_kinds_is_two_elements():
    left, right = with_task(SMALL, "New", "Ask"), with_task(SMALL, "New", "Again")
    right = right.replace("userTask id=\"New\"", "scriptTask id=\"New\"")

    found = merge(SMALL, left, right)

    model = parse(found.text)
    assert (model.nodes["New"].kind, model.nodes["New_2"].kind) == ("userTask", "scriptTask")
    assert model.issues == ()


def test_comments_and_foreign_parts_survive():
    foreign = '<x:secret xmlns:x="urn:other" a="1">kept<!-- inside --></x:secret>'

    def left(root: Any) -> None:
        root.addprevious(etree.Comment("who was here"))
        by_id(root, "Ask").append(etree.Comment("a remark"))

    def right(root: Any) -> None:
        root.addprevious(etree.Comment("me too"))
        holder = etree.SubElement(by_id(root, "Ask"), f"{BPMN}extensionElements")
        holder.append(etree.fromstring(foreign))
        by_id(root, "Again").set("{urn:other}colour", "red")

    found = merge(SMALL, changed(SMALL, left), changed(SMALL, right))

    assert all(text in found.text for text in ("<!--who was here-->", "<!--me too-->", "<!--a remark-->", foreign, 'colour="red"'))
    assert found.conflicts == ()


def test_prose_with_marks_in_it_is_one_value():
    def say(text: str) -> Callable[[Any], None]:
        return lambda root: by_id(root, "Ask").insert(0, etree.fromstring(f'<d:documentation xmlns:d="{BPMN[1:-1]}">{text}</d:documentation>'))

    base = changed(SMALL, say("one <b>two</b> three"))
    left = changed(SMALL, say("one <b>TWO</b> three"))

    found = merge(base, left, renamed(base, "Ask", "Say"))

    assert "one <b>TWO</b> three" in found.text
    assert found.conflicts == ()


def test_a_file_that_cannot_be_read_is_refused():
    with pytest.raises(BpmnError):
        merge(SMALL, SMALL + "<", renamed(SMALL, "Ask", "Say"))


def test_a_large_drawing_is_merged_while_somebody_waits():
    text = sketch(*(f"Start -> A{n} -> B{n} -> C{n} -> End" for n in range(500)))
    other = deepcopy(text)
    begun = time.process_time()

    found = merge(text, renamed(text, "A7", "Left"), renamed(other, "C490", "Right"))

    assert time.process_time() - begun < 10
    assert found.conflicts == ()
