"""A campaign's way, told through the pages: brief, reviews at once, launch gate, batches, stop rule, lessons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from crm_core.activities.models import MailOutbox
from crm_core.marketing.models import Campaign, CampaignMember, MailingBatch
from crm_core.marketing.services import (
    note_return,
    plan_campaign,
    record_response,
    unsubscribe_link,
    update_campaign,
)
from crm_core.parties.models import Contact
from crm_core.parties.services import add_contact, give_consent, suppress, withdraw_consent
from crm_core.sales.models import Lead
from processes import api
from processes.runtime.models import ProcessInstance, Task
from tests.stories.house import House, Person, text_of

pytestmark = pytest.mark.django_db

PEOPLE = 30


def audience(house: House, people: int = PEOPLE) -> list[Contact]:
    """People of food producers; all but one agreed to mails, and one address is suppressed."""
    account = house.customer()
    account.industry = "food"
    account.save(update_fields=["industry"])
    account.contacts.all().update(email="")
    found = []
    for number in range(people):
        contact = add_contact(account=account, name=f"Person {number:02}", email=f"p{number:02}@food.example", language="en", trusted=True)
        if number != 1:
            give_consent(contact=contact, channel="email", purpose="marketing", trusted=True)
        found.append(contact)
    suppress(address="p00@food.example", reason="unsubscribed", purpose="marketing", trusted=True)
    return found


def planned(house: House, people: int = PEOPLE) -> tuple[Campaign, ProcessInstance, Person]:
    """A campaign of a specialist in Shanghai, its process begun."""
    audience(house, people)
    specialist = house["luo.xin"]
    campaign = plan_campaign(name="Washable belts for food", by=specialist.user)
    instance = api.start("campaign_approval", subject=("campaign", campaign.pk), user=specialist.user)
    house.settle()
    return campaign, instance, specialist


def brief(house: House, campaign: Campaign, **more: Any) -> dict[str, Any]:
    from crm_core.marketing.models import Segment

    day = house.clock.now().date()
    return {
        "goal": "Replace smooth belts", "goal_measure": "Ten visits", "segment": str(Segment.objects.get(key="food-producers").pk),
        "offer": "Free wear check", "channels": ["email"], "budget": "8000", "expected_return": "60000", "control_group": "20",
        "starts_on": (day + timedelta(days=7)).isoformat(), "ends_on": (day + timedelta(days=20)).isoformat(),
        "personal_data": "none", "brief_outcome": "submit", **more,
    }  # fmt: skip


def approved(house: House, campaign: Campaign, instance: ProcessInstance, specialist: Person) -> None:
    """Reviewed and decided by the marketing manager, who is not the one who asked."""
    specialist.does(instance, "Brief", **brief(house, campaign))
    manager = house["song.yu"]
    manager.does(instance, "Review", review_decision="approved")
    manager.does(instance, "Decide", decision="approved")
    house.settle()


def ready(house: House, instance: ProcessInstance, specialist: Person) -> None:
    """Prepared, tested by a colleague and let go."""
    specialist.does(instance, "PrepareContent", mail_subject_en="Two belts checked", mail_body_en="We check two belts on your site.")
    specialist.does(instance, "BriefSales", briefing="They ask for the free check; book it with Zhao Min.")
    house.settle()
    house["he.qing"].does(instance, "CheckTest", test_decision="fine")
    house["song.yu"].does(instance, "GoNoGo", go_decision="go", starts_on=(house.clock.now().date() + timedelta(days=7)).isoformat())
    house.settle()


def test_a_simple_campaign_is_approved_sent_answered_and_evaluated(house: House) -> None:
    campaign, instance, specialist = planned(house)
    specialist.does(instance, "Brief", **brief(house, campaign, goal=""))
    assert house.steps(instance) == ["Brief"]
    page = text_of(specialist.get("redraw:work", specialist.task(instance, "Brief").pk).content.decode())
    assert "还缺：目标" in page, "what is missing is said, in her language"

    approved(house, campaign, instance, specialist)
    campaign.refresh_from_db()
    assert (campaign.state, int(campaign.reserved)) == ("approved", 8000)
    assert sorted(house.steps(instance)) == ["BriefSales", "PrepareContent"]
    ready(house, instance, specialist)
    members = CampaignMember.objects.filter(campaign=campaign)
    assert members.count() == PEOPLE - 2, "one did not agree, one is suppressed"
    control = members.filter(status="control").count()
    assert 0 < control < PEOPLE / 2
    assert not MailOutbox.objects.filter(purpose="marketing").exists(), "nothing goes out before its day"

    house.wait(days=8)
    mails = MailOutbox.objects.filter(purpose="marketing")
    assert mails.count() == PEOPLE - 2 - control
    assert not mails.filter(to="p00@food.example").exists()
    one = members.filter(status="sent").first()
    record_response(campaign=campaign, address=one.address, text="Please come.", key="r1", trusted=True)
    house.settle()
    lead = Lead.objects.get(campaign_key=campaign.number)
    way = house.instance("lead_assignment", "lead", lead.pk)
    assert way.is_open
    assert lead.source == "campaign"
    api.message("lead.outcome", correlation=campaign.number, data={"lead": lead.pk, "outcome": "converted", "campaign": campaign.number})
    house.settle()
    one.refresh_from_db()
    assert (one.status, one.outcome) == ("converted", "converted"), "what became of the lead comes back"

    house.wait(days=14)
    assert house.steps(instance) == ["Lessons"]
    specialist.does(instance, "Lessons", spent="7500", lessons="The free check draws; write again in spring.")
    house.settle()
    campaign.refresh_from_db()
    instance.refresh_from_db()
    assert (campaign.state, instance.outcome) == ("closed", "completed")
    assert campaign.evaluation["responded"] == 1


def test_reviewers_work_at_once_and_one_no_takes_it_back(house: House) -> None:
    campaign, instance, specialist = planned(house)
    specialist.does(instance, "Brief", **brief(house, campaign, claims="on", legal_text="Measured by TÜV 2025.", personal_data="consented",
                                               budget="45000"))  # fmt: skip
    rows = Task.objects.open().human().filter(process=instance).order_by("role")
    assert [row.role for row in rows] == ["data_protection", "finance", "legal", "marketing_manager"]
    assert specialist.claim(rows[0]).status_code in (403, 404)
    for row, name in zip(rows, ("shen.ke", "cao.lei", "qin.fa", "song.yu"), strict=True):
        house[name].claim(row)
        answer = {"review_decision": "approved"}
        if row.role == "legal":
            answer = {"review_decision": "sent_back", "review_comment": "Name the year of the measurement."}
        assert house[name].send(row, **answer).status_code == 302
    assert house.steps(instance) == ["Brief"]
    page = text_of(specialist.get("redraw:work", specialist.task(instance, "Brief").pk).content.decode())
    assert "Name the year of the measurement." in page


def test_a_late_review_is_told_and_never_passes_by_itself(house: House) -> None:
    campaign, instance, specialist = planned(house)
    specialist.does(instance, "Brief", **brief(house, campaign))
    house.wait(days=6)
    assert house.steps(instance) == ["Review"]
    told = house["song.yu"].user.notices.filter(text__contains=campaign.number)
    assert told.exists()


def test_a_change_after_the_approval_comes_back_to_the_decision(house: House) -> None:
    campaign, instance, specialist = planned(house)
    approved(house, campaign, instance, specialist)
    ready(house, instance, specialist)
    update_campaign(campaign=campaign, changes={"offer": "Free belts for everybody"}, by=specialist.user)
    house.wait(days=8)
    assert house.steps(instance) == ["GoNoGo"], "the gate is shut"
    assert not MailOutbox.objects.filter(purpose="marketing").exists()
    page = text_of(house["song.yu"].get("redraw:work", Task.objects.open().get(process=instance, node_id="GoNoGo").pk).content.decode())
    assert "获批后内容有改动" in page or "changed after its approval" in page


def test_bad_returns_pause_the_campaign_until_somebody_has_looked(house: House) -> None:
    campaign, instance, specialist = planned(house, people=230)
    specialist.does(instance, "Brief", **brief(house, campaign, control_group="0"))
    manager = house["song.yu"]
    manager.does(instance, "Review", review_decision="approved")
    manager.does(instance, "Decide", decision="approved")
    house.settle()
    ready(house, instance, specialist)
    first_day = Task.objects.stored().get(process=instance, node_id="FirstDay").scheduled
    house.wait_until(first_day + timedelta(minutes=1))
    assert [batch.sent for batch in MailingBatch.objects.filter(mailing__campaign=campaign)] == [200]
    for member in CampaignMember.objects.filter(campaign=campaign, status="sent")[:12]:
        note_return(campaign=campaign, address=member.address, what="bounced", trusted=True)
    house.wait(minutes=10)
    campaign.refresh_from_db()
    assert (campaign.state, house.steps(instance)) == ("paused", ["DecideStop"])
    assert CampaignMember.objects.filter(campaign=campaign, status="planned").count() == 28
    manager.does(instance, "DecideStop", stop_decision="go_on", stop_reason="One domain was down; the rest is fine.")
    house.wait(minutes=11)
    campaign.refresh_from_db()
    assert CampaignMember.objects.filter(campaign=campaign, status="planned").count() == 0
    assert campaign.state == "running"


def test_who_takes_back_the_consent_before_the_first_day_gets_nothing(house: House) -> None:
    campaign, instance, specialist = planned(house)
    specialist.does(instance, "Brief", **brief(house, campaign, control_group="0"))
    manager = house["song.yu"]
    manager.does(instance, "Review", review_decision="approved")
    manager.does(instance, "Decide", decision="approved")
    house.settle()
    ready(house, instance, specialist)
    gone, moved = CampaignMember.objects.filter(campaign=campaign, status="planned").select_related("contact")[:2]
    withdraw_consent(contact=gone.contact, channel="email", purpose="marketing", trusted=True)
    suppress(address=moved.address.upper(), reason="bounced", trusted=True)
    house.wait(days=8)
    left_out = dict(CampaignMember.objects.filter(campaign=campaign, status="skipped").values_list("pk", "skip_reason"))
    assert left_out == {gone.pk: "no_consent", moved.pk: "suppressed"}
    assert not MailOutbox.objects.filter(purpose="marketing", to__in=[gone.address, moved.address]).exists()


def test_one_click_and_no_more_mails(house: House) -> None:
    campaign, instance, specialist = planned(house)
    approved(house, campaign, instance, specialist)
    ready(house, instance, specialist)
    house.wait(days=8)
    member = CampaignMember.objects.filter(campaign=campaign, status="sent").first()
    path = unsubscribe_link(member).split("/u/")[1]
    assert Client().get(f"/u/{path}").status_code == 200
    member.refresh_from_db()
    assert member.status == "sent", "looking at the page does nothing; mail programs open links too"
    assert Client().post(f"/u/{path}").status_code in (200, 302)
    member.refresh_from_db()
    assert member.status == "unsubscribed"
    assert Client().get("/u/forged/").status_code == 404


def test_nobody_decides_on_their_own_campaign(house: House) -> None:
    audience(house)
    manager = house["song.yu"]
    campaign = plan_campaign(name="My own", by=manager.user)
    instance = api.start("campaign_approval", subject=("campaign", campaign.pk), user=manager.user)
    house.settle()
    manager.does(instance, "Brief", **brief(house, campaign))
    task = manager_task(instance)
    assert manager.claim(task).status_code in (403, 404)
    assert house.steps(instance) == ["Review"]


def manager_task(instance: ProcessInstance) -> Task:
    return Task.objects.open().human().get(process=instance, node_id="Review")
