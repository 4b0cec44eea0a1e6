"""The two questions of a field with an expression, as the browser asks them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from processes.catalog.models import ProcessDefinition, ProcessVersion, State
from tests.processes.inbox.house import house, person
from tests.processes.publication.drawing import FORM, drawing, user_task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def things() -> Any:
    """The record that the process is about."""
    with house():
        yield


@pytest.fixture
def draft() -> ProcessVersion:
    """A draft with one form."""
    definition = ProcessDefinition.objects.create(key="deal", subject_type="thing")
    bpmn = drawing(user_task(form="f"), process='<redraw:process subject="thing"/>')
    return ProcessVersion.objects.create(definition=definition, number=1, bpmn=bpmn, forms={"f": FORM})


def signed_in(*roles: str) -> Client:
    client = Client(headers={"X-Requested-With": "fetch"})
    user = person("-".join(roles) or "nobody", *roles)
    user.is_staff = True
    user.save()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_an_error_is_told_with_its_place(draft):
    answer = signed_in("process_owner").post("/studio/feel/", {"version": draft.pk, "form": "f", "text": "= outcom = 1 +"})

    assert answer.json() == {
        "ok": False, "unknown": [],
        "error": {"sentence": "The expression ends too early; a value is missing.", "from": 13, "to": 14},
    }  # fmt: skip


def test_a_name_that_is_not_stored_yet_may_be_given_along(draft):
    owner = signed_in("process_owner")
    asked = {"version": draft.pk, "form": "f", "text": "= colour", "kind": "expression"}

    assert [item["from"] for item in owner.post("/studio/feel/", asked).json()["unknown"]] == [2]
    assert owner.post("/studio/feel/", {**asked, "also": ["colour"]}).json()["ok"] is True


def test_the_names_come_in_the_order_of_their_nearness(draft):
    answer = signed_in("process_owner").get("/studio/names/", {"version": draft.pk, "form": "f"}).json()

    assert [item["name"] for item in answer["names"]][:8] == [
        "need", "outcome", "reason", "amount", "place", "sure", "thing", "thing.need",
    ]  # fmt: skip
    assert answer["names"][1]["choices"] == [{"value": "yes", "label": "Yes"}, {"value": "no", "label": "No"}]
    assert answer["words"]["types"]["number"] == "number"


@pytest.mark.parametrize("version", ["", "1", "00000000-0000-7000-8000-000000000000"])
def test_what_is_no_version_is_not_there(version):
    owner = signed_in("process_owner")

    assert owner.get("/studio/names/", {"version": version}).status_code == 404
    assert owner.post("/studio/feel/", {"version": version, "text": "1"}).status_code == 404


def test_who_does_not_answer_for_a_process_learns_nothing_of_its_draft(draft):
    seller = signed_in("seller")

    assert seller.get("/studio/names/", {"version": draft.pk}).status_code == 404
    assert seller.post("/studio/feel/", {"version": draft.pk, "text": "1"}).status_code == 404

    draft.state = State.PUBLISHED
    draft.save()
    assert seller.get("/studio/names/", {"version": draft.pk}).status_code == 200
