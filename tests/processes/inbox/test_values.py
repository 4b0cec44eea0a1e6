"""The variables of an instance in the words of its forms and tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from processes import api
from processes.catalog.models import DecisionDefinition, DecisionVersion, State
from processes.inbox.form_text import fill
from processes.inbox.reading import choice_words
from processes.publication.services import publish_now
from tests.processes.inbox.house import house, instance, person, thing, version
from tests.processes.publication.drawing import drawing, rule_task, table, user_task

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

FORM = {
    "type": "default", "id": "f", "components": [
        {"type": "radio", "key": "verdict", "label": "What now?", "properties": {"label:zh-hans": "怎么办？"},
         "values": [{"label": "Go on", "value": "go", "properties": {"label:zh-hans": "继续"}}]},
        {"type": "select", "key": "keeper", "label": "Who keeps it", "properties": {"choices": "people:seller"}},
        {"type": "number", "key": "worth", "label": "Worth"},
        {"type": "checkbox", "key": "sure", "label": "Sure"},
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _house(clock):
    with house():
        yield


@pytest.fixture
def one():
    return person("one", "seller")


@pytest.fixture
def of(one):
    size = DecisionDefinition.objects.create(key="size", titles={"en": "How large", "zh-hans": "大小"})
    DecisionVersion.objects.create(definition=size, number=1, dmn=table(), state=State.PUBLISHED)
    bpmn = drawing(user_task(form="f"), rule_task("size", ("n", "= 3")), process='<redraw:process subject="thing"/>')
    made = version(bpmn=bpmn, forms={"f": FORM}, state=State.DRAFT)
    publish_now(made, None)
    return made


def said(of, one, **data):
    made = instance(of, thing(), data=data)
    return {value.label: value for value in api.values(made.pk, user=one)}


def test_a_choice_is_said_by_its_words_in_the_readers_language(of, one):
    assert said(of, one, verdict="go")["What now?"].text == "Go on"
    with translation.override("zh-hans"):
        assert said(of, one, verdict="go")["怎么办？"].text == "继续"


def test_a_person_is_said_by_name_a_figure_with_its_thousands_and_a_tick_by_yes(of, one):
    found = said(of, one, keeper=one.pk, worth=1500000, sure=True)

    assert (found["Who keeps it"].text, found["Worth"].text, found["Sure"].text) == ("one", "1,500,000", "yes")


def test_the_outcome_of_a_decision_has_its_title_and_the_names_of_its_parts(of, one):
    found = said(of, one, answer={"size": "small", "why_en": "Few", "why_zh": "少"})

    outcome = found["How large"]
    assert [(part.name, part.text) for part in outcome.parts] == [("size", "small"), ("why_en", "Few")]


def test_what_has_no_words_keeps_its_name(of, one):
    value = said(of, one, internal=7)["internal"]

    assert (value.label, value.name, value.text) == ("internal", "internal", "7")


def test_somebody_who_may_not_see_the_instance_reads_no_values(of):
    made = instance(of, thing(), data={"verdict": "go"})

    with pytest.raises(api.NotFound):
        api.values(made.pk, user=person("far", "seller", place="branch:2"))


def test_texts_of_a_form_say_choices_figures_and_days_as_people_write_them(of, one):
    scope = {"verdict": "go", "worth": Decimal("1500000.00"), "share": Decimal("2.5"), "on": date(2026, 11, 3), "who": ""}
    text = "{{= verdict}}, {{= worth}}, {{= share}}, {{= on}}, {{= who}}, {{= upper case(verdict)}}"
    assert fill(text, scope, choice_words(of)) == "Go on, 1,500,000, 2.5, Nov. 3, 2026, –, GO"
    with translation.override("zh-hans"):
        assert fill("{{= verdict}}", scope, choice_words(of)) == "继续"
        assert fill("{{= verdict}}", scope) == "go"


def test_a_value_larger_than_anybody_could_read_leaves_the_page_readable():
    assert fill("It is {{= big}}.", {"big": ["x" * 100_000] * 20}) == "It is …."
