"""The pages of rehearsals and tests: begun, stepped through, refused, kept as a test, run; by role."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_core.kernel.models import User
from crm_core.sales.models import Opportunity
from processes import api, ports
from processes.catalog import selectors as catalog
from processes.catalog.services import save_draft_version
from processes.rehearsal import rooms
from processes.rehearsal.models import Rehearsal
from processes.runtime.models import ProcessInstance
from tests.stories.house import text_of

pytestmark = pytest.mark.django_db
KEY = "opportunity_stages"
LOST = {"stage_outcome": "lost", "loss_reason": "price"}


@pytest.fixture
def shipped(settings: Any, clock: ports.FixedClock) -> None:
    rooms.make_empty_house()
    call_command("roles", "load", verbosity=0)
    folder = settings.BASE_DIR / "fixtures/processes"
    call_command("process", "load", str(folder / KEY), str(folder / "terms_approval"), "--publish", verbosity=0)


def signed_in(username: str, role: str) -> tuple[Client, User]:
    user = User.objects.create(username=username, display_name=username.title(), is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client, user


def begun(client: Client, **values: str) -> str:
    """Begin over the page; gives the address of the rehearsal."""
    answer = client.post(reverse("redraw:studio_rehearsals", args=[KEY]), {
        "version": "1", "at": "2026-11-24T10:34", "name": "Sorting line", "amount": "300000", "currency": "CNY",
        "customer_class": "B", "discount": "0", "credit_days": "0", **values,
    })  # fmt: skip
    assert answer.status_code == 302, text_of(answer.content.decode())[:2000]
    return str(answer["Location"])


def step(client: Client, address: str, **entered: str) -> Any:
    row = Rehearsal.objects.get(pk=address.rstrip("/").rpartition("/")[2])
    (task,) = api.rehearsal(row.pk, user=row.by).standing.tasks
    return client.post(address, {"_do": "step", "_task": str(task.id), **entered})


def test_an_owner_rehearses_a_draft_step_by_step_and_keeps_it_as_a_test(shipped: None) -> None:
    client, owner = signed_in("owner", "process_owner")
    published = catalog.current_version(KEY)
    draft = save_draft_version(key=KEY, bpmn=published.bpmn, forms=published.forms, user=owner)
    page = text_of(client.get(reverse("redraw:studio_rehearsals", args=[KEY])).content.decode())
    assert "Rehearse “Opportunity stages”" in page
    assert f"version {draft.number} (Draft)" in page
    address = begun(client, version=str(draft.number), amount="700000")
    page = text_of(client.get(address).content.decode())
    assert "nothing here is real" in page
    assert "Complete as Sales representative" in page
    assert "Go to what is due next" in page

    refused = step(client, address, stage_outcome="lost")
    assert refused.status_code == 422
    assert "Some fields need your attention" in text_of(refused.content.decode())
    again = step(client, address, **LOST)
    assert again.status_code == 302, text_of(again.content.decode())
    assert "It ended with “Lost”." in text_of(client.get(address).content.decode())
    for tab, word in (("decisions", "gate between stages"), ("values", "stage"), ("record", "price"), ("mails", ""), ("steps", "Sales representative 1")):
        answer = client.get(address, {"tab": tab})
        assert answer.status_code == 200
        assert word.casefold() in text_of(answer.content.decode()).casefold(), tab

    client.post(address, {"_do": "record", "name": "Lost at once"})
    draft.refresh_from_db()
    assert [test["name"] for test in draft.tests] == ["Lost at once"]
    tests = reverse("redraw:studio_tests", args=[KEY])
    assert "not run yet" in text_of(client.get(tests).content.decode())
    page = text_of(client.post(tests, {"do": "run", "version": str(draft.number)}, follow=True).content.decode())
    assert "All tests hold." in page
    assert "Sales representative does “" in page
    client.post(tests, {"do": "remove", "name": "Lost at once", "version": str(draft.number)})
    draft.refresh_from_db()
    assert draft.tests == []
    assert client.post(address, {"_do": "end"}).status_code == 302
    assert client.get(address).status_code == 404
    assert not ProcessInstance.objects.exists()
    assert not Opportunity.objects.exists()


def test_the_form_asks_for_what_depends_on_an_answer(shipped: None) -> None:
    client, owner = signed_in("owner", "process_owner")
    address = begun(client)
    row = Rehearsal.objects.get()
    (task,) = api.rehearsal(row.pk, user=owner).standing.tasks
    fields = reverse("redraw:studio_rehearsal_fields", args=[KEY, row.pk, task.id])
    hidden = {answer: client.post(fields, {"stage_outcome": answer}).json()["fields"]["loss_reason"]["hidden"] for answer in ("lost", "advance")}
    assert hidden == {"lost": False, "advance": True}
    assert client.get(address).status_code == 200
    row.refresh_from_db()
    assert row.steps == []


def test_a_step_is_filled_in_as_a_test_does_it_and_nothing_is_done_by_that(shipped: None) -> None:
    client, owner = signed_in("owner", "process_owner")
    published = catalog.current_version(KEY)
    test = {"name": "Shown before", "at": "2026-11-24T02:34:00+00:00", "steps": [
        {"do": "complete", "element": "Qualify", "entered": {"pain": "Belt slips", "budget_confirmed": True, "amount": 7, "stage_outcome": "advance"}},
        {"do": "wait", "until": "2026-11-25T02:34:00+00:00"},
    ]}  # fmt: skip
    draft = save_draft_version(key=KEY, bpmn=published.bpmn, forms=published.forms, user=owner)
    draft.tests = [test]
    draft.save()
    address = begun(client, version=str(draft.number))

    page = client.get(address).content.decode()
    assert "Shown before" in page
    assert "Belt slips" not in page
    filled = client.get(address, {"like": "Shown before"}).content.decode()
    assert "Belt slips" in filled
    assert re.search(r'value="true" checked[^>]*name="budget_confirmed"', filled)
    assert client.get(address, {"like": "no such test"}).content.decode().count("Belt slips") == 0
    assert Rehearsal.objects.get().steps == []


def test_staff_practise_the_published_version_and_see_no_draft(shipped: None) -> None:
    client, _seller = signed_in("sue", "sales_representative")
    owner = signed_in("owner", "process_owner")[1]
    published = catalog.current_version(KEY)
    draft = save_draft_version(key=KEY, bpmn=published.bpmn, forms=published.forms, user=owner)
    assert "Practise" in text_of(client.get(reverse("redraw:process", args=[KEY])).content.decode())
    page = text_of(client.get(reverse("redraw:studio_rehearsals", args=[KEY])).content.decode())
    assert "Practise “Opportunity stages”" in page
    assert f"version {draft.number} (Draft)" not in page
    address = begun(client)
    assert "Record as test" not in text_of(client.get(address).content.decode())
    assert client.post(address, {"_do": "record", "name": "Mine"}).status_code == 403
    assert client.get(reverse("redraw:studio_tests", args=[KEY])).status_code == 403
    assert client.post(reverse("redraw:studio_tests", args=[KEY]), {"do": "run"}).status_code == 403
    assert client.post(reverse("redraw:studio_rehearsals", args=[KEY]), {"version": str(draft.number)}).status_code == 404
    draft.refresh_from_db()
    assert (draft.tests, Rehearsal.objects.count()) == ([], 1)


def test_nobody_else_gets_in(shipped: None) -> None:
    client, _seller = signed_in("sue", "sales_representative")
    address = begun(client)
    for role, answer in (("knowledge_editor", 403), ("sales_representative", 200)):
        other, _user = signed_in(f"other.{role}", role)
        assert other.get(reverse("redraw:studio_rehearsals", args=[KEY])).status_code == answer
        assert other.get(address).status_code == 404
        assert other.post(address, {"_do": "wait"}).status_code == 404
    assert Rehearsal.objects.get().steps == []


def test_the_clock_is_moved_on_the_page(shipped: None) -> None:
    client, _owner = signed_in("owner", "process_owner")
    address = begun(client)
    before = Rehearsal.objects.get().clock
    assert client.post(address, {"_do": "wait"}).status_code == 302
    due = Rehearsal.objects.get().clock
    assert due > before
    client.post(address, {"_do": "wait", "until": "2026-11-01T10:00"})
    assert Rehearsal.objects.get().clock == due, "it does not go back"
    assert "The clock goes forward only" in text_of(client.get(address).content.decode())


@pytest.mark.parametrize(("name", "value", "said"), [("amount", "much", "must be a number"), ("version", "x", "Choose a version"), ("at", "soon", "no date and time")])
def test_what_cannot_be_is_said_and_nothing_begins(shipped: None, name: str, value: str, said: str) -> None:
    client, _owner = signed_in("owner", "process_owner")
    answer = client.post(reverse("redraw:studio_rehearsals", args=[KEY]), {"version": "1", "amount": "5", name: value})
    assert answer.status_code == 422
    assert said in text_of(answer.content.decode())
    assert not Rehearsal.objects.exists()


def test_the_pages_ask_the_real_database_little(shipped: None) -> None:
    client, _owner = signed_in("owner", "process_owner")
    address = begun(client)
    for page, most in ((reverse("redraw:studio_rehearsals", args=[KEY]), 20), (address, 16), (reverse("redraw:studio_tests", args=[KEY]), 20)):
        client.get(page)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page).status_code == 200
        assert len(asked) <= most, (page, len(asked))


def test_a_room_that_is_still_made_is_said(shipped: None, monkeypatch: pytest.MonkeyPatch) -> None:
    client, _owner = signed_in("owner", "process_owner")
    monkeypatch.setattr("processes.rehearsal.rooms.is_ready", lambda: False)
    monkeypatch.setattr("processes.rehearsal.rooms.make_soon", lambda: None)
    page = reverse("redraw:studio_rehearsals", args=[KEY])
    for answer in (client.get(page), client.post(page, {"version": "1", "name": "Deal", "amount": "7"})):
        assert answer.status_code == 200
        assert b'data-reload="5000"' in answer.content
        assert "is being prepared" in text_of(answer.content.decode())
    assert not Rehearsal.objects.exists()
