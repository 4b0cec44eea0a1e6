"""Two people changed the same form, or the same list of examples: what both added is there."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processes.catalog import form_merge, list_merge
from processes.catalog.errors import Unmergeable
from processes.catalog.loading import SHIPPED
from processes.merging import Conflict

FORM = json.loads((SHIPPED / "lead_assignment" / "forms" / "accept.json").read_text())
EXAMPLES = json.loads((SHIPPED / "terms_approval" / "terms_level.examples.json").read_text())
PLACE = {component.get("key", at): at for at, component in enumerate(FORM["components"])}


def changed(value: Any, *path: Any, to: Any) -> Any:
    found = deepcopy(value)
    at = found
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = to
    return found


def merged(base: Any, theirs: Any, mine: Any, *, by: Any = form_merge, prefer: str = "theirs") -> tuple[Any, Any]:
    found = by.merge(*(json.dumps(value) for value in (base, theirs, mine)), prefer=prefer)
    return json.loads(found.text), found


def with_field(form: Any, key: str, at: int) -> Any:
    found = deepcopy(form)
    found["components"].insert(at, {"type": "textfield", "key": key, "label": key})
    return found


def keys(form: Any) -> list[str]:
    return [component.get("key", "") for component in form["components"]]


FIELDS = len(FORM["components"])
EDITS = st.tuples(st.sampled_from(["label", "add", "drop"]), st.integers(0, FIELDS - 1))


def edit(form: Any, kind: str, at: int, mark: str) -> Any:
    if kind == "label":
        return changed(form, "components", at, "description", to=mark)
    if kind == "add":
        return with_field(form, mark, at)
    return form | {"components": [*form["components"][:at], *form["components"][at + 1 :]]}


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(EDITS)
def test_what_one_side_left_alone_is_as_the_other_made_it(one):
    left = edit(FORM, *one, "left")
    noted = FORM | {"exporter": {"name": "somebody"}}

    value, found = merged(FORM, noted, left)

    assert (value, found.conflicts) == (left | {"exporter": {"name": "somebody"}}, ())
    assert merged(FORM, FORM, left)[0] == merged(FORM, left, FORM)[0] == left


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(EDITS, EDITS)
def test_edits_of_different_fields_are_both_there_whoever_came_first(one, two):
    if one[1] == two[1]:
        return
    left, right = edit(FORM, *one, "left"), edit(FORM, *two, "right")

    (forth, there), (back, here) = merged(FORM, left, right), merged(FORM, right, left)

    assert (there.conflicts, here.conflicts) == ((), ())
    assert sorted(map(str, forth["components"])) == sorted(map(str, back["components"]))
    assert str(forth).count("left") >= (one[0] != "drop")
    assert str(forth).count("right") >= (two[0] != "drop")


def test_a_field_moved_into_a_group_and_renamed_by_the_other():
    left = deepcopy(FORM)
    field = left["components"].pop(PLACE["return_reason"])
    left["components"].append({"type": "group", "id": "G", "components": [field]})
    right = changed(FORM, "components", PLACE["return_reason"], "label", to="Why?")

    value, found = merged(FORM, left, right)

    assert value["components"][-1] == {"type": "group", "id": "G", "components": [field | {"label": "Why?"}]}
    assert found.conflicts == ()


def test_an_editor_may_give_ids_to_everything():
    left, right = deepcopy(FORM), deepcopy(FORM)
    for form, mark in ((left, "L"), (right, "R")):
        for at, component in enumerate(form["components"]):
            component["id"] = f"{mark}{at}"
    right = with_field(right, "phone", FIELDS)

    value, found = merged(FORM, left, right)

    assert keys(value) == [*keys(FORM), "phone"]
    assert found.conflicts == ()


def test_choices_are_merged_one_by_one():
    at = PLACE["accept_outcome"]
    values = FORM["components"][at]["values"]
    left = changed(FORM, "components", at, "values", to=[*values, {"label": "Later", "value": "later"}])
    right = changed(FORM, "components", at, "values", 0, "label", to="Mine")

    value, found = merged(FORM, left, right)

    assert [choice["label"] for choice in value["components"][at]["values"]] == ["Mine", "I hand it back", "Later"]
    assert found.conflicts == ()


@pytest.mark.parametrize(("prefer", "stands"), [("theirs", "One"), ("mine", "Two")])
def test_one_label_changed_twice_is_a_conflict(prefer, stands):
    at = PLACE["return_note"]
    sides = [changed(FORM, "components", at, "label", to=text) for text in ("One", "Two")]

    value, found = merged(FORM, *sides, prefer=prefer)

    assert value["components"][at]["label"] == stands
    assert found.conflicts == (Conflict("return_note", "label", "A word to the manager", "One", "Two"),)
    assert found.theirs == ("return_note",)


def test_a_field_that_one_takes_out_and_the_other_changes_stays():
    at = PLACE["return_note"]

    value, found = merged(FORM, edit(FORM, "drop", at, ""), changed(FORM, "components", at, "label", to="Two"))

    assert value["components"][at]["label"] == "Two"
    assert found.conflicts == (Conflict("return_note", "whether it is there", "", "taken out", "changed"),)


def test_examples_of_both_are_kept_in_their_order():
    left = [*EXAMPLES, {"in": {"discount": 1}, "out": "left"}]
    right = [*changed(EXAMPLES, 0, "out", "level", to="manager"), {"in": {"discount": 2}, "out": "right"}]

    value, found = merged(EXAMPLES, left, right, by=list_merge)

    assert value == [*right[:-1], left[-1], right[-1]]
    assert found.conflicts == ()


def test_an_example_changed_twice_is_a_conflict():
    sides = [changed(EXAMPLES, 0, "out", "level", to=level) for level in ("manager", "director")]

    value, found = merged(EXAMPLES, *sides, by=list_merge)

    assert value == sides[0]
    assert found.conflicts == (Conflict("Usual terms", "out.level", "none", "manager", "director"),)


def test_tests_are_known_by_their_name():
    base = [{"name": "a", "steps": [1]}, {"name": "b", "steps": [2]}]

    value, found = merged(base, [base[1], base[0]], [base[0] | {"steps": [1, 9]}, base[1]], by=list_merge)

    assert value == [base[1], {"name": "a", "steps": [1, 9]}]
    assert found.conflicts == ()


@pytest.mark.parametrize("broken", ["{", "[" * 5000 + "]" * 5000])
def test_what_is_no_json_is_refused(broken):
    with pytest.raises(Unmergeable):
        form_merge.merge("{}", broken, '{"id": "a"}')
