"""Published versions never change: not through the model, not through a queryset, not through SQL."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from processes.catalog.errors import ImmutableVersion
from processes.catalog.models import (
    DecisionDefinition,
    DecisionVersion,
    PinnedDecision,
    ProcessDefinition,
    ProcessVersion,
    State,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def published() -> ProcessVersion:
    definition = ProcessDefinition.objects.create(key="complaints", titles={"en": "Complaints"})
    version = ProcessVersion.objects.create(
        definition=definition, number=1, bpmn="<a/>", forms={"f": {"x": 1}}
    )
    version.state = State.PUBLISHED
    version.save()
    return version


@pytest.fixture
def decision() -> DecisionVersion:
    definition = DecisionDefinition.objects.create(key="score", titles={"en": "Score"})
    return DecisionVersion.objects.create(definition=definition, number=1, dmn="<d/>", state=State.PUBLISHED)


def stored_bpmn(version: ProcessVersion) -> str:
    return ProcessVersion.objects.values_list("bpmn", flat=True).get(pk=version.pk)


def test_a_draft_changes_freely_and_its_hash_follows():
    definition = ProcessDefinition.objects.create(key="complaints")
    draft = ProcessVersion.objects.create(definition=definition, number=1, bpmn="<a/>")
    before = draft.content_hash

    draft.bpmn = "<b/>"
    draft.save()

    assert draft.content_hash != before
    assert stored_bpmn(draft) == "<b/>"


@pytest.mark.parametrize(
    ("field", "value"), [("bpmn", "<b/>"), ("forms", {}), ("tests", [1]), ("number", 9), ("state", "draft")]
)
def test_the_model_refuses_to_change_a_published_version(published, field, value):
    setattr(published, field, value)

    with pytest.raises(ImmutableVersion, match=r"Version \d of “complaints” was published"):
        published.save()

    assert stored_bpmn(published) == "<a/>"


def test_a_published_version_may_be_retired_and_piloted(published):
    for state in (State.RETIRED, State.PILOTED, State.PUBLISHED):
        published.state = state
        published.save()
        assert ProcessVersion.objects.get(pk=published.pk).state == state


@pytest.mark.parametrize(
    "change", [{"bpmn": "<b/>"}, {"forms": {}}, {"state": "draft"}, {"number": 9}, {"content_hash": "0"}]
)
def test_the_database_refuses_an_update_through_a_queryset(published, change):
    with pytest.raises(IntegrityError, match="published version cannot be changed"), transaction.atomic():
        ProcessVersion.objects.filter(pk=published.pk).update(**change)

    assert stored_bpmn(published) == "<a/>"


def test_the_database_refuses_hand_written_sql(published):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE process_catalog_processversion SET bpmn = '<b/>'")
    with (
        pytest.raises(IntegrityError, match="Retire it"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM process_catalog_processversion")

    assert stored_bpmn(published) == "<a/>"


def test_neither_model_nor_queryset_delete_a_published_version(published):
    with pytest.raises(ImmutableVersion):
        published.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        ProcessVersion.objects.all().delete()

    assert ProcessVersion.objects.count() == 1


def test_a_draft_may_be_deleted(published):
    draft = ProcessVersion.objects.create(definition=published.definition, number=2, bpmn="<b/>")

    draft.delete()

    assert list(ProcessVersion.objects.values_list("number", flat=True)) == [1]


def test_only_one_version_is_published_at_a_time(published):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProcessVersion.objects.create(
            definition=published.definition, number=2, bpmn="<b/>", state=State.PUBLISHED
        )


def test_decision_versions_are_kept_likewise(decision):
    with pytest.raises(IntegrityError), transaction.atomic():
        DecisionVersion.objects.update(dmn="<e/>")
    decision.examples = [{"x": 1}]
    with pytest.raises(ImmutableVersion):
        decision.save()

    assert DecisionVersion.objects.get().dmn == "<d/>"


def test_pins_of_a_published_version_stand(published, decision):
    draft = ProcessVersion.objects.create(definition=published.definition, number=2, bpmn="<b/>")
    pin = PinnedDecision.objects.create(process_version=draft, key="score", decision_version=decision)

    with pytest.raises(IntegrityError), transaction.atomic():
        PinnedDecision.objects.create(process_version=published, key="score", decision_version=decision)
    with pytest.raises(IntegrityError), transaction.atomic():
        PinnedDecision.objects.filter(pk=pin.pk).update(process_version=published)
    published.state = State.RETIRED
    published.save()
    draft.state = State.PUBLISHED
    draft.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        PinnedDecision.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        PinnedDecision.objects.update(key="other")

    assert PinnedDecision.objects.get().key == "score"


def test_the_order_of_keys_in_a_form_does_not_change_the_hash():
    first = ProcessVersion(bpmn="<a/>", forms={"f": {"a": 1, "b": 2}}).compute_hash()

    assert ProcessVersion(bpmn="<a/>", forms={"f": {"b": 2, "a": 1}}).compute_hash() == first
    assert ProcessVersion(bpmn="<a/>", forms={"f": {"a": 1, "b": 3}}).compute_hash() != first


@pytest.mark.django_db(transaction=True)
def test_flush_empties_guarded_tables_and_the_guards_are_back(published):
    call_command("flush", interactive=False, verbosity=0)

    assert ProcessVersion.objects.count() == 0
    definition = ProcessDefinition.objects.create(key="again")
    ProcessVersion.objects.create(definition=definition, number=1, bpmn="<a/>", state=State.PUBLISHED)
    with pytest.raises(IntegrityError):
        ProcessVersion.objects.update(bpmn="<b/>")
