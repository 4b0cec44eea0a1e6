"""Drafts that several people share: what both did survives, and nobody else sees or changes anything."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group

from processes import api
from processes.bpmn import parse
from processes.catalog.models import DraftRevision, ProcessDefinition, ProcessVersion, State
from processes.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from processes.publication.services import publish_now
from tests.processes.inbox.house import house, person
from tests.processes.publication.drawing import drawing, user_task

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TEXT = drawing(user_task("One"), user_task("Two"))


@pytest.fixture
def owners(clock):
    """Two people who answer for the process “deal”, which has a published version."""
    for role in ("seller", "process_owner"):
        Group.objects.get_or_create(name=role)
    with house():
        anna, bo = person("anna", "process_owner"), person("bo", "process_owner")
        definition = ProcessDefinition.objects.create(key="deal", titles={"en": "Deal"})
        version = ProcessVersion.objects.create(definition=definition, number=1, bpmn=TEXT, forms={})
        publish_now(version)
        yield anna, bo


def renamed(text: str, element: str, name: str) -> str:
    return text.replace(f'id="{element}" name="{element}"', f'id="{element}" name="{name}"')


def names(version_id) -> dict[str, str]:
    model = parse(ProcessVersion.objects.get(pk=version_id).bpmn)
    return {key: node.name for key, node in model.nodes.items()}


def test_a_draft_begins_as_the_published_version_and_is_shared(owners):
    anna, bo = owners

    draft = api.open_draft("deal", user=anna)

    assert (draft.version.number, draft.version.state, draft.base.number) == (2, State.DRAFT, 1)
    assert draft.version.bpmn == TEXT
    assert api.open_draft("deal", user=bo).version == draft.version
    assert draft.revisions == {"drawing": 0, "tests": 0}


def test_saves_in_turn_stand_as_they_were_sent(owners):
    anna, _bo = owners
    draft = api.open_draft("deal", user=anna).version.pk

    first = api.save_part(draft, "drawing", renamed(TEXT, "One", "First"), revision=0, user=anna)
    second = api.save_part(draft, "drawing", renamed(TEXT, "One", "Begin"), revision=first.revision, user=anna)

    assert (first.revision, second.revision) == (1, 2)
    assert not first.merged
    assert not second.merged
    assert names(draft)["One"] == "Begin"


def test_two_who_change_different_steps_both_keep_what_they_did(owners):
    anna, bo = owners
    draft = api.open_draft("deal", user=anna).version.pk
    api.save_part(draft, "drawing", renamed(TEXT, "One", "First"), revision=0, user=anna)

    saved = api.save_part(draft, "drawing", renamed(TEXT, "Two", "Second"), revision=0, user=bo)

    assert saved.merged
    assert saved.conflicts == ()
    assert len(saved.others) == 1
    assert "anna" in saved.others[0].lower()
    assert (names(draft)["One"], names(draft)["Two"]) == ("First", "Second")


def test_where_both_changed_the_same_place_one_stands_and_the_other_is_kept(owners):
    anna, bo = owners
    draft = api.open_draft("deal", user=anna).version.pk
    api.save_part(draft, "drawing", renamed(TEXT, "One", "Hers"), revision=0, user=anna)
    mine = renamed(renamed(TEXT, "One", "His"), "Two", "Second")

    saved = api.save_part(draft, "drawing", mine, revision=0, user=bo)

    assert [(one.theirs, one.mine) for one in saved.conflicts] == [("Hers", "His")]
    assert (names(draft)["One"], names(draft)["Two"]) == ("Hers", "Second")
    assert DraftRevision.objects.get(process_version=draft, aside=True).content == mine

    again = api.save_part(draft, "drawing", mine, revision=0, user=bo, prefer="mine")

    assert again.revision == saved.revision + 1
    assert names(draft)["One"] == "His"


def test_the_same_text_saved_twice_is_one_revision(owners):
    anna, _bo = owners
    draft = api.open_draft("deal", user=anna).version.pk
    text = renamed(TEXT, "One", "First")
    first = api.save_part(draft, "drawing", text, revision=0, user=anna)

    again = api.save_part(draft, "drawing", text, revision=0, user=anna)

    assert again.revision == first.revision
    assert names(draft)["One"] == "First"


@pytest.mark.parametrize("text", ["<a", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', ""])
def test_what_could_not_be_opened_again_is_refused_and_kept_aside(owners, text):
    anna, _bo = owners
    draft = api.open_draft("deal", user=anna).version.pk

    with pytest.raises(Invalid):
        api.save_part(draft, "drawing", text, revision=0, user=anna)

    assert ProcessVersion.objects.get(pk=draft).bpmn == TEXT
    assert DraftRevision.objects.get(process_version=draft).content == text


def test_forms_come_change_and_go(owners):
    anna, _bo = owners
    draft = api.open_draft("deal", user=anna).version.pk
    schema = {"id": "terms", "components": [], "type": "default"}

    api.save_part(draft, "form:terms", json.dumps(schema), revision=0, user=anna)
    assert ProcessVersion.objects.get(pk=draft).forms == {"terms": schema}
    with pytest.raises(Invalid):
        api.save_part(draft, "form:terms", "[]", revision=1, user=anna)
    api.save_part(draft, "form:terms", "", revision=1, user=anna)

    assert ProcessVersion.objects.get(pk=draft).forms == {}


def test_a_draft_that_was_published_meanwhile_is_closed_and_what_was_typed_is_kept(owners):
    anna, _bo = owners
    version = api.open_draft("deal", user=anna).version
    publish_now(version)
    late = renamed(TEXT, "One", "Late")

    with pytest.raises(AlreadyDone) as told:
        api.save_part(version.pk, "drawing", late, revision=0, user=anna)

    assert "published" in told.value.sentence
    assert ProcessVersion.objects.get(pk=version.pk).bpmn == TEXT
    assert DraftRevision.objects.get(process_version=version.pk).content == late


def test_who_does_not_answer_for_the_process_learns_and_changes_nothing(owners):
    anna, _bo = owners
    draft = api.open_draft("deal", user=anna).version.pk
    seller = person("sel", "seller")

    with pytest.raises(NotAllowed):
        api.open_draft("deal", user=seller)
    for call in (
        lambda: api.part(draft, "drawing", user=seller),
        lambda: api.save_part(draft, "drawing", renamed(TEXT, "One", "X"), revision=0, user=seller),
        lambda: api.pulse(draft, "drawing", user=seller),
        lambda: api.draft_findings(draft, user=seller),
        lambda: api.traps(draft, user=seller),
        lambda: api.part(uuid4(), "drawing", user=anna),
        lambda: api.part(draft, "dmn", user=anna),
    ):
        with pytest.raises(NotFound):
            call()

    assert names(draft)["One"] == "One"
    assert not DraftRevision.objects.exists()


def test_who_has_the_draft_open_is_told_for_a_while(owners, clock):
    anna, bo = owners
    draft = api.open_draft("deal", user=anna).version.pk

    api.pulse(draft, "drawing", user=anna)
    revision, others = api.pulse(draft, "drawing", user=bo)

    assert revision == 0
    assert [part for _name, part in others] == ["drawing"]
    assert len(others) == 1
    clock.move(clock.at.replace(year=clock.at.year + 1))
    assert api.pulse(draft, "drawing", user=bo)[1] == ()


def test_a_trap_is_told_with_the_way_into_it(owners):
    anna, _bo = owners
    draft = api.open_draft("deal", user=anna).version.pk
    gate = '<bpmn:parallelGateway id="Join"><bpmn:incoming>F_a</bpmn:incoming><bpmn:incoming>F_b</bpmn:incoming><bpmn:outgoing>F_c</bpmn:outgoing></bpmn:parallelGateway>'
    text = (
        TEXT.split("<bpmn:startEvent")[0]
        + '<bpmn:startEvent id="Start"><bpmn:outgoing>F_s</bpmn:outgoing></bpmn:startEvent>'
        + '<bpmn:exclusiveGateway id="Split" name="Which?" default="F_b"><bpmn:incoming>F_s</bpmn:incoming><bpmn:outgoing>F_a</bpmn:outgoing><bpmn:outgoing>F_b</bpmn:outgoing></bpmn:exclusiveGateway>'
        + gate + '<bpmn:endEvent id="End"><bpmn:incoming>F_c</bpmn:incoming></bpmn:endEvent>'
        + '<bpmn:sequenceFlow id="F_s" sourceRef="Start" targetRef="Split"/>'
        + '<bpmn:sequenceFlow id="F_a" sourceRef="Split" targetRef="Join"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">= 1 = 2</bpmn:conditionExpression></bpmn:sequenceFlow>'
        + '<bpmn:sequenceFlow id="F_b" sourceRef="Split" targetRef="Join"/><bpmn:sequenceFlow id="F_c" sourceRef="Join" targetRef="End"/>'
        + "</bpmn:process></bpmn:definitions>"
    )
    api.save_part(draft, "drawing", text, revision=0, user=anna)

    (trap,) = api.traps(draft, user=anna)

    assert trap.element == "Join"
    assert trap.way[0] == "Start"
    assert trap.way[-1] == "Join"
    assert "Split" in trap.way


def test_a_drawing_is_laid_out_anew_without_losing_a_step(owners):
    after = parse(api.laid_out(TEXT))

    assert set(after.nodes) == {"Start", "One", "Two", "End"}
    assert set(after.nodes) <= set(after.shapes)
    with pytest.raises(Invalid):
        api.laid_out("<nothing")


def test_what_an_editor_rewrites_in_its_own_manner_stays_as_it_was(owners):
    anna, _bo = owners
    version = api.open_draft("deal", user=anna).version
    stored = TEXT.replace("<bpmn:startEvent", "<!-- begins here -->\n  <bpmn:startEvent")
    first = api.save_part(version.pk, "drawing", stored, revision=0, user=anna)
    rewritten = TEXT.replace("><", ">\n<")  # without the comment, with other line ends

    api.save_part(
        version.pk, "drawing", renamed(rewritten, "Two", "Second"), revision=first.revision, user=anna, origin=rewritten
    )

    after = ProcessVersion.objects.get(pk=version.pk).bpmn
    assert "<!-- begins here -->" in after
    assert names(version.pk) == {"Start": "Begun", "One": "One", "Two": "Second", "End": "Done"}
    assert after.count("\n") == stored.count("\n")
