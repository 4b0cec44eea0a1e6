"""The page of unassigned work: who sees what, giving by hand, sharing out, and what it says when all is well."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from crm_core.kernel.models import Employee, User
from crm_core.sales.models import AssignmentLedger, Lead
from crm_core.sales.services import choose
from crm_core.service.models import Case
from processes import ports
from tests.crm_core.support import branch, person, role
from tests.support.rows import make

pytestmark = pytest.mark.django_db
RIGHTS = {"view": "branch", "change": "branch"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def office(clock: ports.FixedClock) -> dict[str, User]:
    west = branch("west")
    seller = role("sales_representative", lead={"view": "branch", "change": "own"})
    return {
        "boss": person(role("sales_manager", lead=RIGHTS), at=west, username="boss"),
        "li": person(seller, at=west, username="li", display_name="Li Na"),
        "full": person(seller, at=west, username="full", display_name="Full House"),
    }


def lead(number: int, place: str = "west") -> Lead:
    return Lead.objects.create(number=f"L-{number}", company=f"Company {number}", email="a@b.example", branch=branch(place))


def shown(user: User, **query: str) -> str:
    response = signed_in(user).get(reverse("redraw:unassigned"), query)
    assert response.status_code == 200
    return response.content.decode()


def posted(user: User, **data: object) -> str:
    response = signed_in(user).post(reverse("redraw:share_out"), {"kind": "lead", **data}, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_work_is_listed_with_the_reason_and_only_for_those_who_see_it(office: dict[str, User]) -> None:
    Employee.objects.exclude(user=office["boss"]).update(capacity=0)
    tried, elsewhere = lead(1), lead(2, "east")
    choose(method="round_robin", role="sales_representative", subject=("lead", tried.pk))
    page = shown(office["boss"])
    assert tried.number in page
    assert "Everybody in question is at the limit of the capacity." in page
    assert elsewhere.number not in page
    assert 'name="record"' in page
    own_page = shown(office["li"])
    assert tried.number in own_page
    assert 'name="record"' not in own_page, "who may not change it cannot give it away"


def test_an_empty_list_says_what_would_stand_there(office: dict[str, User]) -> None:
    assert "All work has somebody" in shown(office["boss"])


def test_chosen_work_is_given_by_hand_and_the_rest_stays(office: dict[str, User]) -> None:
    first, second = lead(1), lead(2)
    assert "Li Na" in posted(office["boss"], do="give", record=[first.pk], person=office["li"].pk)
    assert [Lead.objects.get(pk=one.pk).owner for one in (first, second)] == [office["li"], None]
    row = AssignmentLedger.objects.get()
    assert (row.method, row.chosen, row.subject_id) == ("hand", office["li"], first.pk)
    assert "Choose what you want to give away." in posted(office["boss"], do="give", person=office["li"].pk)


def test_leads_are_shared_out_to_who_has_capacity(office: dict[str, User]) -> None:
    Employee.objects.filter(user=office["full"]).update(capacity=0)
    Employee.objects.filter(user=office["li"]).update(capacity=2)
    for number in range(3):
        lead(number)
    page = posted(office["boss"], do="batch")
    assert "2 leads have somebody now." in page
    assert "1 still waits" in page
    assert Lead.objects.filter(owner=office["li"]).count() == 2
    assert AssignmentLedger.objects.filter(method="batch").count() == 3


def test_nobody_gives_away_what_is_not_theirs_to_change(office: dict[str, User]) -> None:
    mine, foreign = lead(1), lead(2, "east")
    posted(office["li"], do="give", record=[mine.pk], person=office["li"].pk)
    posted(office["li"], do="batch")
    posted(office["boss"], do="give", record=[foreign.pk], person=office["li"].pk)
    assert not Lead.objects.filter(owner__isnull=False).exists()
    assert not AssignmentLedger.objects.exists()


def test_cases_stand_beside_leads_and_are_given_to_a_handler(clock: ports.FixedClock) -> None:
    west = branch("west")
    boss = person(role("service_manager", case=RIGHTS), at=west)
    agent = person(role("service_agent"), at=west)
    case = make(Case, branch=west, handler=None, status="new")
    assert case.number in shown(boss, kind="case")
    posted(boss, kind="case", do="give", record=[case.pk], person=agent.pk)
    case.refresh_from_db()
    assert case.handler == agent


def test_a_made_up_person_or_kind_changes_nothing(office: dict[str, User]) -> None:
    waiting = lead(1)
    client = signed_in(office["boss"])
    data = {"kind": "lead", "do": "give", "record": waiting.pk}
    assert client.post(reverse("redraw:share_out"), {**data, "person": "9" * 30}).status_code == 404
    assert client.post(reverse("redraw:share_out"), {**data, "kind": "secrets"}).status_code in (302, 403)
    waiting.refresh_from_db()
    assert waiting.owner is None


def test_the_ledger_shows_who_was_in_question_and_why_not(office: dict[str, User]) -> None:
    reader = person(role("director", assignment={"view": "all"}), at=branch("west"))
    Employee.objects.filter(user=office["full"]).update(capacity=0)
    waiting = lead(1)
    choose(method="least_load", role="sales_representative", subject=("lead", waiting.pk), decided=lambda: {"lead_route": 7})
    row = AssignmentLedger.objects.get()
    client = signed_in(reader)
    page = client.get(reverse("admin:crm_sales_assignmentledger_change", args=[row.pk])).content.decode()
    for text in ("Li Na", "Full House", "at the limit of the capacity", "lead_route 7", "least load"):
        assert text in page
    assert "Li Na" in client.get(reverse("admin:crm_sales_assignmentledger_changelist")).content.decode()
    assert client.post(reverse("admin:crm_sales_assignmentledger_change", args=[row.pk]), {"method": "hand"}).status_code == 403
    row.refresh_from_db()
    assert row.method == "least_load"


def test_the_ledger_names_a_record_only_to_who_may_see_it(office: dict[str, User]) -> None:
    waiting = lead(1)
    choose(method="least_load", role="sales_representative", subject=("lead", waiting.pk))
    blind = person(role("blind", assignment={"view": "all"}), at=branch("west"))
    seeing = person(role("seeing", assignment={"view": "all"}, lead={"view": "all"}), at=branch("west"))
    row = AssignmentLedger.objects.get()
    for address in (
        reverse("admin:crm_sales_assignmentledger_changelist"), reverse("admin:crm_sales_assignmentledger_change", args=[row.pk]),
    ):
        assert waiting.number in signed_in(seeing).get(address).content.decode()
        page = signed_in(blind).get(address).content.decode()
        assert waiting.number not in page
        assert f"lead {waiting.pk}" in page
