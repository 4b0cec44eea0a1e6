"""Which names an expression may use, in words, and what is said of a text while it is written."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.utils import translation

from processes import api
from processes.catalog.models import ProcessDefinition, ProcessVersion
from processes.errors import Invalid, NotFound
from tests.processes.inbox.house import house, person
from tests.processes.publication.drawing import FORM, drawing, rule_task, user_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Any:
    """Who answers for every process."""
    return person("owner", "process_owner")


@pytest.fixture
def draft() -> ProcessVersion:
    """A draft about a thing: a table is asked, then a person with a form."""
    definition = ProcessDefinition.objects.create(key="deal", subject_type="thing")
    bpmn = drawing(rule_task("size"), user_task(form="f"), process='<redraw:process subject="thing"/>')
    return ProcessVersion.objects.create(definition=definition, number=1, bpmn=bpmn, forms={"f": FORM})


@pytest.fixture(autouse=True)
def things() -> Any:
    """The record that the process is about."""
    with house():
        yield


def names(draft: ProcessVersion, element: str, user: Any) -> dict[str, Any]:
    return {item.name: item for item in api.names_in_scope(draft.pk, element, user=user)}


def test_names_come_with_type_label_and_source(draft, owner):
    found = names(draft, "Work", owner)

    assert (found["thing.need"].type, found["thing.need"].kind, found["thing.need"].writable) == ("text", "record", True)
    assert (found["answer"].kind, found["answer"].source) == ("variable", "Set by “Ask”")
    assert (found["outcome"].type, found["outcome"].kind, found["outcome"].choices) == ("choice", "form", (("yes", "Yes"), ("no", "No")))
    assert found["user.name"].kind == "always"


def test_a_field_bound_to_the_record_is_a_name_inside_its_form_only(draft, owner):
    assert "need" not in names(draft, "Work", owner)
    assert names(draft, "form:f", owner)["need"].kind == "field"
    assert next(iter(names(draft, "form:f", owner))) == "need"


def test_words_are_in_the_readers_language(draft, owner):
    with translation.override("zh-hans"):
        found = names(draft, "form:f", owner)

    assert found["need"].label == "需求"
    assert found["answer"].source == "由“Ask”设置"


@pytest.mark.parametrize(("text", "kind", "sentence", "place"), [
    ('outcome = "yes', "expression", "never closed", (10, 11)),
    ("= answer >", "expression", "ends too early", (9, 10)),
    ("> 3, <", "unary", "ends too early", (5, 6)),
    ("PT", "duration", "“PT” is no duration", (0, 2)),
    ("Size: {{= answer + }} and more", "template", "value", None),
])  # fmt: skip
def test_what_cannot_be_read_is_said_with_its_place(draft, owner, text, kind, sentence, place):
    found = api.check_expression(draft.pk, "Work", text, kind=kind, user=owner)

    assert not found.ok
    assert sentence in found.error.sentence
    if place is not None:
        assert (found.error.start, found.error.end) == place
    else:
        assert text.index("{{") < found.error.start < text.index("}}") + 1


@pytest.mark.parametrize(("text", "kind"), [
    ("= answer > 3", "expression"), ("answer > 3", "expression"), ("-", "unary"), ("[1..3], > 9", "unary"), ("P2D", "duration"),
    ('= if answer then @"PT4H" else @"P1D"', "duration"), ("any words (at all", "value"), ("No expression", "template"),
    ("{{= thing.need}} of {{ user.name }}", "template"), ("count(for x in answer return x.y) > 1", "expression"),
])  # fmt: skip
def test_what_can_be_read_is_fine(draft, owner, text, kind):
    found = api.check_expression(draft.pk, "Work", text, kind=kind, user=owner)

    assert (found.ok, found.error, found.unknown) == (True, None, ())


def test_a_name_that_nothing_sets_is_said_with_the_one_that_is_meant(draft, owner):
    found = api.check_expression(draft.pk, "Work", "answr > 3 and thing.nead = 1 and lonely", user=owner)

    assert [(item.sentence, item.start, item.end) for item in found.unknown] == [
        ("Nothing sets “answr” here. Is “answer” meant?", 0, 5),
        ("Nothing sets “lonely” here.", 33, 39),
        ("“thing” has no field “nead”. Is “thing.need” meant?", 14, 24),
    ]
    assert api.check_expression(draft.pk, "Work", "lonely", user=owner, also=["lonely"]).ok


def test_an_open_version_is_read_by_who_answers_for_it_alone(draft):
    stranger = person("stranger")

    for ask in (lambda: api.names_in_scope(draft.pk, user=stranger), lambda: api.check_expression(draft.pk, "Work", "1", user=stranger),
                lambda: api.names_in_scope(UUID(int=1), user=stranger)):  # fmt: skip
        with pytest.raises(NotFound):
            ask()


def test_a_kind_there_is_not_and_a_text_without_end_are_refused(draft, owner):
    with pytest.raises(Invalid):
        api.check_expression(draft.pk, "Work", "1", kind="python", user=owner)
    assert "too long" in api.check_expression(draft.pk, "Work", "1+" * 20_000 + "1", user=owner).error.sentence


def test_a_drawing_that_cannot_be_read_leaves_the_record_and_the_forms(draft, owner):
    draft.bpmn = "<not a drawing"
    draft.save()

    found = names(draft, "form:f", owner)
    assert {"need", "thing.place", "user.name"} <= set(found)
    assert "answer" not in found
