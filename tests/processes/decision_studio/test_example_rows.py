"""Examples as rows of fields: what was not edited stays as it was stored."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from processes import feel
from processes.decision_studio.example_rows import examples_from, rows_of
from processes.decision_studio.fields import Field, shown, value_of
from processes.errors import Invalid

INPUTS = (Field("n", "N", "number"), Field("t", "T", "choice", choices=(("a", "A"),)), Field("d", "D", "date"), Field("l", "L", "feel"), Field("b", "B", "boolean"))
OUTPUTS = (Field("level", "Level", "text"), Field("ok", "Ok", "boolean"))
STORED = {
    "note": {"en": "First", "zh-hans": "第一"}, "in": {"n": 1.50, "t": "a", "d": "2026-11-24", "l": [1, "x"], "b": None}, "out": {"level": "high", "ok": None},
}  # fmt: skip


def edited(stored: Any, **change: Any) -> dict[str, Any]:
    """The row of an example with something changed, as a browser sends it."""
    row = rows_of([stored], INPUTS, OUTPUTS)[0]
    given, expected = dict(row.given), dict(row.expected)
    for name, text in change.items():
        (given if name in given else expected)[name] = text
    return {"note": change.get("note", row.note), "given": given, "expected": expected, "stored": stored}


def test_what_is_shown_can_be_typed_again() -> None:
    row = rows_of([STORED], INPUTS, OUTPUTS)[0]
    assert dict(row.given) == {"n": "1.5", "t": "a", "d": "2026-11-24", "l": '[1, "x"]', "b": ""}
    assert dict(row.expected) == {"level": "high", "ok": "null"}


def test_an_example_that_was_not_edited_is_the_same() -> None:
    assert examples_from([edited(STORED)], INPUTS, OUTPUTS) == ([STORED], {})


def test_only_the_field_that_was_edited_changes() -> None:
    found, wrong = examples_from([edited(STORED, n="2", level="", ok="true")], INPUTS, OUTPUTS)
    assert wrong == {}
    assert found == [{**STORED, "in": {**STORED["in"], "n": 2}, "out": {"ok": True}}]


def test_a_note_is_changed_in_the_language_in_use_alone() -> None:
    with translation.override("zh-hans"):
        found, _wrong = examples_from([edited(STORED, note="头一个")], INPUTS, OUTPUTS)
    assert found[0]["note"] == {"en": "First", "zh-hans": "头一个"}


def test_a_row_that_cannot_be_read_stays_as_it_was_and_is_told() -> None:
    found, wrong = examples_from([edited(STORED, n="one +"), {"given": {"n": "("}, "stored": None}], INPUTS, OUTPUTS)
    assert found == [STORED]
    assert sorted(wrong) == [1, 2]
    assert "one +" in wrong[1]


def test_an_example_of_another_decision_keeps_all_but_its_note() -> None:
    other = {"decision": "inner", "in": {"z": 1}, "out": 2, "note": "Old"}
    found, _wrong = examples_from([{"note": "New", "given": {"z": "9"}, "expected": {}, "stored": other}], INPUTS, OUTPUTS)
    assert found == [{"note": {"en": "New"}, "decision": "inner", "in": {"z": 1}, "out": 2}]


@pytest.mark.parametrize("rows", [None, {"a": 1}, [1], "x"])
def test_what_are_no_rows_is_refused(rows: Any) -> None:
    with pytest.raises(Invalid):
        examples_from(rows, INPUTS, OUTPUTS)


@pytest.mark.parametrize(("kind", "text", "value"), [
    ("number", "1.50", 1.5), ("boolean", "false", False), ("text", "true", "true"), ("feel", "[1, 2]", [1, 2]), ("number", "", None),
])  # fmt: skip
def test_typed_texts_become_values_of_their_kind(kind: str, text: str, value: Any) -> None:
    assert feel.to_json(value_of(Field("f", "F", kind), text)) == value


@pytest.mark.parametrize(("kind", "text"), [("date", "24.11.2026"), ("number", "twelve of"), ("feel", "1 / 0")])
def test_what_does_not_fit_names_the_field(kind: str, text: str) -> None:
    with pytest.raises(Invalid, match="Due"):
        value_of(Field("f", "Due", kind), text)


def test_a_text_is_shown_in_quotes_where_feel_is_written() -> None:
    assert shown(Field("f", "F", "feel"), 'say "a"') == '"say \\"a\\""'
