"""The page of a task: form, guidance, reasons and what may be done, in the reader's language."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from processes import api, ports
from processes.catalog.models import DecisionDefinition, DecisionEvaluation, DecisionVersion, State
from processes.errors import NotFound
from processes.inbox.models import TaskComment
from processes.inbox.task_page import task_form
from processes.publication.services import publish_now
from processes.runtime.models import Task
from tests.processes.inbox.house import house, instance, person, task, thing, version
from tests.processes.publication.drawing import FORM, drawing, rule_task, table, user_task

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MORE = (
    '<redraw:guidance lang="en">Ring **now**.</redraw:guidance><redraw:guidance lang="zh-hans">马上打电话。</redraw:guidance>'
    '<redraw:checklist><redraw:item key="asked"><redraw:text lang="en">Asked</redraw:text><redraw:text lang="zh-hans">'
    '问过</redraw:text></redraw:item><redraw:item key="heard"><redraw:text lang="en">Heard</redraw:text></redraw:item>'
    "</redraw:checklist>"
)
BPMN = drawing(
    user_task(form="f", more=MORE, attributes='limitTime="working"'), rule_task("size"), user_task("Later", role="boss"),
    process='<redraw:process subject="thing"/>',
)  # fmt: skip


@pytest.fixture(autouse=True)
def _house(clock):
    with house():
        yield


@pytest.fixture
def one():
    return person("one", "seller")


@pytest.fixture
def of():
    return version(bpmn=BPMN, forms={"f": FORM})


@pytest.fixture
def row(of, one):
    return task(instance(of, thing(need="A belt")), to="seller", owner=one, form_key="f")


def shown(page, key, **how):
    return next(item for item in page.shown(**how) if item.key == key)


def test_the_form_starts_with_the_record_and_defaults(row, one):
    page = task_form(row.pk, user=one)

    assert shown(page, "need").value == "A belt"
    assert shown(page, "need").required
    assert shown(page, "amount").value == "5"
    assert shown(page, "place").readonly
    assert shown(page, "reason").hidden
    assert page.shown()[0].text == "It is in branch:1."
    assert [option.label for option in shown(page, "outcome").options] == ["Yes", "No"]


def test_programs_get_typed_fields(row, one):
    fields = {field.key: field for field in task_form(row.pk, user=one).fields}

    assert fields["amount"].value == Decimal(5)
    assert (fields["amount"].minimum, fields["amount"].maximum) == (Decimal(1), Decimal(9))
    assert [choice.value for choice in fields["outcome"].options] == ["yes", "no"]
    assert fields["reason"].hidden


def test_what_was_just_sent_is_shown_again_with_what_is_wrong(row, one):
    sent = {"need": "", "outcome": "no", "reason": "too dear", "amount": "many"}
    page = task_form(row.pk, user=one)

    assert shown(page, "amount", raw=sent, errors={"amount": "No number."}).value == "many"
    assert shown(page, "amount", raw=sent, errors={"amount": "No number."}).error == "No number."
    assert shown(page, "need", raw=sent).value == ""
    assert not shown(page, "reason", raw=sent).hidden


def test_a_draft_stands_over_the_record(row, one, clock):
    row.draft, row.draft_at = {"need": "Two belts", "outcome": "no", "_check": ["asked"]}, clock.now()
    row.save()
    page = task_form(row.pk, user=one)

    assert shown(page, "need").value == "Two belts"
    assert not shown(page, "reason").hidden
    assert page.draft_at == clock.now()
    assert [(check.key, check.done) for check in page.checklist] == [("asked", True), ("heard", False)]


def test_guidance_labels_and_steps_ahead_speak_the_readers_language(row, one):
    page = task_form(row.pk, user=one)

    with translation.override("zh-hans"):
        assert ports.text(page.guidance) == "马上打电话。"
        assert ports.text(page.checklist[0].labels) == "问过"
        assert shown(page, "need").label == "需求"
        assert ports.text(page.next_steps[1].labels) == "Later（中）"
    assert ports.text(page.guidance, "en") == "Ring **now**."
    assert [(step.element, step.is_end) for step in page.next_steps] == [
        ("Ask_size", False), ("Later", False), ("End", True)]  # fmt: skip


@pytest.fixture
def asked(row):
    definition = DecisionDefinition.objects.create(key="size", titles={"en": "Size", "zh-hans": "大小"})
    made = DecisionVersion.objects.create(definition=definition, number=3, dmn=table(), state=State.PUBLISHED)
    trace = [{"id": "size", "name": "size", "rules": [{"number": 2, "id": "r2", "annotations": {"en": "Above", "zh": "超过"},
              "description": "Beyond"}]}]  # fmt: skip
    return DecisionEvaluation.objects.create(
        decision_version=made, decision="size", instance=row.process_id, element="Ask_size", inputs={"n": 12},
        outcome={"size": "large", "why_en": "More than ten.", "why_zh": "超过十个。"}, rules=trace,
    )  # fmt: skip


def test_it_says_why_a_decision_came_out_as_it_did(row, one, asked):
    (why,) = task_form(row.pk, user=one).explanations

    assert (why.key, why.title, why.version, why.element) == ("size", "Size", 3, "Ask_size")
    assert why.why == "More than ten."
    assert [(given.label, given.value) for given in why.inputs] == [("Number", "12")]
    assert [(given.name, given.value) for given in why.result] == [("size", "large")]
    assert [(rule.table, rule.number, rule.note) for rule in why.rules] == [("How large", 2, "Above")]
    with translation.override("zh-hans"):
        (why,) = task_form(row.pk, user=one).explanations
        assert (why.title, why.why, why.inputs[0].label, why.rules[0].note) == ("大小", "超过十个。", "数量", "超过")


def test_the_note_of_a_rule_is_told_by_its_labels_where_the_table_has_one_column_of_notes(row, one, asked):
    noted = table().replace("limit</description>", """limit</description><extensionElements>
        <redraw:label lang="zh-hans">多于十个</redraw:label></extensionElements>""")
    made = asked.decision_version
    DecisionEvaluation.objects.update(decision_version=DecisionVersion.objects.create(
        definition=made.definition, number=4, dmn=noted, state=State.DRAFT,
    ), rules=[{"id": "size", "name": "size", "rules": [{"number": 2, "id": "r2", "annotations": {"Why": "Above ten"}}]}])  # fmt: skip

    (why,) = task_form(row.pk, user=one).explanations
    assert why.rules[0].note == "Above ten"
    with translation.override("zh-hans"):
        (why,) = task_form(row.pk, user=one).explanations
        assert why.rules[0].note == "多于十个"


def test_values_are_told_by_the_words_of_their_file(row, one, asked):
    worded = table().replace("<inputData", """<extensionElements><redraw:value of="large" lang="zh-hans">大</redraw:value>
        <redraw:value of="very_large" lang="zh-hans">很大</redraw:value></extensionElements><inputData""", 1)
    DecisionEvaluation.objects.update(decision_version=DecisionVersion.objects.create(
        definition=asked.decision_version.definition, number=4, dmn=worded, state=State.DRAFT,
    ), inputs={"n": 12000, "sure": True}, outcome={"size": "large", "others": ["very_large", "odd_one"]})  # fmt: skip

    (why,) = task_form(row.pk, user=one).explanations
    assert [given.value for given in (*why.inputs, *why.result)] == ["12,000", "yes", "Large", "Very large; odd_one"]
    with translation.override("zh-hans"):
        (why,) = task_form(row.pk, user=one).explanations
        assert [given.value for given in (*why.inputs, *why.result)] == ["12,000", "是", "大", "很大; odd_one"]


def test_a_called_process_shows_its_callers_decisions_and_the_latest_answer_counts(row, one, of, asked, clock):
    clock.move(clock.now() + timedelta(hours=1))
    DecisionEvaluation.objects.create(
        decision_version=asked.decision_version, decision="size", instance=row.process_id, inputs={"n": 3},
        outcome="small", rules=[],
    )  # fmt: skip
    called = instance(of, parent_task=row, root_id=row.process_id, depth=1)
    inner = task(called, owner=one)

    (why,) = task_form(inner.pk, user=one).explanations

    assert why.result[0].value == "small"


def test_whose_turn_it_is_decides_what_may_be_done(of, one):
    two, stranger = person("two", "seller"), person("three", "finance")
    of_it = instance(of, thing())
    free = task(of_it, to="seller", form_key="f")
    mine = task(of_it, to="seller", owner=one, form_key="f")
    alone = task(of_it, owner=one)

    def may(row, user):
        page = task_form(row.pk, user=user)
        return page.may_claim, page.may_release, page.may_complete, page.state_sentence

    assert may(free, one) == (True, False, False, "Nobody has taken this yet. Take it, and its form opens to you.")
    assert may(mine, one) == (False, True, True, "")
    assert may(mine, two) == (False, False, False, "one works on this. You may read it.")
    assert may(alone, one) == (False, False, True, "")
    assert may(free, stranger)[:3] == (False, False, False)


def test_a_finished_task_says_who_finished_it_and_when(row, one, clock):
    Task.objects.filter(pk=row.pk).update(status="DONE", completed_by=one, finished=clock.now())

    page = task_form(row.pk, user=one)

    assert not page.may_complete
    assert page.state_sentence == "one finished this task on Nov. 24, 2026 at 10:34. Nothing more is asked here."
    assert page.next_steps == []


def test_a_stranger_may_not_know_of_it(row):
    with pytest.raises(NotFound):
        task_form(row.pk, user=person("far", "seller", place="branch:2"))
    with pytest.raises(NotFound):
        task_form(instance(row.process.version).pk, user=person("near"))


def test_colleagues_are_those_it_is_offered_to_without_oneself_and_who_may_not(of, one):
    two, three = person("two", "seller"), person("three", "seller")
    person("far", "seller", place="branch:2")
    row = task(instance(of, thing()), to="seller", place="branch:1", owner=one, without=three)

    assert [(c.id, c.name) for c in task_form(row.pk, user=one).colleagues] == [(two.pk, "two")]


def test_comments_and_earlier_steps_stand_in_their_order(row, one, of, clock):
    two = person("two")
    for number, who in enumerate((one, two)):
        TaskComment.objects.create(task=row, instance=row.process, author=who, text=f"No {number}")
        clock.move(clock.now() + timedelta(minutes=1))
        task(row.process, owner=who, status="DONE", completed_by=who, finished=clock.now(), node=f"N{number}")
    page = task_form(row.pk, user=one)

    assert [(c.who, c.text) for c in page.comments] == [("one", "No 0"), ("two", "No 1")]
    assert [step.sentence for step in page.previous_steps] == [
        "one finished “Do it” on 2026-11-24 at 10:35.", "two finished “Do it” on 2026-11-24 at 10:36."]  # fmt: skip


def test_the_fingerprint_follows_the_record_the_owner_and_nothing_else(row, one, clock):
    first = task_form(row.pk, user=one).fingerprint
    clock.move(clock.now() + timedelta(days=1))
    Task.objects.filter(pk=row.pk).update(draft={"need": "typed"})
    assert task_form(row.pk, user=one).fingerprint == first

    record = task_form(row.pk, user=one).reading.record
    record.email = "Other"
    record.save()
    assert task_form(row.pk, user=one).fingerprint != first


def test_a_version_that_no_longer_reads_its_form_is_still_shown(one):
    row = task(instance(version(bpmn=BPMN, forms={})), owner=one, form_key="f")

    page = task_form(row.pk, user=one)

    assert page.shown() == ()
    assert page.item.title == {"en": "Do it"}


def test_a_page_costs_a_bounded_number_of_queries(row, one, of, asked):
    for number in range(20):
        TaskComment.objects.create(task=row, instance=row.process, author=person(f"p{number}"), text="x")
        task(row.process, owner=one, status="DONE", completed_by=one, node=f"N{number}")
    with CaptureQueriesContext(connection) as caught:
        page = task_form(row.pk, user=one)
        page.item, page.shown(), page.fields, page.explanations, page.comments, page.colleagues
        page.previous_steps, page.next_steps, page.standing, page.checklist, page.fingerprint, page.is_followed

    assert len(caught) <= 22, "\n".join(query["sql"][:160] for query in caught)


def test_a_decision_that_was_really_asked_is_explained_with_its_rule():
    definition = DecisionDefinition.objects.create(key="size", titles={"en": "Size"})
    DecisionVersion.objects.create(definition=definition, number=1, dmn=table())
    seller = person("seller", "seller")
    bpmn = drawing(
        rule_task("size", ("n", "= 12")), user_task(), process='<redraw:process startRoles="seller"/>'
    )
    publish_now(version(bpmn=bpmn, state="draft"))
    api.start("deal", user=seller)
    waiting = Task.objects.stored().get(node_id="Work")

    (why,) = task_form(waiting.pk, user=seller).explanations

    assert (why.key, why.element, why.why) == ("size", "Ask_size", "Beyond the limit")
    assert [(given.label, given.value) for given in why.inputs] == [("Number", "12")]
    assert [given.value for given in why.result] == ["large"]
    assert [(rule.table, rule.number, rule.note) for rule in why.rules] == [("How large", 2, "Beyond the limit")]
