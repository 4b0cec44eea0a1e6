"""A form looked at before it is published: as a role, with values, checked as at work, and what is wrong with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from processes import api
from processes.catalog.models import ProcessDefinition, ProcessVersion, State
from processes.errors import Invalid, NotAllowed, NotFound
from tests.processes.inbox.house import house, person, thing
from tests.processes.publication.drawing import FORM, drawing, user_task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def things() -> Any:
    """The record that the process is about."""
    with house():
        yield


@pytest.fixture
def owner() -> Any:
    """Who answers for every process."""
    return person("owner", "process_owner")


@pytest.fixture
def draft() -> ProcessVersion:
    """A draft with a form at one step, and one that nobody asks."""
    definition = ProcessDefinition.objects.create(key="deal", subject_type="thing")
    bpmn = drawing(user_task(form="f", role="seller"), process='<redraw:process subject="thing"/>')
    return ProcessVersion.objects.create(
        definition=definition, number=1, bpmn=bpmn, forms={"f": FORM, "spare": {"type": "default", "components": []}}
    )


def shown(found: Any) -> dict[str, Any]:
    return {one.key or one.type: one for one in found.shown}


def test_a_form_begins_with_the_newest_record_that_the_person_may_see(draft, owner):
    thing(need="coffee")
    thing(need="tea")
    thing("branch:9", need="secret")

    fields = shown(api.preview_form(draft.pk, "f", user=owner, language="en"))

    assert (fields["need"].value, fields["place"].value, fields["place"].readonly) == ("tea", "branch:1", True)
    assert fields["text"].text == "It is in branch:1."
    assert fields["amount"].value == "5"


def test_without_a_record_values_are_made_up(draft):
    owner = person("owner", "process_owner", place="branch:7")
    type(owner).objects.exclude(pk=owner.pk).delete()
    owner.last_name = ""
    owner.save()

    found = api.preview_form(draft.pk, "f", user=owner)

    assert found.problem == ""
    assert len(found.shown) == 7


def test_what_is_tried_is_checked_as_at_work_and_stored_nowhere(draft, owner):
    record = thing(need="coffee")

    wrong = api.preview_form(draft.pk, "f", user=owner, answer={"need": "", "outcome": "no", "amount": "99"}, tried=True)
    right = api.preview_form(draft.pk, "f", user=owner, answer={"need": "cocoa", "outcome": "yes", "amount": "9"}, tried=True)

    assert wrong.errors == {
        "need": "This is needed. Fill it in.", "reason": "This is needed. Fill it in.", "amount": "This is too large: at most 9.",
    }  # fmt: skip
    assert not wrong.fits
    assert shown(wrong)["amount"].error == "This is too large: at most 9."
    assert right.fits
    assert right.not_shown == ("Why not",)
    assert right.read_only == ("Place",)
    record.refresh_from_db()
    assert record.email == "coffee"


def test_a_role_sees_what_the_conditions_let_it_and_whether_it_meets_the_form_at_all(draft, owner):
    text = json.dumps({"components": [
        {"type": "number", "key": "discount", "label": "Discount", "conditional": {"hide": '= not(list contains(user.roles, "seller"))'}},
    ]})  # fmt: skip

    seller = api.preview_form(draft.pk, "f", user=owner, text=text, role="seller")
    other = api.preview_form(draft.pk, "f", user=owner, text=text, role="auditor")

    assert (seller.not_shown, [step.element for step in seller.met_at]) == ((), ["Work"])
    assert (other.not_shown, other.met_at) == (("Discount",), ())


def test_a_broken_expression_is_told_instead_of_the_form(draft, owner):
    text = json.dumps({"components": [{"type": "number", "key": "n", "label": "N", "conditional": {"hide": "= 1 +"}}]})

    found = api.preview_form(draft.pk, "f", user=owner, text=text)

    assert found.shown == ()
    assert found.problem.startswith("The expression “= 1 +” of this form cannot be read")


@pytest.mark.parametrize("kind", ["html", "iframe", "script"])
def test_what_the_product_does_not_run_is_not_drawn(draft, owner, kind):
    text = json.dumps({"components": [{"type": kind, "content": "<script>x</script>", "url": "https://elsewhere.example"}]})

    assert api.preview_form(draft.pk, "f", user=owner, text=text).shown == ()
    assert [one.code for one in api.form_findings(draft.pk, "f", text, user=owner)] == ["unknown_type"]


def test_findings_say_at_which_component(draft, owner):
    text = json.dumps({"components": [
        {"type": "text", "text": "{{= thing.nowhere }}"},
        {"type": "group", "components": [{"type": "textfield", "key": "a"}, {"type": "textfield", "key": "a", "label": "A"}]},
        {"type": "textfield", "key": "b", "label": "B", "properties": {"bind": "thing.place"}},
    ]})  # fmt: skip

    found = api.form_findings(draft.pk, "f", text, user=owner)

    assert [(one.code, one.place) for one in found] == [
        ("duplicate_key", "1.1"), ("unknown_field", "0"), ("no_label", "1.0"), ("readonly_bind", "2"),
    ]  # fmt: skip


def test_the_list_says_where_each_form_is_asked(draft, owner):
    found = {one.key: one for one in api.forms_of(draft.pk, user=owner)}

    assert [(step.element, step.role) for step in found["f"].used_at] == [("Work", "seller")]
    assert (found["f"].fields, found["f"].errors) == (6, 0)
    assert (found["spare"].used_at, found["spare"].warnings) == ((), 1)


def test_a_draft_is_looked_at_by_who_answers_for_it_alone(draft):
    stranger = person("stranger")
    for ask in (lambda: api.forms_of(draft.pk, user=stranger), lambda: api.preview_form(draft.pk, "f", user=stranger),
                lambda: api.form_findings(draft.pk, "f", "{}", user=stranger)):  # fmt: skip
        with pytest.raises(NotFound):
            ask()

    draft.state = State.PUBLISHED
    draft.save()
    assert api.preview_form(draft.pk, "f", user=stranger).problem == ""


def test_who_only_looks_brings_no_form_along_and_sees_no_lists_of_the_house(draft, owner):
    form = {"components": [{"type": "select", "key": "who", "label": "Who", "properties": {"choices": "people:process_owner"}}]}
    draft.forms = {"f": form}
    draft.state = State.PUBLISHED
    draft.save()
    stranger = person("stranger")

    assert [option.label for option in shown(api.preview_form(draft.pk, "f", user=owner))["who"].options] == ["owner"]
    assert shown(api.preview_form(draft.pk, "f", user=stranger))["who"].options == ()
    with pytest.raises(NotAllowed):
        api.preview_form(draft.pk, "f", user=stranger, text=json.dumps(form))


@pytest.mark.parametrize("text", ["", "[]", "no json", "[" * 100_000])
def test_what_is_no_form_is_refused(draft, owner, text):
    with pytest.raises(Invalid):
        api.form_findings(draft.pk, "f", text, user=owner)
