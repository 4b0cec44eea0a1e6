"""A lead's way, told through the pages: scored, routed, missed, assigned by hand, contacted, converted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_core.activities.services import log_activity
from crm_core.kernel.models import Employee
from crm_core.sales.models import AssignmentLedger, Lead, Opportunity
from crm_core.sales.services import give, receive_lead
from processes.runtime.models import ProcessInstance, Task
from tests.stories.house import House

pytestmark = pytest.mark.django_db


def arrives(house: House, **data: Any) -> tuple[Lead, ProcessInstance]:
    """A hot lead of a stranger in Shanghai."""
    lead = receive_lead(
        data={
            "company": "Huadu Dairy", "contact_name": "Mei Lin", "email": "mei@huadu.example", "phone": "+86 138 0000 1111",
            "country": "CN", "language": "zh-hans", "industry": "food", "employees": 400, "request": "demo",
            "need": "clear", "budget": "approved", "authority": "decision_maker", "timeline": "3_months",
            "message": "We need a line before May.", **data,
        },
        branch=house.founder.branches["shanghai"], consent=True,
    )  # fmt: skip
    house.settle()
    return lead, house.instance("lead_assignment", "lead", lead.pk)


def test_a_hot_lead_is_offered_to_one_person_and_converted(house: House) -> None:
    lead, instance = arrives(house)
    lead.refresh_from_db()
    assert lead.grade == "hot"
    assert house.steps(instance) == ["AcceptLead"]
    seller = house[lead.owner.username]
    task = seller.task(instance, "AcceptLead")
    assert task.owner_id == lead.owner_id, "the person whom the rule chose has it"
    assert task.due_at - house.clock.now() == timedelta(minutes=5)
    assert seller.sees(instance, "AcceptLead")

    seller.does(instance, "AcceptLead", accept_outcome="accepted")
    assert house.steps(instance) == ["FirstContact"]
    log_activity(kind="call", direction="out", subject=("lead", lead.pk), account=None, contact=None,
                 title="Rang Mei Lin", body="Wants a line before May.", minutes=6, at=house.clock.now(),
                 by=seller.user)  # fmt: skip
    seller.does(instance, "FirstContact", contact_result="talked", contact_note="Wants a line before May.")
    assert house.steps(instance) == ["QualifyLead"]
    seller.does(instance, "QualifyLead", lead_need="clear", lead_budget="approved", lead_authority="decision_maker",
                lead_timeline="3_months", qualify_outcome="convert")  # fmt: skip
    house.settle()

    lead.refresh_from_db()
    instance.refresh_from_db()
    assert (lead.status, instance.outcome, instance.end_node) == ("converted", "completed", "Done")
    opportunity = Opportunity.objects.get(lead=lead)
    assert opportunity.owner_id == seller.user.pk
    stages = house.instance("opportunity_stages", "opportunity", opportunity.pk)
    assert house.steps(stages) == ["Qualify"]


def test_a_missed_limit_goes_to_the_next_person_and_then_to_the_manager(house: House) -> None:
    lead, instance = arrives(house)
    lead.refresh_from_db()
    first = lead.owner
    house.wait(minutes=6)
    lead.refresh_from_db()
    assert lead.misses == 1
    assert lead.owner_id != first.pk
    house.wait(minutes=6)
    assert house.steps(instance) == ["AssignByHand"]
    manager = house["zhou.jie"]
    assert manager.sees(instance, "AssignByHand")
    assert not house["deng.rui"].sees(instance, "AssignByHand"), "another branch's manager has nothing to do with it"
    manager.does(instance, "AssignByHand", new_owner=str(house["li.na"].user.pk), assign_note="Please ring at once.")
    lead.refresh_from_db()
    assert lead.owner_id == house["li.na"].user.pk
    assert house["li.na"].task(instance, "AcceptLead").owner_id == lead.owner_id


def test_a_contact_that_is_not_on_the_timeline_does_not_count(house: House) -> None:
    lead, instance = arrives(house)
    lead.refresh_from_db()
    seller = house[lead.owner.username]
    seller.does(instance, "AcceptLead", accept_outcome="accepted")
    seller.does(instance, "FirstContact", contact_result="talked")
    assert house.steps(instance) == ["FirstContact"], "nothing was logged, so the step is asked for again"


def test_the_wrong_person_is_refused_and_nothing_happens(house: House) -> None:
    lead, instance = arrives(house)
    lead.refresh_from_db()
    task = Task.objects.get(process=instance, node_id="AcceptLead")
    stranger = house["claire.moreau"]
    assert stranger.get("redraw:work", task.pk).status_code in (403, 404)
    assert stranger.claim(task).status_code in (403, 404)
    assert stranger.client.post(f"/work/{task.pk}/complete/", {"accept_outcome": "accepted"}).status_code in (403, 404)
    task.refresh_from_db()
    assert (task.status != "DONE", task.owner_id) == (True, lead.owner_id)


def test_a_lead_that_must_wait_comes_back_on_its_date(house: House) -> None:
    lead, instance = arrives(house)
    lead.refresh_from_db()
    seller = house[lead.owner.username]
    seller.does(instance, "AcceptLead", accept_outcome="accepted")
    log_activity(kind="email", direction="out", subject=("lead", lead.pk), account=None, contact=None, title="Wrote",
                 body="", minutes=None, at=house.clock.now(), by=seller.user)  # fmt: skip
    seller.does(instance, "FirstContact", contact_result="written")
    until = (house.clock.now() + timedelta(days=20)).date()
    seller.does(instance, "QualifyLead", lead_need="wish", lead_budget="none", lead_authority="influencer",
                lead_timeline="12_months", qualify_outcome="nurture", nurture_until=until.isoformat(),
                nurture_segment="sorting lines")  # fmt: skip
    assert house.steps(instance) == []
    house.wait(days=21)
    assert house.steps(instance) in (["AcceptLead"], ["AssignByHand"]), "it is scored and offered again"


# --- nobody is free ----------------------------------------------------------------------------------------
def evening(house: House) -> datetime:
    """Move on to the evening; gives when the first people of Shanghai are back."""
    house.wait_until(datetime(2026, 11, 24, 12, 0, tzinfo=UTC))  # 20:00
    return datetime(2026, 11, 25, 1, 0, tzinfo=UTC)  # 09:00


def test_a_lead_of_the_evening_waits_in_the_queue_and_is_handed_out_when_somebody_is_back(house: House) -> None:
    back = evening(house)
    lead, instance = arrives(house)
    lead.refresh_from_db()
    assert (house.steps(instance), lead.owner) == (["TakeFromQueue"], None)
    assert lead.branch == house.founder.branches["shanghai"]
    row = AssignmentLedger.objects.get(subject_type="lead", subject_id=lead.pk)
    assert (row.why, row.until) == ("off_shift", back)
    assert row.decisions.keys() >= {"lead_route", "lead_score"}, "the ledger says which versions made the rule"

    house.wait_until(back)
    lead.refresh_from_db()
    assert (house.steps(instance), lead.misses) == (["AcceptLead"], 0), "it is nobody's miss"
    task = house[lead.owner.username].task(instance, "AcceptLead")
    assert (task.owner_id, task.due_at) == (lead.owner_id, back + timedelta(minutes=5))


def test_who_takes_a_lead_from_the_queue_has_it_and_goes_on_with_it(house: House) -> None:
    back = evening(house)
    lead, instance = arrives(house)
    seller = house["li.na"]
    seller.does(instance, "TakeFromQueue")
    lead.refresh_from_db()
    assert (lead.owner, house.steps(instance)) == (seller.user, ["FirstContact"])
    house.wait_until(back)
    assert house.steps(instance) == ["FirstContact"], "nobody takes it away again"


def test_a_lead_given_away_by_hand_meanwhile_is_offered_to_that_person_at_once(house: House) -> None:
    back = evening(house)
    lead, instance = arrives(house)
    give(subject_type="lead", record=Lead.objects.get(pk=lead.pk), user=house["li.na"].user, by=house["zhou.jie"].user)
    house.settle()
    assert house.steps(instance) == ["AcceptLead"]
    assert house["li.na"].task(instance, "AcceptLead").owner_id == house["li.na"].user.pk
    house.wait_until(back)
    lead.refresh_from_db()
    assert lead.owner == house["li.na"].user


def test_where_everybody_is_full_the_manager_is_asked_after_the_third_attempt(house: House) -> None:
    Employee.objects.update(capacity=0)
    lead, instance = arrives(house)
    assert house.steps(instance) == ["TakeFromQueue"]
    house.wait(minutes=16)
    assert house.steps(instance) == ["TakeFromQueue"]
    house.wait(minutes=16)
    assert house.steps(instance) == ["AssignByHand"]
    assert house["zhou.jie"].sees(instance, "AssignByHand")
    assert AssignmentLedger.objects.filter(subject_id=lead.pk, why="over_capacity").count() == 3


def test_capacity_that_becomes_free_is_used_at_the_next_attempt(house: House) -> None:
    Employee.objects.update(capacity=0)
    lead, instance = arrives(house)
    Employee.objects.filter(user=house["li.na"].user).update(capacity=5)
    house.wait(minutes=16)
    lead.refresh_from_db()
    assert (house.steps(instance), lead.owner) == (["AcceptLead"], house["li.na"].user)
