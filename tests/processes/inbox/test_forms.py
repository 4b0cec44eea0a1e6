"""Forms: what they start with, what they take, and what they refuse, whatever a browser sends."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from processes.inbox import choices
from processes.inbox.form_view import present
from processes.inbox.forms import BrokenForm, FormSchema


def form(*components: dict[str, Any]) -> FormSchema:
    schema = FormSchema.parse({"type": "default", "id": "f", "components": list(components)})
    assert schema.mistakes == ()
    return schema


def field(kind: str = "textfield", key: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "label": key, **more}


QUALIFY = form(
    {"type": "text", "text": "Lead {{= lead.company }} scored {{= lead.score }}.",
     "properties": {"text:zh-hans": "线索 {{= lead.company }}"}},
    field("select", "outcome", validate={"required": True}, values=[
        {"label": "Convert", "value": "convert", "properties": {"label:zh-hans": "转化"}},
        {"label": "Disqualify", "value": "disqualify"},
    ]),
    field("textarea", "reason", conditional={"hide": '= outcome != "disqualify"'},
          properties={"requiredIf": '= outcome = "disqualify"'}),
    {"type": "group", "label": "Money", "conditional": {"hide": '= outcome != "convert"'}, "components": [
        field("number", "amount", validate={"required": True, "min": 0, "max": "= lead.score * 1000"}),
    ]},
    field("textfield", "need", properties={"bind": "lead.need"}),
    field("number", "score", readonly=True, properties={"bind": "lead.score"}),
)  # fmt: skip
CONTEXT = {"lead": {"company": "Acme", "score": Decimal(82), "need": "Pumps"}}


# --- starting values -------------------------------------------------------------------------------------------
def test_a_form_starts_with_the_record_the_variables_and_the_defaults():
    schema = form(
        field(key="need", properties={"bind": "lead.need"}),
        field(key="note"),
        field("number", "days", defaultValue=3),
        field("datetime", "until", subtype="date", defaultValue='= date("2026-11-24") + duration("P1D")'),
        field("number", "double", defaultValue="= days * 2"),
        field(key="nothing"),
    )

    assert schema.initial({**CONTEXT, "note": "kept"}) == {
        "need": "Pumps",
        "note": "kept",
        "days": Decimal(3),
        "until": date(2026, 11, 25),
        "double": Decimal(6),
        "nothing": None,
    }


# --- taking an answer ------------------------------------------------------------------------------------------
def test_a_good_answer_becomes_values_and_changes():
    cleaned = QUALIFY.clean({"outcome": "convert", "amount": "80000.50", "need": " Valves "}, CONTEXT)

    assert cleaned.errors == {}
    assert cleaned.values == {"outcome": "convert", "amount": Decimal("80000.50"), "need": "Valves"}
    assert QUALIFY.changes(cleaned.values) == {"lead": {"need": "Valves"}}


def test_values_of_hidden_fields_are_dropped_even_when_they_are_sent():
    cleaned = QUALIFY.clean({"outcome": "disqualify", "reason": "spam", "amount": "not a number"}, CONTEXT)

    assert cleaned.errors == {}
    assert cleaned.values == {"outcome": "disqualify", "reason": "spam", "need": None}


def test_a_field_that_a_condition_makes_needed_is_asked_for():
    cleaned = QUALIFY.clean({"outcome": "disqualify"}, CONTEXT)

    assert cleaned.errors == {"reason": "This is needed. Fill it in."}
    assert not cleaned.ok


def test_a_readonly_field_keeps_what_the_server_knows():
    cleaned = QUALIFY.clean({"outcome": "convert", "amount": "82000", "score": "99"}, CONTEXT)

    assert cleaned.errors == {}
    assert "score" not in cleaned.values


def test_a_forged_readonly_value_does_not_move_a_limit():
    schema = form(
        field("number", "limit", readonly=True, defaultValue=10),
        field("number", "x", validate={"max": "= limit"}),
    )

    assert schema.clean({"limit": "1000", "x": "11"}, {}).errors == {"x": "This is too large: at most 10."}


def test_keys_the_form_does_not_have_are_refused():
    cleaned = QUALIFY.clean({"outcome": "disqualify", "reason": "spam", "is_admin": "true"}, CONTEXT)

    assert cleaned.errors == {"is_admin": "The form has no field “is_admin”. Leave it out."}


def test_a_chain_of_conditions_settles():
    schema = form(
        field("checkbox", "a"),
        field("checkbox", "b", conditional={"hide": "= not(a)"}),
        field("checkbox", "c", conditional={"hide": "= b != true"}),
    )

    assert schema.clean({"a": "", "b": "on", "c": "on"}, {}).values == {"a": False}
    assert schema.clean({"a": "on", "b": "on", "c": "on"}, {}).values == {"a": True, "b": True, "c": True}


@pytest.mark.parametrize(
    ("component", "raw", "expected"),
    [
        (field(), "  two\nlines ", "two lines"),
        (field("textarea"), " two\r\nlines ", "two\nlines"),
        (field("number"), "-12.50", Decimal("-12.50")),
        (field("number"), 7, Decimal(7)),
        (field("checkbox"), "on", True),
        (field("checkbox"), None, False),
        (field("datetime", subtype="date"), "2026-02-28", date(2026, 2, 28)),
        (field("datetime", subtype="time"), "09:30", time(9, 30)),
        (
            field("datetime", subtype="datetime"),
            "2026-11-24T10:34",
            datetime(2026, 11, 24, 2, 34, tzinfo=UTC),
        ),
        (
            field("datetime", subtype="datetime"),
            "2026-11-24T10:34Z",
            datetime(2026, 11, 24, 10, 34, tzinfo=UTC),
        ),
        (field("select", values=[{"label": "1", "value": 1}]), "1", 1),
        (field("checklist", values=[{"value": "a"}, {"value": "b"}]), ["b", "a", "b"], ["b", "a"]),
        (field("checklist", values=[{"value": "a"}]), None, []),
        (field(), "", None),
    ],
)
def test_texts_become_values(component, raw, expected):
    answer = {} if raw is None else {"x": raw}

    cleaned = form(component).clean(answer, {}, zone=ZoneInfo("Asia/Shanghai"))

    assert cleaned.errors == {}
    assert cleaned.values == {"x": expected}
    assert type(cleaned.values["x"]) is type(expected)


@pytest.mark.parametrize(
    ("component", "raw", "sentence"),
    [
        (field(), "a\x00b", "The text holds characters that cannot be stored. Type it again without them."),
        (field(), {"a": 1}, "Write a text here."),
        (field(), "x" * 2001, "The text is too long: at most 2000 characters."),
        (field(validate={"minLength": 3}), "ab", "This is too short: at least 3 characters."),
        (field(validate={"maxLength": 3}), "abcd", "This is too long: at most 3 characters."),
        (field(validate={"pattern": "^[A-Z]+$"}), "ab", "This does not have the form that is expected here. Correct it."),
        (field("number"), "1,234", "“1,234” is not a number. Write it like 1234.50."),
        (field("number"), "NaN", "“NaN” is not a number that can be used here."),
        (field("number"), "1e999", "“1e999” is not a number that can be used here."),
        (field("number", validate={"min": 5}), "4", "This is too small: at least 5."),
        (field("number", decimalDigits=2), "1.234", "This has too many digits after the point: at most 2."),
        (field("datetime", subtype="date"), "2026-02-30", "“2026-02-30” is not a date. Write it like 2026-11-24."),
        (field("datetime", subtype="date", validate={"min": '= date("2026-01-01")'}), "2025-12-31",
         "This is too small: at least 2026-01-01."),
        (field("select", values=[{"value": "a"}]), "b", "“b” is not among the choices. Choose one that is offered."),
        (field("select", values=[{"value": "a"}]), ["a"], "Choose one of the choices."),
        (field("checklist", values=[{"value": "a"}]), ["a", "z"], "“z” is not among the choices. Choose one that is offered."),
        (field("checklist", values=[{"value": "a"}]), ["a"] * 501, "Too many choices were taken: at most 500."),
        (field("checkbox", validate={"required": True}), "", "This must be ticked to go on."),
        (field("checkbox"), "maybe", "Choose yes or no."),
    ],
)  # fmt: skip
def test_what_does_not_fit_gets_a_sentence_and_no_value(component, raw, sentence):
    cleaned = form(component).clean({"x": raw}, {})

    assert cleaned.errors == {"x": sentence}
    assert cleaned.values == {}


def test_a_past_day_is_refused_where_only_later_ones_make_sense(clock):
    schema = form(field("datetime", subtype="date", disallowPassedDates=True))

    assert schema.clean({"x": "2026-11-23"}, {}).errors == {"x": "This lies in the past. Choose a later day."}
    assert schema.clean({"x": "2026-11-24"}, {}).values == {"x": date(2026, 11, 24)}


def test_a_browsers_form_data_is_taken():
    schema = form(field("checklist", values=[{"value": "a"}, {"value": "b"}]), field(key="y"))

    assert schema.clean(QueryDict("x=a&x=b&y=1"), {}).values == {"x": ["a", "b"], "y": "1"}


# --- choices ---------------------------------------------------------------------------------------------------
def test_choices_come_from_their_source_with_user_context_and_argument():
    asked: list[Any] = []

    def reasons(user: Any, context: Any, argument: str) -> list[tuple[int, str]]:
        asked.append((user, context["lead"]["company"], argument))
        return [(7, "Price"), (8, "Time")]

    schema = form(field("select", properties={"choices": "test_reasons:lost"}))
    with choices.temporarily("test_reasons", reasons):
        assert schema.clean({"x": "7"}, CONTEXT, user="me").values == {"x": 7}
        assert "x" in schema.clean({"x": "9"}, CONTEXT, user="me").errors

    assert asked == [("me", "Acme", "lost")] * 2
    with pytest.raises(choices.UnknownChoices, match="Nothing is registered for the choices “test_reasons”"):
        schema.clean({"x": "7"}, CONTEXT)


def test_a_source_takes_only_what_forms_can_give():
    with choices.temporarily("short", lambda argument: [(argument, argument)]):
        assert choices.choices("short:a:b", user=None, context={}) == [("a:b", "a:b")]
    with pytest.raises(ValueError, match="may take user, context and argument only"):
        choices.register("strange", lambda request: [])


# --- on the page -----------------------------------------------------------------------------------------------
def test_a_page_gets_texts_in_its_language_and_values_as_texts():
    values = QUALIFY.initial(CONTEXT) | {"outcome": "convert", "amount": Decimal("1500.00")}

    text, outcome, reason, group, need, score = present(QUALIFY, values, CONTEXT, language="zh-hans")

    assert text.text == "线索 Acme"
    assert [(o.value, o.label, o.selected) for o in outcome.options] == [
        ("convert", "转化", True),
        ("disqualify", "Disqualify", False),
    ]
    assert outcome.required
    assert reason.hidden
    assert not group.hidden
    assert (group.children[0].value, group.children[0].most) == ("1500.00", "82000")
    assert need.value == "Pumps"
    assert (score.value, score.readonly) == ("82", True)


def test_a_text_with_expressions_is_plain_text():
    (text,) = present(
        form({"type": "text", "text": "{{= a }} and {{= b}} and {{= c}}"}),
        {},
        {"a": "<b>", "b": Decimal("2.50")},
    )

    assert text.text == "<b> and 2.50 and –"


# --- what is wrong with a form ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("component", "code"),
    [
        ({"type": "iframe", "key": "x"}, "unknown_type"),
        (field(key="two words"), "bad_key"),
        (field(key="task"), "bad_key"),
        (field(validate={"maxLength": "three"}), "not_a_length"),
        (field(validate={"pattern": "("}), "bad_pattern"),
        (field(conditional={"hide": "a = b"}), "not_feel"),
        (field(conditional={"hide": "= a = "}), "bad_expression"),
        (field(conditional={"hide": "= nobody = 1"}), "unknown_name"),
        (field(properties={"requiredIf": "yes"}), "not_feel"),
        (field("number", defaultValue="many"), "bad_default"),
        (field("number", validate={"min": "few"}), "bad_limit"),
        (field("select"), "no_options"),
        (field("select", properties={"choices": "nowhere:x"}), "unknown_choices"),
        (field("select", values=[{"value": "a"}, {"value": "a"}]), "duplicate_option"),
        (field("select", values=[{"label": "a"}]), "bad_option"),
        (field("datetime", subtype="week"), "unknown_subtype"),
        (field(properties={"bind": "lead"}), "bad_bind"),
        (field(properties={"bind": "lead.colour"}), "unknown_bind"),
        (field(properties={"bind": "lead.score"}), "readonly_bind"),
        ({"type": "textfield", "key": "x"}, "no_label"),
        ({"type": "text", "text": "{{= 1 + }}"}, "bad_expression"),
        (field(properties={"label:fr": "x"}), "not_translated"),
    ],
)  # fmt: skip
def test_mistakes_of_the_author_are_found(component, code):
    schema = FormSchema.parse({"components": [component]})

    found = schema.problems({"lead"}, subject_fields={"lead": {"need": True, "score": False}})

    assert code in [p.code for p in found]
    assert all(p.sentence.endswith((".", "missing.")) or ": " in p.sentence for p in found)


def test_a_good_form_has_no_problems_and_two_fields_of_one_key_have():
    fields = {"lead": {"need": True, "score": False, "company": False}}
    assert QUALIFY.problems({"lead"}, subject_fields=fields) == []
    assert {p.code for p in QUALIFY.problems({"lead"}, subject_fields={"lead": {"need": True}})} == {
        "unknown_field", "unknown_bind"}  # fmt: skip
    twice = FormSchema.parse({"components": [field(), field()]})
    assert [p.code for p in twice.problems()] == ["duplicate_key"]
    assert [p.code for p in FormSchema.parse("nonsense").problems()] == ["not_a_form"]


def test_an_unreadable_expression_of_a_draft_is_said_and_not_guessed():
    with pytest.raises(BrokenForm, match="cannot be read"):
        form(field(conditional={"hide": "= 1 +"})).clean({"x": "1"}, {})
