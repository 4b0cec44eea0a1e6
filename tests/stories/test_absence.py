"""People are away: work finds somebody all the same, nobody approves their own request, and it says who did it for whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from crm_core.kernel.models import Absence, AuditEntry
from crm_core.sales.models import AssignmentLedger
from processes import api
from processes.runtime.models import ProcessInstance, Task
from tests.stories.house import House, Person, text_of
from tests.stories.test_lead_assignment import arrives
from tests.stories.test_opportunity_stages import opened, quoted, to_proposal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english(house: House) -> None:
    for name in ("li.na", "wang.li", "sun.hao", "xu.qing", "ma.jun", "zhou.jie", "deng.rui"):
        house[name].client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


def goes_away(house: House, person: Person, substitute: str = "", **more: Any) -> HttpResponse:
    """Enter an absence of four days from today on at the page."""
    today = house.clock.now().date()
    named = house[substitute].user.pk if substitute else ""
    answers = {"first": today.isoformat(), "last": (today + timedelta(days=3)).isoformat(), "substitute": named, **more}
    return person.client.post(reverse("redraw:absence_enter"), answers, follow=True)


def test_a_lead_passes_two_absent_people_and_no_substitute_is_away_himself(house: House) -> None:
    lead, _instance = arrives(house, company="Dairy 1", email="mei@dairy1.example", phone="+86 138 0000 2001")
    lead.refresh_from_db()
    first = lead.owner
    assert goes_away(house, house[first.username]).status_code == 200
    lead, _instance = arrives(house, company="Dairy 2", email="mei@dairy2.example", phone="+86 138 0000 2002")
    lead.refresh_from_db()
    second = lead.owner
    assert second != first, "the first one is passed over"

    page = goes_away(house, house[second.username], first.username)
    assert page.status_code == 422
    said = text_of(page.content.decode())
    assert f"{first} is away from Nov. 24, 2026 to Nov. 27, 2026. Choose somebody who is there all the time." in said
    assert not Absence.objects.filter(employee__user=second).exists(), "nothing was entered"
    goes_away(house, house[second.username])

    lead, instance = arrives(house, company="Dairy 3", email="mei@dairy3.example", phone="+86 138 0000 2003")
    lead.refresh_from_db()
    assert lead.owner not in (first, second)
    entry = AssignmentLedger.objects.filter(subject_type="lead", subject_id=lead.pk).latest("pk")
    assert {first.pk, second.pk} <= {one["user"] for one in entry.skipped if one["reason"] == "absent"}
    assert house[lead.owner.username].task(instance, "AcceptLead").owner == lead.owner, "rule and inbox agree"


def approval(house: House) -> tuple[ProcessInstance, Person, Task]:
    """Terms that the sales manager has taken to decide, asked for by a salesperson who is his deputy."""
    deal, instance, seller = opened(house)
    to_proposal(house, seller, instance)
    quoted(house, deal, seller, discount=12)
    terms = ProcessInstance.objects.get(definition__key="terms_approval", subject_id=deal.pk)
    seller.does(terms, "Explain", terms_reason="They compare", terms_return="A second line", terms_otherwise="We lose it")
    task = house["zhou.jie"].task(terms, "ApproveManager")
    assert house["zhou.jie"].claim(task).status_code == 302
    seller.user.groups.add(house.groups["sales_manager"])
    return terms, seller, task


def test_a_substitute_may_not_approve_the_own_request(house: House) -> None:
    terms, seller, task = approval(house)
    goes_away(house, house["zhou.jie"], seller.user.username)

    assert str(task.pk) not in seller.get("redraw:inbox", box="standing_in").content.decode()
    page = seller.get("redraw:work", task.pk)
    assert "You stand in for Zhou Jie, but not here" in text_of(page.content.decode())
    refused = seller.client.post(reverse("redraw:complete", args=[task.pk]), {"decision": "approved"})
    assert refused.status_code == 403
    assert "four eyes" in text_of(refused.content.decode())
    task.refresh_from_db()
    assert (task.status, house.steps(terms)) == ("ASSIGNED", ["ApproveManager"])


def test_somebody_of_another_branch_stands_in_and_the_story_says_for_whom(house: House) -> None:
    terms, seller, task = approval(house)
    deputy = house["deng.rui"]
    assert deputy.get("redraw:work", task.pk).status_code == 404, "another branch's deal is none of his"
    said = text_of(goes_away(house, house["zhou.jie"], "deng.rui").content.decode())
    assert "Entered: away from Nov. 24, 2026 to Nov. 27, 2026." in said

    assert "Standing in for Zhou Jie" in text_of(deputy.get("redraw:inbox").content.decode())
    assert str(task.pk) in deputy.get("redraw:inbox", box="standing_in").content.decode()
    deputy.does(terms, "ApproveManager", decision="approved")
    house.settle()

    task.refresh_from_db()
    assert (task.completed_by, task.completed_for) == (deputy.user, house["zhou.jie"].user)
    story = [line.text for line in api.history(terms.pk, user=seller.user)]
    assert any(text.startswith("Deng Rui for Zhou Jie did “") for text in story)
    written = AuditEntry.objects.filter(acting_for_id=house["zhou.jie"].user.pk, task_id=str(task.pk))
    assert {entry.actor_id for entry in written} == {deputy.user.pk}
    back = text_of(house["zhou.jie"].get("redraw:absence").content.decode())
    assert "Done for me meanwhile" in back
    assert "Deng Rui" in back


def test_a_lead_hands_over_what_an_absent_person_has(house: House) -> None:
    lead, instance = arrives(house)
    lead.refresh_from_db()
    seller, manager = house[lead.owner.username], house["zhou.jie"]
    seller.does(instance, "AcceptLead", accept_outcome="accepted")
    goes_away(house, seller)
    task = seller.task(instance, "FirstContact")
    page = manager.get("redraw:absent_people").content.decode()
    assert reverse("redraw:absent_work", args=[seller.user.pk]) in page
    assert str(task.pk) in manager.get("redraw:absent_work", seller.user.pk).content.decode()
    assert house["deng.rui"].get("redraw:absent_work", seller.user.pk).status_code == 403

    to = next(name for name in ("li.na", "wang.li", "sun.hao") if name != seller.user.username)
    answer = manager.client.post(
        reverse("redraw:hand_over", args=[seller.user.pk]),
        {"task": [str(task.pk)], "to": str(house[to].user.pk), "note": "Ring today", "do": "chosen"}, follow=True,
    )  # fmt: skip
    assert "1 task handed over" in text_of(answer.content.decode())
    task.refresh_from_db()
    assert task.owner == house[to].user
    story = text_of(house[to].get("redraw:instance", instance.pk).content.decode())
    assert "Zhou Jie handed “" in story
    assert "They wrote: “Ring today”" in story
