"""Two people with one record open: the second is told who changed what, keeps what was typed, and decides."""

from __future__ import annotations

import pytest

from crm_core.kernel.models import Branch, Employee
from crm_core.parties.models import Account, Contact
from crm_core.parties.services import add_contact, open_account
from tests.crm_core.support import branch, person, role, team
from tests.support.forms import client_of, part, save, shown

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def house():
    """Two people who may change everything, and a customer."""
    kinds = ("account", "contact", "employee", "branch", "team")
    everything = role("worker", **dict.fromkeys(kinds, dict.fromkeys(("view", "add", "change"), "all")))
    at = team("key", branch("shanghai"))

    class House:
        li = person(everything, of=at, display_name="Li Na")
        wang = person(everything, of=at, display_name="Wang Li")

    House.account = open_account(name="Huaxin", manager=House.li, city="Wuxi", industry="food", by=House.li)
    return House


def test_the_second_is_told_who_changed_what_and_nothing_is_written(house):
    address, sent = shown(house.li, Account, house.account.pk)
    save(house.wang, Account, house.account.pk, city="Suzhou")

    answer = client_of(house.li).post(address, {**sent, "notes": "What I typed"})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Wang Li changed this record while you were working." in page
    assert "city: Wuxi → Suzhou" in page
    assert "What I typed" in page
    house.account.refresh_from_db()
    assert (house.account.city, house.account.notes) == ("Suzhou", "")


def test_saving_again_keeps_both_what_the_other_changed_and_what_was_typed(house):
    address, sent = shown(house.li, Account, house.account.pk)
    save(house.wang, Account, house.account.pk, city="Suzhou")
    merged = client_of(house.li).post(address, {**sent, "notes": "What I typed"}).context["adminform"].form.data

    assert client_of(house.li).post(address, merged.dict()).status_code == 302

    house.account.refresh_from_db()
    assert (house.account.city, house.account.notes, house.account.changed_by) == ("Suzhou", "What I typed", house.li)


def test_what_both_changed_keeps_what_was_typed_and_says_so_beside_the_field(house):
    address, sent = shown(house.li, Account, house.account.pk)
    save(house.wang, Account, house.account.pk, city="Suzhou", manager=house.wang.pk)

    answer = client_of(house.li).post(address, {**sent, "city": "Nanjing"})

    form = answer.context["adminform"].form
    assert form.errors["city"] == ["Wang Li set this to “Suzhou” meanwhile. Saving again keeps what stands here."]
    assert form["city"].value() == "Nanjing"
    assert form["manager"].value() == str(house.wang.pk)
    assert "manager" not in form.errors
    assert client_of(house.li).post(address, form.data.dict()).status_code == 302
    house.account.refresh_from_db()
    assert (house.account.city, house.account.manager) == ("Nanjing", house.wang)


def test_a_third_change_is_told_as_well(house):
    address, sent = shown(house.li, Account, house.account.pk)
    save(house.wang, Account, house.account.pk, city="Suzhou")
    merged = client_of(house.li).post(address, {**sent, "notes": "Mine"}).context["adminform"].form.data
    save(house.wang, Account, house.account.pk, industry="retail")

    answer = client_of(house.li).post(address, merged.dict())

    assert "industry: food → retail" in answer.content.decode()
    assert "Suzhou</li>" not in answer.content.decode()


def test_rows_of_a_record_count_as_changes_of_it(house):
    contact = add_contact(account=house.account, name="Chen", email="chen@hx.example", by=house.li)
    address, sent = shown(house.li, Contact, contact.pk)
    save(house.wang, Contact, contact.pk, **part("points", 1, 2, kind="phone", value="+86 139 0000 0000", contact=contact.pk))

    answer = client_of(house.li).post(address, {**sent, "points-0-value": "other@hx.example"})

    assert "Wang Li changed this record" in answer.content.decode()
    assert contact.points.get(kind="email").value == "chen@hx.example"


def test_team_seats_saved_as_they_stand_count_as_changes_too(house):
    address, sent = shown(house.li, Account, house.account.pk)
    save(house.wang, Account, house.account.pk, **part("team", 0, 1, user=house.wang.pk, role="Expert", account=house.account.pk))

    assert "Wang Li changed this record" in client_of(house.li).post(address, {**sent, "city": "Nanjing"}).content.decode()


@pytest.mark.parametrize("model", [Branch, Employee])
def test_rows_that_count_no_versions_are_kept_from_being_overwritten_too(house, model):
    row = branch("shanghai") if model is Branch else house.wang.employee
    theirs, mine = ("city", "name_zh") if model is Branch else ("title", "telephone")
    address, sent = shown(house.li, model, row.pk)
    save(house.wang, model, row.pk, **{theirs: "Theirs"})

    answer = client_of(house.li).post(address, {**sent, mine: "Mine"})

    assert "Wang Li changed this record" in answer.content.decode()
    assert client_of(house.li).post(address, answer.context["adminform"].form.data.dict()).status_code == 302
    row.refresh_from_db()
    assert (getattr(row, theirs), getattr(row, mine)) == ("Theirs", "Mine")


def test_an_undisturbed_form_saves_at_once(house):
    assert save(house.li, Account, house.account.pk, city="Nanjing").city == "Nanjing"
    assert save(house.li, Branch, branch("shanghai").pk, city="Nanjing").city == "Nanjing"
