"""The record saves itself: one field at a time, errors at the field, both texts where two have written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from admin_ext.inbox.beside import panel_of
from processes import api
from processes.catalog.models import ProcessVersion
from processes.publication.models import ProcessChange
from processes.publication.services import publish_now
from processes.rehearsal import testing
from processes.rehearsal.content import gather
from processes.rehearsal.models import ProcessTestRun
from tests.admin_ext.studio.conftest import ABOUT
from tests.admin_ext.studio.test_publication_page import ACT, PAGE, signed_in
from tests.processes.publication.drawing import drawing, user_task
from tests.processes.publication.test_publish import draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("things")]
FETCH = {"headers": {"X-Requested-With": "fetch"}}


def save(client: Client, found: ProcessVersion, field: str, *values: str, began: tuple[str, ...] = ()) -> Any:
    return client.post(f"/drafts/{found.pk}/record/", {"field": field, "value": list(values), "began": list(began)}, **FETCH)


def row_of(found: ProcessVersion) -> ProcessChange:
    return ProcessChange.objects.get(version=found)


def test_a_field_is_saved_by_itself_and_the_answer_says_when(version, clock):
    owner = signed_in("owner", "process_owner")

    answer = save(owner, version, "title", "Ask first")

    assert (answer.status_code, answer.json()["values"]) == (200, ["Ask first"])
    assert answer.json()["said"].startswith("Saved at ")
    assert (row_of(version).title, row_of(version).diagnosis) == ("Ask first", "")
    assert owner.get(f"/drafts/{version.pk}/record/", **FETCH).json()["values"]["title"] == ["Ask first"]


@pytest.mark.parametrize(("field", "value", "said"), [
    ("title", "x" * 201, "This is too long: at most 200 characters."),
    ("share", "half", "The share is a whole number from 1 to 100."),
    ("share", "101", "The share is a number from 1 to 100."),
    ("rule", "place =", "The rule cannot be read"),
    ("at", "tomorrow", "This is no date with a time."),
    ("at", "2020-13-45T99:99", "This is no date with a time."),
    ("pilot_until", "2001-01-01T09:00", "This moment has passed. Choose a later one."),
    ("owner", "987654321", "There is no such person here any more."),
    ("way", "soon", "Say when it shall be published."),
])  # fmt: skip
def test_what_is_wrong_is_a_sentence_for_the_field_and_changes_nothing(version, field, value, said):
    owner = signed_in("owner", "process_owner")
    save(owner, version, "title", "Kept")
    before = ProcessChange.objects.values().get(version=version)

    answer = save(owner, version, field, value, began={"title": ("Kept",), "share": ("100",), "way": ("now",)}.get(field, ()))

    assert answer.status_code == 422
    assert said in answer.json()["error"]
    assert ProcessChange.objects.values().get(version=version) == before


def test_two_owners_in_one_field_are_shown_both_texts(version):
    owner, other = signed_in("owner", "process_owner"), signed_in("other", "process_owner")
    save(other, version, "diagnosis", "Theirs.")

    answer = save(owner, version, "diagnosis", "Mine.")

    clash = answer.json()["clash"]
    assert answer.status_code == 409
    assert (clash["theirs"], clash["mine"], clash["values"]) == ("Theirs.", "Mine.", ["Theirs."])
    assert clash["sentence"].startswith("other changed this today")
    assert row_of(version).diagnosis == "Theirs."
    assert save(owner, version, "diagnosis", "Mine.", began=("Theirs.",)).status_code == 200
    assert row_of(version).diagnosis == "Mine."


def test_two_owners_in_different_fields_keep_both_without_script_too(version):
    owner, other = signed_in("owner", "process_owner"), signed_in("other", "process_owner")
    save(other, version, "diagnosis", "Theirs.")
    whole = {"do": "record", "title": "Mine", "diagnosis": "", "way": "now", "share": "100", "began": '{"diagnosis": [], "title": [], "share": ["100"], "way": ["now"]}'}

    owner.post(ACT, whole)

    assert (row_of(version).title, row_of(version).diagnosis) == ("Mine", "Theirs.")


def test_without_script_a_clash_comes_back_with_both_texts_and_loses_nothing(version):
    owner, other = signed_in("owner", "process_owner"), signed_in("other", "process_owner")
    save(other, version, "diagnosis", "Theirs.")
    whole = {"do": "record", "title": "Mine", "diagnosis": "Mine too.", "way": "now", "share": "100", "began": '{"diagnosis": []}'}

    answer = owner.post(ACT, whole)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert ">Mine too.</textarea>" in page
    assert "Theirs." in page
    assert (row_of(version).title, row_of(version).diagnosis) == ("Mine", "Theirs.")


@pytest.mark.parametrize("began", ["[]", "{", '{"title": 7}'])
def test_what_a_page_says_it_began_with_may_be_nonsense(version, began):
    owner = signed_in("owner", "process_owner")

    owner.post(ACT, {"do": "record", "title": "Mine", "way": "now", "share": "100", "began": began})

    assert row_of(version).title == "Mine"


def test_a_field_that_there_is_not_and_a_change_that_was_handed_in_are_refused(version):
    owner = signed_in("owner", "process_owner")
    assert save(owner, version, "state", "published").status_code == 400
    save(owner, version, "title", "Mine")
    ProcessChange.objects.filter(version=version).update(state="submitted")

    answer = save(owner, version, "title", "Late", began=("Mine",))

    assert "cannot be written any more" in answer.json()["error"]
    assert row_of(version).title == "Mine"


@pytest.mark.parametrize("role", ["seller", "process_reviewer", "auditor", "director"])
def test_nobody_else_saves_looks_or_runs_anything(version, role):
    other = signed_in("other", role)
    for answer in (
        save(other, version, "title", "Mine"), other.get(f"/drafts/{version.pk}/record/", **FETCH),
        other.get(f"/drafts/{version.pk}/standing/", **FETCH), other.post(f"/drafts/{version.pk}/tests/", **FETCH),
        other.get(f"{PAGE}update/"), other.post(f"{PAGE}update/"), other.post(f"{PAGE}put-back/"),
    ):  # fmt: skip
        assert answer.status_code in (403, 404)
    assert not ProcessChange.objects.filter(version=version).exists()


def test_what_stands_in_the_way_is_told_anew_with_links_to_where_it_is_mended(version):
    owner = signed_in("owner", "process_owner")
    before = owner.get(f"/drafts/{version.pk}/standing/", **FETCH).json()
    save(owner, version, "title", "Ask first")

    after = owner.get(f"/drafts/{version.pk}/standing/", **FETCH).json()

    assert 'href="#r-title"' in before["standing"]
    assert 'href="#r-title"' not in after["standing"]
    assert 'href="#r-training"' in after["standing"]
    assert "difference/?from=1&amp;to=2" in after["standing"]


def test_a_test_that_fails_stands_in_the_way_with_its_name_and_place(version):
    owner = signed_in("owner", "process_owner")
    ProcessVersion.objects.filter(pk=version.pk).update(tests=[{"name": "One is served", "at": "2026-11-24T02:34:00+00:00", "steps": [], "expect": {}}])
    found = ProcessVersion.objects.get(pk=version.pk)
    waiting = owner.get(f"/drafts/{version.pk}/standing/", **FETCH).json()["standing"]
    assert "1 not run with this content yet" in waiting
    digest = testing._digest(gather(found), found.tests[0])
    ProcessTestRun.objects.create(
        version=found, content_hash=digest, name="One is served", passed=False, element="New", sentence={"sentence": "It stood still."}
    )

    failing = owner.get(f"/drafts/{version.pk}/standing/", **FETCH).json()["standing"]

    assert "The test “One is served” fails at “New”. It stood still." in failing
    assert "/processes/deal/tests/?version=2" in failing
    row = api.prepare_change(version.pk, user=owner.person)
    first, *_record = api.change_obstacles(row.pk, user=owner.person)
    assert (first.place, first.target) == ("tests", "One is served")


def test_the_tests_of_a_draft_are_run_in_portions_and_kept(version, monkeypatch):
    owner = signed_in("owner", "process_owner")
    tests = [{"name": f"T{n}", "at": "2026-11-24T02:34:00+00:00", "steps": [], "expect": {}} for n in range(3)]
    ProcessVersion.objects.filter(pk=version.pk).update(tests=tests)
    monkeypatch.setattr("processes.rehearsal.testing._played", lambda content, pk, listed: [None for _one in listed])

    first, second, third = (owner.post(f"/drafts/{version.pk}/tests/", **FETCH).json() for _turn in range(3))

    assert [(one["left"], one["done"]) for one in (first, second, third)] == [(1, 2), (0, 3), (0, 3)]
    assert ProcessTestRun.objects.filter(version=version).count() == 3
    assert owner.post(f"/drafts/{version.pk}/tests/").status_code == 302  # without a script


def test_before_a_draft_is_brought_up_to_date_the_page_says_what_comes_and_it_can_be_undone(version):
    owner = signed_in("owner", "process_owner")
    assert "Nothing was published since" in owner.get(f"{PAGE}update/").content.decode()
    theirs = draft(drawing(user_task("Old").replace('name="Old"', 'name="Asked"'), process=ABOUT))
    theirs.base = version.base
    theirs.save()
    publish_now(theirs)
    assert "/processes/deal/publication/update/" in owner.get(PAGE).content.decode()

    page = owner.get(f"{PAGE}update/").content.decode()
    assert "“Old” is now called “Asked”" in page
    assert "difference/?from=1&amp;to=3" in page
    assert "Both changes fit together" in page
    owner.post(f"{PAGE}update/", {"prefer": "mine"})

    merged = ProcessVersion.objects.get(pk=version.pk)
    assert 'name="Asked"' in merged.bpmn
    assert 'id="New"' in merged.bpmn
    assert "Put the draft back as it was before" in owner.get(PAGE).content.decode()
    owner.post(f"{PAGE}put-back/")
    assert ProcessVersion.objects.get(pk=version.pk).bpmn == version.bpmn
    assert "put back already" in owner.post(f"{PAGE}put-back/", follow=True).content.decode()


def test_beside_the_task_of_a_reviewer_stands_what_is_decided_on(version):
    owner, reviewer = signed_in("owner", "process_owner"), signed_in("rita", "process_reviewer")
    row = api.prepare_change(version.pk, user=owner.person)
    api.record_change(row.pk, user=owner.person, values={
        "diagnosis": "Four of ten break.", "owner_id": owner.person.pk, "waived.training": "Nobody sees it.", "way": "pilot",
        "rule": 'place = "branch:1"', "share": 30,
    })  # fmt: skip
    ProcessVersion.objects.filter(pk=version.pk).update(state="in_review")
    row = ProcessChange.objects.select_related("version__definition", "version__base", "definition", "owner").get(pk=row.pk)

    panel = panel_of("process_change", row, reviewer.person)

    about = panel.about
    assert (panel.title, about["changed"].before) == ("The change", 1)
    assert any("“New”" in line.sentence for line in about["changed"].lines)
    assert [(one["label"], one["text"], one["without"]) for one in about["record"]] == [
        ("diagnosis", "Four of ten break.", ""), ("owner", str(owner.person), ""), ("training", "", "Nobody sees it."),
    ]  # fmt: skip
    assert about["pilot"] == [("And only when", 'place = "branch:1"', True), ("Share of customers", "30 %", False)]
    assert panel_of("thing", row, reviewer.person) is None
    assert panel_of("process_change", None, reviewer.person) is None


def test_saving_a_field_costs_a_bounded_number_of_statements(version, clock):
    owner = signed_in("owner", "process_owner")
    save(owner, version, "title", "One")
    clock.move(clock.now() + timedelta(minutes=1))

    with CaptureQueriesContext(connection) as seen:
        save(owner, version, "title", "Two", began=("One",))

    assert len(seen) <= 45
