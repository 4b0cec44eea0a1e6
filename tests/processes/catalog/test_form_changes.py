"""What changed between two forms, as an owner reads it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from django.utils import translation

from processes.catalog.form_changes import Detail, changes

NOTE = {"type": "textarea", "key": "note", "label": "Note", "properties": {"label:zh-hans": "备注"}}
CHOICE = {"type": "radio", "key": "choice", "label": "Choice", "values": [{"label": "One", "value": "1"}, {"label": "Two", "value": "2"}],
          "validate": {"required": True}}  # fmt: skip
HELLO = {"type": "text", "text": "Hello"}
FORM = {"id": "f", "components": [HELLO, NOTE, CHOICE]}


def told(*components: Any, before: Any = None) -> list[tuple[str, str, str]]:
    found = changes({"f": before or FORM}, {"f": {"id": "f", "components": list(components)}})
    return [(change.kind, change.key, change.sentence) for form in found for change in form.fields]


def test_a_field_more_and_one_less():
    phone = {"type": "textfield", "key": "phone", "label": "Phone"}

    assert told(HELLO, CHOICE, phone) == [
        ("removed", "note", "“Note” was taken out."), ("added", "phone", "“Phone” is new: a line of text.")
    ]  # fmt: skip


def test_what_changed_of_a_field_is_named_with_both_values():
    other = deepcopy(CHOICE)
    other["values"].append({"label": "Three", "value": "3"})
    other["validate"]["required"] = False
    other["conditional"] = {"hide": "= a > 1"}

    (form,) = changes({"f": FORM}, {"f": {"id": "f", "components": [HELLO, NOTE, other]}})

    (change,) = form.fields
    assert change.sentence == "Of “Choice” was changed: choices, whether it must be filled in, when it is hidden."
    assert change.details == (
        Detail("choices", "One, Two", "One, Two, Three"), Detail("whether it must be filled in", "yes", "no"),
        Detail("when it is hidden", "–", "= a > 1"),
    )  # fmt: skip


def test_a_field_under_another_key_is_known_by_its_id():
    before = {"id": "f", "components": [NOTE | {"id": "Field_1"}]}

    (form,) = changes({"f": before}, {"f": {"id": "f", "components": [NOTE | {"id": "Field_1", "key": "remark"}]}})

    assert [(one.kind, one.details) for one in form.fields] == [("changed", (Detail("key", "note", "remark"),))]


def test_moved_fields_and_fields_in_groups():
    group = {"type": "group", "id": "G", "label": "More", "components": [CHOICE]}

    assert told(CHOICE, HELLO, NOTE) == [("moved", "choice", "“Choice” stands elsewhere.")]
    assert told(HELLO, NOTE, group) == [("added", "", "“More” is new: a group of fields."), ("moved", "choice", "“Choice” stands elsewhere.")]


def test_the_ids_an_editor_gives_are_no_difference():
    assert told(*(item | {"id": f"Field_{at}"} for at, item in enumerate((HELLO, NOTE, CHOICE)))) == []


def test_whole_forms_come_and_go():
    found = changes({"a": FORM}, {"b": FORM})

    assert [(form.kind, form.form, form.sentence, len(form.fields)) for form in found] == [
        ("removed", "a", "The form was taken out.", 0), ("added", "b", "The form is new.", 3)
    ]  # fmt: skip


def test_it_is_told_in_chinese():
    with translation.override("zh-hans"):
        assert told(HELLO, NOTE | {"label": "Remark"}, CHOICE) == [("changed", "note", "“备注”有改动：标签。")]
